# SPDX-License-Identifier: MIT
"""Support for asyncio. This module does not import asyncio: only apps that use it need its memory."""

import sys
from time import ticks_diff, ticks_ms

_STREAMS_MS = 20  # the longest delay of a stream while the pump waits for the whole loop

_pump_queue = None  # the event loop's IOQueue that the pump waits in


def _core():
    return sys.modules.get("asyncio.core")


def start_pump(pump):
    """Make a task of the generator function pump, if a loop runs and has no such task yet."""
    global _pump_queue
    core = _core()
    if core is None or core.cur_task is None or _pump_queue is core._io_queue:
        return
    _pump_queue = core._io_queue
    core.create_task(pump())


def pump_ended():
    global _pump_queue
    _pump_queue = None


def new_event():
    return __import__("asyncio.event").Event()


def cancelled_error():
    return _core().CancelledError


def switch():
    """Let the other tasks run."""
    return _core().sleep_ms(0)


def wait_readable(fd):
    return _core()._io_queue.queue_read(fd)


def idle_ms():
    """Return the ms until another task of the loop is due; None if there is none."""
    core = _core()
    first = core._task_queue.peek()
    ms = None if first is None else max(0, ticks_diff(first.ph_key, ticks_ms()))
    if core._io_queue.map and (ms is None or ms > _STREAMS_MS):
        return _STREAMS_MS
    return ms
