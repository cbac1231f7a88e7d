# SPDX-License-Identifier: MIT
"""Checks the arguments of a request and converts them for the C half.

A wrong argument raises here, before the request starts. Messages name the argument and never quote a value:
a traceback may be shown in public.
"""

import os
import sys

from micropython import const

import _http
from _http import kind as _kind

from ._cookies import Cookies
from ._body import content_of, descriptor, has_bytes, iterator_of, one_line, pairs, refuse_made, with_query

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Iterator
    from typing import Any

    Prepared = tuple[str, str, Any, list[str], list[Any]]

# Results of _kind(): HTTP_KIND_* in http/binding/binding.h
_NO_TEXT = const(-1)
_NO_LINE = const(0)
_TOKEN = const(2)

# Milliseconds, the largest timeout of the C half. A longer one has no practical end.
_FOREVER_MS = const(0x7FFFFFFF)

# Indices of a request's settings: HTTP_SETTING_* in http/binding/binding.h.
_TIMEOUT_MS = const(0)
_CONNECT_MS = const(1)
_STALL_MS = const(2)
_REDIRECTS = const(3)
_PROXY_FIELDS = const(4)
_INSECURE = const(5)
_COMPRESSED = const(6)
_OMIT_LENGTH = const(7)
_DIGEST = const(8)
_ON_HEAD = const(9)
_STREAM = const(10)
ON_UPLOAD = const(11)
BODY_LENGTH = const(12)
ON_DATA = const(13)
ON_PROGRESS = const(14)
_CACERT = const(15)
_USER = const(16)
_PASSWORD = const(17)
_CERT = const(18)
_KEY = const(19)
_PROXY = const(20)
_FILE = const(21)
_JAR = const(22)
_MAX_SIZE = const(23)

_MOST_BYTES = const(0xFFFFFFFFFFFFFFF)

_NO_ITERATORS = (type(None), str, bytes, bytearray, memoryview, list, tuple)

# The settings of a request without options.
DEFAULTS: tuple[Any, ...] = (
    (40000, 0, 0, 10, 0, False, False, False, False, None, False, None, None, None, None)
    + (None, None, None, None, None)
    + ((None if _http.PROXY_FROM_ENVIRONMENT else ""),)
    + (None, None, None)
)


def prepare(method: str, url: Any, headers: Any, data: Any, options: dict[str, Any]) -> Prepared:
    """Return (method, url, data, fields, settings) for the C half.

    options is a dict that belongs to this call, without the callbacks. No object of the app is changed.
    """
    if options:
        take = options.pop
        params = take("params", None)
        if params is not None:
            url = with_query(url, params)
        data = content_of(data, take("json", None), take("form", None), take("files", None), headers)
    elif data is not None:
        refuse_made(data)
    if data is not None and method == "HEAD":
        raise ValueError("data: HEAD has no content")
    settings: list[Any] = [None] * len(DEFAULTS)
    settings[:] = DEFAULTS  # list(DEFAULTS) would allocate several times
    if not isinstance(data, _NO_ITERATORS):
        iterator = iterator_of(data)
        if iterator is not None:
            data = iterator
            settings[BODY_LENGTH] = "-1"
        elif not has_bytes(data):
            data = [descriptor(data)]
    fields = [] if headers is None else _fields(headers, "headers", data, settings)
    for name, value in options.items():
        setter = _SETTERS.get(name)
        if setter is None:
            raise TypeError("unknown option '%s'" % name)
        setter(settings, value)
    proxy_fields = settings[_PROXY_FIELDS]
    if proxy_fields:
        fields.extend(proxy_fields)
        settings[_PROXY_FIELDS] = len(proxy_fields)
    return method, url, data, fields, settings


def milliseconds(seconds: object, kind: str, name: str = "timeout") -> int | None:
    """Return seconds (int or float) as ms, rounded up; None if the C half cannot wait so long."""
    if not isinstance(seconds, (int, float)):
        raise TypeError("%s must be %s" % (name, kind))
    if not seconds >= 0:
        raise ValueError(name + " must not be negative or NaN")
    ms = seconds * 1000
    if ms >= _FOREVER_MS:
        return None
    whole = int(ms)
    return whole if whole == ms else whole + 1


# Checks of any value


