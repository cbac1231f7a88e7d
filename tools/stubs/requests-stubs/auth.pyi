# SPDX-License-Identifier: MIT
"""Authentication.

Source: requests 2.32, "Authentication".
"""

from . import PreparedRequest

class AuthBase:
    """An own scheme: __call__() changes the request and returns it."""

    def __call__(self, r: PreparedRequest) -> PreparedRequest: ...

class HTTPBasicAuth(AuthBase):
    """Basic (RFC 7617)."""

    def __init__(self, username: str, password: str) -> None: ...

class HTTPProxyAuth(HTTPBasicAuth):
    """Basic, for a proxy."""

class HTTPDigestAuth(AuthBase):
    """Digest (RFC 7616)."""

    def __init__(self, username: str, password: str) -> None: ...
