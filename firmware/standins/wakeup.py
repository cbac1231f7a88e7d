# SPDX-License-Identifier: MIT
"""Timers. Host stand-in for the vendor's module `wakeup`.

Source of the rules: the DL-7450 SDK documentation, "wakeup" and "class Timer".

    Timer(task, time_ms, repeat_ms=0)

task: callable without arguments; called when Python is idle, never in between.
time_ms: int >= 0, milliseconds from now to the first call.
repeat_ms: int >= 0, milliseconds between that call and each next one; 0 means a single call.
Timer.cancel(): the task is not called any more. Safe twice, safe in the task itself.

A float is rounded up to whole milliseconds. A wrong type raises TypeError and a negative time ValueError;
both name the argument. No order is promised among timers that are due together. An exception of the task is
an app fault, and so is a task that cannot be called without arguments, or is async.

A Timer that is set keeps itself and its task alive until it has fired for the last time or is cancelled.
The documentation says that one which nobody references may be collected; samples of the vendor's rely on
the opposite.
"""

import _wakeup
import idle
from _wakeup import Timer as Timer

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable


def wakeup(task: Callable[[], object], time_ms: float, repeat_ms: float = 0) -> Timer:
    """Make a Timer; the arguments are those of the class."""
    return Timer(task, time_ms, repeat_ms)


idle.add(_wakeup.fire, _wakeup.due, _wakeup.cancel_all)
