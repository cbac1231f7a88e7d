# SPDX-License-Identifier: MIT
"""The idle loop.

It is what the dock does while no Python code of the app runs. Timers, responses and drawing happen here and nowhere else, one after the other. Apps need it at the REPL only.

Source: this project.
"""

from collections.abc import Callable
from typing import Any

watched: bool
"""Whether the firmware has events of its own."""

class Fault(BaseException):
    """Carries the exception of a callback or a task through asyncio and the app's `except Exception`."""

def add(
    step: Callable[[], bool], due: Callable[[], int | None], stop: Callable[[], object] | None = None
) -> None:
    """Register something that happens while Python is idle. For firmware, not for apps.

    Args:
        step: does what is due; True if there was anything.
        due: milliseconds until step has something to do by itself; None when nothing is planned.
        stop: drops what is planned, because the app is over.
    """

def run() -> None:
    """Run until no request is pending and no timer is set. At the REPL this lets callbacks run.

    Raises:
        RuntimeError: it is called in a callback.
        Exception: that of a callback.
    """

def step() -> bool:
    """Do what is due; True if there was anything."""

def due() -> int | None:
    """Return the milliseconds until step() has something to do by itself; None when nothing is planned."""

def pending() -> bool:
    """Tell whether step() will have something to do because of a request."""

def listens() -> bool:
    """Tell whether an event may end wait()."""

def wait(ms: int | None, streams: list[Any] | None = None) -> None:
    """Wait for an event, but at most ms milliseconds; None is for ever.

    Args:
        streams: streams whose events end it too, and which: [stream, events of select.poll(), ...]. It is for a
            loop beside an engine without a thread.
    """

def stop() -> None:
    """End everything that is pending: requests, timers, tasks. No callback runs afterwards."""
