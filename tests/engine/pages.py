# SPDX-License-Identifier: MIT
"""The pages that the engine's tests fetch: /PAGE/ARGUMENTS?QUERY."""

import gzip
import threading
from collections import defaultdict
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from servers.wire import CLOSE, HOLD, Reply, Request, chunked, head, numbered_bytes, redirect, reply

_MOST_SECONDS = 10  # for which a reply waits for another request


class Pages:
    """A handler for WireServer."""

    def __init__(self) -> None:
        self._opened: dict[str, threading.Event] = defaultdict(threading.Event)
        self._seen: dict[str, threading.Event] = defaultdict(threading.Event)
        self._pages: dict[str, Callable[[Request, str, str], Reply]] = {
            "ok": lambda request, args, query: reply(200, b"hello", "X-Page: ok"),
            "echo": lambda request, args, query: reply(200, request.raw),
            "connection": lambda request, args, query: reply(200, b"%d" % request.connection),
            "bytes": lambda request, args, query: reply(200, numbered_bytes(int(args))),
            "unsized": lambda request, args, query: [head(200), numbered_bytes(int(args)), CLOSE],
            "chunked": lambda request, args, query: [
                head(200, "Transfer-Encoding: chunked"),
                chunked(numbered_bytes(int(args) // 2), numbered_bytes(int(args) - int(args) // 2)),
            ],
            "gzip": lambda request, args, query: reply(
                200, gzip.compress(b"hello"), "Content-Encoding: gzip"
            ),
            "cookies": lambda request, args, query: reply(
                200, b"hello", "Set-Cookie: a=1", "Set-Cookie: b=2; Max-Age=99"
            ),
            "lie": self._lie,
            "late": lambda request, args, query: [head(200, "Content-Length: 2"), 0.02, b"ok"],
            "hold": lambda request, args, query: [self._seen[args].set, HOLD],
            "stall": self._stall,
            "drip": self._drip,
            "gate": self._gate,
            "open": self._open,
            "seen": lambda request, args, query: [lambda: self._seen[args].wait(_MOST_SECONDS), reply()],
            "to": lambda request, args, query: redirect(int(args), unquote_to_bytes(query).decode()),
            "slowly-round": lambda request, args, query: [0.15, redirect(302, request.target)],
            "big-redirect": lambda request, args, query: reply(302, bytes(int(args)), "Location: /ok"),
            "fields": self._fields,
            "raw": lambda request, args, query: [unquote_to_bytes(query), CLOSE],
        }

    def __call__(self, request: Request) -> Reply:
        """The reply to a request."""
        path, _, query = request.target.partition("?")
        name, _, args = path[1:].partition("/")
        return self._pages[name](request, args, query)

    def open_all(self) -> None:
        """Let all waiting replies go."""
        for event in [*self._opened.values(), *self._seen.values()]:
            event.set()

    @staticmethod
    def _lie(request: Request, args: str, query: str) -> Reply:
        """/lie/DECLARED/SENT: a wrong Content-Length. With ?close the connection ends after the body."""
        declared, sent = args.split("/")
        ending = CLOSE if query == "close" else HOLD
        return [head(200, f"Content-Length: {declared}"), numbered_bytes(int(sent)), ending]

    @staticmethod
    def _stall(request: Request, args: str, query: str) -> Reply:
        """/stall/headers and /stall/body: the reply stops there and the connection stays open."""
        if args == "headers":
            return [head(200, "X-First: 1")[:-2], HOLD]
        return [head(200, "Content-Length: 100"), b"abc", HOLD]

    @staticmethod
    def _drip(request: Request, args: str, query: str) -> Reply:
        """/drip/headers and /drip/body: a few bytes every 50 ms, for some seconds."""
        if args == "headers":
            return [head(200)[:-2], *([b"X-Drip: 1\r\n", 0.05] * 90)]
        return [head(200, "Content-Length: 90"), *([b"x", 0.05] * 90)]

    def _gate(self, request: Request, args: str, query: str) -> Reply:
        """/gate/X answers after a request of /open/X; /seen/X after a request of /gate/X or /hold/X."""
        self._seen[args].set()
        return [lambda: self._opened[args].wait(_MOST_SECONDS), reply(200, args.encode())]

    def _open(self, request: Request, args: str, query: str) -> Reply:
        self._opened[args].set()
        return reply()

    @staticmethod
    def _fields(request: Request, args: str, query: str) -> Reply:
        """/fields/COUNT/SIZE: COUNT fields with values of SIZE characters."""
        count, size = map(int, args.split("/"))
        return reply(200, b"hello", *(f"X-{number}: {'v' * size}" for number in range(count)))
