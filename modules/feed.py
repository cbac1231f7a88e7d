# SPDX-License-Identifier: MIT
"""Polls a server for as long as the app runs: modules/README.md says how it behaves.

    news = Feed("https://intranet.example/screen.png", show, every=300)

on_change: callable(Response) or None; called at idle, with new content only.
every: seconds from an answer to the next question; what the server says may lengthen it.
on_stale: callable(seconds), called once when nothing good came for stale_after seconds.
file: str, path in which the last good content survives a restart.
check: callable(Response) that refuses content with a ValueError.
jitter: the part of `every` that is added at random. first_within: seconds; the first question comes at a
    place within them that depends on the MAC address.
retry_first, retry_most: seconds; the longest wait after one failure, and after many.
Everything else is an option of http.get(). A wrong argument raises TypeError or ValueError at once.
"""

import json
import os
import random
import time
from hashlib import sha256

import http
from network import LAN
from wakeup import Timer

_AT_A_TIME = 4
_DAY = 86400
_FIELDS = ("ETag", "Last-Modified", "Content-Type")  # what a file keeps of the header

_feeds = []  # all that run
_busy = []  # those that ask
_queue = []  # those whose turn has not come
_clock = [time.ticks_ms(), 0]


def _now():
    # Milliseconds since the start. ticks_ms() wraps after days; a feed calls this at least once a day.
    ticks = time.ticks_ms()
    _clock[1] += time.ticks_diff(ticks, _clock[0])
    _clock[0] = ticks
    return _clock[1]


def _address():
    return LAN().ifconfig()[0]


def _place():
    # 0 to 1, from the MAC address. The golden ratio spreads addresses evenly that follow one another.
    number = 0
    for c in LAN().mac().lower():
        if c in "0123456789abcdef":
            number = number << 4 | int(c, 16)
    return (number * 0x9E3779B1 & 0xFFFFFFFF) / 0x100000000


def _date(text):
    # Seconds since 1970, of all three forms of RFC 9110 5.6.7.
    part = text.replace(",", " ").replace("-", " ").split()
    if part[1].isalpha():  # Sun Nov  6 08:49:37 1994
        part = [0, part[2], part[1], part[4], part[3]]
    year = int(part[3])
    if year < 100:
        year += 2000
    month = "MarAprMayJunJulAugSepOctNovDecJanFeb".index(part[2]) // 3
    if month > 9:
        year -= 1
    days = year * 1461 // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + int(part[1]) - 719469
    hour, minute, second = part[4].split(":")
    return ((days * 24 + int(hour)) * 60 + int(minute)) * 60 + int(second)


def _until(text, response):
    # Seconds until a date, by the server's clock: the dock's own may be wrong. 0 if it is no date.
    try:
        now = response.header("Date")
        return _date(text) - (_date(now) if now else time.time())
    except (ValueError, IndexError):
        return 0


def _next():
    while _queue and len(_busy) < _AT_A_TIME:
        feed = _queue.pop(0)
        feed._ask()
        feed._arm()


def _number(text):
    return int(text) if text.isdigit() else 0


def _retry_after(response):
    # The longest of the redirects and the answer.
    most = 0
    for r in response.history() + [response]:
        text = r.header("Retry-After")
        if text and (r.status_code() in (429, 503) or 300 <= r.status_code() < 400):
            most = max(most, _number(text) if text.isdigit() else _until(text, r))
    return min(most, _DAY)


def _control(response):
    return response.header("Cache-Control", "").lower().replace(" ", "").split(",")


def _fresh_for(response):
    # RFC 9111 4.2: seconds; None if the server does not say.
    found = None
    for item in _control(response):
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


class _Stored(http.Response):
    def status_code(self):
        return 200

    def headers(self):
        return self._head

    def body(self):
        return self._data

    def url(self):
        return self._url


