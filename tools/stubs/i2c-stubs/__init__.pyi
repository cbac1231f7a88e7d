# SPDX-License-Identifier: MIT
"""The I2C bus.

Source: the SDK of the DL-7450, "i2c", "class I2C" and "class I2cError".
"""

from typing import Final

class Bus:
    """The buses of the dock. Apps can only use I2C1."""

    I2C0: Final[int]
    I2C1: Final[int]

class I2cError(Exception):
    """What went wrong: 1 the bus, 2 the address, 3 no such device, 4 reading, 5 writing."""

    errno: int
    """The number, args[0] too. args[1] is a text for people."""

    def __init__(self, err_num: int, message: str) -> None: ...

class I2C:
    """The bus I2C1.

    Raises:
        I2cError: 1 for another bus.
    """

    def __init__(self, bus: int = ...) -> None: ...
    def read(self, address: int, register: int, nbytes: int) -> bytearray:
        """Read from a register of a device.

        Args:
            address: of seven bits, 8 to 119.
            register: 0 to 255.
            nbytes: 1 or more.

        Raises:
            TypeError: a wrong type, register or nbytes out of range.
            I2cError: 2, 3 or 4.
        """

    def write(self, address: int, register: int, payload: bytes | bytearray | memoryview) -> None:
        """Write to a register of a device.

        Raises:
            TypeError: a wrong type.
            I2cError: 2, 3 or 5.
        """

def i2c(bus: int = ...) -> I2C:
    """Return the bus, as I2C(bus)."""
