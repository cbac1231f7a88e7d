# SPDX-License-Identifier: MIT
"""Requests over HTTP and HTTPS.

A mistake of the app raises TypeError or ValueError at once. A failure of the network is a Response: its
status_code() is 1 to 99, the error code of libcurl.

Source: the SDK of the DL-7450, generations 0.4 to 0.7. Statuses are those of HTTP (RFC 9110) or of libcurl
(libcurl-errors). Where these are silent, this project decides.
"""

from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator
from typing import Any, Generic, Self, TypeVar, final, overload

from typing_extensions import Unpack

from ._options import (
    Body,
    Cookie,
    Headers,
    InPieces,
    InPiecesAsync,
    Kind,
    Stats,
    Status,
    Streamed,
    StreamedAsync,
    Timings,
    WholeBody,
    WholeBodyAsync,
)

_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)

__version__: str

@overload
def get(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBody],
) -> Response:
    """Send a GET request and wait for the Response.

    No other code of the app runs meanwhile. At most sixteen requests are pending at a time: one more has status 89.

    Args:
        url: http:// or https://. User info in it becomes Basic authentication.
        headers: dict, or list of pairs, which may repeat a name. The value None removes a header field that would
            be sent automatically. Copied at the call.
        data: the body: bytes-like, str (sent as UTF-8), a file open in binary mode, or an iterator of pieces.
            Without data, `Content-Length: 0` is sent.
        options: see the page of options: timeout, cacert, params, json, file, on_data, stream and others.

    Raises:
        TypeError: a wrong type, an unknown option, or options that exclude each other.
        ValueError: CR, LF or NUL in url or headers, a name that is no HTTP token, a negative timeout, a
            Content-Length that contradicts data.
    """

@overload
def get(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPieces],
) -> Response: ...
@overload
def get(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[Streamed],
) -> Response: ...
@overload
def get_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBodyAsync],
) -> Request:
    """Start a GET request and return at once.

    It never blocks, not even for name resolution. The app may drop the Request.

    Args:
        url: as that of get().
        on_complete: called once with the Response, when Python is idle. `on_response` is the same argument.
        headers: as that of get().
        data: as that of get(). An iterator runs when Python is idle.
        options: as those of get(). Their callbacks run when Python is idle.

    Raises:
        TypeError: as get().
        ValueError: as get().
    """

@overload
def get_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPiecesAsync],
) -> Request: ...
@overload
def get_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[StreamedAsync],
) -> Request: ...
@overload
def post(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBody],
) -> Response:
    """Send a POST request; for the rest as get()."""

@overload
def post(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPieces],
) -> Response: ...
@overload
def post(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[Streamed],
) -> Response: ...
@overload
def post_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBodyAsync],
) -> Request:
    """Start a POST request; for the rest as get_async()."""

@overload
def post_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPiecesAsync],
) -> Request: ...
@overload
def post_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[StreamedAsync],
) -> Request: ...
@overload
def put(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBody],
) -> Response:
    """Send a PUT request; for the rest as get()."""

@overload
def put(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPieces],
) -> Response: ...
@overload
def put(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[Streamed],
) -> Response: ...
@overload
def put_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBodyAsync],
) -> Request:
    """Start a PUT request; for the rest as get_async()."""

@overload
def put_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPiecesAsync],
) -> Request: ...
@overload
def put_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[StreamedAsync],
) -> Request: ...
@overload
def patch(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBody],
) -> Response:
    """Send a PATCH request; for the rest as get()."""

@overload
def patch(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPieces],
) -> Response: ...
@overload
def patch(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[Streamed],
) -> Response: ...
@overload
def patch_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBodyAsync],
) -> Request:
    """Start a PATCH request; for the rest as get_async()."""

@overload
def patch_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPiecesAsync],
) -> Request: ...
@overload
def patch_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[StreamedAsync],
) -> Request: ...
@overload
def delete(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBody],
) -> Response:
    """Send a DELETE request; for the rest as get()."""

