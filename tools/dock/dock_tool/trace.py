# SPDX-License-Identifier: MIT
"""Reads the trace of the host build (firmware/standins/TRACE.md): what an app did, as objects.

Attributes have all that the app had, secrets too. The texts of requests and hops stand in reports of tests:
they have URLs without secrets, no header fields and no bodies.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field

from dock_tool.hide import Secrets
from dock_tool.secret_names import hide_url

VERSION = 1
_HIDDEN = "(hidden)"


@dataclass
class Hop:
    """One exchange on the wire."""

    method: str
    url: str
    started: float  # milliseconds of the trace
    ended: float | None = None
    status: int = 0  # 0: no response has come
    code: int = 0  # libcurl's
    reused: bool = False
    address: str = ""
    port: int = 0
    times: dict[str, float] = field(default_factory=dict)
    sent_head: bytes = b""
    sent_body: bytes = b""
    head: bytes = b""
    body: bytes = b""

    @property
    def sent_headers(self) -> list[tuple[str, str]]:
        """The header fields of the request."""
        return _fields(self.sent_head)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The header fields of the response, without those of interim ones."""
        messages = [part for part in self.head.split(b"\r\n\r\n") if part.startswith(b"HTTP/")]
        return _fields(messages[-1]) if messages else []

    def __repr__(self) -> str:
        url = hide_url(self.url, _HIDDEN)
        return f"<Hop: {self.status or self.code} {self.method} {url} {len(self.body)} bytes>"


@dataclass
class Request:
    """One request of the app, with its redirects."""

    id: int
    slot: int | None
    method: str
    url: str
    started: float
    ended: float | None = None
    status: int | None = None  # None: it is not done
    kind: str = ""
    error: str | None = None
    cancelled: bool = False
    received: int = 0
    times: dict[str, float] = field(default_factory=dict)
    hops: list[Hop] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether there was no response, or one with an error status."""
        return self.status is not None and not 100 <= self.status < 400

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The header fields of the last response."""
        return self.hops[-1].headers if self.hops else []

    @property
    def body(self) -> bytes:
        """The body of the last response; of a large one, the first MiB."""
        return self.hops[-1].body if self.hops else b""

    @property
    def sent_headers(self) -> list[tuple[str, str]]:
        """The header fields of the first hop's request."""
        return self.hops[0].sent_headers if self.hops else []

    @property
    def sent_body(self) -> bytes:
        """The body of the first hop's request, as it was sent."""
        return self.hops[0].sent_body if self.hops else b""

    def __str__(self) -> str:
        end = "cancelled" if self.cancelled else "..." if self.status is None else str(self.status)
        why = f" {self._secrets.text(self.error)}" if self.error else ""
        url = hide_url(self.url, _HIDDEN)
        return f"{self.id:4} {end:>9} {self.method} {url} {self.received} bytes{why}"

    def __repr__(self) -> str:
        return f"<Request {' '.join(str(self).split())}>"

    @property
    def _secrets(self) -> Secrets:
        # An error may repeat a part of a URL.
        secrets = Secrets()
        for url in (self.url, *(hop.url for hop in self.hops)):
            secrets.find_in_url(url)
        return secrets


@dataclass(frozen=True)
class Drawing:
    """What the screen showed."""

    at: float
    width: int
    height: int
    background: str | None  # png, bmp, jpeg
    image: bytes | None  # the background's file
    boxes: list[dict]


@dataclass(frozen=True)
class Timer:
    """A timer that is set."""

    task: str
    due: float  # milliseconds of the trace
    repeat_ms: int


