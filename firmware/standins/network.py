# SPDX-License-Identifier: MIT
"""The network interface. Host stand-in for the vendor's module `network`.

Source of the rules: the DL-7450 SDK documentation, "network" and "class LAN"; mac_address() is
what the vendor's samples call. The values are made up and always the same.

The environment variable DL7450_NETWORK plays a slow or absent network: `none` means that there is
never an address, a number that there is one so many milliseconds after this module's import. It
changes what LAN says, and nothing else: requests are not held back.
"""

import os
import time

_NO_ADDRESS = ("", "", "", "")
_ADDRESS = ("192.0.2.45", "255.255.255.0", "192.0.2.1", "192.0.2.1")  # RFC 5737: nobody's network
_MAC = "02:00:00:00:74:50"

_start = time.ticks_ms()


class LAN:
    """The dock's Ethernet interface."""

    def ifconfig(self):
        """(ip, subnet, gateway, dns), each a str; all are '' while there is no network."""
        delay = os.getenv("DL7450_NETWORK") or "0"
        if delay == "none" or time.ticks_diff(time.ticks_ms(), _start) < int(delay):
            return _NO_ADDRESS
        return _ADDRESS

    def mac(self):
        """The interface's MAC address: a str of six hexadecimal bytes with colons."""
        return _MAC

    def mac_address(self):
        """The same as mac()."""
        return _MAC
