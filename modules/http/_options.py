# SPDX-License-Identifier: MIT
"""Options that are made into a URL, header fields and a body before the request starts."""

import json as _json

import _http

from ._cookies import Cookies


def prepare(url, headers, data, options):
    """Take params, json, form and files out of options, a dict that is this call's own.

    Return (url, data) with their effect. data is what the app gave, or (content type, content) or a
    list of parts, as the binding takes them.
    """
    params = options.pop("params", None)
    json = options.pop("json", None)
    form = options.pop("form", None)
    files = options.pop("files", None)
    if params is not None:
        url = _with_query(url, params)
    if json is not None or form is not None or files is not None:
        if data is not None or (json is not None and not (form is None and files is None)):
            raise TypeError("data, json and form/files are bodies: give only one of them")
        if json is not None:
            _check_json(json)
            data = ("application/json", _json.dumps(json))
        elif files is None:
            data = ("application/x-www-form-urlencoded", _urlencode(form, "form"))
        else:
            _refuse_content_type(headers)
            data = _parts(form, files)
    elif isinstance(data, (list, tuple)):
        raise TypeError("data must be str, bytes-like or an open file")
    cookies = options.get("cookies")
    if cookies is not None:
        if not isinstance(cookies, Cookies):
            raise TypeError("cookies must be http.Cookies or None")
        options["cookies"] = cookies._jar
    return url, data


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
    return _http.quote(value if isinstance(value, (bytes, bytearray)) else str(value))


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


def _refuse_content_type(headers):
    for name in headers if isinstance(headers, dict) else ():
        if isinstance(name, str) and name.lower() == "content-type":
            raise ValueError("headers: Content-Type is set by files, which needs its boundary")


# Parts as the binding takes them: (name, filename, type, content, path).


def _parts(form, files):
    parts = []
    for key, item in _pairs(() if form is None else form, "form"):
        parts.append((str(key), None, None, _text(item), None))
    for name, file in _items(files, "files"):
        if not isinstance(name, str):
            raise TypeError("files: a name must be a str")
        parts.append(_file_part(name, file))
    return parts


def _text(item):
    return item if isinstance(item, (bytes, bytearray)) else str(item)


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
    if isinstance(file, str):
        return (name, filename, content_type, None, file)
    if not isinstance(file, (bytes, bytearray, memoryview)):
        raise TypeError("files: a content must be bytes-like, or the path of a file")
    return (name, filename, content_type, file, None)
