# SPDX-License-Identifier: MIT
# ruff: noqa: F821
# The stand-ins for devices, and the channel that drives them: for the PC only.
for name in ("_channel", "_dock", "_ssd1306", "gpio", "i2c", "usb", "vision_client"):
    module(name + ".py", base_path=".")
