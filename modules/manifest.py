# SPDX-License-Identifier: MIT
# ruff: noqa: F821
# The frozen modules of every board.
import os

# Sorted: by itself package() takes the files in the order in which the file system has them, and
# the program would differ from machine to machine.
names = sorted(name for name in os.listdir("http") if name.endswith(".py"))
package("http", names, base_path=".", opt=3)
package("feed", ("__init__.py",), base_path=".", opt=3)
module("idle.py", base_path=".", opt=0)
module("_loop.py", base_path=".", opt=0)
module("_app.py", base_path=".", opt=0)
module("_store.py", base_path=".", opt=0)
module("_dl7450.py", base_path=".", opt=0)
