# ruff: noqa: F821
# The frozen modules of every board.
package("http", base_path=".", opt=3)
module("idle.py", base_path=".", opt=0)
module("_app.py", base_path=".", opt=0)
module("_store.py", base_path=".", opt=0)
module("_dl7450.py", base_path=".", opt=0)
