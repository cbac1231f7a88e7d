# SPDX-License-Identifier: MIT
"""USB devices. Stand-in on the PC for the vendor's module `usb`: none of this machine's devices is shown.

Source of the rules: the DL-7450 SDK documentation, "usb". There are the devices that the channel names
(README.md of firmware/standins), and at first none.
"""

import _channel

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

_devices: list[tuple[int, int, str]] = []


def find() -> list[tuple[int, int, str]]:
    """The connected USB devices: a list of (vendor id, product id, name), int, int and str."""
    return list(_devices)


def _drive_usb(devices: list[Any]) -> None:
    # A line of the channel: all devices.
    found = []
    for vid, pid, name in devices:
        if not (isinstance(vid, int) and isinstance(pid, int) and isinstance(name, str)):
            raise ValueError("devices must be a list of [vendor id, product id, name]")
        found.append((vid, pid, name))
    _devices[:] = found


_channel.start()
