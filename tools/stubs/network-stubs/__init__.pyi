# SPDX-License-Identifier: MIT
"""The network interface.

Source: the SDK of the DL-7450, "network" and "class LAN"; the samples of the vendor for mac_address().
"""

class LAN:
    """The Ethernet interface of the dock."""

    def __init__(self) -> None: ...
    def ifconfig(self) -> tuple[str, str, str, str]:
        """Return (ip, subnet, gateway, dns). All are "" while there is no network."""

    def mac(self) -> str:
        """Return the MAC address: six hexadecimal bytes with colons."""

    def mac_address(self) -> str:
        """Return the same as mac()."""
