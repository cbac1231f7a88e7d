# SPDX-License-Identifier: MIT
"""What goes wrong. The texts hold no user info, no query, no field values and no bodies."""

from _http import bases

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any


class RequestException(OSError):
    """The base of all: `request` and `response` are what is known of them, or None."""

    _is_unsent: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.response = response = kwargs.pop("response", None)
        request = kwargs.pop("request", None)
        if request is None and response is not None:
            request = getattr(response, "request", None)
        self.request = request
        super().__init__(*args, **kwargs)


def _new(name: str, base: type = RequestException, other: type | None = None) -> Any:
    made = type(name, (base,), {})
    if other is not None:
        # The class statement refuses two bases that are exceptions. Such a class can have no subclass.
        bases(made, (base, other))
    return made


InvalidJSONError = _new("InvalidJSONError")


class JSONDecodeError(InvalidJSONError):
    """msg, doc, pos, lineno and colno as in CPython's json."""

    def __init__(self, msg: str, doc: Any, pos: int, **kwargs: Any) -> None:
        self.msg = msg
        self.doc = doc
        self.pos = pos
        newline: Any = b"\n" if isinstance(doc, (bytes, bytearray)) else "\n"
        self.lineno = doc.count(newline, 0, pos) + 1
        self.colno = pos - doc.rfind(newline, 0, pos)
        super().__init__("%s: line %d column %d (char %d)" % (msg, self.lineno, self.colno, pos), **kwargs)


HTTPError = _new("HTTPError")
ConnectionError = _new("ConnectionError")
ProxyError = _new("ProxyError", ConnectionError)
SSLError = _new("SSLError", ConnectionError)
Timeout = _new("Timeout")
ConnectTimeout = _new("ConnectTimeout", ConnectionError, Timeout)  # nothing was sent, so it may be sent again
ReadTimeout = _new("ReadTimeout", Timeout)
URLRequired = _new("URLRequired")
TooManyRedirects = _new("TooManyRedirects")
MissingSchema = _new("MissingSchema", RequestException, ValueError)
InvalidSchema = _new("InvalidSchema", RequestException, ValueError)
InvalidURL = _new("InvalidURL")
InvalidProxyURL = _new("InvalidProxyURL", InvalidURL)
InvalidHeader = _new("InvalidHeader", RequestException, ValueError)
ChunkedEncodingError = _new("ChunkedEncodingError")
ContentDecodingError = _new("ContentDecodingError")
StreamConsumedError = _new("StreamConsumedError", RequestException, TypeError)
RetryError = _new("RetryError")
UnrewindableBodyError = _new("UnrewindableBodyError")

# InvalidProxyURL, a subclass, was made first.
bases(JSONDecodeError, (InvalidJSONError, ValueError))
bases(InvalidURL, (RequestException, ValueError))
