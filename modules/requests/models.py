# SPDX-License-Identifier: MIT
"""Request and PreparedRequest. Response is in _response.py."""

import json as _json
import os
import re

from _http import dumps as _dumps
from micropython import const

from . import exceptions
from ._response import REDIRECT_STATI, Response as Response
from ._url import encode, host_and_port, idna, quote_plus, requote, shown, split, unsplit, without_dots
from .hooks import default_hooks
from .structures import CaseInsensitiveDict, _set, is_mapping, to_key_val_list

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Iterator
    from typing import Any

    from .cookies import RequestsCookieJar

# A URL that stays as it is: no user info, a path, nothing to encode. is_plain() also looks for /. in it.
_PLAIN = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(:[1-5]?[0-9][0-9]?[0-9]?[0-9]?)?/[A-Za-z0-9_~/=&?+.-]*$")
_LONGEST_PLAIN = const(200)  # MicroPython's re needs the C stack for each character
_last: str | None = None


def is_plain(url: str) -> bool:
    global _last
    if url == _last:
        return True
    if len(url) < _LONGEST_PLAIN and _PLAIN.match(url) is not None and "/." not in url and url[-1] != "?":
        _last = url
        return True
    return False


class _Hooks:
    hooks: dict[str, list[Any]]

    def register_hook(self, event: str, hook: Any) -> None:
        if event not in self.hooks:
            raise ValueError("hooks: unknown: " + event)
        for one in [hook] if callable(hook) else hook:
            if callable(one):
                self.hooks[event].append(one)

    def deregister_hook(self, event: str, hook: Any) -> bool:
        if hook not in self.hooks[event]:
            return False
        self.hooks[event].remove(hook)
        return True


class Request(_Hooks):
    """What an app asks for. prepare() makes of it what is sent."""

    def __init__(
        self,
        method: str | None = None,
        url: Any = None,
        headers: Any = None,
        files: Any = None,
        data: Any = None,
        params: Any = None,
        auth: Any = None,
        cookies: Any = None,
        hooks: Any = None,
        json: Any = None,
    ) -> None:
        self.method: str | Any = method
        self.url = url
        self.headers = {} if headers is None else headers
        self.files = [] if files is None else files
        self.data = [] if data is None else data
        self.json = json
        self.params = {} if params is None else params
        self.auth = auth
        self.cookies = cookies
        self.hooks = default_hooks()
        for event, hook in (hooks or {}).items():
            self.register_hook(event, hook)

    def __repr__(self) -> str:
        return "<Request [%s]>" % self.method

    def prepare(self) -> "PreparedRequest":
        p = PreparedRequest()
        p.prepare(
            self.method,
            self.url,
            self.headers,
            self.files,
            self.data,
            self.params,
            self.auth,
            self.cookies,
            self.hooks,
            self.json,
        )
        return p


