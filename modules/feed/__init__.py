# SPDX-License-Identifier: MIT
"""Polls a server for as long as the app runs: README.md says how it behaves.

    news = Feed("https://intranet.example/screen.png", show, every=300)

on_change: callable(Response) or None; called at idle, with new content only.
every: seconds from an answer to the next question; what the server says may lengthen it.
on_stale: callable(seconds), called once when nothing good came for stale_after seconds.
on_error: callable(str), called when error() has another text.
file: str, path in which the last good content survives a restart.
check: callable(Response) that refuses content with a ValueError.
jitter: each dock waits longer than `every` by its own part of this share of it. first_within: seconds; the
    first question comes at a place within them. Both depend on the MAC address.
retry_first, retry_most: seconds; the longest wait after one failure, and after many.
Everything else is an option of http.get(). A wrong argument raises TypeError or ValueError at once.
"""

import json
import os
import random
import time
from hashlib import sha256

from micropython import const

import http
from network import LAN
from wakeup import Timer

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any, Self

_AT_A_TIME = const(4)
_DAY = const(86400)
_NEVER = const(1 << 60)  # milliseconds

_live: "list[Feed]" = []  # all that run
_running: "list[Feed]" = []  # those that ask
_queue: "list[Feed]" = []  # those whose turn has not come
_CALLBACKS = "on_change", "on_stale", "check", "on_error"
_last = [time.ticks_ms(), 0]


def _clock() -> int:
    # Milliseconds since the start. ticks_ms() wraps after days; a feed calls this at least once a day.
    ticks = time.ticks_ms()
    _last[1] += time.ticks_diff(ticks, _last[0])
    _last[0] = ticks
    return _last[1]


def _find(values: "list[Feed]", id: Any) -> "list[Feed]":
    # Those that ask the same.
    return [feed for feed in values if feed._id == id]


def _date(text: str) -> int:
    # Seconds since 1970, of all three forms of RFC 9110 5.6.7.
    part: list[Any] = text.replace(",", " ").replace("-", " ").split()
    if part[1].isalpha():  # Sun Nov  6 08:49:37 1994
        part = [0, part[2], part[1], part[4], part[3]]
    year = int(part[3])
    if year < 100:
        year += 2000 if year < 70 else 1900
    month = "MarAprMayJunJulAugSepOctNovDecJanFeb".index(part[2]) // 3
    if month > 9:
        year -= 1
    days = year * 1461 // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + int(part[1]) - 719469
    hour, minute, second = part[4].split(":")
    return ((days * 24 + int(hour)) * 60 + int(minute)) * 60 + int(second)


def _until(text: str, response: http.Response) -> int:
    # Seconds until a date, by the server's clock: the dock's own may be wrong. 0 if it is no date.
    try:
        now = response.header("Date")
        return _date(text[:40]) - (_date(now[:40]) if now else time.time())
    except (ValueError, IndexError):
        return 0


def _number(text: str) -> int:
    # A server may send 90,000 digits, which int() would read for seconds.
    return int(text[:12]) if text.isdigit() else 0


def _after(response: http.Response) -> int:
    # Seconds: the longest of the redirects and the answer.
    most = 0
    for r in response.history() + [response]:
        text = r.header("Retry-After")
        if text and (r.status_code() in (429, 503) or 300 <= r.status_code() < 400):
            most = max(most, _number(text) or _until(text, r))
    return min(most, _DAY)


def _duration(response: http.Response) -> int | None:
    # RFC 9111 4.2: seconds; None if the server does not say.
    found = None
    for item in response.header("Cache-Control", "").lower().replace(" ", "").split(","):
        if item in ("no-cache", "no-store"):
            return 0
        if item.startswith("max-age=") and found is None:
            found = _number(item[8:].strip('"'))
    if found is None:
        expires = response.header("Expires")
        if expires is None:
            return None
        found = _until(expires, response)
    return min(found - _number(response.header("Age", "")), _DAY)


def _next() -> None:
    while _queue and len(_running) < _AT_A_TIME:
        feed = _queue.pop(0)
        feed._start()
        feed._wait()


class _Stored(http.Response):
    _head: dict[str, str]
    _data: bytearray

    def status_code(self) -> int:
        return 200

    def headers(self) -> dict[str, str]:
        return self._head

    def body(self) -> bytearray:
        return self._data


