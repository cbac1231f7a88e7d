# SPDX-License-Identifier: MIT
"""Bodies of requests: forms, multipart, JSON."""

import json
import os

from _http import float_json

from ._url import urlencode
from .structures import is_mapping
from .utils import to_key_val_list


def is_iterable(value):
    if hasattr(value, "__iter__") or hasattr(value, "__next__"):
        return True
    try:
        iter(value)
    except TypeError:
        return False
    return True


def pairs_of(data):
    """Yield the pairs of a form: a list as value gives its name several times, None is left out."""
    for name, values in to_key_val_list(data):
        if isinstance(values, (str, bytes)) or not is_iterable(values):
            values = (values,)
        for value in values:
            if value is not None:
                yield name, value


def encode_params(data):
    if isinstance(data, (str, bytes)) or hasattr(data, "read") or not is_iterable(data):
        return data
    return urlencode(pairs_of(data))


def encode_files(files, data):
    """Return (body, Content-Type) of multipart/form-data (RFC 7578)."""
    if isinstance(data, (str, bytes)):
        raise ValueError("data must not be a str")
    boundary = os.urandom(16).hex()
    body = bytearray()

    def part(name, content, filename=None, headers=()):
        body.extend(("--%s\r\n" % boundary).encode())
        body.extend(('Content-Disposition: form-data; name="%s"' % _quoted(name)).encode())
        if filename is not None:
            body.extend(('; filename="%s"' % _quoted(filename)).encode())
        for pair in headers:
            body.extend(("\r\n%s: %s" % pair).encode())
        body.extend(b"\r\n\r\n")
        body.extend(content.encode() if isinstance(content, str) else content)
        body.extend(b"\r\n")

    for name, value in pairs_of(data or ()):
        part(name, value if isinstance(value, bytes) else str(value))
    for name, value in to_key_val_list(files):
        filename = content_type = None
        more = {}
        if isinstance(value, (tuple, list)):
            filename, content = value[:2]
            content_type, more = (tuple(value[2:]) + (None, None))[:2]
        else:
            content = value
            filename = _name_of(value) or name
        if content is None:
            continue
        if hasattr(content, "read"):
            content = content.read()
        headers = [] if content_type is None else [("Content-Type", content_type)]
        part(name, content, filename, headers + to_key_val_list(more or ()))
    body.extend(("--%s--\r\n" % boundary).encode())
    return bytes(body), "multipart/form-data; boundary=" + boundary


def _name_of(file):
    # MicroPython's files do not know their names; an object of the app may.
    name = getattr(file, "name", None)
    if isinstance(name, str) and name and name[0] != "<" and name[-1] != ">":
        return name.rpartition("/")[2]
    return None


def _quoted(text):
    if isinstance(text, bytes):
        text = str(text, "utf-8")
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def dumps(value):
    """Return JSON as CPython writes it, in ASCII. ValueError or TypeError for what is no JSON."""
    if isinstance(value, str):
        return _ascii(json.dumps(value))
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    if isinstance(value, float):
        return float_json(value)
    if is_mapping(value):
        return "{" + ", ".join([_name(name) + ": " + dumps(item) for name, item in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join([dumps(item) for item in value]) + "]"
    raise TypeError("json: %s is no JSON" % type(value).__name__)


def _name(value):
    if not (value is None or isinstance(value, (str, bool, int, float))):
        raise TypeError("json: a name is no str")
    text = dumps(value)
    return text if text[0] == '"' else '"' + text + '"'


def _ascii(text):
    if len(text) == len(text.encode()):
        return text
    out = []
    for char in text:
        code = ord(char)
        if code > 0xFFFF:
            code -= 0x10000
            out.append("\\u%04x\\u%04x" % (0xD800 | code >> 10, 0xDC00 | code & 0x3FF))
        else:
            out.append(char if code < 0x80 else "\\u%04x" % code)
    return "".join(out)