class PreparedRequest(_Hooks):
    """What is sent: method, url, headers, body (bytes, str, a file, an iterator, or None)."""

    def __init__(self) -> None:
        self.method: str | Any = None
        self.url: str | Any = None
        self.headers: CaseInsensitiveDict | Any = None
        self.body: Any = None
        self.hooks = default_hooks()
        self._cookies: RequestsCookieJar | None = None
        self._body_position: Any = None
        # (user, password): libcurl answers a Digest challenge with it.
        self._digest: tuple[Any, Any] | None = None

    def __repr__(self) -> str:
        return "<PreparedRequest [%s]>" % self.method

    def prepare(
        self,
        method: str | None = None,
        url: Any = None,
        headers: Any = None,
        files: Any = None,
        data: Any = None,
        params: Any = None,
        auth: Any = None,
        cookies: Any = None,
        hooks: Any = None,
        json: Any = None,
    ) -> None:
        self.prepare_method(method)
        self.prepare_url(url, params)
        self.prepare_headers(headers)
        self.prepare_cookies(cookies)
        self.prepare_body(data, files, json)
        self.prepare_auth(auth, url)  # it may sign all of the above, and it may add hooks
        self.prepare_hooks(hooks)

    def copy(self) -> "PreparedRequest":
        p = PreparedRequest()
        _set(p, self)
        p.headers = None if self.headers is None else self.headers.copy()
        p._cookies = None if self._cookies is None else self._cookies.copy()
        return p

    @property
    def path_url(self) -> str:
        _, _, path, query, _ = split(self.url or "")
        return (path or "/") + ("?" + query if query else "")

    def prepare_method(self, method: str | None) -> None:
        self.method = None if method is None else method.upper()

    def prepare_url(self, url: Any, params: Any) -> None:
        if not params and isinstance(url, str) and is_plain(url):
            self.url = url
            return
        url = (str(url, "utf-8") if isinstance(url, (bytes, bytearray)) else str(url)).lstrip()
        if ":" in url and not url.lower().startswith("http"):
            self.url = url  # mailto: and the like; no adapter takes it
            return
        scheme, netloc, path, query, fragment = split(url)
        if not scheme:
            raise exceptions.MissingSchema("Invalid URL %r" % shown(url))
        try:
            auth, host, port = host_and_port(netloc)
        except ValueError:
            host = ""
        for char in host:
            if char < "!" or char in ' %<>"\\^`{|}' or (char in "[]:" and host[0] != "["):
                host = ""
        if not host or host[0] in "*.":
            raise exceptions.InvalidURL("Invalid URL %r" % shown(url))
        host = idna(host)
        path = encode(without_dots(path), ":@/") or "/"
        query = encode(query, ":@/?")
        fragment = encode(fragment, ":@/?")
        netloc = ("" if auth is None else auth + "@") + host + ("" if port is None else ":%d" % port)
        if params:
            params = _urlencode(str(params, "ascii") if isinstance(params, bytes) else params)
            query = query + "&" + params if query and params else query or params
        self.url = requote(unsplit(scheme, netloc, path, query, fragment))

    def prepare_headers(self, headers: Any) -> None:
        from .utils import check_header_validity

        self.headers = CaseInsensitiveDict()
        for pair in headers.items() if headers else ():
            check_header_validity(pair)
            name, value = pair
            self.headers[str(name, "ascii") if isinstance(name, bytes) else name] = value

    def prepare_cookies(self, cookies: Any) -> None:
        if not cookies:
            return
        from .cookies import RequestsCookieJar, cookiejar_from_dict, get_cookie_header

        self._cookies = cookies if isinstance(cookies, RequestsCookieJar) else cookiejar_from_dict(cookies)
        header = get_cookie_header(self._cookies, self)
        if header is not None:
            self.headers["Cookie"] = header

    def prepare_body(self, data: Any, files: Any, json: Any = None) -> None:
        body = content_type = None
        if not data and json is not None:
            content_type = "application/json"
            try:
                body = dumps(json).encode()
            except ValueError as e:
                raise exceptions.InvalidJSONError(str(e), request=self)
            except RuntimeError:
                raise exceptions.InvalidJSONError("json: too deep", request=self)
        if data is None or isinstance(data, (str, bytes, list, tuple)) or is_mapping(data):
            is_stream = False
        else:
            is_stream = is_iterable(data)
        if is_stream:
            if files:
                raise NotImplementedError("data: stream and files")
            self._stream(data)
            return
        if files:
            body, content_type = _body(files, data)
        elif data:
            body = _urlencode(data)
            if not isinstance(data, (str, bytes)) and not hasattr(data, "read"):
                content_type = "application/x-www-form-urlencoded"
        self.prepare_content_length(body)
        if content_type and "Content-Type" not in self.headers:
            self.headers["Content-Type"] = content_type
        self.body = body

    def _stream(self, data: Any) -> None:
        from .utils import super_len

        if hasattr(data, "tell"):
            try:
                self._body_position = data.tell()
            except (OSError, AttributeError):
                self._body_position = object()  # it cannot be rewound, which rewind_body() says
        length = super_len(data)
        if length:
            self.headers["Content-Length"] = str(length)
        else:
            self.headers["Transfer-Encoding"] = "chunked"
        self.body = data

    def prepare_content_length(self, body: Any) -> None:
        if body is not None:
            from .utils import super_len

            length = super_len(body)
            if length:
                self.headers["Content-Length"] = str(length)
        elif self.method not in ("GET", "HEAD") and self.headers.get("Content-Length") is None:
            self.headers["Content-Length"] = "0"

    def _rewind(self) -> None:
        if self.body is not None and not isinstance(self.body, (str, bytes, bytearray)):
            from .utils import rewind_body

            rewind_body(self)

    def prepare_auth(self, auth: Any, url: Any = "") -> None:
        if auth is None and "@" in self.url:
            from .utils import get_auth_from_url

            auth = get_auth_from_url(self.url)
            auth = auth if auth[0] or auth[1] else None
        if auth:
            if isinstance(auth, tuple) and len(auth) == 2:
                from .auth import HTTPBasicAuth

                auth = HTTPBasicAuth(*auth)
            other = auth(self)
            if other is not self:
                _set(self, other)
            self.prepare_content_length(self.body)

    def prepare_hooks(self, hooks: Any) -> None:
        for event in hooks or ():
            self.register_hook(event, hooks[event])


