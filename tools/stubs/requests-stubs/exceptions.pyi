# SPDX-License-Identifier: MIT
"""The exceptions of requests.

Source: requests 2.32, "Exceptions".
"""

from typing import Any

from . import PreparedRequest, Request, Response

class RequestException(OSError):
    """Something went wrong; the base of the others."""

    request: Request | PreparedRequest | None
    response: Response | None

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...

class InvalidJSONError(RequestException):
    """The object for `json=` is no JSON."""

class JSONDecodeError(InvalidJSONError):
    """The body is no JSON."""

class HTTPError(RequestException):
    """raise_for_status(): the status is 400 or more."""

class ConnectionError(RequestException):
    """No connection, or it was lost; also for the 17th request at a time."""

class ProxyError(ConnectionError):
    """The proxy."""

class SSLError(ConnectionError):
    """TLS: a certificate, or the handshake."""

class Timeout(RequestException):
    """The time is over."""

class ConnectTimeout(ConnectionError, Timeout):
    """No connection in time."""

class ReadTimeout(Timeout):
    """The server sends nothing."""

class URLRequired(RequestException):
    """There is no URL."""

class TooManyRedirects(RequestException):
    """More redirects than Session.max_redirects."""

class MissingSchema(RequestException, ValueError):
    """The URL has no scheme."""

class InvalidSchema(RequestException, ValueError):
    """The scheme is not http or https."""

class InvalidURL(RequestException, ValueError):
    """The URL is malformed."""

class InvalidProxyURL(InvalidURL):
    """The URL of the proxy is malformed."""

class RetryError(RequestException):
    """An adapter has tried as often as it may."""

class InvalidHeader(RequestException, ValueError):
    """A header field is malformed."""

class ChunkedEncodingError(RequestException):
    """The body ended early, or its coding is wrong."""

class ContentDecodingError(RequestException):
    """The body cannot be decompressed."""

class StreamConsumedError(RequestException, TypeError):
    """The body was read already."""

class UnrewindableBodyError(RequestException):
    """The body would have to be sent again, and cannot."""
