# SPDX-License-Identifier: MIT
"""The idle loop: what the dock does while no Python code of the app runs.

Timers, responses and rendering happen here and nowhere else, one after the other. An asyncio loop that
waits is an idle Python too.
"""

import sys

import _http
import http
from http._request import _live

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any

# In a callback, wait() can wait for one request. This is the longest delay of the others.
_SEVERAL_MS = 20

# Whether the firmware has events of its own, which end wait() and make the engine's descriptor readable.
watched = False

_running = False  # a callback runs
_sources: list[tuple[Callable[[], bool], Callable[[], int | None], Callable[[], object] | None]] = []


class Fault(BaseException):
    """Carries the exception of a callback or a task through asyncio and the app's `except Exception`."""


def add(
    step: Callable[[], bool], due: Callable[[], int | None], stop: Callable[[], object] | None = None
) -> None:
    """Register something that happens while Python is idle.

    step: callable() -> bool: does everything that is due; True if there was anything.
    due: callable() -> int or None: milliseconds until step has something to do by itself;
        None when nothing is planned.
    stop: callable() or None: drops what is planned, because the app is over.
    """
    _sources.append((step, due, stop))


def run() -> None:
    """Run until nothing can happen any more: no request is pending, no timer is set.

    An exception of a callback ends the loop and is raised here. At the REPL this is the call
    that lets callbacks run: `import idle; idle.run()`. In a callback it is a RuntimeError.
    """
    if _running:
        raise RuntimeError("idle.run() in a callback would run other callbacks inside it")
    while True:
        if not step():
            first = due()
            if first is None and not pending():
                return
            wait(first)


def step() -> bool:
    """Do what is due; True if there was anything.

    A callback may run a loop of asyncio. No other callback runs inside it: only the requests that tasks
    await go on.
    """
    global _running
    if _running:
        return _step_in_callback()
    _running = True
    try:
        return _do()
    finally:
        _running = False


def _do() -> bool:
    # A function of its own, so that each of the two has so few values that MicroPython keeps them on the C
    # stack. In the heap they are freed at once, and the search for free blocks begins there again, each time.
    # dispatch() needs heap, and a loop of asyncio whose tasks only sleep does not.
    busy = bool(_live) and http.dispatch()
    for source in _sources:
        if source[0]():
            busy = True
    return busy


def due() -> int | None:
    """Milliseconds until step() has something to do by itself; None when nothing is planned."""
    first = None
    if not _running:
        for _, when, _ in _sources:
            ms = when()
            if ms is not None and (first is None or ms < first):
                first = ms
    return first


def pending() -> bool:
    """Whether step() will have something to do because of a request."""
    return bool(_awaited() if _running else _live)


def listens() -> bool:
    """Whether an event may end wait(): a request's, or one of the firmware's own."""
    return pending() or (watched and not _running)


def wait(ms: int | None, streams: list[Any] | None = None) -> None:
    """One wait for all events: a request's, the next ms milliseconds (None: for ever), Ctrl-C.

    streams: list or None: streams whose events end it too, and which: [stream, events of select.poll(), ...].
        It is for a loop beside an engine without a thread.
    """
    if _running:
        awaited = _awaited()
        if len(awaited) > 1 and (ms is None or ms > _SEVERAL_MS):
            ms = _SEVERAL_MS
        _http.wait(awaited[0]._id, ms, streams)
    elif _http.wait(0, ms, streams) and not _live:
        http.dispatch()  # an exception has lost the request of this event


def _awaited() -> list[Any]:
    return [r for r in _live.values() if r._event and not r._event.is_set()]


def _step_in_callback() -> bool:
    busy = False
    for request in _awaited():
        # Data comes before the response, so that counts only if it was there before next() found no data.
        if not _http.wait(request._id, 0):
            continue
        what = _http.next(request._id)
        if what is not None:
            request._tell(request._id, what)
        elif request.done():
            request._wake()
        else:
            continue
        busy = True
    return busy


def stop() -> None:
    """End everything that is pending: requests, timers, tasks. None of their callbacks runs afterwards."""
    http.cancel_all()
    core: Any = sys.modules.get("asyncio.core")
    if core:
        core.new_event_loop()  # the old loop would run its old tasks at the next asyncio.run()
        core.cur_task = None
        core.Loop._exc_handler = None
    for _, _, stop in _sources:
        if stop:
            stop()
