# SPDX-License-Identifier: MIT
"""Pending requests: the object that *_async returns, and how it gets its Response."""

import io
import sys
from time import ticks_diff, ticks_ms

import _http

from . import _aio
from ._body import one_line
from ._options import BODY_LENGTH, DEFAULTS, ON_DATA, ON_PROGRESS, ON_UPLOAD, milliseconds, prepare
from ._response import Response

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable, Generator
    from typing import Any
    from ._options import Prepared

    Callbacks = tuple[Any, Any, Any]  # on_data, on_progress, on_head


def request(method: str, url: Any = None, headers: Any = None, data: Any = None, **options: Any) -> Response:
    """Send a request and wait for the Response. No other code of the app runs meanwhile."""
    callbacks = _callbacks(options)
    args = prepare(method, url, headers, data, options)
    if callbacks is None and not _tells(args[4]):
        return _http.perform(*args)
    # It has callbacks: start an asynchronous request, and wait for it.
    started = _submit(None, callbacks, args)
    try:
        return started.wait() or _Canceled()
    finally:
        started._forget()


class _Canceled(Response):
    # What a sync call gives whose own callback or iterator has called cancel_all().

    def status_code(self) -> int:
        return 42  # CURLE_ABORTED_BY_CALLBACK

    def kind(self) -> str:
        return "other"

    def error(self) -> str:
        return "canceled in a callback"


def check(url: Any, headers: Any = None, data: Any = None, **options: Any) -> None:
    """Raise what get() would raise for these arguments. Nothing is sent."""
    _callbacks(options)
    prepare("GET", one_line(url, "url"), headers, data, options)


def _tells(settings: list[Any]) -> bool:
    return settings[BODY_LENGTH] is not None or settings[ON_UPLOAD] is not None


def _callbacks(options: dict[str, Any]) -> Callbacks | None:
    # Returns (on_data, on_progress, on_head), or None without any.
    if not options:
        return None
    callbacks = options.pop("on_data", None), options.pop("on_progress", None), options.get("on_head")
    for name, callback in zip(("on_data", "on_progress", "on_head"), callbacks):
        if callback is not None:
            if not callable(callback):
                raise TypeError(name + " must be callable or None")
            _exclude(options, "stream", name)
    if callbacks[0] is not None:
        _exclude(options, "file", "on_data")
    if options.get("file") is not None:
        _exclude(options, "stream", "file")
    return None if callbacks == (None, None, None) else callbacks


def _exclude(options: dict[str, Any], other: str, name: str) -> None:
    if options.get(other) not in (None, False):
        raise TypeError("%s and %s exclude each other: give only one" % (name, other))


def request_async(
    method: str,
    url: Any = None,
    on_complete: Any = None,
    headers: Any = None,
    data: Any = None,
    **options: Any,
) -> "Request":
    """Start a request and return its Request at once."""
    name = "on_complete"
    if "on_response" in options:
        name = "on_response"
        if on_complete is not None:
            raise TypeError("on_complete and on_response are one argument: give only one")
        on_complete = options.pop(name)
    if on_complete is not None and not callable(on_complete):
        raise TypeError(name + " must be callable or None")
    callbacks = _callbacks(options)
    args = prepare(method, url, headers, data, options)
    return _submit(on_complete, callbacks, args)


def _submit(
    callback: Callable[[Response], object] | None, callbacks: Callbacks | None, args: Prepared
) -> "Request":
    on_data, on_progress, on_head = callbacks or (None, None, None)
    settings = args[4]
    settings[ON_DATA] = on_data
    settings[ON_PROGRESS] = on_progress
    started = _http.start(callback, *args)
    if callbacks or _tells(settings):
        try:
            started._body = args[2]
            started._on_upload = settings[ON_UPLOAD]
            started._on_data = on_data
            started._on_progress = on_progress
            started._on_head = on_head
            started._head = None  # the Response that on_head got
            started._telling = False  # True while one of them runs
            started._url = args[1]
        except MemoryError:
            started.cancel()
            raise
    return started


