# SPDX-License-Identifier: MIT
"""Authentication: what is called with a PreparedRequest before it is sent."""

from binascii import b2a_base64

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any
    from .models import PreparedRequest


def _bytes(text: object, what: str) -> bytes:
    if not isinstance(text, (str, bytes)):
        text = str(text)
    if isinstance(text, str):
        try:
            return bytes(map(ord, text))  # Latin-1, as in the original
        except ValueError:
            raise UnicodeError("auth: %s is no Latin-1" % what)
    return text


def _basic_auth_str(username: Any, password: Any) -> str:
    pair = _bytes(username, "user") + b":" + _bytes(password, "password")
    return "Basic " + str(b2a_base64(pair, newline=False), "ascii")


class AuthBase:
    """The base of ways to authenticate: __call__(r) changes the PreparedRequest r and returns it."""

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        raise NotImplementedError("__call__")


class _Account(AuthBase):
    def __init__(self, username: Any, password: Any) -> None:
        self.username = username
        self.password = password

    def __eq__(self, other: object) -> bool:
        return (self.username, self.password) == (
            getattr(other, "username", None),
            getattr(other, "password", None),
        )


class HTTPBasicAuth(_Account):
    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        r.headers["Authorization"] = _basic_auth_str(self.username, self.password)
        return r


class HTTPProxyAuth(HTTPBasicAuth):
    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        r.headers["Proxy-Authorization"] = _basic_auth_str(self.username, self.password)
        return r


class HTTPDigestAuth(_Account):
    """libcurl answers the challenge. The 401 is not in the history."""

    def __call__(self, r: PreparedRequest) -> PreparedRequest:
        r._digest = (self.username, self.password)
        return r
