# SPDX-License-Identifier: MIT
"""The I2C bus. Stand-in on the PC for the vendor's module `i2c`: virtual devices answer.

Source of the rules: the DL-7450 SDK documentation, "i2c", "class I2C" and "class I2cError". The bus has
no devices until the channel attaches some (README.md of firmware/standins): MCP9808, SSD1306, or a class
of the app developer's, "MODULE:CLASS", with these methods:

    read(register, nbytes) -> bytes     ValueError is an I2cError of number 4
    write(register, payload)            ValueError is an I2cError of number 5
    set(**values)                       optional: what the channel sets
    state() -> dict                     optional: what the channel is told after a write
"""

import sys

import _channel
import idle

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

_FIRST, _LAST = 0x08, 0x77  # other addresses are reserved


class Bus:
    """The buses of the dock. Apps can only use I2C1. The values are this stand-in's own."""

    I2C0 = 0
    I2C1 = 1


class I2cError(Exception):
    """What went wrong: errno (int, also args[0]) and a text for people (args[1])."""

    def __init__(self, err_num: int, message: str) -> None:
        super().__init__(err_num, message)
        self.errno = err_num


class I2C:
    """The bus I2C1."""

    def __init__(self, bus: int = Bus.I2C1) -> None:
        if bus != Bus.I2C1:
            raise I2cError(1, "Invalid bus ID: only I2C1 is there")

    def read(self, address: int, register: int, nbytes: int) -> bytearray:
        """Read nbytes (int) from a register (int) of the device at an address (int, 7 bits): a bytearray."""
        device = _find(address, register)
        if not isinstance(nbytes, int) or nbytes < 1:
            raise TypeError("nbytes must be an int, 1 or more")
        try:
            data = device.read(register, nbytes)
        except ValueError as e:
            raise I2cError(4, "Read error: %s" % e)
        if len(data) != nbytes:
            raise I2cError(4, "Read error: register %#x has %d bytes" % (register, len(data)))
        return bytearray(data)

    def write(self, address: int, register: int, payload: bytes | bytearray | memoryview) -> None:
        """Write payload (bytes-like) to a register (int) of the device at an address (int, 7 bits)."""
        device = _find(address, register)
        if not isinstance(payload, (bytes, bytearray, memoryview)):
            raise TypeError("payload must be bytes-like")
        try:
            device.write(register, bytes(payload))
        except ValueError as e:
            raise I2cError(5, "Write error: %s" % e)
        _written.add(address)

    def __repr__(self) -> str:
        return "<stand-in for the bus I2C1: %d devices>" % len(_devices)


def i2c(bus: int = Bus.I2C1) -> I2C:
    """The same as I2C(bus)."""
    return I2C(bus)


class MCP9808:
    """A temperature sensor. It measures what the channel sets: temperature, in degrees Celsius."""

    def __init__(self) -> None:
        # Configuration, the limits (upper, lower, critical), and the resolution, as after power on.
        self._registers = {1: b"\0\0", 2: b"\0\0", 3: b"\0\0", 4: b"\0\0", 8: b"\x03"}
        self.set(21.0)

    def set(self, temperature: float) -> None:
        if not -40 <= temperature <= 125:
            raise ValueError("temperature must be from -40 to 125")
        self._sixteenths = round(temperature * 16)

    def read(self, register: int, nbytes: int) -> bytes:
        fixed = {6: b"\x00\x54", 7: b"\x04\x00"}  # the maker; the device and its revision
        if register == 5:
            return self._measured().to_bytes(2, "big")[:nbytes]
        data = fixed.get(register) or self._registers.get(register)
        if data is None:
            raise ValueError("an MCP9808 has no register %#x" % register)
        return data[:nbytes]

    def write(self, register: int, payload: bytes) -> None:
        if len(payload) != len(self._registers.get(register, b"")):
            raise ValueError("register %#x of an MCP9808 does not take %d bytes" % (register, len(payload)))
        self._registers[register] = payload

    def _measured(self) -> int:
        # Thirteen bits, two's complement; flags: critical, above the upper limit, below the lower one.
        upper, lower, critical = (_signed(self._registers[n]) for n in (2, 3, 4))
        t = self._sixteenths
        return t & 0x1FFF | (t >= critical) << 15 | (t > upper) << 14 | (t < lower) << 13


def _signed(limit: bytes) -> int:
    value = int.from_bytes(limit, "big") & 0x1FFF
    return value - 0x2000 if value & 0x1000 else value


_devices: dict[int, Any] = {}  # by address
_written: set[int] = set()  # addresses whose devices the channel is to hear of


def _find(address: int, register: int) -> Any:
    if not isinstance(address, int):
        raise TypeError("address must be an int")
    if not isinstance(register, int) or not 0 <= register <= 0xFF:
        raise TypeError("register must be an int of 8 bits")
    if not _FIRST <= address <= _LAST:
        raise I2cError(2, "Device address out of range: %#x" % address)
    if address not in _devices:
        raise I2cError(3, "Transmit select error: there is no device at %#x" % address)
    return _devices[address]


def _make(model: str) -> Any:
    if model == "MCP9808":
        return MCP9808()
    if model == "SSD1306":
        return __import__("_ssd1306").SSD1306()
    module, _, name = model.partition(":")
    if not name:
        raise ValueError("model must be MCP9808, SSD1306 or MODULE:CLASS")
    __import__(module)
    return getattr(sys.modules[module], name)()


def _drive_i2c(address: int, model: str | None = None, attached: bool = True, **values: Any) -> None:
    # A line of the channel.
    if not isinstance(address, int) or not _FIRST <= address <= _LAST:
        raise ValueError("address must be from %d to %d" % (_FIRST, _LAST))
    if not attached:
        _devices.pop(address, None)
        return
    device = _make(model) if model else _devices.get(address)
    if device is None:
        raise ValueError("there is no device at this address; model attaches one")
    if values:
        device.set(**values)
    _devices[address] = device


def _step() -> bool:
    # The channel hears of all writes between two idle times at once.
    for address in sorted(_written):
        state = getattr(_devices.get(address), "state", None)
        if state:
            _channel.tell("i2c", address=address, **state())
    _written.clear()
    return False


idle.add(_step, lambda: None)
_channel.start()
