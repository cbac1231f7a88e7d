# SPDX-License-Identifier: MIT
# ruff: noqa: F821
# The stand-ins for devices, and the channel that drives them: for the PC only.
for name in (
    "_channel",
    "_dock",
    "_mqtt_packets",
    "_ssd1306",
    "_tcp",
    "gpio",
    "i2c",
    "iperf",
    "mqtt",
    "usb",
    "vision_client",
):
    module(name + ".py", base_path=".", opt=3)
