# SPDX-License-Identifier: MIT
"""Cookies (RFC 6265): the jar that acts like a dict, and the functions around it."""

import time

from micropython import const

from ._url import host_and_port, split
from .structures import _set

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Iterator
    from typing import Any, NoReturn

_MOST = const(300)  # cookies in a jar: a server cannot fill the heap with them
_SECOND_LEVEL = const(" ac co com edu gov mil net org ")
_MONTHS = const("janfebmaraprmayjunjulaugsepoctnovdec")


class CookieConflictError(RuntimeError):
    pass


class Cookie:
    """A cookie, with the attributes of CPython's http.cookiejar.Cookie."""

    version = 0
    expires: int | None
    port = expires = comment = comment_url = None
    domain = ""
    path = "/"
    secure = rfc2109 = False
    discard = True

    def __init__(self, name: str, value: str | None, rest: dict[str, Any] | None = None, **more: Any) -> None:
        self.name = name
        self.value = value
        self._rest = {} if rest is None else rest
        for key, value in more.items():
            if callable(getattr(Cookie, key, Cookie)):
                raise TypeError("unknown: " + key)
            setattr(self, key, value)
        self.port_specified = bool(self.port)
        self.domain_specified = bool(self.domain)
        self.domain_initial_dot = self.domain.startswith(".")
        self.path_specified = bool(self.path)

    def __repr__(self) -> str:
        return "<Cookie %s for %s%s>" % (self.name, self.domain, self.path)  # the value is a secret

    def has_nonstandard_attr(self, name: str) -> bool:
        return name in self._rest

    def get_nonstandard_attr(self, name: str, default: Any = None) -> Any:
        return self._rest.get(name, default)

    def set_nonstandard_attr(self, name: str, value: Any) -> None:
        self._rest[name] = value

    def is_expired(self, now: float | None = None) -> bool:
        return self.expires is not None and self.expires <= (now or time.time())


def create_cookie(name: str, value: Any, **kwargs: Any) -> Cookie:
    """Make a cookie. Without a domain it goes with every request that names the jar."""
    kwargs.setdefault("rest", {"HttpOnly": None})
    return Cookie(name, value, **kwargs)


