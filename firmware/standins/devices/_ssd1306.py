# SPDX-License-Identifier: MIT
"""A virtual SSD1306: an OLED display of 128 x 64 pixels on the I2C bus, for the stand-in `i2c`.

Source of the rules: the data sheet's command table. An unknown command is a ValueError. The channel is
told which pixels are in the memory and how they are shown; a display that scrolls is not shifted here.
"""

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

_COLUMNS = 128
_PAGES = 8
# The bytes that follow a command. Commands that are not here have none.
_ARGUMENTS = {
    0x20: 1, 0x21: 2, 0x22: 2, 0x26: 6, 0x27: 6, 0x29: 5, 0x2A: 5, 0x81: 1, 0x8D: 1, 0xA3: 2,
    0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1,
}  # fmt: skip
# The ranges of commands without effect on what is told here: start line, flips, scan direction and so on.
_OTHERS = ((0x40, 0x7F), (0x8D, 0x8D), (0xA0, 0xA1), (0xA3, 0xA3), (0xA8, 0xA8), (0xC0, 0xC0), (0xC8, 0xC8),
           (0xD3, 0xD3), (0xD5, 0xD5), (0xD9, 0xDB), (0xE3, 0xE3))  # fmt: skip
_SCROLLS = {0x26: "right", 0x27: "left", 0x29: "up and right", 0x2A: "up and left"}
_HORIZONTAL, _VERTICAL, _PAGE = range(3)


class SSD1306:
    """The display; what the app writes to registers 0x00 and 0x40 are commands and pixels."""

    _scroll: str | None
    _scrolls: str | None

    def __init__(self) -> None:
        self._ram = bytearray(_COLUMNS * _PAGES)
        self._pending = b""  # a command whose arguments have not all come
        self._mode = _PAGE
        self._columns = (0, _COLUMNS - 1)
        self._pages = (0, _PAGES - 1)
        self._column = self._page = 0
        self._on = self._inverse = self._all_on = False
        self._contrast = 0x7F
        self._scroll = self._scrolls = None

    def read(self, register: int, nbytes: int) -> bytes:
        return bytes([0 if self._on else 0x40]) * nbytes  # the status: bit 6 is "off"

    def write(self, register: int, payload: bytes) -> None:
        if register == 0x00:
            for byte in payload:
                self._command_byte(byte)
        elif register == 0x40:
            for byte in payload:
                self._data(byte)
        else:
            raise ValueError("an SSD1306 has commands at 0x0 and pixels at 0x40")

    def state(self) -> dict[str, Any]:
        """What the channel is told. pixels: the memory in hex, page by page; bit 0 is the upper pixel."""
        return {
            "on": self._on,
            "inverse": self._inverse,
            "all_on": self._all_on,
            "contrast": self._contrast,
            "scroll": self._scrolls,
            "pixels": self._ram.hex(),
        }

    def _command_byte(self, byte: int) -> None:
        self._pending += bytes([byte])
        command = self._pending[0]
        if len(self._pending) > _ARGUMENTS.get(command, 0):
            arguments = self._pending[1:]
            self._pending = b""
            self._command(command, arguments)

    def _command(self, command: int, a: bytes) -> None:
        if command <= 0x1F:  # the column of page mode, four bits at a time
            high, low = self._column & 0xF0, self._column & 0x0F
            self._column = high | command if command < 0x10 else (command & 7) << 4 | low
        elif command == 0x20:
            self._mode = a[0] & 3
        elif command == 0x21:
            self._columns = _range(a, _COLUMNS)
            self._column = self._columns[0]
        elif command == 0x22:
            self._pages = _range(a, _PAGES)
            self._page = self._pages[0]
        elif command in _SCROLLS:
            self._scroll = _SCROLLS[command]
        elif command in (0x2E, 0x2F):
            self._scrolls = self._scroll if command == 0x2F else None
        elif command == 0x81:
            self._contrast = a[0]
        elif command in (0xA4, 0xA5):
            self._all_on = command == 0xA5
        elif command in (0xA6, 0xA7):
            self._inverse = command == 0xA7
        elif command in (0xAE, 0xAF):
            self._on = command == 0xAF
        elif 0xB0 <= command <= 0xB7:
            self._page = command & 7
        elif not any(first <= command <= last for first, last in _OTHERS):
            raise ValueError("an SSD1306 has no command %#x" % command)

    def _data(self, byte: int) -> None:
        self._ram[self._page * _COLUMNS + self._column] = byte
        if self._mode == _VERTICAL:
            self._page, wrapped = _next(self._page, self._pages)
            if wrapped:
                self._column, _ = _next(self._column, self._columns)
        elif self._mode == _HORIZONTAL:
            self._column, wrapped = _next(self._column, self._columns)
            if wrapped:
                self._page, _ = _next(self._page, self._pages)
        else:
            self._column = (self._column + 1) % _COLUMNS


def _range(arguments: bytes, count: int) -> tuple[int, int]:
    first, last = (value % count for value in arguments)
    if first > last:
        raise ValueError("the range %d to %d is empty" % (first, last))
    return first, last


def _next(value: int, limits: tuple[int, int]) -> tuple[int, bool]:
    return (limits[0], True) if value == limits[1] else (value + 1, False)