# Bodies: forms, multipart, JSON


def is_iterable(value: Any) -> bool:
    if hasattr(value, "__iter__") or hasattr(value, "__next__"):
        return True
    try:
        iter(value)
    except TypeError:
        return False
    return True


def _pairs(data: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the pairs of a form: a list as value gives its name several times, None is left out."""
    for name, values in to_key_val_list(data):
        if isinstance(values, (str, bytes)) or not is_iterable(values):
            values = (values,)
        for value in values:
            if value is not None:
                yield name, value


def _urlencode(data: Any) -> Any:
    if isinstance(data, (str, bytes)) or hasattr(data, "read") or not is_iterable(data):
        return data
    return "&".join([quote_plus(name) + "=" + quote_plus(value) for name, value in _pairs(data)])


def _body(files: Any, data: Any) -> tuple[bytes, str]:
    """Return (body, Content-Type) of multipart/form-data (RFC 7578)."""
    if isinstance(data, (str, bytes)):
        raise ValueError("data must not be a str")
    boundary = os.urandom(16).hex()
    body = bytearray()

    def part(name: str | bytes, content: Any, file: Any = None, headers: Any = ()) -> None:
        body.extend(("--%s\r\n" % boundary).encode())
        body.extend(('Content-Disposition: form-data; name="%s"' % _quote(name)).encode())
        if file is not None:
            body.extend(('; filename="%s"' % _quote(file)).encode())
        for pair in headers:
            body.extend(("\r\n%s: %s" % pair).encode())
        body.extend(b"\r\n\r\n")
        if isinstance(content, int):
            content = str(content)
        body.extend(content.encode() if isinstance(content, str) else content)
        body.extend(b"\r\n")

    for name, value in _pairs(data or ()):
        part(name, value if isinstance(value, bytes) else str(value))
    for name, value in to_key_val_list(files):
        filename = content_type = None
        more = {}
        if isinstance(value, (tuple, list)):
            filename, content = value[:2]
            content_type, more = (tuple(value[2:]) + (None, None))[:2]
        else:
            content = value
            filename = _name(value) or name
        if content is None:
            continue
        if hasattr(content, "read"):
            content = content.read()
        headers = [] if content_type is None else [("Content-Type", content_type)]
        part(name, content, filename, headers + to_key_val_list(more or ()))
    body.extend(("--%s--\r\n" % boundary).encode())
    return bytes(body), "multipart/form-data; boundary=" + boundary


def _name(file: Any) -> str | None:
    # MicroPython's files do not know their names; an object of the app may.
    name = getattr(file, "name", None)
    if isinstance(name, str) and name and name[0] != "<" and name[-1] != ">":
        return name.rpartition("/")[2]
    return None


def _quote(text: str | bytes) -> str:
    if isinstance(text, bytes):
        text = str(text, "utf-8")
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def dumps(value: Any) -> str:
    """Return JSON as CPython writes it, in ASCII. ValueError or TypeError for what is no JSON."""
    if isinstance(value, str):
        return _ascii(_json.dumps(value))
    if value is None or isinstance(value, (bool, int)):
        return _json.dumps(value)
    if isinstance(value, float):
        return _dumps(value)
    if isinstance(value, dict):
        return "{" + ", ".join([_key(name) + ": " + dumps(item) for name, item in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join([dumps(item) for item in value]) + "]"
    raise TypeError("json: %s is no JSON" % type(value).__name__)


def _key(value: Any) -> str:
    if not (value is None or isinstance(value, (str, bool, int, float))):
        raise TypeError("json: %s is no JSON" % type(value).__name__)
    text = dumps(value)
    return text if text[0] == '"' else '"' + text + '"'


def _ascii(text: str) -> str:
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
