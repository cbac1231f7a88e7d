# SPDX-License-Identifier: MIT
"""Where secrets stand in a request: the names of header fields, of parameters and of keys in JSON."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit, urlunsplit

_FIELDS = ("authorization", "proxy-authorization", "cookie", "set-cookie")
_URLS = ("location", "referer")  # header fields
_ANYWHERE = re.compile(r"token|secret|passw|api[-_.]?key|credential|signature", re.IGNORECASE)
_PARAMETERS = {"key", "sig", "auth", "appid", "pwd", "sid", "session"}
PARAMETER = re.compile(r"(?<=[?&])([^=&#]+)=([^&#]*)")  # an app may write a space


def is_secret(name: str, *, parameter: bool = False) -> bool:
    """Whether a value of this name is a secret."""
    name = unquote(name).lower()
    return name in _FIELDS or bool(_ANYWHERE.search(name)) or (parameter and name in _PARAMETERS)


def without_user(url: str) -> str:
    """Return a URL without user and password."""
    try:
        parts = urlsplit(url)
    except ValueError:  # the app's own mistake, such as http://me:password@[::1/
        return re.sub(r"//[^/?#]*@", "//", url, count=1)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _hide_parameters(url: str, mark: str) -> str:
    def hidden(match: re.Match[str]) -> str:
        return f"{match[1]}={mark}" if match[2] and is_secret(match[1], parameter=True) else match[0]

    return PARAMETER.sub(hidden, url)


def hide_line(line: str, mark: str) -> str:
    """Return the first line of a request with a mark in place of secret parameters."""
    target, space, version = line.rpartition(" ")
    return _hide_parameters(target, mark) + space + version


def hide_url(url: str, mark: str) -> str:
    """Return a URL without user and password, and with a mark in place of secret parameters."""
    return _hide_parameters(without_user(url), mark)


def hide_field(name: str, value: str, mark: str) -> str:
    """Return the value of a header field, or the mark."""
    if is_secret(name):
        return mark
    return hide_url(value, mark) if name.lower() in _URLS else value
