# SPDX-License-Identifier: MIT
# ruff: noqa: F821
include("$(MPY_DIR)/extmod/asyncio")
include("$(MODULES_DIR)/manifest.py")
