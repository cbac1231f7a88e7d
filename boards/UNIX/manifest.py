# SPDX-License-Identifier: MIT
# ruff: noqa: F821
# What is frozen into the host build: MicroPython's asyncio, the modules of every board, the packages for
# apps, the stand-ins for the vendor's SDK, devices included, the strict mode, the trace, and the texts of
# help().
include("$(MPY_DIR)/extmod/asyncio")
include("$(MODULES_DIR)/manifest.py")
include("$(MODULES_DIR)/requests/manifest.py")
include("$(MODULES_DIR)/urlrequest/manifest.py")
include("$(MODULES_DIR)/webrequest/manifest.py")
include("$(STANDINS_DIR)/manifest.py")
include("$(STANDINS_DIR)/devices/manifest.py")
for name in ("_markup.py", "_strict.py", "_trace.py"):
    module(name, base_path="$(MODULES_DIR)", opt=0)
module("_help.py", base_path="$(MODULES_DIR)", opt=3)
module("_help_texts.py", base_path="$(HELP_DIR)", opt=3)  # made by tools/help_texts.py
