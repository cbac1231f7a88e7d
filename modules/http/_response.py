# SPDX-License-Identifier: MIT
"""The result of a request (SDK: http.Response)."""

from micropython import const

import _http
from _http import item as _item

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any, Self

# Items of a Result: HTTP_ITEM_* in http/binding/binding.h. The first ones are its times.
_RECEIVED = const(5)
_KIND = const(6)
_URL = const(7)
_REASON = const(8)
_ERROR = const(9)


# By the numbers of http_fault_t in http/engine.h, with a blank between two words.
_KINDS = (
    " url scheme name resolver refused unreachable connect_timeout stall_timeout timeout reset closed"
    " truncated invalid_response invalid_chunk large_header large_body unsafe_redirect invalid_redirect"
    " many_redirects proxy tls cert_date cert_name cert_authority cert_revoked cert_invalid client_cert"
    " cacert file upload_file iterator rewind encoding auth memory slots other"
)


class Response(_http.Result):
    """The response to a request, or the reason why there is none. Only this module creates it.

    status_code() -> int: HTTP's status (100 and more), or libcurl's error code (1 to 99).
    ok() -> bool: True for the statuses 200 to 399.
    headers() -> dict of str to str: the header fields of the final response, in its order. Fields of one
        name, compared without case, are joined with ", " (RFC 9110 5.3), Set-Cookie with a newline. The first
        spelling of the name is used.
    header(name, default=None) -> str: the value of the field name (str, any case), or default.
    header_list() -> list of (name, value): all header fields, in order, with repeated names.
    body() -> bytearray: the raw body, the same object at each call. After a failure: the bytes that arrived.
        MemoryError if the heap has no room; a later call may succeed.
    url() -> str: the URL of the response, after redirects, without user info and default port.
    reason() -> str: the reason phrase, "" if there is none.
    history() -> list of Response: the redirects that were followed, oldest first, without bodies.
    error() -> str: "", or one line that says why there is no HTTP status. It contains no secrets. With
        status 60 it also says when the device's clock is earlier than its firmware.
    kind() -> str: "" for a whole response; otherwise one word for what has failed, finer than the error code:
        "cert_date", for example. modules/http/README.md has the list.
    timings() -> dict: dns, connect, tls, first_byte, total as float seconds from the call to the end of
        that phase in the last hop (0.0: it did not happen, as on a reused connection); received as int, body
        bytes.
    With stream=True it is a stream of MicroPython, and can be used in `with`:
    read(n=-1) -> bytes, readinto(buffer) -> int, readline() -> bytes, close(). They wait until there is so
        much or the end, under the request's timeout; with a poller (select.poll, asyncio) they do not
        wait, and give what there is, or None. A failure is OSError(code, text) after the bytes before it.
        body(), text() and json() read what is left. It holds its slot until the end, close(), or until
        nobody has it.
    """

    def __repr__(self) -> str:
        error = self.error()
        return "<Response %d%s>" % (self.status_code(), error and ": " + error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def ok(self) -> bool:
        return 200 <= self.status_code() < 400

    def kind(self) -> str:
        return _KINDS.split(" ")[_item(self, _KIND)]

    def url(self) -> str:
        return _item(self, _URL)

    def reason(self) -> str:
        return _item(self, _REASON)

    def error(self) -> str:
        return _item(self, _ERROR)

    def header(self, name: str, default: Any = None) -> Any:
        if not isinstance(name, str):
            raise TypeError("name must be a str")
        name = name.lower()
        for other, value in self.headers().items():
            if other.lower() == name:
                return value
        return default

    def timings(self) -> dict[str, Any]:
        names = ("dns", "connect", "tls", "first_byte", "total", "received")
        timings = {name: _item(self, i) / 1000000 for i, name in enumerate(names)}
        timings["received"] = _item(self, _RECEIVED)
        return timings

    def text(self, encoding: str = "utf-8") -> str:
        """Return the body as str. encoding: utf-8, ascii or latin-1.

        UnicodeError if the body is not in that encoding, LookupError for other encodings.
        """
        if not isinstance(encoding, str):
            raise TypeError("encoding must be a str")
        body = self.body()
        kind = encoding.lower().replace("_", "-")
        if kind in ("utf-8", "utf8"):
            return _http.text(body)
        if kind in ("latin-1", "latin1", "iso-8859-1", "iso8859-1"):
            return "".join(map(chr, body))
        if kind in ("ascii", "us-ascii"):
            if any(byte > 127 for byte in body):
                raise UnicodeError("body is not ascii")
            return _http.text(body)
        raise LookupError("encoding '%s' is not supported" % encoding)

    def json(self) -> Any:
        """Return the body decoded as JSON (RFC 8259).

        ValueError if it is not JSON, if it is deeper than 512, or if the request failed. Its text says which.
        """
        status = self.status_code()
        if status < 100:
            raise ValueError("the request failed, status %d: %s" % (status, self.error()))
        return _http.json(self.body())