class RequestsCookieJar:
    """Cookies, with the methods of a dict and those of CPython's http.cookiejar.CookieJar."""

    def __init__(self, policy: Any = None) -> None:
        if policy is not None:
            self._absent()
        self._cookies: list[Cookie] = []  # those of one domain are together, and in these those of one path

    def __iter__(self) -> Iterator[Cookie]:
        return iter(list(self._cookies))

    def __len__(self) -> int:
        return len(self._cookies)

    def __repr__(self) -> str:
        return "<RequestsCookieJar%r>" % self._cookies

    # As a dict

    def get(self, name: str, default: Any = None, domain: str | None = None, path: str | None = None) -> Any:
        try:
            return self._find(name, domain, path)
        except KeyError:
            return default

    def set(self, name: str, value: Any, **kwargs: Any) -> Cookie | None:
        if value is None:
            remove_cookie_by_name(self, name, kwargs.get("domain"), kwargs.get("path"))
            return None
        cookie = create_cookie(name, value, **kwargs)
        self.set_cookie(cookie)
        return cookie

    def keys(self) -> list[str]:
        return self._all("name")

    def values(self) -> list[Any]:
        return self._all("value")

    def items(self) -> list[tuple[str, Any]]:
        return list(zip(self.keys(), self.values()))

    iterkeys = keys
    itervalues = values
    iteritems = items

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def pop(self, name: str, *default: Any) -> Any:
        try:
            value = self[name]
        except KeyError:
            if not default:
                raise
            return default[0]
        del self[name]
        return value

    def popitem(self) -> tuple[str, Any]:
        for name in self.keys():
            return name, self.pop(name)
        raise KeyError

    def update(self, other: Any) -> None:
        if isinstance(other, RequestsCookieJar):
            for cookie in other:
                copy = Cookie("", "")
                _set(copy, cookie)
                self.set_cookie(copy)
        else:
            for name, value in other.items() if hasattr(other, "items") else other:
                self[name] = value

    def __contains__(self, name: object) -> bool:
        return any(cookie.value and cookie.name == name for cookie in self)

    def __getitem__(self, name: str) -> Any:
        return self._find(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self.set(name, value)

    def __delitem__(self, name: str) -> None:
        remove_cookie_by_name(self, name)

    def __eq__(self, other: Any) -> bool:
        if not hasattr(other, "items"):
            return NotImplemented
        return dict(self.items()) == dict(other.items())

    # As a jar

    def list_domains(self) -> list[str]:
        return self._all("domain", True)

    def list_paths(self) -> list[str]:
        return self._all("path", True)

    def multiple_domains(self) -> bool:
        return len(self.list_domains()) < len(self)  # so does the original: two cookies of one domain

    def get_dict(self, domain: str | None = None, path: str | None = None) -> dict[str, Any]:
        return {cookie.name: cookie.value for cookie in self._items(None, domain, path)}

    def set_cookie(self, cookie: Cookie, *args: Any, **kwargs: Any) -> None:
        value = cookie.value
        if isinstance(value, str) and value.startswith('"') and value.endswith('"'):
            cookie.value = value.replace('\\"', "")
        at = same_domain = None
        for i, other in enumerate(self._cookies):
            if other.domain == cookie.domain:
                same_domain = i
                if other.path == cookie.path:
                    at = i
                    if other.name == cookie.name:
                        self._cookies[i] = cookie
                        return
        if at is None:
            at = same_domain
        self._cookies.insert(len(self._cookies) if at is None else at + 1, cookie)
        if len(self._cookies) > _MOST:
            self._shrink()

    def _shrink(self) -> None:
        # Those of the domain that has most: a server cannot push out the cookies of another one.
        counts: dict[str, int] = {}
        for cookie in self._cookies:
            counts[cookie.domain] = counts.get(cookie.domain, 0) + 1
        flooded = max(counts, key=counts.get)
        self.clear(flooded)

    def clear(self, domain: str | None = None, path: str | None = None, name: str | None = None) -> None:
        if (name is not None and path is None) or (path is not None and domain is None):
            raise ValueError("domain and path first")
        found = self._items(name, domain, path)
        if domain is not None and not found:
            raise KeyError(domain)
        for cookie in found:
            self._cookies.remove(cookie)

    def clear_session_cookies(self) -> None:
        for cookie in self:
            if cookie.discard:
                self._cookies.remove(cookie)

    def clear_expired_cookies(self) -> None:
        now = time.time()
        for cookie in self:
            if cookie.is_expired(now):
                self._cookies.remove(cookie)

    def copy(self) -> "RequestsCookieJar":
        jar = RequestsCookieJar()
        jar.update(self)
        return jar

    def _absent(self, *args: Any) -> NoReturn:
        raise NotImplementedError("not over libcurl")

    extract_cookies = make_cookies = add_cookie_header = set_cookie_if_ok = _absent
    get_policy = set_policy = _absent

    def _all(self, name: str, once: bool = False) -> list[Any]:
        values = []
        for cookie in self._cookies:
            value = getattr(cookie, name)
            if not once or value not in values:
                values.append(value)
        return values

    def _items(self, name: str | None, domain: str | None, path: str | None) -> list[Cookie]:
        found = []
        for cookie in self._cookies:
            if (
                name in (None, cookie.name)
                and domain in (None, cookie.domain)
                and path in (None, cookie.path)
            ):
                found.append(cookie)
        return found

    def _find(self, name: str, domain: str | None = None, path: str | None = None) -> Any:
        found = None
        for cookie in self._items(name or "", domain, path):
            if found is not None:
                raise CookieConflictError("several cookies: " + name)
            found = cookie.value
        if found:
            return found
        raise KeyError(name)


def remove_cookie_by_name(
    cookiejar: RequestsCookieJar, name: str, domain: str | None = None, path: str | None = None
) -> None:
    for cookie in cookiejar._items(name or "", domain, path):
        cookiejar._cookies.remove(cookie)


def cookiejar_from_dict(
    cookie_dict: Any, cookiejar: RequestsCookieJar | None = None, overwrite: bool = True
) -> RequestsCookieJar:
    """Add the names and values of a dict to a jar, a new one if there is none."""
    if cookiejar is None:
        cookiejar = RequestsCookieJar()
    names = cookiejar.keys()
    for name, value in (cookie_dict or {}).items():
        if overwrite or name not in names:
            cookiejar.set_cookie(create_cookie(name, value))
    return cookiejar


def merge_cookies(cookiejar: RequestsCookieJar, cookies: Any) -> RequestsCookieJar:
    """Add the cookies of a dict or a jar to a jar."""
    if not isinstance(cookiejar, RequestsCookieJar):
        raise ValueError("cookiejar: no jar")
    if isinstance(cookies, dict):
        return cookiejar_from_dict(cookies, cookiejar, False)
    if cookies:
        cookiejar.update(cookies)
    return cookiejar


# What a server sends, and what it gets


def _place(request: Any) -> tuple[str, str, str]:
    # Returns (scheme, host, path); a name without dots is one of this network, as in http.cookiejar.
    scheme, netloc, path, _, _ = split(request.url)
    host = request.headers.get("Host")
    _, host, _ = host_and_port(netloc if host is None else str(host))
    return scheme, host if "." in host or ":" in host else host + ".local", path or "/"


def extract_cookies_to_jar(jar: RequestsCookieJar, request: Any, response: Any) -> None:
    """Take what the Set-Cookie fields of r.raw say."""
    lines = response.set_cookies() if hasattr(response, "set_cookies") else ()
    if lines:
        scheme, host, path = _place(request)
        for line in lines:
            _take(jar, line, host, path)


def _take(jar: RequestsCookieJar, line: str, host: str, base: str) -> None:
    pair, _, attributes = line.partition(";")
    name, equals, value = pair.partition("=")
    name = name.strip()
    if not equals or not name:
        return
    domain = path = expires = None
    max_age = False
    secure = False
    rest = {}
    for attribute in attributes.split(";"):
        key, equals, text = attribute.partition("=")
        key = key.strip()
        text = text.strip()
        lower = key.lower()
        if lower == "domain":
            domain = text.lower().lstrip(".") if text else None
        elif lower == "path":
            path = text if text.startswith("/") else None
        elif lower == "secure":
            secure = True
        elif lower == "max-age":
            digits = text[1:] if text.startswith("-") else text
            if digits.isdigit():
                max_age = True
                expires = int(time.time()) + int(text) if int(text) > 0 else 0
        elif lower == "expires":
            if not max_age:
                expires = _date(text)
        elif key:
            rest[key] = text if equals else None
    if domain is not None:
        if not _may_set(domain, host):
            return
        domain = "." + domain
    specified = path is not None
    if path is None:
        path = base.rpartition("/")[0] or "/"
    cookie = Cookie(
        name,
        value.strip(),
        rest,
        domain=domain or host,
        path=path,
        secure=secure,
        expires=expires,
        discard=expires is None,
    )
    cookie.domain_specified = domain is not None
    cookie.path_specified = specified
    if cookie.is_expired():
        remove_cookie_by_name(jar, name, cookie.domain, path)
    else:
        jar.set_cookie(cookie)


def _may_set(domain: str, host: str) -> bool:
    labels = domain.split(".")
    if len(labels) < 2 or (len(labels) == 2 and len(labels[1]) == 2 and " %s " % labels[0] in _SECOND_LEVEL):
        return False
    return host == domain or (host.endswith("." + domain) and not host[-1].isdigit())


def _date(text: str) -> int | None:
    # RFC 6265 5.1.1, as far as servers write it. None: no date.
    day = month = year = clock = None
    for mark in ",-":
        text = text.replace(mark, " ")
    for token in text.lower().split():
        if ":" in token:
            clock = clock or [part for part in token.split(":") if part.isdigit()]
        elif token.isdigit():
            if day is None and len(token) < 3:
                day = int(token)
            elif year is None:
                year = int(token)
        elif len(token) >= 3 and month is None and _MONTHS.find(token[:3]) % 3 == 0:
            month = _MONTHS.find(token[:3]) // 3 + 1
    if day is None or month is None or year is None or clock is None or len(clock) != 3:
        return None
    if year < 100:
        year += 1900 if year > 69 else 2000
    if year < 1970:
        return 0
    # time.mktime() is for the local zone. A year begins in March here: a leap day is its last.
    if month < 3:
        year -= 1
        month += 12
    days = 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5 + day - 719469
    return days * 86400 + int(clock[0]) * 3600 + int(clock[1]) * 60 + int(clock[2])


def get_cookie_header(jar: RequestsCookieJar | None, request: Any) -> str | None:
    """Return the field Cookie for a request, or None."""
    if not jar or "Cookie" in request.headers:
        return None
    scheme, host, path = _place(request)
    now = time.time()
    found: list[tuple[int, int, Cookie]] = []
    for cookie in jar:
        if (
            _is_ours(cookie.domain, host)
            and _is_below(path, cookie.path)
            and not (cookie.secure and scheme != "https")
            and not cookie.is_expired(now)
        ):
            found.append((-len(cookie.path), len(found), cookie))  # the longest path first (RFC 6265 5.4)
    found.sort()
    pairs = [
        cookie.name if cookie.value is None else cookie.name + "=" + cookie.value for _, _, cookie in found
    ]
    return "; ".join(pairs) if pairs else None


def _is_below(path: str, folder: str) -> bool:
    return path == folder or (path.startswith(folder) and (folder[-1:] == "/" or path[len(folder)] == "/"))


def _is_ours(domain: str, host: str) -> bool:
    if not domain or domain == host:
        return True
    return domain[0] == "." and ("." + host).endswith(domain)
