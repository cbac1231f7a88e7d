# SPDX-License-Identifier: MIT
"""What goes wrong. The texts hold no user info, no query, no field values and no bodies."""

from _http import bases as _bases


class RequestException(OSError):
    """The base of all: `request` and `response` are what is known of them, or None."""

    def __init__(self, *args, **kwargs):
        self.response = response = kwargs.pop("response", None)
        request = kwargs.pop("request", None)
        if request is None and response is not None:
            request = getattr(response, "request", None)
        self.request = request
        super().__init__(*args, **kwargs)


class InvalidJSONError(RequestException):
    pass


class JSONDecodeError(InvalidJSONError):
    """msg, doc, pos, lineno and colno as in CPython's json."""

    def __init__(self, msg, doc, pos, **kwargs):
        self.msg = msg
        self.doc = doc
        self.pos = pos
        newline = b"\n" if isinstance(doc, (bytes, bytearray)) else "\n"
        self.lineno = doc.count(newline, 0, pos) + 1
        self.colno = pos - doc.rfind(newline, 0, pos)
        super().__init__("%s: line %d column %d (char %d)" % (msg, self.lineno, self.colno, pos), **kwargs)


class HTTPError(RequestException):
    pass


class ConnectionError(RequestException):
    pass


class ProxyError(ConnectionError):
    pass


class SSLError(ConnectionError):
    pass


class Timeout(RequestException):
    pass


class ConnectTimeout(ConnectionError):
    """Nothing was sent, so the request may be sent again."""


class ReadTimeout(Timeout):
    pass


class URLRequired(RequestException):
    pass


class TooManyRedirects(RequestException):
    pass


class MissingSchema(RequestException):
    pass


class InvalidSchema(RequestException):
    pass


class InvalidURL(RequestException):
    pass


class InvalidProxyURL(InvalidURL):
    pass


class InvalidHeader(RequestException):
    pass


class ChunkedEncodingError(RequestException):
    pass


class ContentDecodingError(RequestException):
    pass


class StreamConsumedError(RequestException):
    pass


class RetryError(RequestException):
    pass


class UnrewindableBodyError(RequestException):
    pass


# The class statement refuses two bases that are exceptions. Afterwards such a class can have no subclass.
_bases(ConnectTimeout, (ConnectionError, Timeout))
_bases(JSONDecodeError, (InvalidJSONError, ValueError))
for _class in (MissingSchema, InvalidSchema, InvalidURL, InvalidHeader):
    _bases(_class, (RequestException, ValueError))
_bases(StreamConsumedError, (RequestException, TypeError))
del _class
