# SPDX-License-Identifier: MIT
"""The only file that calls `http`: one hop with it, and its errors as the exceptions of requests."""

import os
from collections import OrderedDict

from micropython import const

import http

from . import exceptions
from .structures import Received

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any
    from .models import PreparedRequest

_CONNECT_S = const(40)  # timeout=None is for ever in the original
_STALL_S = const(60)
# Fields that are sent anyway with these values.
_USUAL = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}
_LATER = const(("content-length", "transfer-encoding"))  # http makes them of the body


class Raw:
    """The answer of one hop: what r.raw is. Its bytes are decoded (Content-Encoding) already."""

    closed = False
    _stream = False
    _body = _poll = None
    _offset = 0

    def __init__(self, response: Any, request: Any) -> None:
        self._response: http.Response = response
        self._asked: PreparedRequest | str = request  # the PreparedRequest, or only the URL

    @property
    def status(self) -> int:
        return self._response.status_code()

    @property
    def reason(self) -> str:
        return self._response.reason()

    @property
    def headers(self) -> Received:
        return Received(self._response.headers())

    def set_cookies(self) -> Sequence[str]:
        for name in self._response.headers():
            if len(name) == 10 and name.lower() == "set-cookie":
                return [value for name, value in self._response.header_list() if name.lower() == "set-cookie"]
        return ()

    def request(self) -> PreparedRequest:
        asked = self._asked
        if isinstance(asked, str):
            from .models import Request
            from .sessions import Session

            self._asked = asked = Session().prepare_request(Request("GET", asked))
        return asked

    def seconds(self) -> float:
        timings = self._response.timings()
        return timings["first_byte"] or timings["total"]

    def whole(self) -> bytes:
        if self._offset or self.closed:
            return self.read()
        self.closed = True
        body = bytes(self._run(self._response.body))
        if len(body) > 32768:
            self._shrink()
        return body

    def _shrink(self) -> None:
        """Keep everything but the body, of which there would be a second copy."""
        self._response = _Head(self._response)

    def read(self, amt: int | None = None, decode_content: Any = None) -> bytes:
        if self.closed:
            return b""
        size = -1 if amt is None or amt < 0 else amt
        if not self._stream:
            if self._body is None:
                self._body = self._response.body()
            end = len(self._body) if size < 0 else self._offset + size
            data = bytes(self._body[self._offset : end])
        else:
            data = self._run(self._response.read, size)
        self._offset += len(data)
        return data

    def some(self, size: int | None) -> bytes:
        """Return what is there, at most size bytes, but at least one byte before the end."""
        if not self._stream or self.closed or (size and self._response.header("Transfer-Encoding") is None):
            return self.read(size)
        if self._poll is None:
            # From now on read() gives what there is.
            from select import POLLIN, poll

            self._poll = poll()
            self._poll.register(self._response, POLLIN)
        data: bytes | None = None
        while data is None:
            self._poll.poll()
            data = self._run(self._response.read, size or 16384)
        self._offset += len(data)
        return data

    def stream(self, amt: int | None = 65536, decode_content: Any = None) -> Iterator[bytes]:
        while True:
            data = self.some(amt)
            if not data:
                return
            yield data

    def _run(self, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except OSError:
            raise failure(self._response, self.request())

    def close(self) -> None:
        self.closed = True
        if self._stream:
            self._response.close()


class _Head:
    """What is left of a response whose body was taken."""

    def __init__(self, response: http.Response) -> None:
        for name in ("status_code", "reason", "headers", "header_list", "timings"):
            setattr(self, name, lambda value=getattr(response, name)(): value)


# Exceptions, each before the words of kind() of an http.Response that it is for; else ConnectionError.
_KINDS = const(
    "ConnectTimeout connect_timeout ReadTimeout stall_timeout timeout ChunkedEncodingError truncated"
    " invalid_chunk ContentDecodingError encoding ProxyError proxy SSLError tls client_cert cacert InvalidURL"
    " url InvalidSchema scheme UnrewindableBodyError rewind RequestException large_body memory auth"
)
_UNSENT = const(("connect_timeout", "name", "resolver", "refused", "unreachable"))


def failure(response: http.Response, request: PreparedRequest) -> exceptions.RequestException:
    """Return the exception for a response that is none."""
    kind = response.kind()
    text = response.error()
    error: type[exceptions.RequestException] = (
        exceptions.SSLError if kind.startswith("cert_") else exceptions.ConnectionError
    )
    for word in _KINDS.split():
        if word[0] < "a":
            name = word
        elif word == kind:
            error = getattr(exceptions, name)
    if kind == "slots":
        text = "%d requests are open" % http.stats()["in_flight"]
    elif response.header_list():  # as the original, while a body is read
        if error is exceptions.ReadTimeout:
            error = exceptions.ConnectionError
        elif kind == "reset":
            error = exceptions.ChunkedEncodingError
    e = error(text, request=request)
    e._is_unsent = kind in _UNSENT
    return e


def _file(path: str, what: str) -> Any:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        raise OSError("TLS %s, no file: %s" % (what, path))


def _limit(options: dict[str, Any], timeout: Any) -> None:
    connect, read = pair = timeout if isinstance(timeout, tuple) and len(timeout) == 2 else (timeout, timeout)
    for value in pair:
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0
        ):
            raise ValueError("timeout: seconds or pair")
    options["timeout"] = 0
    options["connect_timeout"] = _CONNECT_S if connect is None else connect
    options["stall_timeout"] = _STALL_S if read is None else read


