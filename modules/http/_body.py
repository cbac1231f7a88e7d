# SPDX-License-Identifier: MIT
"""The body of a request: what the app gives as data, json, form and files. And the query, which is a form."""

import os
import re

from micropython import const

import _http
from _http import kind as _kind

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Iterator
    from typing import Any, NoReturn

# Results of _kind(): HTTP_KIND_* in http/binding/binding.h
_NO_TEXT = const(-1)
_NO_LINE = const(0)

_RESERVED = re.compile("[^A-Za-z0-9._~-]")  # RFC 3986 2.3


def one_line(value: Any, name: str) -> Any:
    kind = _kind(value)
    if kind == _NO_TEXT:
        raise TypeError(name + " must be a str")
    if kind == _NO_LINE:
        raise ValueError(name + " contains CR, LF or NUL")
    return value


def has_bytes(value: Any) -> bool:
    try:
        memoryview(value)
    except TypeError:
        return isinstance(value, str)
    return True


def pairs(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        value = value.items()
    elif not isinstance(value, (list, tuple)):
        raise TypeError("%s must be a dict or a list of pairs" % name)
    for pair in value:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise TypeError("%s must be a dict or a list of pairs" % name)
        yield pair


def flat_pairs(value: Any, name: str) -> Iterator[tuple[Any, Any]]:
    # As in requests: None is left out, a list becomes several pairs.
    for key, items in pairs(value, name):
        for item in items if isinstance(items, (list, tuple)) else (items,):
            if item is not None:
                yield key, item


def utf8(value: object, name: str) -> bytes:
    text = str(value)
    encoded = text.encode()
    if len(encoded) != len(text):
        try:
            _http.text(encoded)
        except UnicodeError:
            raise ValueError(name + ": a str holds half of a surrogate pair")
    return encoded


def _quote(value: object, name: str) -> str:
    # application/x-www-form-urlencoded
    if not isinstance(value, (bytes, bytearray, memoryview)):
        value = utf8(value, name)
    return str(_RESERVED.sub(_percent, bytes(value)), "utf-8")


def _percent(match: Any) -> bytes:
    byte = match.group(0)[0]
    return b"+" if byte == 32 else b"%%%02X" % byte


def urlencode(value: Any, name: str) -> str:
    return "&".join(_quote(key, name) + "=" + _quote(item, name) for key, item in flat_pairs(value, name))


def with_query(url: object, params: Any) -> str:
    if not isinstance(url, str):
        raise TypeError("url must be a str")
    query = urlencode(params, "params")
    if not query:
        return url
    url, mark, fragment = url.partition("#")
    separator = "" if url[-1:] in ("?", "&") else "&" if "?" in url else "?"
    return url + separator + query + mark + fragment


# multipart/form-data (RFC 7578): a header line, and parts as the C half takes them. A str is a path.


def multipart(form: Any, files: Any) -> tuple[str, list[Any]] | None:
    boundary = "-" * 24 + os.urandom(11).hex()
    parts: list[Any] = []

    def add(name: str, filename: str | None, content_type: str | None, content: Any) -> None:
        head = '%s--%s\r\nContent-Disposition: form-data; name="%s"' % (
            "\r\n" if parts else "",
            boundary,
            name.replace('"', "%22"),
        )
        if filename is not None:
            head += '; filename="%s"' % filename.replace('"', "%22")
            if content_type is None:
                _, dot, end = filename.rpartition(".")
                content_type = _TYPES.get(dot + end.lower())
        if content_type is not None:
            head += "\r\nContent-Type: " + content_type
        parts.extend(((head + "\r\n\r\n").encode(), content))

    for key, item in flat_pairs(() if form is None else form, "form"):
        content = item if isinstance(item, (bytes, bytearray, memoryview)) else utf8(item, "form")
        add(one_line(str(utf8(key, "form"), "utf-8"), "files: a name"), None, None, content)
    for name, file in pairs(files, "files"):
        if not isinstance(name, str):
            raise TypeError("files: a name must be a str")
        add(one_line(name, "files: a name"), *_file_part(name, file))
    if not parts:
        return None
    parts.append(("\r\n--%s--\r\n" % boundary).encode())
    return "Content-Type: multipart/form-data; boundary=" + boundary, parts


# The types of files if the app gives none: those of the curl command.
_TYPES = {
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".htm": "text/html",
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".xml": "application/xml",
}


def _file_part(name: str, file: Any) -> tuple[str | None, str | None, Any]:
    # Returns (filename, content type, content).
    filename = content_type = None
    if isinstance(file, (bytes, bytearray, memoryview)):
        filename = name
    elif isinstance(file, tuple):
        if len(file) not in (2, 3):
            raise TypeError("files: a tuple must be (file name, content[, content type])")
        filename, file, content_type = file if len(file) == 3 else file + (None,)
        if not all(isinstance(text, (str, type(None))) for text in (filename, content_type)):
            raise TypeError("files: file name and content type must be str or None")
        if filename is not None:
            one_line(filename, "files: a file name")
        if content_type is not None:
            one_line(content_type, "files: a content type")
    if isinstance(file, str):
        one_line(file, "files: a path")
        if filename is None:
            filename = file.rpartition("/")[2]
    elif not isinstance(file, (bytes, bytearray, memoryview)):
        raise TypeError("files: a content must be bytes-like, or the path of a file")
    return filename, content_type, file


def _refuse_content_type(headers: Any) -> None:
    for name, _ in pairs(headers or (), "headers"):
        if isinstance(name, str) and name.lower() == "content-type":
            raise ValueError("headers: Content-Type is set by files, which needs its boundary")


def content_of(data: Any, json: Any, form: Any, files: Any, headers: Any) -> Any:
    # Returns the data of the app, or (header line, content or list of parts).
    if json is None and form is None and files is None:
        if data is not None:
            refuse_made(data)
        return data
    if data is not None or (json is not None and not (form is None and files is None)):
        raise TypeError("data, json and form/files are bodies: give only one of them")
    if json is not None:
        return "Content-Type: application/json", _http.dumps(json)
    if files is None:
        return "Content-Type: application/x-www-form-urlencoded", urlencode(form, "form")
    _refuse_content_type(headers)
    return multipart(form, files)


def iterator_of(data: Any) -> Any:
    # None for what the C half takes, or refuses.
    if isinstance(data, dict) or hasattr(data, "read") or has_bytes(data):
        return None
    if hasattr(data, "__next__"):
        return data
    try:
        return iter(data)
    except TypeError:
        return None


def refuse_made(data: object) -> None:
    # For the C half a list or a tuple is a body that this package has made.
    if isinstance(data, (list, tuple)):
        _refuse()


def _refuse() -> NoReturn:
    raise TypeError("data must be str, bytes-like, an open file or an iterator")


def descriptor(file: Any) -> Any:
    # The C half reads the file by its descriptor. Only objects of classes in Python have a __dict__.
    if not hasattr(file, "fileno") or hasattr(file, "__dict__"):
        _refuse()
    return file.fileno()