class Feed:
    # What is None at first.
    _response: http.Response | Any
    _new: http.Response | Any
    _event: Any  # of asyncio
    _duration: int | None
    _since: int | Any
    _wakeup: Timer | Any
    _tags: tuple[str | None, str | None]
    _file: str | Any
    _request: http.Request

    def __init__(
        self,
        url: str,
        on_change: Callable[[http.Response], object] | None = None,
        every: float = 60,
        *,
        on_stale: Callable[[float], object] | None = None,
        on_error: Callable[[str], object] | None = None,
        stale_after: float | None = None,
        file: str | None = None,
        check: Callable[[http.Response], object] | None = None,
        jitter: float | None = 0.1,
        first_within: float | None = None,
        retry_first: float = 5,
        retry_most: float = 600,
        **options: Any,
    ) -> None:
        value: Any
        self._callbacks = (on_change, on_stale, check, on_error)
        for name, value in zip(_CALLBACKS, self._callbacks):
            if value is not None and not callable(value):
                raise TypeError(name + " must be callable or None")
        for name, value in (
            ("every", every),
            ("stale_after", 1 if stale_after is None else stale_after),
            ("jitter", jitter or 1),
            ("first_within", first_within or 1),
            ("retry_first", retry_first),
            ("retry_most", retry_most),
        ):
            error = name + " must be a positive number"
            if not isinstance(value, (int, float)):
                raise TypeError(error)
            if not 0 < value < 1e9:
                raise ValueError(error)
        if on_stale and not stale_after:
            raise ValueError("on_stale needs stale_after")
        for name in ("stream", "on_data"):
            if options.get(name):
                raise TypeError(name + " is no option")
        headers = options.pop("headers", None) or ()
        http.check(url, headers, file=file, **options)
        headers = list(headers.items() if isinstance(headers, dict) else headers)
        self._fields = False  # True: the app's headers are
        for name, _ in headers:
            if name.lower().startswith("if-"):
                self._fields = True
        # Each question costs data. Without these it is the same question: RFC 9110 12.5.1, 8.6.
        headers.insert(0, ("Accept", None))
        if {"data", "json", "form", "files"}.isdisjoint(options):
            headers.insert(0, ("Content-Length", None))
        self._id = (url, headers, options)
        # Where it begins, from 0 to 1, and how long its period is. These numbers, of the sequence R2, spread
        # MAC addresses that follow one another evenly over the plane.
        mac = int(LAN().mac().replace(":", ""), 16)
        place = (mac * 0xC13FA9A9 & 0xFFFFFFFF) / 0x100000000
        factor = 1 + (jitter or 0) * (mac * 0x91E10DA5 & 0xFFFFFFFF) / 0x100000000
        self._options = (every, factor, place, first_within, retry_first, retry_most)
        self._file = file
        self._timeout = int(stale_after * 1000) if stale_after else _NEVER
        self._response = self._new = self._event = self._duration = self._since = self._wakeup = None
        self._tags = (None, None)
        self._count = 0
        self._text = self._told = ""
        self._status = "waiting"
        self._due = -1  # not known yet
        self._limit = _NEVER
        _live.append(self)
        self._wait()

    def refresh(self) -> None:
        """Ask now."""
        self._due = _clock()
        self._wait()

    def stop(self) -> None:
        """End it. No callback runs afterwards."""
        if self in _live:
            _live.remove(self)
            self._wakeup.cancel()
            if self in _queue:
                _queue.remove(self)
            if not _find(_live, self._id):
                for asker in _find(_running, self._id):
                    asker._request.cancel()
                    _running.remove(asker)
                _next()
            if self._event:
                self._event.set()

    def last(self) -> http.Response | None:
        """The last good Response, or None."""
        return self._response

    def age(self) -> float | None:
        """Seconds since the content was known to be good; None if there is none."""
        return None if self._response is None else (_clock() - self._since) / 1000

    def state(self) -> str:
        """One of "waiting", "fetching", "good", "stale", "stopped"."""
        if self not in _live:
            return "stopped"
        return "fetching" if _find(_running, self._id) else self._status

    def error(self) -> str:
        """Why there is nothing newer: one line, "" if all is well."""
        return self._text

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> http.Response:
        if not self._event:
            self._event = __import__("asyncio").Event()
        while not self._new:
            if self not in _live:
                raise StopAsyncIteration
            self._event.clear()
            await self._event.wait()
        response, self._new = self._new, None
        return response

    def _wait(self) -> None:
        if self._wakeup:
            self._wakeup.cancel()
        if self in _live:  # check may have stopped it
            self._wakeup = Timer(
                self._wake, max(0, min(self._due - _clock(), self._limit - _clock(), _DAY * 1000))
            )

    def _wake(self) -> None:
        now = _clock()
        stored = False
        if self._since is None:  # for the first time
            self._since = now
            self._limit = now + self._timeout
            stored = self._load()
            if self._due < 0:
                every, _, place, within, _, _ = self._options
                if within is None:
                    within = min(every, 30) if stored else 0
                self._due = now + int(within * 1000 * place)
        if now >= self._due:
            self._start()
        stale = now >= self._limit
        if stale:
            self._status = "stale"
            self._limit = _NEVER
        self._wait()
        self._tell(stored)
        if stale:
            self._call(1, (now - self._since) // 1000)

    def _call(self, kind: int, value: Any) -> None:
        callback = self._callbacks[kind]
        if callback and self in _live:
            http.run_callback(_CALLBACKS[kind], self._id[0], callback, value)

    def _start(self) -> None:
        self._due = _clock() + 60000  # then it looks again, for http.cancel_all() calls nobody back
        for asker in _find(_running, self._id):
            if asker._request.status() != "canceled":
                return
            _running.remove(asker)
        if self not in _live:
            return
        if not LAN().ifconfig()[0]:
            self._text = "no network"
            self._due = _clock() + 500
        elif len(_running) == _AT_A_TIME:
            if self not in _queue:
                _queue.append(self)
        else:
            url, headers, options = self._id
            self._asked = self._tags
            tag, date = self._tags
            if not self._fields:
                if tag:  # RFC 9110 13.1.3: beside it, a date is not looked at
                    headers = headers + [("If-None-Match", tag)]
                elif date:
                    headers = headers + [("If-Modified-Since", date)]
            _running.append(self)
            self._request = http.get_async(url, self._received, headers, **options)

    def _received(self, response: http.Response) -> None:
        _running.remove(self)
        for feed in _find(_live, self._id):
            if feed in _live:  # no callback before it has stopped it
                feed._take(response, self._asked)
        _next()

    def _take(self, response: http.Response, asked: Any) -> None:
        if self in _queue:
            _queue.remove(self)
        every, factor, _, _, retry_first, retry_most = self._options
        now = _clock()
        status = response.status_code()
        new: Any = False
        if status == 304 and asked != self._tags or status < 100 and not LAN().ifconfig()[0]:
            # It answers another feed's question, or it is the network's fault: ask again.
            self._due = now
            self._wait()
            return
        if status == 304 and (self._fields or self._response):
            error = ""
        elif 200 <= status < 300:
            error = self._check(response)
        else:
            error = response.error() or "status %d" % status
        self._text = error
        if error:
            wait = random.random() * min(retry_most, retry_first * 2**self._count)
            self._count = min(self._count + 1, 30)
        else:
            if status != 304:
                new = self._replace(response)
            fresh = _duration(response)
            if fresh is not None or status != 304:  # RFC 9111 4.3.4: else it is as it was
                self._duration = fresh
            wait = max(every, self._duration or 0) * factor
            new = new or self._status == "stale" and self._response
            self._count = 0
            self._status = "good"
            self._since = now
            self._limit = now + self._timeout
        after = _after(response)
        if after > 0:
            wait = max(wait, after + every * random.random())
        self._due = now + int(wait * 1000)
        self._wait()
        self._tell(new)

    def _check(self, response: http.Response) -> str:
        try:
            self._call(2, response)
            return ""
        except ValueError as e:
            return "check: " + str(e).split("\n")[0]

    def _replace(self, response: http.Response) -> bool:
        old = self._response
        tags = self._tags
        self._tags = (response.header("ETag"), response.header("Last-Modified"))
        if old:
            if tags[0] and self._tags[0]:
                # RFC 9110 8.8.3.2: the weak comparison
                same = tags[0].replace("W/", "") == self._tags[0].replace("W/", "")
            else:
                same = response.body() == old.body()
            if same:
                return False
        self._response = response
        if self._file and "no-store" not in response.header("Cache-Control", "").lower():
            self._store(response)
        return True

    def _tell(self, new: object) -> None:
        text = self._text
        if text != self._told:
            self._told = text
            self._call(3, text)
        if new and self in _live:
            self._new = self._response
            if self._event:
                self._event.set()
            self._call(0, self._response)

    def _store(self, response: http.Response) -> None:
        head: Any = {}
        for name in ("ETag", "Last-Modified", "Content-Type"):
            if response.header(name):
                head[name] = response.header(name)
        head = (json.dumps([time.time(), head]) + "\n").encode()
        part = self._file + ".part"
        try:
            with open(part, "wb") as f:
                for piece in (self._digest(head, response.body()), head, response.body()):
                    f.write(piece)
                f.flush()  # to the disk, before the name
            os.rename(part, self._file)
            try:
                folder = open(self._file[: self._file.rfind("/") + 1] or ".")
            except OSError:  # no folder can be opened there
                return
            with folder:
                folder.flush()  # the name too
        except OSError as e:
            self._text = "file: %s" % e

    def _digest(self, head: bytes, body: bytes | bytearray) -> bytes:
        # Also of the URL, which may be a secret and is not written.
        digest = sha256(self._id[0])
        digest.update(head)
        digest.update(body)
        return digest.digest()

    def _load(self) -> bool:
        try:
            with open(self._file, "rb") as f:
                expected = f.read(32)
                head = f.readline()
                body = bytearray(f.read())
            digest = self._digest(head, body)
            when, head = json.loads(head)
        except (OSError, ValueError, TypeError):
            return False
        response = _Stored()
        response._data = body
        response._head = head
        if digest != expected or self._check(response):
            return False
        age = max(0, time.time() - when)
        head["Age"] = str(age)
        self._since -= age * 1000
        self._tags = (head.get("ETag"), head.get("Last-Modified"))
        self._response = response
        return True
