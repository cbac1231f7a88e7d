# SPDX-License-Identifier: MIT
"""The helpers that the documents of requests name, and those that code for it uses most."""

import os

from ._url import host_and_port, quote, requote, shown, split, unquote, unsplit  # noqa: F401
from .cookies import cookiejar_from_dict
from .exceptions import InvalidHeader, UnrewindableBodyError
from .structures import CaseInsensitiveDict, to_key_val_list  # noqa: F401

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Iterator
    from typing import Any
    from .cookies import RequestsCookieJar
    from .models import PreparedRequest

DEFAULT_CA_BUNDLE_PATH = os.getenv("SSL_CERT_FILE") or "/etc/ssl/certs/ca-certificates.crt"

requote_uri = requote


def default_user_agent(name: str = "python-requests") -> str:
    return name + "/2.32.5"


def default_headers() -> CaseInsensitiveDict:
    headers = CaseInsensitiveDict()
    headers["User-Agent"] = default_user_agent()
    headers["Accept-Encoding"] = "gzip, deflate"
    headers["Accept"] = "*/*"
    headers["Connection"] = "keep-alive"
    return headers


def super_len(o: Any) -> int:
    """Return how many bytes of o are left to send; 0 if nobody knows."""
    if isinstance(o, str):
        return len(o.encode())
    try:
        return len(o)
    except TypeError:
        pass
    total: int | None
    at: int
    if hasattr(o, "len"):
        total = o.len
    elif not hasattr(o, "tell") or not hasattr(o, "seek"):
        return 0
    else:
        total = None
    try:
        at = o.tell()
        if total is None:
            total = o.seek(0, 2)
            if total is None:
                total = o.tell()
            o.seek(at)
    except (OSError, AttributeError):
        at = 0
    return max(0, (total or 0) - at)


def dict_from_cookiejar(cj: Any) -> dict[str, Any]:
    return {cookie.name: cookie.value for cookie in cj}


def add_dict_to_cookiejar(cj: Any, cookie_dict: dict[str, Any] | None) -> RequestsCookieJar:
    return cookiejar_from_dict(cookie_dict, cj)


def _pairs(header: str) -> tuple[str, dict[str, str | Any]]:
    # Returns (value, parameters) of a field such as Content-Type.
    value, *tokens = header.split(";")
    parameters: dict[str, str | Any] = {}
    for token in tokens:
        token = token.strip()
        if token:
            key, equals, text = token.partition("=")
            parameters[key.strip("\"' ").lower()] = text.strip("\"' ") if equals else True
    return value.strip(), parameters


def get_encoding_from_headers(headers: Any) -> str | None:
    """Return the charset that Content-Type names or implies, or None."""
    content_type = headers.get("content-type")
    if not content_type:
        return None
    kind, parameters = _pairs(content_type)
    if "charset" in parameters:
        return parameters["charset"].strip("'\"")
    if "text" in kind:
        return "ISO-8859-1"
    return "utf-8" if "application/json" in kind else None


def get_encodings_from_content(content: str) -> list[str]:
    """Return the charsets that a text of HTML or XML names."""
    # Without `re`: MicroPython's needs the C stack for each character that .*? skips.
    lower = content.lower()
    found = list(_charsets(content, lower, "<meta", "charset="))
    for at in _place(lower, "<meta", "content="):
        rest = content[at:].lstrip("\"'")
        rest = rest[1:] if rest[:1] == ";" else rest
        if rest[:8].lower() == "charset=":
            found += _name(rest, 8)
    if content.startswith("<?xml"):
        found += list(_charsets(content, content, "<?xml", "encoding="))[:1]
    return found


def _place(text: str, tag: str, key: str) -> Iterator[int]:
    # Yields where key ends behind each tag, in the same line.
    at = text.find(tag)
    while at >= 0:
        end = text.find("\n", at)
        key_at = text.find(key, at, len(text) if end < 0 else end)
        if key_at >= 0:
            at = key_at + len(key)
            yield at
        else:
            at += len(tag)
        at = text.find(tag, at)


