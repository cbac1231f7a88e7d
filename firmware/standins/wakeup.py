# SPDX-License-Identifier: MIT
"""Timers. Host stand-in for the vendor's module `wakeup`.

Source of the rules: the DL-7450 SDK documentation, "wakeup" and "class Timer".

    Timer(task, time_ms, repeat_ms=0)

task: callable without arguments; called when Python is idle, never in between.
time_ms: int >= 0, milliseconds from now to the first call.
repeat_ms: int >= 0, milliseconds between that call and each next one; 0 means a single call.
Timer.cancel(): the task is not called any more. Safe twice, safe in the task itself.

A wrong type raises TypeError and a negative time ValueError; both name the argument. No order is
promised among timers that are due together. An exception of the task is an app fault.

The app keeps a reference to its Timer as long as it wants it to fire. On the dock an unreferenced
Timer may be collected at any time; the stand-in collects before each wait, so that the mistake
shows on the first run, and reports it on stderr.
"""

import gc

import _wakeup
import idle
from _wakeup import Timer


def wakeup(task, time_ms, repeat_ms=0):
    """Make a Timer; the arguments are those of the class."""
    return Timer(task, time_ms, repeat_ms)


def _due():
    # The idle loop asks this before each wait, so after all Python code that ran.
    if _wakeup.due() is not None:
        gc.collect()
    return _wakeup.due()


idle.add(_wakeup.fire, _due, _wakeup.cancel_all)
