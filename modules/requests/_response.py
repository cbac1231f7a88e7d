# SPDX-License-Identifier: MIT
"""Response: what a server answered."""

from ._url import shown
from .exceptions import HTTPError, JSONDecodeError, StreamConsumedError
from .structures import CaseInsensitiveDict, Received

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Iterator
    from typing import Any, Self

REDIRECT_STATI = (301, 302, 303, 307, 308)


class Response:
    """What a server answered.

    Most attributes are made when they are asked for, of what `http` has.
    """

    raw: Any
    headers: CaseInsensitiveDict
    encoding: str | None
    history: "list[Response]"
    next: Any
    connection: Any
    status_code: int | Any = None
    _content: Any = False
    _content_consumed = False
    next = connection = None
    _response: Any = None  # the http.Response of a plain GET, until more than its body and fields is wanted
    _asked: Any = None

    def __getattr__(self, name: str) -> Any:
        # An attribute that is made late; without an answer as in the original.
        value: Any
        got = self._response
        if name == "raw":
            value = None
            if got is not None:
                from ._wire import Raw

                value = Raw(got, self._asked)
                if self._content_consumed:
                    value.close()
                self._response = None
        elif name == "headers" and got is not None:
            value = Received(got.headers())
        elif name == "encoding":
            from .utils import get_encoding_from_headers

            value = get_encoding_from_headers(self.headers)
        elif name == "url":
            value = self.request and self.request.url
        elif name == "cookies":
            from .cookies import RequestsCookieJar, extract_cookies_to_jar

            value = RequestsCookieJar()
            extract_cookies_to_jar(value, self.request, self.raw)
        elif name == "history":
            value = []
        elif name in ("headers", "reason", "request", "elapsed"):
            # A raw that an adapter of the app has made may have nothing of this.
            raw = self.raw if hasattr(self.raw, "seconds") else None
            if name == "headers":
                value = CaseInsensitiveDict() if raw is None else raw.headers
            elif name == "elapsed":
                value = timedelta(0 if raw is None else raw.seconds())
            elif raw is None:
                value = None
            else:
                value = raw.reason if name == "reason" else raw.request()
        else:
            raise AttributeError(name)
        setattr(self, name, value)
        return value

    def __repr__(self) -> str:
        return "<Response [%s]>" % self.status_code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def __bool__(self) -> bool:
        return self.ok

    def __iter__(self) -> Iterator[Any]:
        return self.iter_content(128)

    @property
    def ok(self) -> bool:
        return not 400 <= self.status_code < 600

    @property
    def is_redirect(self) -> bool:
        return self.status_code in REDIRECT_STATI and "location" in self.headers

    @property
    def is_permanent_redirect(self) -> bool:
        return self.status_code in (301, 308) and "location" in self.headers

    @property
    def apparent_encoding(self) -> str:
        # What the bytes could be in.
        content = self.content
        try:
            str(content, "utf-8")
        except UnicodeError:
            return "ISO-8859-1"
        return "utf-8" if content and max(content) > 127 else "ascii"

    @property
    def content(self) -> Any:
        if self._content is False:
            if self._content_consumed:
                raise RuntimeError("content was read already")
            got = self._response
            raw = None if got is not None else self.raw
            if got is not None:
                self._content = bytes(got.body())
                self._content_consumed = True
                if len(self._content) > 32768:
                    self.raw._shrink()
            elif raw is None:
                self._content = None
            elif hasattr(raw, "whole"):
                self._content = raw.whole()
            else:
                self._content = b"".join(self.iter_content(10240))
        self._content_consumed = True
        return self._content

    @property
    def text(self) -> str:
        content = self.content
        if not content:
            return ""
        from .utils import charset, decode

        name = charset(self.encoding or self.apparent_encoding)
        return decode(content, name or "utf-8")

    def json(self, **kwargs: Any) -> Any:
        if kwargs:
            raise NotImplementedError("json() has no arguments")
        from _http import json

        content = self.content
        data = content
        if content and len(content) > 3 and not self.encoding:
            # RFC 4627 3: JSON begins with two characters of ASCII, or with a BOM.
            if b"\0\0" in content[:4]:
                raise NotImplementedError("utf-32 is not here")
            if 0 in content[:2] or content[0] > 0xFD:
                from .utils import decode

                data = decode(content, "utf-16-be" if content[0] == 0 else "utf-16").encode()
        elif self.encoding and self.encoding.lower() not in ("utf-8", "utf8"):
            data = self.text.encode()
        try:
            return json(data or b"")
        except ValueError as e:
            # "...: byte 3 of 9"
            at = str(e).split(" byte ")[-1].split(" ")[0]
            raise JSONDecodeError("no JSON", self.text, int(at) if at.isdigit() else 0, response=self)

    @property
    def links(self) -> dict[Any, dict[str, str]]:
        found = {}
        header = self.headers.get("link")
        if header:
            from .utils import parse_header_links

            for link in parse_header_links(header):
                found[link.get("rel") or link.get("url")] = link
        return found

    def raise_for_status(self) -> None:
        if 400 <= self.status_code < 600:
            reason = self.reason
            if isinstance(reason, bytes):
                try:
                    reason = str(reason, "utf-8")
                except UnicodeError:
                    reason = "".join(map(chr, reason))
            kind = "Client" if self.status_code < 500 else "Server"
            url = self.url and shown(self.url)
            raise HTTPError(
                "%d %s Error: %s for url: %s" % (self.status_code, kind, reason, url), response=self
            )

    def iter_content(self, chunk_size: int | None = 1, decode_unicode: bool = False) -> Iterator[Any]:
        if self._content_consumed and self._content is False:
            raise StreamConsumedError()
        if chunk_size is not None and not isinstance(chunk_size, int):
            raise TypeError("chunk_size: no int")
        chunks = _parts(self._content, chunk_size) if self._content_consumed else self._read(chunk_size)
        if decode_unicode and self.encoding is not None:
            from .utils import decoded

            return decoded(chunks, self.encoding)
        return chunks

    def _read(self, size: int | None) -> Iterator[bytes]:
        raw = self.raw
        while True:
            chunk = raw.some(size) if hasattr(raw, "some") else raw.read(-1 if size is None else size)
            if not chunk:
                break
            yield chunk
        self._content_consumed = True

    def iter_lines(
        self, chunk_size: int | None = 512, decode_unicode: bool = False, delimiter: Any = None
    ) -> Iterator[Any]:
        pending = None
        for chunk in self.iter_content(chunk_size, decode_unicode):
            if pending is not None:
                chunk = pending + chunk
            lines = chunk.split(delimiter) if delimiter else chunk.splitlines()
            # The last line may go on in the next chunk, unless the chunk ends with its end.
            pending = lines.pop() if lines and lines[-1] and lines[-1][-1] == chunk[-1] else None
            for line in lines:
                yield line
        if pending is not None:
            yield pending

    def close(self) -> None:
        if hasattr(self.raw, "close"):
            self.raw.close()


def _parts(data: bytes, size: int | None) -> Iterator[bytes]:
    if size is None or size <= 0:
        size = max(1, len(data))
    for at in range(0, len(data), size):
        yield data[at : at + size]


class timedelta:
    """The type of Response.elapsed, as far as datetime.timedelta is used for it."""

    def __init__(self, seconds: float) -> None:
        us = round(seconds * 1000000)
        self.days = us // 1000000 // 86400
        self.seconds = us // 1000000 % 86400
        self.microseconds = us % 1000000

    def total_seconds(self) -> float:
        return self.days * 86400 + self.seconds + self.microseconds / 1000000
