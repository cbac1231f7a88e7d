# SPDX-License-Identifier: MIT
"""What the page knows of the app: its requests, drawings, log and state, over all runs. It is bounded.

Every change gets a new number, the revision. A page that has all up to one revision is told what is newer.
So nothing queues for a page that is slow, and a page that comes late or again gets everything.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from dock_tool.simulator.rows import show_request
from dock_tool.trace import Drawing, Request, Trace

MOST_REQUESTS = 1000
MOST_BODIES = 64 << 20  # bytes
MOST_DRAWINGS = 50
MOST_IMAGES = 64 << 20  # bytes of backgrounds
MOST_LINES = 5000  # of the log
LINES_A_SECOND = 1000
_MOST_LINE = 4096  # characters of a line of the log


@dataclass
class Run:
    """One start of the program."""

    number: int
    trace: Trace = field(default_factory=Trace)
    refused: str | None = None  # why its trace is not read
    ended: bool = False
    begun: float = 0.0  # Unix milliseconds; after the end of the run before, whose clock may have been fast
    # What the app's clock was (milliseconds of the trace), and when (Unix milliseconds of the real time).
    clock: tuple[float, float] = (0.0, 0.0)

    @property
    def end(self) -> float:
        """When its last line came, as begun is."""
        return self.begun + self.trace.last_ms

    def settle(self, speed: float) -> None:
        """Note what the app's clock is now. It ran so many times as fast since the last note."""
        ms, at = self.clock
        now = time.time() * 1000
        if at:
            self.clock = ms + (now - at) * speed, now


@dataclass
class Entry:
    """One request of one run."""

    run: Run
    request: Request
    revision: int = 0
    size: int = 0  # bytes of bodies that are kept
    without_bodies: bool = False


@dataclass(frozen=True)
class Shown:
    """One drawing, numbered over all runs."""

    number: int
    run: int
    at: float  # Unix milliseconds
    drawing: Drawing


@dataclass(frozen=True)
class Line:
    """One line of the log."""

    number: int
    at: float  # Unix milliseconds
    stream: str  # stdout, stderr or note: what the simulator itself says
    text: str