def _charsets(content: str, text: str, tag: str, key: str) -> Iterator[str]:
    for at in _place(text, tag, key):
        yield from _name(content, at)


def _name(text: str, at: int) -> list[str]:
    while text[at : at + 1] in ("'", '"'):
        at += 1
    end = at
    while end < len(text) and text[end] not in "\"'>":
        end += 1
    return [text[at:end]] if at < end < len(text) else []


def get_unicode_from_response(r: Any) -> Any:
    """Return the body as str: in the charset of Content-Type; without one as bytes."""
    encoding = get_encoding_from_headers(r.headers)
    return r.content if encoding is None else decode(r.content, charset(encoding) or "utf-8")


def parse_header_links(value: str) -> list[dict[str, str]]:
    """Return the links of a field Link as a list of dicts."""
    links: list[dict[str, str]] = []
    value = value.strip(" '\"")
    if not value:
        return links
    for part in _parts(value):
        url, _, parameters = part.partition(";")
        link = {"url": url.strip("<> '\"")}
        for parameter in parameters.split(";"):
            if parameter.count("=") != 1:
                break
            key, _, text = parameter.partition("=")
            link[key.strip(" '\"")] = text.strip(" '\"")
        links.append(link)
    return links


def _parts(value: str) -> list[str]:
    # At each comma, blanks and <: a URL may hold commas.
    parts: list[str] = []
    for part in value.split("<"):
        if parts and not parts[-1].rstrip(" ").endswith(","):
            parts[-1] += "<" + part
        else:
            if parts:
                parts[-1] = parts[-1].rstrip(" ")[:-1]
            parts.append(part)
    return parts if parts[0] else parts[1:]


def check_header_validity(header: tuple[Any, Any]) -> None:
    """Raise InvalidHeader for a name or a value that would be more than one field."""
    name, _ = header
    for text in header:
        if isinstance(text, bytes):
            try:
                text = str(text, "utf-8")
            except UnicodeError:
                raise InvalidHeader("headers: no UTF-8")
        elif not isinstance(text, str):
            raise InvalidHeader("headers: no str or bytes")
        if "\r" in text or "\n" in text or text[:1].isspace() or (text is name and (not text or ":" in text)):
            raise InvalidHeader("headers: not one field")


def get_auth_from_url(url: str) -> tuple[str, str]:
    """Return (user, password) of a URL, ("", "") without both."""
    auth = split(url)[1].rpartition("@")[0]
    user, colon, password = auth.partition(":")
    return (unquote(user), unquote(password)) if colon else ("", "")


def urldefragauth(url: str) -> str:
    scheme, netloc, path, query, _ = split(url)
    return unsplit(scheme, netloc.rpartition("@")[2], path, query, "")


def select_proxy(url: str, proxies: dict[str, str] | None) -> str | None:
    """Return the proxy for a URL: of scheme://host, of the scheme, of all://host, or of all."""
    scheme, netloc, _, _, _ = split(url)
    host = host_and_port(netloc)[1]
    keys = (scheme + "://" + host, scheme, "all://" + host, "all") if host else (scheme, "all")
    for key in keys:
        if proxies and key in proxies:
            return proxies[key]
    return None


def rewind_body(prepared_request: PreparedRequest) -> None:
    """Move a body that is a file back to where it began."""
    seek = getattr(prepared_request.body, "seek", None)
    if seek is None or not isinstance(prepared_request._body_position, int):
        raise UnrewindableBodyError("body cannot be rewound")
    try:
        seek(prepared_request._body_position)
    except OSError:
        raise UnrewindableBodyError("body cannot be rewound")


# Charsets: bytes to str with U+FFFD for what is wrong, as a whole and piece by piece