@overload
def delete(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPieces],
) -> Response: ...
@overload
def delete(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[Streamed],
) -> Response: ...
@overload
def delete_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBodyAsync],
) -> Request:
    """Start a DELETE request; for the rest as get_async()."""

@overload
def delete_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPiecesAsync],
) -> Request: ...
@overload
def delete_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[StreamedAsync],
) -> Request: ...
@overload
def head(
    url: str,
    headers: Headers | None = None,
    data: None = None,
    **options: Unpack[WholeBody],
) -> Response:
    """Send a HEAD request; for the rest as get(). A HEAD request has no data."""

@overload
def head(
    url: str,
    headers: Headers | None = None,
    data: None = None,
    **options: Unpack[InPieces],
) -> Response: ...
@overload
def head(
    url: str,
    headers: Headers | None = None,
    data: None = None,
    **options: Unpack[Streamed],
) -> Response: ...
@overload
def head_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: None = None,
    **options: Unpack[WholeBodyAsync],
) -> Request:
    """Start a HEAD request; for the rest as get_async(). A HEAD request has no data."""

@overload
def head_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: None = None,
    **options: Unpack[InPiecesAsync],
) -> Request: ...
@overload
def head_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: None = None,
    **options: Unpack[StreamedAsync],
) -> Request: ...
@overload
def options(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBody],
) -> Response:
    """Send an OPTIONS request; for the rest as get()."""

@overload
def options(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPieces],
) -> Response: ...
@overload
def options(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[Streamed],
) -> Response: ...
@overload
def options_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBodyAsync],
) -> Request:
    """Start an OPTIONS request; for the rest as get_async()."""

@overload
def options_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPiecesAsync],
) -> Request: ...
@overload
def options_async(
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[StreamedAsync],
) -> Request: ...
@overload
def request(
    method: str,
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBody],
) -> Response:
    """Send a request with any method; for the rest as get().

    Args:
        method: an HTTP token, which is sent as it is.
    """

@overload
def request(
    method: str,
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPieces],
) -> Response: ...
@overload
def request(
    method: str,
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[Streamed],
) -> Response: ...
@overload
def request_async(
    method: str,
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBodyAsync],
) -> Request:
    """Start a request with any method; for the rest as get_async().

    Args:
        method: an HTTP token, which is sent as it is.
    """

@overload
def request_async(
    method: str,
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPiecesAsync],
) -> Request: ...
@overload
def request_async(
    method: str,
    url: str,
    on_complete: Callable[[Response], object] | None = None,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[StreamedAsync],
) -> Request: ...
async def gather(
    items: Iterable[str | Awaitable[Any]],
    limit: int = 8,
    return_exceptions: bool = False,
    **options: Unpack[WholeBody],
) -> list[Any]:
    """Await many things, at most `limit` at a time.

    Args:
        items: URLs, each of which is requested with the options, and whatever can be awaited.
        limit: at least 1. The other requests of the app count too: the 17th at a time has status 89.
        return_exceptions: as that of asyncio.gather().

    Returns:
        The results, in the order of items.

    Raises:
        TypeError: an item that is neither a URL nor can be awaited; limit is no int.
        ValueError: limit is less than 1.
    """

def dispatch() -> bool:
    """Hand the oldest event over to its callback or task. For ports, not for apps.

    Returns:
        False if there was no event.
    """

def stats() -> Stats:
    """Tell how many requests there are, and how many bytes they hold.

    Returns:
        dict of int: in_flight and free (slots), submitted and refused (requests since the start), bytes_held
        (bytes of complete bodies that the app has not received yet).
    """

@overload
def check(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[WholeBody],
) -> None:
    """Raise what get() would raise for these arguments. Nothing is sent.

    For modules that keep arguments and send them later.

    Args:
        url: as that of get().
        headers: as that of get().
        data: as that of get(). An iterator is not asked.
        options: as those of get().

    Raises:
        TypeError: as get().
        ValueError: as get().
    """

