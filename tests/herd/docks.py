# SPDX-License-Identifier: MIT
"""Thousands of docks in one process: each runs modules/feed itself, on CPython, in simulated time.

What is simulated: the clock, the timers, and a server that answers after 20 ms. `Naive` is what the vendor's
sample does: it asks when it starts, and then again after a fixed time, whatever was answered.
"""

import __future__

import builtins
import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

_FEED = Path(__file__).resolve().parents[2] / "modules/feed/__init__.py"
_LATENCY_MS = 20

Answer = tuple[int, dict[str, str]]  # status and header fields
Server = Callable[[float], Answer]  # called with the time in seconds


class World:
    """The clock, what is due, and what the server was asked: requests by second."""

    def __init__(self, server: Server) -> None:
        self.ms = 0
        self.requests: Counter[int] = Counter()
        self.good: dict[object, list[float]] = {}  # by dock: when it got a good answer
        self._server = server
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def later(self, ms: int, task: Callable[[], None]) -> None:
        """Call task after so many milliseconds."""
        heapq.heappush(self._due, (self.ms + ms, next(self._order), task))

    def run(self, seconds: float) -> None:
        """Let the time pass."""
        while self._due and self._due[0][0] <= seconds * 1000:
            self.ms, _, task = heapq.heappop(self._due)
            task()

    def ask(self, dock: object, complete: Callable[[Answer], None]) -> None:
        """A request of a dock."""
        now = self.ms / 1000
        self.requests[int(now)] += 1
        answer = self._server(now)

        def arrive() -> None:
            if answer[0] < 400:
                self.good.setdefault(dock, []).append(now)
            complete(answer)

        self.later(_LATENCY_MS, arrive)


class _Response:
    def __init__(self, answer: Answer) -> None:
        self._status, self._fields = answer

    def status_code(self) -> int:
        return self._status

    def header(self, name: str, default: str | None = None) -> str | None:
        return self._fields.get(name, default)

    def history(self) -> list["_Response"]:
        return []

    def body(self) -> bytes:
        return b"content"

    def error(self) -> str:
        return ""


class _Request:
    def cancel(self) -> None:
        pass


def _modules(world: World, mac: str) -> dict[str, object]:
    """What modules/feed imports."""

    class Timer:
        def __init__(self, task: Callable[[], None], time_ms: int) -> None:
            self.task: Callable[[], None] | None = task
            world.later(time_ms, self._fire)

        def _fire(self) -> None:
            if self.task:
                self.task()

        def cancel(self) -> None:
            self.task = None

    class LAN:
        def ifconfig(self) -> tuple[str, str, str, str]:
            return ("192.0.2.1", "", "", "")

        def mac(self) -> str:
            return mac

    def get_async(
        url: str, on_complete: Callable[[object], None], headers: object = None, **options: object
    ) -> _Request:
        world.ask(mac, lambda answer: on_complete(_Response(answer)))
        return _Request()

    clock = SimpleNamespace(
        ticks_ms=lambda: world.ms,
        ticks_diff=lambda end, start: end - start,
        time=lambda: world.ms // 1000,
    )
    return {
        "http": SimpleNamespace(
            Response=object, get_async=get_async, check=lambda *arguments, **options: None
        ),
        "network": SimpleNamespace(LAN=LAN),
        "wakeup": SimpleNamespace(Timer=Timer),
        "micropython": SimpleNamespace(const=lambda value: value),
        "time": clock,
    }


def feeds(world: World, macs: Iterator[str], **options: object) -> None:
    """Start a dock for each MAC address, with a feed of its own."""
    # As MicroPython, it does not look at annotations.
    code = compile(_FEED.read_text(), _FEED, "exec", __future__.annotations.compiler_flag)
    for mac in macs:
        modules = _modules(world, mac)

        def find(name: str, *rest: object, modules: dict[str, object] = modules) -> object:
            return modules[name] if name in modules else __import__(name, *rest)

        names: dict = {"__builtins__": vars(builtins) | {"__import__": find}, "__name__": "feed"}
        exec(code, names)
        names["Feed"]("http://server.example/", None, **options)


class Naive:
    """A dock that asks at its start and then each `every` seconds."""

    def __init__(self, world: World, mac: str, every: float) -> None:
        self._world, self._mac, self._every = world, mac, every
        world.later(0, self._ask)

    def _ask(self) -> None:
        self._world.ask(self._mac, lambda answer: None)
        self._world.later(int(self._every * 1000), self._ask)


def mac_addresses(count: int, first: int = 0x020000100000) -> Iterator[str]:
    """Addresses that follow one another, as those of docks that were bought together."""
    for number in range(first, first + count):
        yield ":".join(f"{byte:02x}" for byte in number.to_bytes(6, "big"))