class Trace:
    """What an app did so far. take() takes a line."""

    def __init__(self) -> None:
        self.time = 0.0  # when it began, Unix seconds
        self.program = ""
        self.last_ms = 0.0  # when the last line came
        self.requests: list[Request] = []
        self.drawings: list[Drawing] = []
        self.timers: dict[int, Timer] = {}
        self.settings: dict[str, str] = {}
        self.faults: list[str] = []
        self.state = "starting"
        self.exit_code: int | None = None
        self.heap: tuple[int, int] | None = None  # used, free
        self.dropped = 0
        self._by_id: dict[int, Request] = {}

    def feed(self, line: str | bytes) -> None:
        """Take one line. What is no line of a trace is a ValueError; unknown events are ignored."""
        self.take(json.loads(line))

    def take(self, event: dict) -> None:
        """Take one line that was parsed."""
        if not isinstance(event, dict) or "event" not in event or "t" not in event:
            raise ValueError(f"this is no line of a trace: {event!r:.80}")
        self.last_ms = event["t"]
        handle = getattr(self, f"_on_{event['event']}", None)
        if handle:
            handle(event)

    def _on_trace(self, event: dict) -> None:
        if event["version"] > VERSION:
            raise ValueError(
                f"the trace has version {event['version']}: this dock is older, and knows {VERSION}"
            )
        self.time, self.program = event["time"], event["program"]

    def _on_request(self, event: dict) -> None:
        request = Request(event["id"], event["slot"], event["method"], event["url"], event["t"])
        self.requests.append(request)
        self._by_id[request.id] = request

    def _hop(self, event: dict) -> Hop:
        return self._by_id[event["id"]].hops[event["hop"]]

    def _on_hop(self, event: dict) -> None:
        self._by_id[event["id"]].hops.append(Hop(event["method"], event["url"], event["t"]))

    def _on_sent_head(self, event: dict) -> None:
        self._hop(event).sent_head += _bytes(event)

    def _on_sent_body(self, event: dict) -> None:
        self._hop(event).sent_body += _bytes(event)

    def _on_head(self, event: dict) -> None:
        self._hop(event).head += _bytes(event)

    def _on_body(self, event: dict) -> None:
        self._hop(event).body += _bytes(event)

    def _on_hop_end(self, event: dict) -> None:
        hop = self._hop(event)
        hop.ended, hop.status, hop.code, hop.reused = (
            event["t"],
            event["status"],
            event["code"],
            event["reused"],
        )
        hop.address, hop.port, hop.times = event["address"], event["port"], event["times"]

    def _on_done(self, event: dict) -> None:
        request = self._by_id.pop(event["id"])
        request.ended, request.status, request.kind = event["t"], event["status"], event["kind"]
        request.error, request.received, request.times = event["error"], event["received"], event["times"]

    def _on_cancelled(self, event: dict) -> None:
        request = self._by_id.pop(event["id"])
        request.ended, request.cancelled = event["t"], True

    def _on_drawing(self, event: dict) -> None:
        image = base64.b64decode(event["base64"]) if "base64" in event else None
        if event["background"] and image is None and self.drawings:
            image = self.drawings[-1].image
        self.drawings.append(
            Drawing(event["t"], event["width"], event["height"], event["background"], image, event["boxes"])
        )

    def _on_timer(self, event: dict) -> None:
        if event["ms"] is None:
            self.timers.pop(event["timer"], None)
        else:
            self.timers[event["timer"]] = Timer(event["task"], event["t"] + event["ms"], event["repeat_ms"])

    def _on_setting(self, event: dict) -> None:
        self.settings[event["key"]] = event["value"]

    def _on_app(self, event: dict) -> None:
        self.state = event["state"]
        if self.state == "fault":
            self.faults.append(event["traceback"])
        elif self.state == "over":
            self.exit_code = event["code"]
        elif self.state == "idle":
            self.heap = event["heap_used"], event["heap_free"]

    def _on_dropped(self, event: dict) -> None:
        self.dropped += event["count"]


def _bytes(event: dict) -> bytes:
    return event["text"].encode() if "text" in event else base64.b64decode(event["base64"])


def _fields(head: bytes) -> list[tuple[str, str]]:
    lines = head.decode("utf-8", "replace").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return [(name, value.strip()) for name, _, value in pairs]