@overload
def check(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[InPieces],
) -> None: ...
@overload
def check(
    url: str,
    headers: Headers | None = None,
    data: Body | None = None,
    **options: Unpack[Streamed],
) -> None: ...
def run_callback(
    name: object, url: object, callback: Callable[..., object], *args: Any, **named: Any
) -> None:
    """Call a callback of the app, as `callback(*args, **named)`. What it returns is dropped.

    For modules that have callbacks of their own, and call them at idle.

    Args:
        name: str, what the app knows it as, such as "on_success". It is looked at only if the callback fails.
        url: str, that of the request, likewise. Its user info, query and fragment are not shown.
        callback: the app's function.
        args: for the callback.
        named: for the callback.

    Raises:
        TypeError: the callback cannot be called with these arguments, or it is an `async` function or a
            generator, which would never run. The text names the callback and the URL.
    """

def cancel_all() -> None:
    """Cancel every pending request of the app. No callback runs afterwards."""

@final
class Request:
    """A request that was started with one of the functions `*_async`. Only this module makes it.

    The app may drop it: a pending request keeps itself, its callback and its data alive. In asyncio,
    `await request` gives the Response (None after cancel()).
    """

    def cancel(self) -> bool:
        """Cancel the request. Its slot is free at once, and its callback never runs. It may be called twice.

        Returns:
            True if the request was still pending.
        """

    def status(self) -> Status:
        """Tell the state: "pending", "success" (an HTTP response arrived), "failed" or "canceled"."""

    def done(self) -> bool:
        """Tell whether the request is not pending any more."""

    def response(self) -> Response | None:
        """Return the Response; None while the request is pending, or after cancel()."""

    def error(self) -> int:
        """Return the error code of libcurl, 0 if there is none."""

    @overload
    def wait(self, timeout: None = None) -> Response | Any:
        """Wait as a sync call does. The callback runs later, when Python is idle.

        Args:
            timeout: seconds; None waits to the end. The request goes on after it.

        Returns:
            The Response; None after cancel(), or when the timeout passed first.

        Raises:
            TypeError: timeout is no number.
            ValueError: timeout is negative or NaN.
        """

    @overload
    def wait(self, timeout: float) -> Response | None: ...
    def __await__(self) -> Generator[Any, Any, Response | Any]: ...
    def __iter__(self) -> Generator[Any, Any, Response | Any]: ...
    def send(self, value: Any) -> Any:
        """For asyncio: the request is its own coroutine."""

    def throw(self, *exception: Any) -> Any:
        """For asyncio: cancel the request, and raise the exception."""

class _Bytes(bytearray):
    # A bytearray. Of a plain one pyright says that it never equals bytes, which is wrong.
    def __eq__(self, other: object) -> bool: ...

@final
class _Method(Generic[_T_co]):
    # A method that people take for an attribute. For this type pyright reports `response.status_code == 200`,
    # which is never true; for a function it does not.
    def __init__(self, function: Callable[[Any], _T_co]) -> None: ...
    def __call__(self) -> _T_co: ...