class History:
    """What is kept. Whoever changes it calls touch() at the end."""

    def __init__(self) -> None:
        self.revision = 0
        self.run = Run(0)
        self.entries: OrderedDict[tuple[int, int], Entry] = OrderedDict()
        self.drawings: deque[Shown] = deque()
        self.log: deque[Line] = deque(maxlen=MOST_LINES)
        self.left_out = 0  # requests that were too old
        self.cleared = 0  # how often
        self._bodies = 0
        self._drawn = 0
        self._lines = 0
        self._second = (0, 0)  # which one, and how many lines came in it
        self._dropped = 0
        self._changed: set[asyncio.Event] = set()

    # Changes

    def touch(self) -> int:
        """Say that something has changed. Gives the new revision."""
        self.revision += 1
        for event in self._changed:
            event.set()
        return self.revision

    def watch(self) -> asyncio.Event:
        """Return an event that is set at each change, until unwatch()."""
        event = asyncio.Event()
        event.set()
        self._changed.add(event)
        return event

    def unwatch(self, event: asyncio.Event) -> None:
        """Forget an event of watch()."""
        self._changed.discard(event)

    # Runs

    def begin(self) -> Run:
        """Start a new run."""
        self.end_run()
        self.run = Run(self.run.number + 1, begun=self.run.end)
        self.touch()
        return self.run

    def end_run(self) -> None:
        """The program has ended: what was pending never ends."""
        self.run.ended = True
        for entry in self.entries.values():
            if entry.run is self.run and entry.request.ended is None:
                entry.revision = self.revision + 1
        self.run.trace.timers.clear()
        self.touch()

    def take(self, run: Run, event: dict) -> None:
        """Take a line of the run's trace. Raises ValueError when it is of a version that is not known."""
        run.trace.take(event)
        run.clock = event["t"], time.time() * 1000
        kind = event["event"]
        if kind == "trace":
            run.begun = max(run.begun, run.trace.time * 1000)
        elif kind == "request":
            request = run.trace.requests[-1]
            self.entries[run.number, request.id] = Entry(run, request)
        elif kind == "drawing":
            self._keep_drawing(run)
        elif kind == "app" and event["state"] == "fault":
            del run.trace.faults[:-10]
        elif kind == "dropped":
            self.say(f"the trace was too fast: {event['count']} of its lines are missing")
        entry = self.entries.get((run.number, event["id"])) if "id" in event else None
        if entry:
            self._keep_request(entry, event)
        self.touch()

    def _keep_request(self, entry: Entry, event: dict) -> None:
        entry.revision = self.revision + 1
        self.entries.move_to_end((entry.run.number, entry.request.id))
        if event["event"] in ("body", "sent_body"):
            size = sum(len(hop.body) + len(hop.sent_body) for hop in entry.request.hops)
            self._bodies += size - entry.size
            entry.size = size
        if len(self.entries) > MOST_REQUESTS:
            # They are in the order of their last change. What is pending stays: sixteen at most.
            oldest = next(
                key for key, it in self.entries.items() if it.request.ended is not None or it.run.ended
            )
            self._forget(oldest)
            self.left_out += 1
        for old in self.entries.values():
            if self._bodies <= MOST_BODIES:
                break
            if old.size and old is not entry:
                for hop in old.request.hops:
                    hop.body = hop.sent_body = b""
                self._bodies -= old.size
                old.size, old.without_bodies, old.revision = 0, True, self.revision + 1

    def _forget(self, key: tuple[int, int]) -> None:
        old = self.entries.pop(key)
        self._bodies -= old.size
        old.run.trace.requests.remove(old.request)

    def clear_requests(self) -> None:
        """Forget the requests that have ended."""
        for key in [key for key, it in self.entries.items() if it.request.ended is not None or it.run.ended]:
            self._forget(key)
        self.left_out = 0
        self.cleared += 1
        self.touch()

    def _keep_drawing(self, run: Run) -> None:
        trace = run.trace
        self._drawn += 1
        at = run.begun + trace.drawings[-1].at
        self.drawings.append(Shown(self._drawn, run.number, at, trace.drawings[-1]))
        del trace.drawings[:-1]  # the next one may have the same background
        while len(self.drawings) > MOST_DRAWINGS or self._image_bytes() > MOST_IMAGES:
            if len(self.drawings) == 1:
                break
            self.drawings.popleft()

    def _image_bytes(self) -> int:
        images = {id(shown.drawing.image): len(shown.drawing.image or b"") for shown in self.drawings}
        return sum(images.values())

    # The log

    def write(self, stream: str, text: str) -> None:
        """Add a line of the app's output, if there are not too many."""
        second, count = int(time.monotonic()), 0
        if second == self._second[0]:
            count = self._second[1]
        else:
            self.flush_log()
        self._second = (second, count + 1)
        if count >= LINES_A_SECOND:
            self._dropped += 1
            return
        self._add(stream, text)

    def flush_log(self) -> None:
        """Say how many lines were too many."""
        if self._dropped:
            text = f"{self._dropped} lines are left out: more than {LINES_A_SECOND} in a second. "
            self._add("note", text + "The terminal has them")
            self._dropped = 0

    def flush_log_if_over(self) -> None:
        """Say it when the second is over in which there were too many."""
        if int(time.monotonic()) != self._second[0]:
            self.flush_log()

    def say(self, text: str) -> None:
        """Add a line of the simulator's own."""
        self._add("note", text)

    def _add(self, stream: str, text: str) -> None:
        if len(text) > _MOST_LINE:
            text = f"{text[:_MOST_LINE]} ({len(text) - _MOST_LINE} more characters)"
        self._lines += 1
        self.log.append(Line(self._lines, time.time() * 1000, stream, text))
        self.touch()

    # For the page

    def rows(self, since: int) -> Iterator[dict]:
        """Give the requests that have changed since a revision, oldest first."""
        for (run, number), entry in self.entries.items():
            if entry.revision > since:
                yield show_request(f"{run}-{number}", entry)

    @property
    def traces(self) -> list[Trace]:
        """The traces of all runs that have requests here."""
        return list({id(e.run): e.run.trace for e in self.entries.values()}.values())