def _verify(options: dict[str, Any], verify: Any, cert: Any) -> None:
    if verify is False:
        options["verify"] = False
    elif isinstance(verify, str):
        try:
            is_folder = os.stat(verify)[0] & 0x4000
        except OSError:
            is_folder = False
        if is_folder:
            raise NotImplementedError("verify: no folders here")
        options["cacert"] = _file(verify, "bundle")
    if cert:
        if isinstance(cert, str):
            pem = _file(cert, "cert")
            options["cert"] = (pem, pem)
        else:
            options["cert"] = (_file(cert[0], "cert"), _file(cert[1], "key"))


def _headers(request: PreparedRequest) -> OrderedDict[str, Any]:
    headers = OrderedDict()
    body = request.body
    for lower, pair in request.headers._store.items():
        name, value = pair
        if isinstance(value, bytes):
            value = str(value, "utf-8")
        if lower in _LATER:
            continue
        if _USUAL.get(name) != value:
            headers[name] = value
    for name in ("Accept", "User-Agent", "Accept-Encoding"):
        if name not in request.headers:
            headers[name] = None  # libcurl and http have values of their own
    if body is None or (isinstance(body, (str, bytes)) and not body):
        if request.headers.get("Content-Length") is None and request.method not in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = None
    return headers


def _pieces(file: Any) -> Iterator[Any]:
    data = file.read(8192)
    while data:
        yield data
        data = file.read(8192)


def perform(
    request: PreparedRequest, stream: bool, timeout: Any, verify: Any, cert: Any, proxy: str | None
) -> Raw:
    """Send a PreparedRequest, one hop. Return Raw, or raise."""
    options: dict[str, Any] = {"allow_redirects": False, "compressed": True}
    _limit(options, timeout)
    if request.url[:5].lower() == "https":
        _verify(options, verify, cert)
    if proxy is not None:
        options["proxy"] = proxy
    if request._digest is not None:
        options["auth"] = ("digest",) + request._digest
    if stream:
        options["stream"] = True
    headers = _headers(request)
    account = headers.pop("Proxy-Authorization", None)
    if account is not None:
        options["proxy_headers"] = {"Proxy-Authorization": account}  # for no server
    body = request.body
    is_file = hasattr(body, "fileno") and not hasattr(body, "__dict__")  # MicroPython's own
    if not (body is None or is_file or isinstance(body, (str, bytes, bytearray, memoryview))):
        if "Content-Length" in request.headers:
            headers["Content-Length"] = request.headers["Content-Length"]
        if hasattr(body, "read"):
            body = _pieces(body)
    url = request.url
    scheme, slashes, rest = url.partition("//")
    if "@" in rest:
        netloc, slash, rest = rest.partition("/")
        url = scheme + slashes + netloc.rpartition("@")[2] + slash + rest
    got = _request(request, url, headers, body or None, options)
    if got.status_code() == 61 and request.method in ("GET", "HEAD", "OPTIONS") and "unknown" in got.error():
        # A coding that nobody asked for: the bytes as they come.
        del options["compressed"]
        headers["Accept-Encoding"] = request.headers.get("Accept-Encoding")
        got = _request(request, url, headers, body or None, options)
    if got.status_code() < 100:
        raise failure(got, request)
    raw = Raw(got, request)
    if stream:
        raw._stream = True
    return raw


def _request(
    request: PreparedRequest, url: str, headers: Any, body: Any, options: dict[str, Any]
) -> http.Response:
    try:
        return http.request(request.method, url, headers, body, **options)
    except ValueError as e:
        text = str(e)
        if text.startswith("headers"):
            raise exceptions.InvalidHeader(text, request=request)
        if text.startswith("url"):
            raise exceptions.InvalidURL(text, request=request)
        raise


_FIELDS = {"User-Agent": "python-requests/2.32.5", "Content-Length": None}


def get_plain(url: str) -> http.Response:
    """Send a GET of no arguments to a plain http:// URL, as perform() would. Return an http.Response."""
    return http.request(
        "GET",
        url,
        _FIELDS,
        timeout=0,
        connect_timeout=_CONNECT_S,
        stall_timeout=_STALL_S,
        allow_redirects=False,
        compressed=True,
    )
