# SPDX-License-Identifier: MIT
"""GPIO pins. Stand-in on the PC for the vendor's module `gpio`: there is no pin.

Source of the rules: the DL-7450 SDK documentation, "gpio", "class DigitalInput" and "class
DigitalOutput". The pins are those of the Redwood board that the vendor's samples use, five inputs that
are active at the low level, and those that the channel adds (README.md of firmware/standins).

An input with a callback keeps the app running as long as the channel can still change it. What the
documentation leaves open: create() for an output refuses only a callback that is not None, and a pin may
have several objects, each with its own callback.
"""

import _channel
import idle

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable


class _Pin:
    def __init__(self, is_input: bool, active_high: bool) -> None:
        self.is_input = is_input
        self.active_high = active_high
        self.active = False
        self.callbacks: list[Callable[[], object]] = []

    def level(self) -> int:
        return int(self.active == self.active_high)


_pins = {"JOYSTICK_" + name: _Pin(True, False) for name in ("CENTER", "UP", "DOWN", "LEFT", "RIGHT")}
_queue: list[Callable[[], object]] = []  # callbacks of activations that the app has not seen yet


class DigitalInput:
    """A pin that is read. Apps get it from create()."""

    def __init__(
        self, pin_name: str, active_high: bool, callback: Callable[[], object] | None = None
    ) -> None:
        _check(pin_name, active_high)
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        self._name = pin_name
        self._active_high = active_high
        pin = _pins.get(pin_name)
        if callback is not None and pin is not None and pin.is_input:
            pin.callbacks.append(callback)
            _channel.tell("gpio", pin=pin_name, watched=True)

    def read(self) -> int:
        """The level of the pin, 0 or 1; -1 if the board does not have it."""
        pin = _pins.get(self._name)
        return -1 if pin is None else pin.level()

    def active_high(self) -> bool:
        """Whether the pin is active at the high level: a bool."""
        return self._active_high

    def __repr__(self) -> str:
        return "<stand-in for a DigitalInput: %s>" % self._name


class DigitalOutput:
    """A pin that is written. Apps get it from create()."""

    def __init__(self, pin_name: str, active_high: bool) -> None:
        _check(pin_name, active_high)
        self._name = pin_name
        self._active_high = active_high

    def write(self, val: int) -> None:
        """Activate (1) or deactivate (0) the pin; anything else is a ValueError."""
        if val not in (0, 1):
            raise ValueError("val must be 0 or 1")
        pin = _pins.get(self._name)
        if pin is not None and not pin.is_input:
            pin.active = bool(val)
            _channel.tell("gpio", pin=self._name, active=pin.active, level=pin.level())

    def active_high(self) -> bool:
        """Whether the pin is active at the high level: a bool."""
        return self._active_high

    def __repr__(self) -> str:
        return "<stand-in for a DigitalOutput: %s>" % self._name


def create(pin_name: str, callback: Callable[[], object] | None = None) -> DigitalInput | DigitalOutput:
    """A DigitalInput or DigitalOutput for the pin that the board calls pin_name (str).

    callback: callable without arguments, called when Python is idle, once for each time the input becomes
        active. TypeError for an output, as for a name that the board does not have.
    """
    if pin_name not in _pins:
        raise TypeError("pin_name: the board has no pin '%s'" % (pin_name,))
    pin = _pins[pin_name]
    if pin.is_input:
        return DigitalInput(pin_name, pin.active_high, callback)
    if callback is not None:
        raise TypeError("callback: pin '%s' is an output" % pin_name)
    return DigitalOutput(pin_name, pin.active_high)


def _check(pin_name: str, active_high: bool) -> None:
    if not isinstance(pin_name, str):
        raise TypeError("pin_name must be a str")
    if not isinstance(active_high, bool):
        raise TypeError("active_high must be a bool")


def _drive_gpio(
    pin: str, mode: str | None = None, active_high: bool = False, active: bool | None = None
) -> None:
    # A line of the channel.
    _check(pin, active_high)
    if mode is not None:
        if mode not in ("input", "output"):
            raise ValueError("mode must be input or output")
        _pins[pin] = _Pin(mode == "input", active_high)
    if pin not in _pins:
        raise ValueError("pin: the board has no pin '%s'; mode makes one" % pin)
    if active is not None:
        p = _pins[pin]
        if not p.is_input or not isinstance(active, bool):
            raise ValueError("active must be true or false, and is for inputs")
        if active and not p.active:
            _queue.extend(p.callbacks)
        p.active = active


def _step() -> bool:
    if not _queue:
        return False
    for _ in range(len(_queue)):
        if _queue:  # a callback may have ended the app
            _queue.pop(0)()
    return True


def _due() -> int | None:
    if _queue:
        return 0
    return _channel.due() if any(pin.callbacks for pin in _pins.values()) else None


def _stop() -> None:
    _queue.clear()
    for pin in _pins.values():
        pin.callbacks.clear()


idle.add(_step, _due, _stop)
_channel.start()
