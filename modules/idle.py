# SPDX-License-Identifier: MIT
"""The idle loop: what the dock does while no Python code of the app runs.

Timers, responses and rendering happen here and nowhere else, one after the other.
"""

import sys

import _http
import http

_sources = []


def add(step, due, stop=None):
    """Register something that happens while Python is idle.

    step: callable() -> bool: does everything that is due; True if there was anything.
    due: callable() -> int or None: milliseconds until step has something to do by itself;
        None when nothing is planned.
    stop: callable() or None: drops what is planned, because the app is over.
    """
    _sources.append((step, due, stop))


def run():
    """Run until nothing can happen any more: no request is pending, no timer is set.

    An exception of a callback ends the loop and is raised here. At the REPL this is the call
    that lets callbacks run: `import idle; idle.run()`.
    """
    while True:
        busy = http.dispatch()
        for step, _, _ in _sources:
            if step():
                busy = True
        if not busy:
            due = _due()
            if due is None and not http._pending():
                return
            # One wait for all events: a completed request, the next timer, Ctrl-C.
            _http.wait(0, due)


def stop():
    """End everything that is pending: requests, timers, tasks. None of their callbacks runs afterwards."""
    http.cancel_all()
    core = sys.modules.get("asyncio.core")
    if core:
        core.new_event_loop()  # the old loop would run its old tasks at the next asyncio.run()
        core.cur_task = None
    for _, _, stop in _sources:
        if stop:
            stop()


def _due():
    first = None
    for _, due, _ in _sources:
        ms = due()
        if ms is not None and (first is None or ms < first):
            first = ms
    return first