def stats() -> dict[str, int]:
    """Return a dict of ints: in_flight and free (slots), submitted and refused (requests since the
    start), bytes_held (body bytes of completed requests that the app has not got yet)."""
    names = ("in_flight", "free", "submitted", "refused", "bytes_held")
    return dict(zip(names, _http.stats()))


def cancel_all() -> None:
    """Cancel every pending request, as the end of an app does. No callback runs afterwards."""
    _http.cancel_all()
    while _live:
        for id in _live:  # only the first one: a list of all ids would need heap
            break
        _live[id].cancel()


class Request:
    """A request that was started with *_async. Only this module creates it.

    In asyncio, `await request` gives the Response (None after cancel()); gather() and wait_for()
    take requests too. Cancelling the task that awaits cancels the request.
    """

    # Class attributes: most requests never set these, so they need no memory.
    _on_data: Callable[[memoryview], object] | None = None
    _on_progress: Callable[[int, int], object] | None = None
    _telling: bool | None = None  # there are no callbacks but on_complete
    _body: Any = None  # the iterator, if data is one
    _on_upload: Callable[[int, int], object] | None = None
    _on_head: Callable[..., object] | None = None
    _head: Response | None = None
    _url = ""
    _event: Any = None  # the asyncio Event that awaiting tasks wait for
    # Every request sets these.
    _id = 0
    _callback: Callable[..., object] | None = None
    _response: Response | None = None
    _canceled = False

    def __init__(self, *args: Any, **options: Any) -> None:
        # The C half makes one without calling this.
        raise TypeError("get_async() and the like make a Request")

    def __repr__(self) -> str:
        return "<Request %s>" % self.status()

    def cancel(self) -> bool:
        """Cancel the request. Return True if it was still pending, that is, the app had not got its
        Response. Its slot is free at once, and its callback never runs, also if this returns False."""
        was_pending = self._response is None and not self._canceled
        self._forget()
        if was_pending:
            self._canceled = True
        elif self._response is not None:
            self._response.close()  # if it is a stream
        self._wake()  # also if the Response is complete: the app does not get it any more
        return was_pending

    def status(self) -> str:
        """Return "pending", "success" (an HTTP response arrived), "failed" or "canceled"."""
        if not self.done():
            return "pending"
        if self._canceled:
            return "canceled"
        return "failed" if self.error() else "success"

    def done(self) -> bool:
        """Return True when the request is not pending."""
        self._collect()
        return self._canceled or self._response is not None

    def response(self) -> Response | None:
        """Return the Response, or None while the request is pending or when it was cancelled."""
        self._collect()
        return self._response

    def error(self) -> int:
        """Return libcurl's error code (int, 1 to 99), or 0 if there is none."""
        response = self.response()
        if response is None:
            return 0
        code = response.status_code()
        return code if code < 100 else 0

    def wait(self, timeout: float | None = None) -> Response | None:
        """Wait for the Response and return it; None if the request was cancelled or the timeout passed.

        timeout: int or float, seconds; None waits until the request ends. The request continues
        after a timeout. No other code of the app runs meanwhile. A callback still runs, when Python is idle.
        """
        ms = None if timeout is None else milliseconds(timeout, "int, float or None")
        if self._telling is None:
            if _http.wait(self._id, ms):
                self._collect()
                if self._callback is None and self._event is None:
                    self._forget()  # else it would be kept, with its body, until Python is idle
        else:
            self._wait_and_tell(ms)
        return self._response

    def __iter__(self) -> Generator[Any, Any, Response | None]:
        # Wait until dispatch() has passed it on: data and progress come first, and other tasks run.
        if self._id in _live:
            if self._event is None:
                self._event = _aio.new_event()
            try:
                yield from self._event.wait()
            except _aio.cancelled_error():
                self.cancel()
                raise
        return self._response

    __await__ = __iter__

    # asyncio checks for this method before it makes a task of a coroutine (gather(), wait_for()). Several
    # tasks may wait for one request, so nothing is kept from one step to the next one.
    def send(self, value: Any) -> Any:
        return self.__iter__().send(value)

    def throw(self, *exception: Any) -> Any:
        self.cancel()
        raise exception[0]

    def _forget(self) -> None:
        _http.cancel(self._id)
        _live.pop(self._id, None)
        self._callback = None
        if self._telling is not None:
            self._on_data = self._on_progress = self._on_upload = self._on_head = self._body = None

    def _wait_and_tell(self, ms: int | None) -> None:
        # Run the callbacks of the stream meanwhile: otherwise a full stream would wait for ever.
        if self._telling:
            raise RuntimeError("wait() in a callback of the same request would never end")
        start = ticks_ms()
        left = ms
        while _http.wait(self._id, left):
            what = _http.next(self._id)
            if what is not None:
                self._tell(self._id, what)
            elif self.done():
                return
            if ms is not None:
                left = max(0, ms - ticks_diff(ticks_ms(), start))
                if left == 0 and not self.done():
                    return  # the events may never end

    def _tell(self, id: int, what: Any) -> None:
        self._telling = True
        name = "on_data"
        made = None
        try:
            if what is False:
                self._feed()
            elif isinstance(what, tuple):
                if len(what) == 2:
                    name = "on_progress"
                    callback = self._on_progress
                else:
                    name = "on_upload_progress"
                    callback = self._on_upload
                if callback is not None:
                    made = callback(what[0], what[1])
            elif isinstance(what, Response) or what is True:
                name = "on_head"
                if what is not True:
                    self._head = what
                if self._on_head is not None:
                    made = self._on_head(self._response if what is True else what)
            elif self._on_data is not None:
                made = self._on_data(what)
            if made is not None and isinstance(made, _GENERATOR):
                raise TypeError(_ASYNC)
        except TypeError as e:
            _name_callback(e, name, self._url)
            raise
        finally:
            self._telling = False

    def _feed(self) -> None:
        try:
            body = self._body  # it may cancel the request, and then give an empty piece
            while not _http.feed(self._id, next(body)):
                pass
        except StopIteration:
            _http.feed(self._id)
        except BaseException:
            self.cancel()  # otherwise the body would seem to end here
            raise

    def _collect(self) -> None:
        if self._response is None:
            self._response = _http.take(self._id, self._head)

    def _hand_over(self, id: int, response: Response) -> None:
        # It is complete. response is empty: it exists already, because here the heap may be full.
        if self._response is None:
            self._response = _http.take(id, response if self._head is None else self._head)
        self._wake()  # a task waits, or has waited
        callback = self._callback
        self._callback = None
        if callback is not None:
            try:
                made = callback(self._response)
                if made is not None and isinstance(made, _GENERATOR):
                    raise TypeError(_ASYNC)
            except TypeError as e:
                _name_callback(e, "on_complete", self._response.url() if self._response else "")
                raise

    def _wake(self) -> None:
        if self._event is not None:
            self._event.set()


_GENERATOR = type((lambda: (yield))())  # a coroutine too
_ASYNC = "returned a generator: a callback cannot be async"


def _name_callback(e: TypeError, name: str, url: str) -> None:
    # An exception of the call itself, as for wrong arguments, has no frame of the callback: nothing in its
    # traceback would say which one it is.
    text: Any = io.StringIO()
    sys.print_exception(e, text)
    if text.getvalue().count("  File ") < 2:
        scheme, _, rest = url.split("?")[0].split("#")[0].partition("//")  # without secrets
        raise TypeError("%s of %s//%s: %s" % (name, scheme, rest.rpartition("@")[2], e))


def run_callback(name: str, url: str, callback: Callable[..., object], *args: Any, **named: Any) -> None:
    """Call a callback of the app, for modules that have callbacks of their own. A TypeError names it."""
    try:
        if isinstance(callback(*args, **named), _GENERATOR):
            raise TypeError(_ASYNC)
    except TypeError as e:
        _name_callback(e, name, url)
        raise


# Pending requests by id. This reference keeps a request and its callback alive, even if the app has
# none.
_live = _http.register(Request, Response, DEFAULTS)