class Response:
    """The response to a request, or the reason why there is none. Only this module makes it.

    With `stream=True` it is a stream of MicroPython, too: json.load(), select.poll() and asyncio.StreamReader()
    take it.
    """

    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...
    def __iter__(self) -> Iterator[bytes]: ...
    @_Method
    def status_code(self) -> int:
        """Return the HTTP status (100 and more), or the error code of libcurl (1 to 99).

        It is a method: `response.status_code == 200` is never true.
        """

    def ok(self) -> bool:
        """Tell whether the status is 200 to 399."""

    def headers(self) -> dict[str, str]:
        """Return the header fields of the final response, in their order.

        Fields with the same name are joined with ", " (RFC 9110 5.3), Set-Cookie with a newline. Names are
        compared without case; the first spelling is the key.
        """

    @overload
    def header(self, name: str, default: None = None) -> str | None:
        """Return one header field.

        Args:
            name: in any case.
            default: what is returned when there is no such field.

        Raises:
            TypeError: name is no str.
        """

    @overload
    def header(self, name: str, default: _T) -> str | _T: ...
    def header_list(self) -> list[tuple[str, str]]:
        """Return all header fields as (name, value), in order, repeated ones too."""

    def body(self) -> _Bytes:
        """Return the raw body, the same object at each call. After a failure: the bytes that had arrived.

        Raises:
            MemoryError: the heap has no room; a later call may succeed.
            OSError: the body is streamed and ended with an error: (code of libcurl, text).
        """

    def text(self, encoding: str = "utf-8") -> str:
        """Return the body as str.

        Args:
            encoding: utf-8, ascii or latin-1.

        Raises:
            UnicodeError: the body is not in that encoding.
            LookupError: another encoding.
        """

    def json(self) -> Any:
        """Return the body decoded as JSON (RFC 8259), strictly; a leading BOM is accepted.

        Raises:
            ValueError: it is no JSON, it is deeper than 512, or the request failed. The text says which.
        """

    def url(self) -> str:
        """Return the URL that answered, after redirects, without user info and default port."""

    def reason(self) -> str:
        """Return the reason phrase of the status line; "" if there is none."""

    def history(self) -> list[Response]:
        """Return the redirects that were followed, oldest first. They have no bodies."""

    def error(self) -> str:
        """Return "", or one line that says why there is no HTTP status. It contains no secrets."""

    def kind(self) -> Kind:
        """Return "", or one word for what has failed: "timeout", "refused", "cert_date"."""

    def timings(self) -> Timings:
        """Return seconds from the call to the end of each phase of the last hop, and the bytes received.

        Returns:
            dict: dns, connect, tls, first_byte, total (float), received (int). 0.0: it did not happen.
        """

    def read(self, n: int = -1, /) -> bytes:
        """Read from a streamed body. It waits until there is so much, or the end.

        A poller (select.poll, asyncio.StreamReader) changes that: then it does not wait, and gives what there is, or None.

        Args:
            n: bytes; -1 reads everything up to the end.

        Returns:
            b"" at the end.

        Raises:
            OSError: (code of libcurl, text), after the bytes that came before it.
            ValueError: the stream is closed.
        """

    @overload
    def readinto(self, buffer: bytearray | memoryview, /) -> int:
        """Read from a streamed body into a buffer, at most n bytes.

        Returns:
            How many bytes. Fewer than fit only at the end.

        Raises:
            OSError: as read().
        """

    @overload
    def readinto(self, buffer: bytearray | memoryview, n: int, /) -> int: ...
    def readline(self, n: int = -1, /) -> bytes:
        r"""Read one line of a streamed body with its ``\n``, at most n bytes. Iterating gives the lines.

        Raises:
            OSError: as read().
        """

    def close(self) -> None:
        """End a streamed request. Leaving `with` does this."""

class Cookies:
    """A jar of cookies for the requests that name it with the option `cookies` (RFC 6265).

    A jar with more than 300 cookies loses those of the domain that has most.
    """

    def __init__(self) -> None: ...
    def list(self) -> list[Cookie]:
        """Return the cookies as dicts: name, value, domain, path, secure, http_only, subdomains, expires."""

    def clear(self) -> None:
        """Remove all cookies."""

    def save(self) -> str:
        """Return the cookies, one a line, in the Netscape format."""

    def load(self, text: str) -> None:
        """Add the cookies of text.

        Args:
            text: what save() gave, or a cookies.txt.

        Raises:
            TypeError: text is no str.
            ValueError: a line is no cookie. Then nothing was added.
        """
