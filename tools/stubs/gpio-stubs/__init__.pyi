# SPDX-License-Identifier: MIT
"""GPIO pins.

Source: the SDK of the DL-7450, "gpio", "class DigitalInput" and "class DigitalOutput".
"""

from collections.abc import Callable
from typing import Literal, overload

class DigitalInput:
    """A pin that is read. Apps get it from create().

    Raises:
        TypeError: a wrong type.
    """

    def __init__(
        self, pin_name: str, active_high: bool, callback: Callable[[], object] | None = None
    ) -> None: ...
    def read(self) -> Literal[0, 1, -1]:
        """Return the level of the pin; -1 if the board does not have it."""

    def active_high(self) -> bool:
        """Tell whether the pin is active at the high level."""

class DigitalOutput:
    """A pin that is written. Apps get it from create().

    Raises:
        TypeError: a wrong type.
    """

    def __init__(self, pin_name: str, active_high: bool) -> None: ...
    def write(self, val: Literal[0, 1]) -> None:
        """Activate (1) or deactivate (0) the pin.

        Raises:
            ValueError: another value.
        """

    def active_high(self) -> bool:
        """Tell whether the pin is active at the high level."""

@overload
def create(pin_name: str, callback: Callable[[], object]) -> DigitalInput:
    """Return the object for a pin.

    Args:
        pin_name: what the board calls the pin: "JOYSTICK_UP", for example.
        callback: called when Python is idle, once for each time the input becomes active.

    Raises:
        TypeError: the board has no such pin, or an output gets a callback.
    """

@overload
def create(pin_name: str, callback: None = None) -> DigitalInput | DigitalOutput: ...