def charset(name: str) -> str | None:
    """Return utf-8, latin-1, ascii or utf-16..., or None for a name that looks like none.

    LookupError for a charset that MicroPython does not have.
    """
    name = name.lower().replace("_", "-")
    if name in ("utf8", "utf-8-sig"):
        return "utf-8"
    if name in ("latin1", "iso-8859-1", "iso8859-1"):
        return "latin-1"
    if name == "us-ascii":
        return "ascii"
    if name in ("utf-8", "latin-1", "ascii", "utf-16", "utf-16-le", "utf-16-be"):
        return name
    if "-" in name or any(char.isdigit() for char in name):
        raise LookupError("there is no charset %s" % name)
    return None


def decode(data: bytes | bytearray, name: str) -> str:
    """Return str; name is what charset() gives."""
    if name == "utf-8":
        try:
            return str(data, "utf-8")
        except UnicodeError:
            return _replaced(data)
    if name == "latin-1":
        return "".join(map(chr, data))
    if name == "ascii":
        return "".join([chr(b) if b < 128 else "\ufffd" for b in data])
    return _utf16(data, name)


def _utf16(data: bytes | bytearray, name: str) -> str:
    big = name == "utf-16-be"
    if name == "utf-16":
        big = data[:2] == b"\xfe\xff"
        if data[:2] in (b"\xfe\xff", b"\xff\xfe"):
            data = data[2:]
    out: list[str] = []
    high = 0
    for i in range(0, len(data) - 1, 2):
        unit = data[i] << 8 | data[i + 1] if big else data[i + 1] << 8 | data[i]
        if 0xDC00 <= unit < 0xE000 and high:
            out[-1] = chr(0x10000 + ((high & 0x3FF) << 10 | unit & 0x3FF))
            high = 0
            continue
        high = unit if 0xD800 <= unit < 0xDC00 else 0
        out.append("\ufffd" if 0xD800 <= unit < 0xE000 else chr(unit))
    if len(data) % 2:
        out.append("\ufffd")
    return "".join(out)


def _count(data: bytes | bytearray, at: int) -> tuple[int, bool | None]:
    # Returns (bytes, whether they are a character; None if the data ends in it) (Unicode 3.9, table 3-7).
    first = data[at]
    if first < 0x80:
        return 1, True
    count = 2 if 0xC2 <= first < 0xE0 else 3 if 0xE0 <= first < 0xF0 else 4 if 0xF0 <= first < 0xF5 else 0
    if not count:
        return 1, False
    low = 0xA0 if first == 0xE0 else 0x90 if first == 0xF0 else 0x80
    high = 0x9F if first == 0xED else 0x8F if first == 0xF4 else 0xBF
    for n in range(1, count):
        if at + n >= len(data):
            return n, None
        if not low <= data[at + n] <= high:
            return n, False
        low, high = 0x80, 0xBF
    return count, True


def _replaced(data: bytes | bytearray) -> str:
    out = bytearray()
    i = 0
    while i < len(data):
        count, good = _count(data, i)
        out.extend(data[i : i + count] if good else b"\xef\xbf\xbd")
        i += count
    return str(out, "utf-8")


def decoded(data: Iterator[bytes], encoding: str) -> Iterator[str]:
    """Yield str for each chunk of bytes; a character may lie in two of them."""
    name = charset(encoding)
    if name is None:
        raise LookupError("there is no charset %s" % encoding)
    rest = b""
    for chunk in data:
        rest += chunk
        whole = len(rest)
        if name == "utf-8":
            # At most three bytes at the end begin a character.
            for i in range(max(0, whole - 3), whole):
                if rest[i] >= 0xC0:
                    _, good = _count(rest, i)
                    if good is None:
                        whole = i
                        break
        elif name.startswith("utf-16"):
            if name == "utf-16" and len(rest) >= 2:
                name = "utf-16-be" if rest[:2] == b"\xfe\xff" else "utf-16-le"
                rest = rest[2:] if rest[:2] in (b"\xfe\xff", b"\xff\xfe") else rest
            whole = len(rest) & ~1
            byte = whole - (2 if name == "utf-16-be" else 1)
            if whole and 0xD8 <= rest[byte] < 0xDC:
                whole -= 2
        if whole:
            yield decode(rest[:whole], name)
        rest = rest[whole:]
    if rest:
        yield decode(rest, name)
