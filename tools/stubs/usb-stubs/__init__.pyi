# SPDX-License-Identifier: MIT
"""USB devices.

Source: the SDK of the DL-7450, "usb".
"""

def find() -> list[tuple[int, int, str]]:
    """Return the connected USB devices: (vendor id, product id, name)."""
