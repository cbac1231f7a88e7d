# SPDX-License-Identifier: MIT
"""The network interface. Host stand-in for the vendor's module `network`.

Source of the rules: the DL-7450 SDK documentation, "network" and "class LAN"; mac_address() is
what the vendor's samples call. The values are made up and always the same, but for what the
environment variable DL7450_NETWORK says:

    none                     there is never an address
    a number                 there is one so many milliseconds after this module's import
    IP SUBNET GATEWAY DNS    these four addresses, as ifconfig() gives them

Anything else is a ValueError. On the PC the channel says other ones while the app runs (README.md of
firmware/standins). Both change what LAN says, and nothing else: requests are not held back.
"""

import os
import time

_NO_ADDRESS = ("", "", "", "")
_ADDRESS = ("192.0.2.45", "255.255.255.0", "192.0.2.1", "192.0.2.1")  # RFC 5737: nobody's network
_MAC = "02:00:00:00:74:50"

_start = time.ticks_ms()
_addresses: tuple[str, ...] | None = None  # those of the channel


class LAN:
    """The dock's Ethernet interface."""

    def __init__(self) -> None:  # without it MicroPython takes any arguments
        pass

    def ifconfig(self) -> tuple[str, ...]:
        """(ip, subnet, gateway, dns), each a str; all are '' while there is no network."""
        if _addresses is not None:
            return _addresses
        setting = os.getenv("DL7450_NETWORK") or "0"
        if setting == "none":
            return _NO_ADDRESS
        if setting.isdigit():
            return _NO_ADDRESS if time.ticks_diff(time.ticks_ms(), _start) < int(setting) else _ADDRESS
        addresses = tuple(setting.split())
        if len(addresses) != len(_ADDRESS) or not all(_is_address(address) for address in addresses):
            raise ValueError("DL7450_NETWORK: none, milliseconds or four addresses, not '%s'" % setting)
        return addresses

    def mac(self) -> str:
        """The interface's MAC address: a str of six hexadecimal bytes with colons."""
        return _MAC

    def mac_address(self) -> str:
        """The same as mac()."""
        return _MAC


def _is_address(text: str) -> bool:
    numbers = text.split(".")
    return len(numbers) == 4 and all(number.isdigit() and int(number) < 256 for number in numbers)


try:
    import _dock  # noqa: F401
except ImportError:  # a board without the channel
    pass
