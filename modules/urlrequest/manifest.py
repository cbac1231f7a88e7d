# SPDX-License-Identifier: MIT
# ruff: noqa: F821
# The package urlrequest, also under Kivy's name for it. A board's manifest includes this file.
package("urlrequest", ["__init__.py"], base_path="..", opt=3)
package("kivy", ["__init__.py", "network/__init__.py", "network/urlrequest.py"], base_path="..", opt=3)
