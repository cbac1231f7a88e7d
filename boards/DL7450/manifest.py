# SPDX-License-Identifier: MIT
# ruff: noqa: F821
# What is frozen into the dock's firmware: MicroPython's asyncio, the modules of every board, the packages
# for apps, and stand-ins for the vendor's modules. A vendor leaves the last line out.
include("$(MPY_DIR)/extmod/asyncio")
include("$(MODULES_DIR)/manifest.py")
include("$(MODULES_DIR)/requests/manifest.py")
include("$(MODULES_DIR)/urlrequest/manifest.py")
include("$(MODULES_DIR)/webrequest/manifest.py")
include("$(STANDINS_DIR)/manifest.py")
