# SPDX-License-Identifier: MIT
# ruff: noqa: F821
# What is frozen into the host build: MicroPython's asyncio, the modules of every board, the packages for apps, the
# stand-ins for the vendor's SDK, devices included, the strict mode, and the trace.
include("$(MPY_DIR)/extmod/asyncio")
include("$(MODULES_DIR)/manifest.py")
include("$(MODULES_DIR)/requests/manifest.py")
include("$(MODULES_DIR)/urlrequest/manifest.py")
include("$(MODULES_DIR)/webrequest/manifest.py")
include("$(STANDINS_DIR)/manifest.py")
include("$(STANDINS_DIR)/devices/manifest.py")
for name in ("_markup.py", "_strict.py", "_trace.py"):
    module(name, base_path="$(MODULES_DIR)", opt=0)
