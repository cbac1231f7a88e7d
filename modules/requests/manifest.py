# SPDX-License-Identifier: MIT
# ruff: noqa: F821
# The package requests, and urllib3's Retry. A board's manifest includes this file.
import os

# Sorted, as in ../manifest.py.
names = sorted(name for name in os.listdir(".") if name.endswith(".py") and name != "manifest.py")
package("requests", names, base_path="..", opt=3)
package("urllib3", ["__init__.py"], base_path="..", opt=3)