def _bool(value: object, name: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(name + " must be a bool")
    return value


def _count(value: object, name: str) -> int:
    if not isinstance(value, int):
        raise TypeError(name + " must be an int")
    if value < 0:
        raise ValueError(name + " must not be negative")
    return value


def _bytes(value: Any, name: str) -> Any:
    if not has_bytes(value):
        raise TypeError(name + " must be str or bytes-like")
    return value


# Checks of the options


def _timeout(settings: list[Any], value: object) -> None:
    settings[_TIMEOUT_MS] = milliseconds(value, "int or float") or 0


def _connect_timeout(settings: list[Any], value: object) -> None:
    settings[_CONNECT_MS] = _limit(value, "connect_timeout")


def _stall_timeout(settings: list[Any], value: object) -> None:
    settings[_STALL_MS] = _limit(value, "stall_timeout")


def _limit(value: object, name: str) -> int:
    return 0 if value is None else milliseconds(value, "int, float or None", name) or 0


def _allow_redirects(settings: list[Any], value: object) -> None:
    if not _bool(value, "allow_redirects"):
        settings[_REDIRECTS] = -1


def _max_redirects(settings: list[Any], value: object) -> None:
    most = min(0x7FFF, _count(value, "max_redirects"))
    if settings[_REDIRECTS] >= 0:
        settings[_REDIRECTS] = most


def _max_size(settings: list[Any], value: object) -> None:
    settings[_MAX_SIZE] = str(min(_MOST_BYTES, _count(value, "max_size")))


def _verify(settings: list[Any], value: object) -> None:
    global _warned
    if not _bool(value, "verify"):
        if _http.VERIFY_ALWAYS:
            raise ValueError("verify=False is forbidden on this board")
        if not _warned:
            _warned = True
            sys.stderr.write("http: verify=False: anybody may answer; the dock refuses it\n")
        settings[_INSECURE] = True


_warned = False


def _compressed(settings: list[Any], value: object) -> None:
    settings[_COMPRESSED] = _bool(value, "compressed")


def _stream(settings: list[Any], value: object) -> None:
    settings[_STREAM] = _bool(value, "stream")


def _on_head(settings: list[Any], value: object) -> None:
    settings[_ON_HEAD] = value


def _auth(settings: list[Any], value: object) -> None:
    if value is None:
        return
    if not isinstance(value, tuple) or len(value) not in (2, 3):
        raise TypeError('auth must be (user, password) or ("digest", user, password)')
    digest = len(value) == 3
    if digest and value[0] != "digest":
        raise ValueError('auth: the scheme must be "digest"')
    user = one_line(value[-2], "auth: the user")
    password = one_line(value[-1], "auth: the password")
    if not digest and ":" in user:
        raise ValueError("auth: a user of Basic holds no colon")  # RFC 7617 2
    settings[_DIGEST] = digest
    settings[_USER] = user
    settings[_PASSWORD] = password


def _cacert(settings: list[Any], value: object) -> None:
    if value is not None:
        settings[_CACERT] = _bytes(value, "cacert")


def _cert(settings: list[Any], value: object) -> None:
    if value is None:
        return
    if not isinstance(value, tuple) or len(value) != 2:
        raise TypeError("cert must be (certificate, key)")
    key = _as_bytes(_bytes(value[1], "cert: the key"))
    settings[_CERT] = _as_bytes(_bytes(value[0], "cert: the certificate")) + b"\n" + key
    settings[_KEY] = key


def _proxy(settings: list[Any], value: Any) -> None:
    if value is None:
        return
    one_line(value, "proxy")
    if value and not value.startswith("http://") and not value.startswith("https://"):
        raise ValueError("proxy must be an http:// or https:// URL")
    if "%0" in value or "%1" in value:
        raise ValueError("proxy contains an encoded control character")
    settings[_PROXY] = value


def _proxy_headers(settings: list[Any], value: object) -> None:
    if value is not None:
        settings[_PROXY_FIELDS] = _fields(value, "proxy_headers", None, None) or 0


def _file(settings: list[Any], value: Any) -> None:
    if value is not None:
        if not one_line(value, "file"):
            raise ValueError("file must not be empty")
        try:
            kind = os.stat(value)[0] & 0xF000
        except OSError:
            kind = 0
        if kind not in (0, 0x4000, 0x8000):  # none, a folder (status 23), a file
            raise ValueError("file must not be a device")  # for the body would replace it
        settings[_FILE] = value


def _on_upload_progress(settings: list[Any], value: object) -> None:
    if value is not None and not callable(value):
        raise TypeError("on_upload_progress must be callable or None")
    settings[ON_UPLOAD] = value


def _cookies(settings: list[Any], value: object) -> None:
    if value is not None:
        if not isinstance(value, Cookies):
            raise TypeError("cookies must be http.Cookies or None")
        value._limit()
        settings[_JAR] = value._jar


_SETTERS = {
    "timeout": _timeout,
    "connect_timeout": _connect_timeout,
    "stall_timeout": _stall_timeout,
    "allow_redirects": _allow_redirects,
    "max_redirects": _max_redirects,
    "max_size": _max_size,
    "verify": _verify,
    "compressed": _compressed,
    "stream": _stream,
    "on_head": _on_head,
    "auth": _auth,
    "cacert": _cacert,
    "cert": _cert,
    "proxy": _proxy,
    "proxy_headers": _proxy_headers,
    "file": _file,
    "on_upload_progress": _on_upload_progress,
    "cookies": _cookies,
}


# Header fields


def _fields(headers: Any, what: str, data: Any, settings: list[Any] | None) -> list[str]:
    # Returns a list of lines as in http/engine.h. settings is None for a proxy's fields.
    lines: list[str] = []
    lengths = 0  # of the names, one bit each: names of different lengths are different
    places: dict[str, int] = {}  # of the lines by their names in lower case, once two have the same length
    is_dict = isinstance(headers, dict)
    for name, value in headers.items() if is_dict else pairs(headers, what):
        kind = _kind(name)
        if kind != _TOKEN:
            if kind == _NO_TEXT:
                raise TypeError(what + ": names must be str")
            raise ValueError(what + ": a name is no HTTP token")
        if value is not None:
            kind = _kind(value)
            if kind == _NO_TEXT:
                raise TypeError("%s: value of %s must be str or None" % (what, name))
            if kind == _NO_LINE:
                raise ValueError("%s: value of %s contains CR, LF or NUL" % (what, name))
        if len(name) in _LENGTHS and _is_ours(name, value, data, settings):
            continue
        if value is None:
            line = name + ":"
        elif not value or value.isspace():
            line = name + ";"
        else:
            line = "%s: %s" % (name, value)
        if is_dict:
            # Names that differ only in case are one field. The later value is used.
            length = 1 << len(name)
            if not places and lengths & length:
                places = {other.partition(":")[0].rstrip(";").lower(): at for at, other in enumerate(lines)}
            lengths |= length
            if places:
                at = places.setdefault(name.lower(), len(lines))
                if at < len(lines):
                    lines[at] = line
                    continue
        lines.append(line)
    return lines


# Only names of these lengths are compared in lower case: lower() is slower than all other steps here.
_LENGTHS = (len("content-length"), len("transfer-encoding"))


def _is_ours(name: str, value: str | None, data: Any, settings: list[Any] | None) -> bool:
    name = name.lower()
    if settings is None:
        if name in ("content-length", "transfer-encoding"):
            raise ValueError("proxy_headers: %s is not for a proxy" % name)
        return False
    if name == "content-length":
        if settings[BODY_LENGTH] is not None:
            settings[BODY_LENGTH] = _iterator_length(value)
            return True
        _check_length(value, data)
        settings[_OMIT_LENGTH] = value is None
        return True
    if name == "transfer-encoding" and value is not None:
        raise ValueError("headers: Transfer-Encoding is not for apps to set")
    return False


def _check_length(value: str | None, data: Any) -> None:
    # The module sets Content-Length. The app may repeat it, or leave it out if there is no data. With
    # another value the server would read a part of the body as the next request.
    if isinstance(data, tuple):
        data = data[1]
    length = 0
    if data is not None:
        length = len(_as_bytes(data)) if has_bytes(data) else -1
    if value is None:
        if length:
            raise ValueError("headers: Content-Length cannot be left out with data")
    elif value != str(length):
        raise ValueError("headers: Content-Length contradicts data")


def _iterator_length(value: str | None) -> str:
    # None: chunked transfer coding, as without the field.
    if value is None:
        return "-1"
    if not value.isdigit() or len(value) > 18:
        raise ValueError("headers: Content-Length must be a number")
    return value


def _as_bytes(data: Any) -> bytes:
    return data.encode() if isinstance(data, str) else bytes(data)