class Feed:
    def __init__(
        self,
        url,
        on_change=None,
        every=60,
        *,
        on_stale=None,
        stale_after=None,
        file=None,
        check=None,
        jitter=0.1,
        first_within=None,
        retry_first=5,
        retry_most=600,
        **options,
    ):
        for name, value in (("on_change", on_change), ("on_stale", on_stale), ("check", check)):
            if value is not None and not callable(value):
                raise TypeError(name + " must be callable or None")
        for name, value, least in (
            ("every", every, 0.001),
            ("stale_after", _DAY if stale_after is None else stale_after, 0.001),
            ("jitter", jitter, 0),
            ("first_within", first_within or 0, 0),
            ("retry_first", retry_first, 0.001),
            ("retry_most", retry_most, 0.001),
        ):
            if not isinstance(value, (int, float)):
                raise TypeError(name + " must be a number")
            if not least <= value < 1e9:
                raise ValueError(name + " is out of range")
        if file is not None and not isinstance(file, str):
            raise TypeError("file must be a str or None")
        if on_stale and stale_after is None:
            raise ValueError("on_stale needs stale_after")
        for name in ("stream", "on_data", "on_complete", "on_response"):
            if options.pop(name, None):
                raise TypeError(name + " is no option of a feed")
        headers = options.pop("headers", None) or ()
        # No URL begins with a blank. So this checks the arguments, and ends before it needs the network.
        http.get_async(" " + url if isinstance(url, str) else url, None, headers, **options).cancel()
        headers = list(headers.items() if isinstance(headers, dict) else headers)
        self._what = (url, headers, options)
        self._own = any(name.lower().startswith("if-") for name, _ in headers)
        self._settings = (every, jitter, first_within, retry_first, retry_most)
        self._callbacks = (on_change, on_stale, check)
        self._file = file
        self._stale_ms = stale_after and int(stale_after * 1000)
        self._last = self._request = self._event = self._fresh = self._lifetime = None
        self._tags = (None, None)
        self._fails = self._old = 0  # _old: seconds, how old stored content was at the start
        self._error = ""
        self._good = self._stale = self._started = False
        self._timer = self._due = None
        self._mark()
        _feeds.append(self)
        self._arm()

    def refresh(self):
        """Ask now."""
        if self in _feeds and not self._asks():
            self._due = _now()
            self._arm()

    def stop(self):
        """End it. No callback runs afterwards."""
        if self not in _feeds:
            return
        _feeds.remove(self)
        self._timer.cancel()
        if self in _queue:
            _queue.remove(self)
        if self in _busy and not any(feed._what == self._what for feed in _feeds):
            self._request.cancel()
            _busy.remove(self)
            _next()
        self._tell()

    def last(self):
        """The last good Response, or None."""
        return self._last

    def age(self):
        """Seconds since the content was known to be good; None if there is none."""
        return None if self._last is None else (_now() - self._since) / 1000 + self._old

    def state(self):
        """One of "waiting", "fetching", "good", "stale", "stopped"."""
        if self not in _feeds:
            return "stopped"
        if self._asks():
            return "fetching"
        return "stale" if self._stale else "good" if self._good else "waiting"

    def error(self):
        """Why there is nothing newer: one line, "" if all is well."""
        return self._error

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self._event is None:
            self._event = __import__("asyncio").Event()
        while self._fresh is None:
            if self not in _feeds:
                raise StopAsyncIteration
            self._event.clear()
            await self._event.wait()
        response, self._fresh = self._fresh, None
        return response

    def _tell(self):
        if self._event:
            self._event.set()

    def _asks(self):
        return any(feed._what == self._what for feed in _busy)

    def _mark(self):
        # What is known now is good.
        self._since = _now()
        self._stale_at = self._stale_ms and self._since + self._stale_ms

    def _arm(self):
        now = _now()
        first = now + _DAY * 1000
        for due in (self._due, self._stale_at) if self._started else (now,):
            if due is not None:
                first = min(first, due)
        if self._timer:
            self._timer.cancel()
        self._timer = Timer(self._tick, max(0, first - now))

    def _tick(self):
        new = False
        if not self._started:
            self._started = True
            new = self._load()
            if self._due is None:
                every, _, within, _, _ = self._settings
                if within is None:
                    within = min(every, 30) if new else 0
                self._due = _now() + int(within * 1000 * _place())
        now = _now()
        if self._due is not None and now >= self._due:
            self._ask()
        stale = self._stale_at is not None and now >= self._stale_at
        if stale:
            self._stale = True
            self._stale_at = None
        self._arm()
        if new:
            self._change()
        if stale and self._callbacks[1]:
            self._callbacks[1]((now - self._since) // 1000 + self._old)

    def _ask(self):
        self._due = None
        if self._asks():
            return
        if not _address():
            self._error = "the network has no address"
            self._due = _now() + 500
        elif len(_busy) == _AT_A_TIME:
            if self not in _queue:
                _queue.append(self)
        else:
            url, headers, options = self._what
            tags = self._tags
            if not self._own:
                names = ("If-None-Match", "If-Modified-Since")
                headers = headers + [pair for pair in zip(names, tags) if pair[1]]
            _busy.append(self)
            self._request = http.get_async(
                url, lambda response: self._answered(response, tags), headers, **options
            )

    def _answered(self, response, tags):
        _busy.remove(self)
        for feed in [feed for feed in _feeds if feed._what == self._what]:
            if feed in _feeds:  # no callback before it has stopped it
                feed._answer(response, tags)
        _next()

    def _answer(self, response, tags):
        if self in _queue:
            _queue.remove(self)
        every, jitter, _, retry_first, retry_most = self._settings
        status = response.status_code()
        if status == 304 and tags != self._tags or status < 100 and not _address():
            # It answers another feed's question, or it is the network's fault: ask again.
            self._due = _now()
            self._arm()
            return
        error = ""
        new = False
        if status == 304 and (self._own or self._last is not None):
            pass
        elif 200 <= status < 300:
            error = self._refused(response)
            new = not error and self._is_new(response)
        else:
            error = response.error() or "status %d" % status
        if error:
            wait = random.random() * min(retry_most, retry_first * 2**self._fails)
            self._fails = min(self._fails + 1, 30)
        else:
            fresh = _fresh_for(response)
            if fresh is not None or status != 304:  # RFC 9111 4.3.4: else it is as it was
                self._lifetime = fresh
            wait = max(every, self._lifetime or 0) * (1 + jitter * random.random())
            new = new or self._stale and self._last is not None
            self._fails = self._old = 0
            self._stale = False
            self._good = True
            self._mark()
        after = _retry_after(response)
        if after > 0:
            wait = max(wait, after + every * random.random())
        self._error = error
        self._due = _now() + int(wait * 1000)
        self._arm()
        if new:
            self._change()

    def _refused(self, response):
        try:
            if self._callbacks[2]:
                self._callbacks[2](response)
            return ""
        except ValueError as e:
            return "check: " + str(e).split("\n")[0]

    def _is_new(self, response):
        old = self._last
        tags = (response.header("ETag"), response.header("Last-Modified"))
        if old is not None:
            if tags[0] and self._tags[0]:
                # RFC 9110 8.8.3.2: the weak comparison
                same = tags[0].replace("W/", "") == self._tags[0].replace("W/", "")
            else:
                same = response.body() == old.body()
        self._tags = tags
        if old is not None and same:
            return False
        self._last = response
        return True

    def _change(self):
        if self._file and not isinstance(self._last, _Stored):
            self._save()
        self._fresh = self._last
        self._tell()
        if self._callbacks[0]:
            self._callbacks[0](self._last)

    def _save(self):
        response = self._last
        if "no-store" in _control(response):
            return
        head = {name: response.header(name) for name in _FIELDS if response.header(name)}
        head = (json.dumps([self._what[0], int(time.time()), head]) + "\n").encode()
        digest = sha256(head)
        digest.update(response.body())
        part = self._file + ".part"
        try:
            with open(part, "wb") as f:
                for piece in (digest.digest(), head, response.body()):
                    f.write(piece)
                f.flush()  # to the disk, before the name
            os.rename(part, self._file)
        except OSError as e:
            self._error = "file: %s" % e

    def _load(self):
        try:
            with open(self._file, "rb") as f:
                expected = f.read(32)
                head = f.readline()
                body = bytearray(f.read())
            digest = sha256(head)
            digest.update(body)
            url, when, head = json.loads(head)
            if digest.digest() != expected or url != self._what[0]:
                return False
        except (OSError, ValueError, TypeError):
            return False
        response = _Stored()
        response._url = url
        response._data = body
        response._head = head
        self._old = max(0, int(time.time()) - when)
        head["Age"] = str(self._old)
        if self._refused(response):
            return False
        self._tags = (head.get("ETag"), head.get("Last-Modified"))
        self._last = response
        return True
