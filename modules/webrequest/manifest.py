# SPDX-License-Identifier: MIT
# ruff: noqa: F821
# The package webrequest, also under CEF Python's name for it. A board's manifest includes this file.
package("webrequest", ["__init__.py"], base_path="..", opt=3)
package("cefpython3", ["__init__.py"], base_path="..", opt=3)
