# SPDX-License-Identifier: MIT
"""What an app says about a request, checked, and made into what the C half takes.

What is wrong is said here, before anything starts. Messages name the argument and never quote a value:
tracebacks are shown in public.
"""

import json as _json
import re
import sys

import _http

from ._cookies import Cookies

_TOKEN = 2  # of _http.kind()
_RESERVED = re.compile("[^A-Za-z0-9._~-]")  # RFC 3986 2.3

# Nobody sees the end of a longer one: milliseconds, as the C half counts them.
_FOREVER_MS = 0x7FFFFFFF


def prepare(method, url, headers, data, options):
    """Return (method, url, data, fields, settings) as the C half takes them.

    options is a dict of this call's own, without the callbacks; nothing else of the app's is changed.
    """
    if not isinstance(method, str):
        raise TypeError("method must be a str")
    if _http.kind(method) != _TOKEN:
        raise ValueError("method is no HTTP token")
    take = options.pop
    params = take("params", None)
    if params is not None:
        url = _with_query(url, params)
    data = _data(data, take("json", None), take("form", None), take("files", None), headers)
    if method == "HEAD" and data is not None:
        raise ValueError("data: HEAD has no content")
    fields, omit_length = _fields(headers, data)
    return method, url, data, fields, settings(options, omit_length)


def settings(options, omit_length=False):
    """Return the rest of options as the C half takes it; TypeError for those that do not exist."""
    take = options.pop
    follow = _bool(take("allow_redirects", True), "allow_redirects")
    redirects = min(_count(take("max_redirects", 10), "max_redirects"), 0x7FFF)
    cert, key = _pair(take("cert", None))
    digest, user, password = _account(take("auth", None))
    made = (
        _timeout(take("timeout", 40)),
        redirects if follow else -1,
        _count(take("max_size", 16 << 20), "max_size"),
        not _verify(take("verify", True)),
        _bool(take("compressed", False), "compressed"),
        omit_length,
        digest,
        user,
        password,
        _bytes(take("cacert", None), "cacert"),
        cert,
        key,
        _proxy(take("proxy", None)),
        _file(take("file", None)),
        _jar(take("cookies", None)),
    )
    for name in options:
        raise TypeError("unknown option '%s'" % name)
    return made


def milliseconds(seconds, kind):
    """Return seconds, an int or float, as ms, rounded up; None is more than anybody waits for."""
    if not isinstance(seconds, (int, float)):
        raise TypeError("timeout must be " + kind)
    if not seconds >= 0:
        raise ValueError("timeout must not be negative or NaN")
    ms = seconds * 1000
    if ms >= _FOREVER_MS:
        return None
    whole = int(ms)
    return whole if whole == ms else whole + 1


def _timeout(seconds):
    return milliseconds(seconds, "int or float") or 0


def _bool(value, name):
    if not isinstance(value, bool):
        raise TypeError(name + " must be a bool")
    return value


def _count(value, name):
    if not isinstance(value, int):
        raise TypeError(name + " must be an int")
    if value < 0:
        raise ValueError(name + " must not be negative")
    return value


def _text(value, name):
    if not isinstance(value, str):
        raise TypeError(name + " must be a str")
    if not _http.kind(value):
        raise ValueError(name + " contains CR, LF or NUL")
    return value


def _bytes(value, name):
    if value is not None and not _has_bytes(value):
        raise TypeError(name + " must be str or bytes-like")
    return value


def _has_bytes(value):
    try:
        memoryview(value)
    except TypeError:
        return isinstance(value, str)
    return True


def _verify(value):
    global _warned
    if not _bool(value, "verify"):
        if _http.VERIFY_ALWAYS:
            raise ValueError("verify=False is forbidden on this board")
        if not _warned:
            _warned = True
            sys.stderr.write("http: verify=False: anybody may answer; the dock refuses it\n")
    return value


_warned = False


def _pair(cert):
    if cert is None:
        return None, None
    if not isinstance(cert, tuple) or len(cert) != 2:
        raise TypeError("cert must be (certificate, key)")
    for value, name in zip(cert, ("the certificate", "the key")):
        if value is None or not _has_bytes(value):
            raise TypeError("cert: %s must be str or bytes-like" % name)
    return cert


def _account(auth):
    if auth is None:
        return False, None, None
    if not isinstance(auth, tuple) or len(auth) not in (2, 3):
        raise TypeError('auth must be (user, password) or ("digest", user, password)')
    digest = len(auth) == 3
    if digest and auth[0] != "digest":
        raise ValueError('auth: the scheme must be "digest"')
    user = _text(auth[-2], "auth: the user")
    password = _text(auth[-1], "auth: the password")
    if not digest and ":" in user:
        raise ValueError("auth: a user of Basic holds no colon")  # RFC 7617 2
    return digest, user, password


def _proxy(proxy):
    if proxy is None:
        return None if _http.PROXY_FROM_ENVIRONMENT else ""
    _text(proxy, "proxy")
    if proxy and not proxy.startswith("http://") and not proxy.startswith("https://"):
        raise ValueError("proxy must be an http:// or https:// URL")
    return proxy


def _file(path):
    if path is not None and not _text(path, "file"):
        raise ValueError("file must not be empty")
    return path


def _jar(cookies):
    if cookies is None:
        return None
    if not isinstance(cookies, Cookies):
        raise TypeError("cookies must be http.Cookies or None")
    cookies._limit()
    return cookies._jar


