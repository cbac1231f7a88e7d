# ruff: noqa: F821
# What is frozen into the host build: MicroPython's asyncio, the modules of every board,
# and the stand-ins for the vendor's SDK, which are true of this board only.
include("$(MPY_DIR)/extmod/asyncio")
include("$(MODULES_DIR)/manifest.py")
freeze("modules")
