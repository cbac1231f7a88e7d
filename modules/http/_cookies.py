# SPDX-License-Identifier: MIT
"""Cookies that requests share."""

import _http

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    _Cookie = dict[str, str | bool | int]
    _Cookies = list[_Cookie]  # not the method list()

_FIELDS = 7  # fields of a line in the Netscape format, separated by tabs
_HTTP_ONLY = "#HttpOnly_"
_MOST = 300  # cookies in a jar. libcurl has no limit, and each new cookie makes it search much of the jar


class Cookies:
    """A jar of cookies for the requests that name it with the option cookies.

    libcurl's cookie engine decides which cookies are stored and sent, by the rules of RFC 6265. If a jar
    holds more than 300, the next request with it first removes those of the domain that has the most.
    """

    def __init__(self) -> None:
        self._jar = _http.Jar()

    def list(self) -> _Cookies:
        """Return the cookies as a list of dicts: name, value, domain, path (str), secure,
        http_only, subdomains (bool), expires (int, seconds since 1970; 0: when the app ends)."""
        return [_cookie(line) for line in self.save().split("\n") if line]

    def clear(self) -> None:
        """Remove all cookies."""
        self._jar.load("ALL")

    def save(self) -> str:
        """Return the cookies as str, one on each line in the Netscape format, for load()."""
        return "".join(line + "\n" for line in self._jar.save().split("\n") if _is_cookie(line))

    def _limit(self) -> None:
        # Called before each request: if the jar is too full, remove the domain that has the most cookies.
        lines = self._jar.save().split("\n")
        if len(lines) - 1 <= _MOST:  # the last one is empty
            return
        counts: dict[str, int] = {}
        for line in lines:
            domain = _domain(line)
            counts[domain] = counts.get(domain, 0) + 1
        flooded = max(counts, key=counts.get)
        kept = [line for line in lines if line and _domain(line) != flooded]
        self._jar.load("ALL")  # the rest needs no heap, so no other cookie is lost
        for line in kept:
            self._jar.load(line)

    def load(self, text: str) -> None:
        """Add the cookies of text (str, as save() gives it, or a cookies.txt).

        ValueError for a line that is not a cookie; then no cookie was added.
        """
        if not isinstance(text, str):
            raise TypeError("text must be a str")
        lines = [line.rstrip("\r") for line in text.split("\n")]
        lines = [line for line in lines if line and (line[0] != "#" or line.startswith(_HTTP_ONLY))]
        for line in lines:
            if not _is_cookie(line):
                raise ValueError("text: a line is no cookie in the Netscape format")
        for line in lines:
            self._jar.load(line)


def _is_cookie(line: str) -> bool:
    # Each line must be one cookie: libcurl also accepts commands and whole header fields. It would send
    # a value with a semicolon as two cookies.
    fields = line.split("\t")
    if len(fields) != _FIELDS or min(line.replace("\t", " ")) < " " or "\x7f" in line:
        return False
    domain, subdomains, path, secure, expires, name, value = fields
    if domain.startswith(_HTTP_ONLY):
        domain = domain[len(_HTTP_ONLY) :]
    return (
        domain != ""
        and " " not in domain
        and not domain.lower().startswith("set-cookie:")
        and "#" not in domain
        and not domain.startswith("..")
        and subdomains in ("TRUE", "FALSE")
        and path.startswith("/")
        and secure in ("TRUE", "FALSE")
        and expires.isdigit()
        and name != ""
        and "=" not in name
        and ";" not in name + value
    )


def _domain(line: str) -> str:
    if line.startswith(_HTTP_ONLY):
        line = line[len(_HTTP_ONLY) :]
    return line.split("\t", 1)[0].lower()


def _cookie(line: str) -> _Cookie:
    http_only = line.startswith(_HTTP_ONLY)
    if http_only:
        line = line[len(_HTTP_ONLY) :]
    domain, subdomains, path, secure, expires, name, value = line.split("\t")
    return {
        "name": name,
        "value": value,
        "domain": domain,
        "path": path,
        "secure": secure == "TRUE",
        "http_only": http_only,
        "subdomains": subdomains == "TRUE",
        "expires": int(expires),
    }
