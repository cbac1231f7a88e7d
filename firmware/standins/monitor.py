# SPDX-License-Identifier: MIT
"""Connected monitors. Host stand-in for the vendor's module `monitor`.

Source of the rules: the DL-7450 SDK documentation, "monitor" and "class Monitor".
"""

_EDID_BYTES = 128
_EDID_HEADER = b"\x00\xff\xff\xff\xff\xff\xff\x00"
_NAME = b"\x00\x00\x00\xfc\x00"  # the first bytes of the descriptor with the monitor's name


class Monitor:
    """One monitor, described by its EDID (bytes-like); apps get it from DockInfo.monitors()."""

    def __init__(self, edid: bytes | bytearray | memoryview) -> None:
        if not isinstance(edid, (bytes, bytearray, memoryview)):
            raise TypeError("edid must be bytes-like")
        self._edid = bytes(edid)

    def valid(self) -> bool:
        """False when no monitor answers: then the other methods give empty data."""
        edid = self._edid[:_EDID_BYTES]
        return len(edid) == _EDID_BYTES and edid[:8] == _EDID_HEADER and sum(edid) % 256 == 0

    def name(self) -> str:
        """The name that the maker gave it, a str."""
        if self.valid():
            for at in (54, 72, 90, 108):
                if self._edid[at : at + 5] == _NAME:
                    return self._edid[at + 5 : at + 18].split(b"\n")[0].decode()
        return ""

    def preferred_mode(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        if not self.valid():
            return (0, 0)
        e = self._edid
        return (e[56] | (e[58] & 0xF0) << 4, e[59] | (e[61] & 0xF0) << 4)

    def serial_number(self) -> int:
        """The number that the EDID gives in four bytes, an int."""
        return int.from_bytes(self._edid[12:16], "little") if self.valid() else 0