# Header fields


def _fields(headers, data):
    # A list of lines as http/engine.h describes them, and whether Content-Length is to be left out.
    fields = []
    omit_length = False
    if headers is None:
        return fields, omit_length
    if not isinstance(headers, dict):
        raise TypeError("headers must be a dict")
    for name, value in headers.items():
        if not isinstance(name, str):
            raise TypeError("headers: names must be str")
        if _http.kind(name) != _TOKEN:
            raise ValueError("headers: a name is no HTTP token")
        if value is not None:
            if not isinstance(value, str):
                raise TypeError("headers: value of %s must be str or None" % name)
            _text(value, "headers: value of " + name)
        kind = name.lower()
        if kind == "transfer-encoding" and value is not None:
            raise ValueError("headers: Transfer-Encoding is not for apps to set")
        if kind == "content-length":
            omit_length = _check_length(value, data)
        else:
            fields.append(_line(name, value))
    return fields, omit_length


def _line(name, value):
    if value is None:
        return name + ":"
    return name + ": " + value if value.strip(" \t") else name + ";"


def _check_length(value, data):
    # The module sets Content-Length by itself; the app may repeat it, or leave it out when there is no data.
    # Anything else would make the server take a part of the body for the next request.
    if isinstance(data, tuple):
        data = data[1]
    length = 0
    if data is not None:
        length = len(_as_bytes(data)) if _has_bytes(data) else -1
    if value is None:
        if length:
            raise ValueError("headers: Content-Length cannot be left out with data")
        return True
    if value != str(length):
        raise ValueError("headers: Content-Length contradicts data")
    return False


def _as_bytes(data):
    return data.encode() if isinstance(data, str) else bytes(data)


def _refuse_content_type(headers):
    for name in headers if isinstance(headers, dict) else ():
        if isinstance(name, str) and name.lower() == "content-type":
            raise ValueError("headers: Content-Type is set by files, which needs its boundary")


# Bodies


def _data(data, json, form, files, headers):
    # What the app gave, or (header line, content), or a list of parts.
    if json is None and form is None and files is None:
        if isinstance(data, (list, tuple)):
            raise TypeError("data must be str, bytes-like or an open file")
        return data
    if data is not None or (json is not None and not (form is None and files is None)):
        raise TypeError("data, json and form/files are bodies: give only one of them")
    if json is not None:
        _check_json(json)
        return "Content-Type: application/json", _json.dumps(json)
    if files is None:
        return "Content-Type: application/x-www-form-urlencoded", _urlencode(form, "form")
    _refuse_content_type(headers)
    return _parts(form, files)


def _items(value, name):
    if isinstance(value, dict):
        value = value.items()
    elif not isinstance(value, (list, tuple)):
        raise TypeError("%s must be a dict or a list of pairs" % name)
    for pair in value:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise TypeError("%s must be a dict or a list of pairs" % name)
        yield pair


def _pairs(value, name):
    # None left out, lists taken apart: as requests does it.
    for key, items in _items(value, name):
        for item in items if isinstance(items, (list, tuple)) else (items,):
            if item is not None:
                yield key, item


def _quote(value):
    # application/x-www-form-urlencoded
    if not isinstance(value, (bytes, bytearray)):
        value = str(value).encode()
    return str(_RESERVED.sub(_percent, bytes(value)), "utf-8")


def _percent(match):
    byte = match.group(0)[0]
    return b"+" if byte == 32 else b"%%%02X" % byte


def _urlencode(value, name):
    return "&".join(_quote(key) + "=" + _quote(item) for key, item in _pairs(value, name))


def _with_query(url, params):
    if not isinstance(url, str):
        raise TypeError("url must be a str")
    query = _urlencode(params, "params")
    if not query:
        return url
    url, mark, fragment = url.partition("#")
    separator = "" if url[-1:] in ("?", "&") else "&" if "?" in url else "?"
    return url + separator + query + mark + fragment


def _check_json(value):
    # MicroPython's dumps() writes what it does not know as Python would print it.
    if isinstance(value, dict):
        for key in value:
            if isinstance(key, (list, tuple, bytes, dict)):
                raise TypeError("json: the names of an object must be str")
            _check_json(value[key])
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check_json(item)
    elif isinstance(value, float):
        if value - value != 0:
            raise ValueError("json: NaN and infinity are no JSON")
    elif value is not None and not isinstance(value, (bool, int, str)):
        raise TypeError("json: objects of %s are no JSON" % type(value).__name__)


# Parts as the C half takes them: (name, filename, type, content, path).


def _parts(form, files):
    parts = []
    for key, item in _pairs(() if form is None else form, "form"):
        content = item if isinstance(item, (bytes, bytearray)) else str(item)
        parts.append((_text(str(key), "files: a name"), None, None, content, None))
    for name, file in _items(files, "files"):
        if not isinstance(name, str):
            raise TypeError("files: a name must be a str")
        parts.append(_file_part(_text(name, "files: a name"), file))
    return parts


def _file_part(name, file):
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
            _text(filename, "files: a file name")
        if content_type is not None:
            _text(content_type, "files: a content type")
    if isinstance(file, str):
        return (name, filename, content_type, None, _text(file, "files: a path"))
    if not isinstance(file, (bytes, bytearray, memoryview)):
        raise TypeError("files: a content must be bytes-like, or the path of a file")
    return (name, filename, content_type, file, None)
