# SPDX-License-Identifier: MIT
"""The Python half of the host build's trace: the app's state, drawings, timers, settings.

firmware/trace.c imports it when DL7450_TRACE is set; firmware/standins/TRACE.md describes the lines.
"""

import gc
import io
import json
import sys
from time import ticks_add, ticks_diff, ticks_ms

import _app
import _loop
import _tracer
import _wakeup
import datastore
import idle
import splashscreen
import wakeup  # noqa: F401 - its part of the idle loop

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any

_HEAP_MS = 1000  # how often the heap is measured, in the app's time
_HEAP_REAL_MS = 100  # and in real time: it takes a millisecond, and a simulated day has 86,400 seconds

_heap_due = ticks_ms()
_heap_told = None


def _tell(event: str, data: Any = None, **fields: Any) -> None:
    fields["event"] = event
    _tracer.tell(json.dumps(fields), data)


def _traced_run(run: Callable[..., int]) -> Callable[..., int]:
    def traced(args: list[str], env: dict[str, Any]) -> int:
        _tell("app", state="running", args=args)
        code = 1
        try:
            code = run(args, env)
            return code
        finally:
            _tell("app", state="over", code=code)

    return traced


def _traced_end(end: Callable[..., BaseException]) -> Callable[..., BaseException]:
    def traced(e: BaseException, path: str) -> BaseException:
        e = end(e, path)
        text = io.StringIO()
        sys.print_exception(e, text)
        _tell("app", state="fault", traceback=text.getvalue())
        return e

    return traced


def _traced_wait(wait: Callable[..., None]) -> Callable[..., None]:
    def traced(*args: Any) -> None:
        global _heap_due, _heap_told
        now = _tracer.real_ms()
        due = _heap_told is None or not 0 <= now - _heap_told < _HEAP_REAL_MS
        if due and ticks_diff(ticks_ms(), _heap_due) >= 0:
            _heap_due = ticks_add(ticks_ms(), _HEAP_MS)
            _heap_told = now
            _tell("app", state="idle", heap_used=gc.mem_alloc(), heap_free=gc.mem_free())
        return wait(*args)

    return traced


def _traced_get(get: Callable[[Any, str], str]) -> Callable[[Any, str], str]:
    def traced(self: Any, key: str) -> str:
        value = get(self, key)
        _tell("setting", key=key, value=value)
        return value

    return traced


def _timer(what: str, number: int, task: Callable[[], object], ms: int, repeat_ms: int) -> None:
    name = getattr(task, "__name__", None) or repr(task)
    _tell("timer", what=what, timer=number, task=name, ms=ms, repeat_ms=repeat_ms)


def _traced_draw(draw: Callable[[], bool]) -> Callable[[], bool]:
    told = None  # the background that the last line with a background had

    def traced() -> bool:
        nonlocal told
        screen = splashscreen._screen
        drawn = draw()
        if not drawn:
            return drawn
        data = background = None
        if screen.background is not None:
            background = splashscreen._EXTENSIONS[screen.background_type]
            if screen.background is not told:
                data = splashscreen._image_data()
        told = screen.background
        boxes = sorted(screen.boxes.values(), key=splashscreen._reading_order)
        _tell(
            "drawing",
            data,
            width=splashscreen._WIDTH,
            height=splashscreen._HEIGHT,
            background=background,
            boxes=boxes,
        )
        return drawn

    return traced


def _start() -> None:
    _app._run = _traced_run(_app._run)
    _app._end = _traced_end(_app._end)
    idle.wait = _traced_wait(idle.wait)
    _loop._wait = _traced_wait(_loop._wait)
    datastore.KvStore.get = _traced_get(datastore.KvStore.get)
    _wakeup.trace(_timer)
    draw = splashscreen._draw
    splashscreen._draw = _traced_draw(draw)
    for i, source in enumerate(idle._sources):
        if source[0] is draw:
            idle._sources[i] = (splashscreen._draw,) + source[1:]


_start()
