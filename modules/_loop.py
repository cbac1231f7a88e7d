# SPDX-License-Identifier: MIT
"""asyncio: a loop that waits is an idle Python, so callbacks and timers run and the screen is drawn.

It replaces the method of asyncio in which a loop waits, and the default handler for the failures of tasks. It
does not import asyncio: only apps that use it need its memory.
"""

import sys
from time import ticks_diff, ticks_ms

import _http
import idle

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Generator
    from typing import Any, NoReturn

_POLLIN = 1  # select.POLLIN
_POLLOUT = 4
_HOLD = (None, None, None)  # keeps a loop alive that only a callback can wake

_turn = ticks_ms()  # when callbacks had their turn last


def attach() -> None:
    """Make every loop of asyncio idle while it waits. Before asyncio is imported this does nothing.

    A task that fails, and that no task awaits, then ends the app, unless the app has set an exception
    handler.
    """
    core: Any = sys.modules.get("asyncio.core")
    if hasattr(core, "Loop") and not hasattr(core.IOQueue, "_poll"):
        core.IOQueue._poll = core.IOQueue.wait_io_event
        core.IOQueue.wait_io_event = _wait_io_event
        core.Loop.default_exception_handler = _task_failed
        core._run = core.run_until_complete
        core.run_until_complete = _run_until_complete
    funcs: Any = sys.modules.get("asyncio.funcs")
    if hasattr(funcs, "gather") and funcs.gather is not _gather:
        funcs._gather = funcs.gather
        funcs.gather = _gather


class _NothingWakes(BaseException):
    """Nothing can wake a task."""


def _run_until_complete(main_task: Any = None) -> Any:
    # MicroPython 1.26 would wait for ever here. Until 1.25 the loop ended.
    try:
        return sys.modules["asyncio.core"]._run(main_task)
    except _NothingWakes:
        return None


def _gather(*aws: Any, return_exceptions: bool = False) -> Generator[Any, Any, Any]:
    # gather() raises the first failure only. The others are nobody's fault, although nobody awaits them then.
    core: Any = sys.modules["asyncio.core"]
    tasks = [core._promote_to_task(aw) for aw in aws]
    try:
        gather = sys.modules["asyncio.funcs"]._gather
        return (yield from gather(*tasks, return_exceptions=return_exceptions))
    finally:
        for task in tasks:
            if not task.done():
                core.create_task(_end_of(task))


async def _end_of(task: Any) -> None:
    try:
        await task
    except BaseException as e:
        if not isinstance(e, (Exception, sys.modules["asyncio.core"].CancelledError)):
            raise


def _task_failed(loop: Any, context: dict[str, Any]) -> NoReturn:
    raise idle.Fault(context["exception"])


def _wait_io_event(queue: Any, dt: int) -> None:
    # dt: ms until a task is due; 0: one is ready; -1: none will be by itself. Without requests it
    # uses no heap, as the method that it replaces.
    global _turn
    core: Any = sys.modules["asyncio.core"]
    queue.map[0] = _HOLD
    if dt == 0 and ticks_diff(core._task_queue.peek().ph_key, _turn) <= 0:
        queue._poll(0)  # each task that was ready has its turn before the next callback
        return
    core.cur_task = None
    while True:
        _turn = ticks_ms()
        fd = _watch(queue)
        try:
            busy = idle.step()
        except Exception as e:
            raise idle.Fault(e)
        if dt == 0:
            queue._poll(0)
            return
        if not busy:
            _wait(queue, fd, dt)
        if dt > 0 or core._task_queue.peek() is not None:
            return


def _watch(queue: Any) -> int | None:
    # The loop also polls the engine's descriptor. An event takes it off the map, as it does a stream.
    fd = _http.fd() if idle.listens() else None
    if fd is not None and id(fd) not in queue.map:
        queue.map[id(fd)] = [None, None, fd]
        queue.poller.register(fd, _POLLIN)
    return fd


def _wait(queue: Any, fd: int | None, dt: int) -> None:
    # One wait for everything: tasks, streams, requests, timers, Ctrl-C.
    ms = idle.due()
    if dt >= 0 and (ms is None or dt < ms):
        ms = dt
    if ms is None and not idle.pending() and not _has_streams(queue):
        _end(queue)
    if fd is None and idle.listens():  # there is no driver thread
        idle.wait(ms, _streams(queue) or None)
        ms = 0
    queue._poll(-1 if ms is None else ms)


def _streams(queue: Any) -> list[Any]:
    # As _http.wait() takes them.
    streams: list[Any] = []
    for reader, writer, stream in queue.map.values():
        if reader or writer:
            streams += stream, (_POLLIN if reader else 0) | (_POLLOUT if writer else 0)
    return streams


def _has_streams(queue: Any) -> bool:
    for entry in queue.map.values():
        if entry[0] or entry[1]:
            return True
    return False


def _end(queue: Any) -> NoReturn:
    for entry in list(queue.map.values()):
        if entry is not _HOLD:
            queue._dequeue(entry[2])
    queue.map.clear()
    raise _NothingWakes
