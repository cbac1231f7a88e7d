# SPDX-License-Identifier: MIT
"""Connected monitors.

Source: the SDK of the DL-7450, "monitor" and "class Monitor".
"""

class Monitor:
    """One monitor. Apps get it from DockInfo.monitors().

    Args:
        edid: the bytes with which the monitor describes itself.

    Raises:
        TypeError: edid is not bytes-like.
    """

    def __init__(self, edid: bytes | bytearray | memoryview) -> None: ...
    def valid(self) -> bool:
        """Return False when no monitor answers: then the other methods give empty data."""

    def name(self) -> str:
        """Return the name that the maker gave it."""

    def preferred_mode(self) -> tuple[int, int]:
        """Return (width, height) in pixels."""

    def serial_number(self) -> int:
        """Return the number that the EDID has in four bytes."""
