# SPDX-License-Identifier: MIT
"""Timers.

Their tasks are called when Python is idle. An exception of a task is an app fault. No order is promised among
timers that are due together.

Source: the SDK of the DL-7450, "wakeup" and "class Timer".
"""

from collections.abc import Callable
from typing import final

@final
class Timer:
    """A timer that is set. It keeps itself alive on a PC; the dock may lose a Timer that nobody references.

    Args:
        task: called without arguments, when Python is idle.
        time_ms: milliseconds from now to the first call, 0 or more. A float is rounded up.
        repeat_ms: milliseconds between that call and each next one; 0: a single call.

    Raises:
        TypeError: task cannot be called; a time is no number.
        ValueError: a time is negative, or too large.
    """

    def __init__(self, task: Callable[[], object], time_ms: float, repeat_ms: float = 0) -> None: ...
    def cancel(self) -> None:
        """Do not call the task any more. It may be called twice, and in the task itself."""

def wakeup(task: Callable[[], object], time_ms: float, repeat_ms: float = 0) -> Timer:
    """Make a Timer. The arguments are those of the class."""
