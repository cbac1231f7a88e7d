# SPDX-License-Identifier: MIT
"""WebRequest as CEF Python documents it, over http. README.md beside this file says what differs."""

from micropython import const

import http

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable, Sequence
    from typing import Any, NoReturn

# The constants ERR_... without that prefix. A number belongs to the name behind it; each further name has one
# less. As globals of the module they would take more of the heap and of the program.
_ERRORS = (
    "0 NONE -2 FAILED ABORTED INVALID_ARGUMENT INVALID_HANDLE FILE_NOT_FOUND TIMED_OUT FILE_TOO_BIG "
    "UNEXPECTED ACCESS_DENIED NOT_IMPLEMENTED -100 CONNECTION_CLOSED CONNECTION_RESET "
    "CONNECTION_REFUSED CONNECTION_ABORTED CONNECTION_FAILED NAME_NOT_RESOLVED INTERNET_DISCONNECTED "
    "SSL_PROTOCOL_ERROR ADDRESS_INVALID ADDRESS_UNREACHABLE SSL_CLIENT_AUTH_CERT_NEEDED "
    "TUNNEL_CONNECTION_FAILED NO_SSL_VERSIONS_ENABLED SSL_VERSION_OR_CIPHER_MISMATCH "
    "SSL_RENEGOTIATION_REQUESTED -200 CERT_COMMON_NAME_INVALID CERT_DATE_INVALID CERT_AUTHORITY_INVALID "
    "CERT_CONTAINS_ERRORS CERT_NO_REVOCATION_MECHANISM CERT_UNABLE_TO_CHECK_REVOCATION CERT_REVOKED "
    "CERT_INVALID -213 CERT_END -300 INVALID_URL DISALLOWED_URL_SCHEME UNKNOWN_URL_SCHEME -310 "
    "TOO_MANY_REDIRECTS UNSAFE_REDIRECT UNSAFE_PORT -320 INVALID_RESPONSE INVALID_CHUNKED_ENCODING "
    "METHOD_NOT_SUPPORTED UNEXPECTED_PROXY_AUTH EMPTY_RESPONSE RESPONSE_HEADERS_TOO_BIG -400 CACHE_MISS "
    "-501 INSECURE_RESPONSE"
)

_SUCCESS = const(1)
_PENDING = const(2)
_CANCELED = const(3)
_FAILED = const(4)

_SKIP_CACHE = const(1)
_ONLY_FROM_CACHE = const(2)
_STORED_CREDENTIALS = const(4)
_UPLOAD_PROGRESS = const(8)
_NO_DATA = const(16)
_STOP_ON_REDIRECT = const(64)

_ERR_FAILED = const(-2)
_ERR_ABORTED = const(-3)
_ERR_FILE_NOT_FOUND = const(-6)
_ERR_CACHE_MISS = const(-400)

# The error by Response.kind() of http. Every other kind is ERR_FAILED.
_BY_KIND = (
    " url-300 scheme-302 name-105 resolver-105 refused-102 unreachable-109 connect_timeout-7 stall_timeout-7"
    " reset-101 closed-324 truncated-100 invalid_response-320 invalid_chunk-321 large_header-325"
    " unsafe_redirect-311 invalid_redirect-300 many_redirects-310 proxy-111 tls-107 cert_date-201"
    " cert_name-200 cert_authority-202 cert_revoked-206 cert_invalid-207 client_cert-110 upload_file-6 "
)
_CALLBACKS = "OnUploadProgress", "OnDownloadProgress", "OnDownloadData", "OnRequestComplete"
_cookies = http.Cookies()  # of all requests with AllowStoredCredentials


def __getattr__(name: str) -> int:
    if name.startswith("ERR_"):
        for word in _ERRORS.split():
            if word[-1].isdigit():
                number = int(word)
            elif word == name[4:]:
                return number
            else:
                number -= 1
    if name.startswith("UR_FLAG_"):
        for word, number in Request.Flags.items():  # SkipCache is UR_FLAG_SKIP_CACHE
            if word.upper() == name[8:].replace("_", ""):
                return number
    raise AttributeError(name)


def _getter(name: str) -> Callable[[Any], Any]:
    return lambda self: getattr(self, name)


def _is(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind):
        raise TypeError("%s must be %s" % (name, kind.__name__))
    return value


class _Message:
    """What Request and Response have in common: header fields, a list of (name, value)."""

    _fields: Sequence[tuple[str, str]]
    _read_only: bool

    IsReadOnly = _getter("_read_only")

    def GetHeaderMap(self) -> dict[str, str]:
        """Return a dict; of repeated names the last value."""
        return dict(self._fields)

    def GetHeaderMultimap(self) -> list[tuple[str, str]]:
        """Return a list of (name, value)."""
        return list(self._fields)

    def _header(self, name: str) -> str:
        # The value of the first field of this name in any case, or "".
        name = _is(name, str, "name").lower()
        for other, value in self._fields:
            if other.lower() == name:
                return value
        return ""

    def _write(self) -> None:
        if self._read_only:
            raise RuntimeError("it is read-only")


class _Request(_Message):
    _read_only = False
    _url = _method = _first_party = ""
    _flags = 0
    _data = None
    _fields: Sequence[tuple[str, str]] = ()

    GetUrl = _getter("_url")

    def SetUrl(self, url: str) -> None:
        self._write()
        self._url = _is(url, str, "url")

    def GetMethod(self) -> str:
        """Return the method: without SetMethod() POST if there is post data, else GET."""
        return self._method or ("POST" if self._data else "GET")

    def SetMethod(self, method: str) -> None:
        self._write()
        self._method = _is(method, str, "method")

    def GetPostData(self) -> Any:
        """Return a dict of bytes, a form; or a list of bytes, the elements of multipart/form-data."""
        return self._data.copy() if self._data else {}

    def SetPostData(self, postData: Any) -> None:
        """postData: as GetPostData() has it.

        An element is bytes that begin with "--", or "@" and the path of a file, or empty.
        """
        self._write()
        if isinstance(postData, dict):
            data = type(postData)()
            for name, value in postData.items():
                data[_bytes(name)] = _bytes(value)
        else:
            data = _is(postData, list, "postData")[:]
            for element in data:
                if element and _is(element, bytes, "postData")[:2] != b"--" and element[0] != 64:
                    raise ValueError("postData must begin with -- or @")
        self._data = data

    def SetHeaderMap(self, headerMap: dict[str, str]) -> None:
        self.SetHeaderMultimap(list(_is(headerMap, dict, "headerMap").items()))

    def SetHeaderMultimap(self, headerMultimap: list[tuple[str, str]]) -> None:
        """headerMultimap: list of (name, value). Referer is left out, as documented."""
        self._write()
        fields = []
        for pair in _is(headerMultimap, list, "headerMultimap"):
            if len(_is(pair, tuple, "headerMultimap")) != 2:
                raise ValueError("headerMultimap: no pair")
            name = str(pair[0])
            if name.lower() != "referer":
                fields.append((name, str(pair[1])))
        self._fields = fields

    GetFlags = _getter("_flags")

    def SetFlags(self, flags: int) -> None:
        """flags: UR_FLAG_... together."""
        self._write()
        if _is(flags, int, "flags") & ~127:
            raise ValueError("flags: an unknown flag")
        self._flags = flags

    GetFirstPartyForCookies = _getter("_first_party")

    def SetFirstPartyForCookies(self, url: str) -> None:
        """No cookie depends on it: there are no third parties here."""
        self._write()
        self._first_party = _is(url, str, "url")

    def GetResourceType(self) -> NoReturn:
        raise NotImplementedError("as in CEF Python")

    GetTransitionType = GetResourceType


class Request:
    """Makes requests: Request.CreateRequest()."""

    Flags = {
        "None": 0,
        "SkipCache": 1,
        "OnlyFromCache": 2,
        "AllowStoredCredentials": 4,
        "ReportUploadProgress": 8,
        "NoDownloadData": 16,
        "NoRetryOn5xx": 32,
        "StopOnRedirect": 64,
    }

    def __init__(self) -> None:
        raise TypeError("use Request.CreateRequest()")

    @staticmethod
    def CreateRequest() -> _Request:
        return _Request()


class Response(_Message):
    """The status and the header fields of a response of http. It is read-only."""

    _read_only = True

    def __init__(self, response: http.Response) -> None:
        self._status = response.status_code()
        self._text = response.reason()
        self._fields = response.header_list()

    GetStatus = _getter("_status")

    GetStatusText = _getter("_text")

    def GetMimeType(self) -> str:
        return self.GetHeader("Content-Type").split(";")[0].strip().lower()

    GetHeader = _Message._header

    def SetStatus(self, value: Any) -> None:
        self._write()

    SetStatusText = SetMimeType = SetHeaderMap = SetHeaderMultimap = SetStatus


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else _is(value, bytes, "postData")


def _str(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeError:
        raise ValueError("postData: no UTF-8")


class WebRequest:
    """Starts requests: WebRequest.Create(request, client)."""

    Status = {
        "Unknown": 0,
        "Success": _SUCCESS,
        "Pending": _PENDING,
        "Canceled": _CANCELED,
        "Failed": _FAILED,
    }

    def __init__(self) -> None:
        raise TypeError("use WebRequest.Create()")

    @staticmethod
    def Create(request: _Request, handler: Any) -> "_WebRequest":
        """Start a request. It is read-only from now on.

        request: made by Request.CreateRequest(). handler: an object with
        OnUploadProgress(web_request, current, total), OnDownloadProgress(web_request, current, total),
        OnDownloadData(web_request, data) and OnRequestComplete(web_request). They are called by keyword, when
        Python is idle.
        """
        if not isinstance(request, _Request):
            raise TypeError("use Request.CreateRequest()")
        for name in _CALLBACKS:
            if not callable(getattr(handler, name, None)):
                raise TypeError("the client has no method " + name)
        return _WebRequest(request, handler)


class _WebRequest:
    def __init__(self, request: _Request, client: Any) -> None:
        method = request.GetMethod().upper()
        if method not in ("GET", "POST", "HEAD", "DELETE", "PUT"):
            raise NotImplementedError("this method is not supported")
        self._request = request
        self._client = client
        self._response: Response | Any = None
        self._status = _PENDING
        self._error = 0
        self._total = -1
        self._received = self._uploaded = 0
        self._file = None
        flags = request.GetFlags()
        fields = request.GetHeaderMultimap()
        caching = request._header("cache-control")
        if flags & _ONLY_FROM_CACHE or "only-if-cached" in caching.lower():
            self._stop(_FAILED, _ERR_CACHE_MISS)  # there is no cache
        else:
            if flags & _SKIP_CACHE and not caching:
                fields.append(("cache-control", "no-cache"))
            self._start(method, fields, flags)
        request._read_only = True

    def _start(self, method: str, fields: list[tuple[str, str]], flags: int) -> None:
        options: dict[str, Any] = {
            "timeout": 0,
            "connect_timeout": 40,
            "stall_timeout": 60,
            "max_redirects": 20,
            "compressed": True,
            "allow_redirects": not flags & _STOP_ON_REDIRECT,
            "on_head": self._begin,
            "on_data": self._piece,
        }
        url = self._request.GetUrl()
        at = url.find("//") + 2
        if flags & _STORED_CREDENTIALS:
            options["cookies"] = _cookies
        elif at >= 2:
            end = at
            while end < len(url) and url[end] not in "/?#":
                end += 1
            url = url[:at] + url[at:end].rpartition("@")[2] + url[end:]  # without user and password
        try:
            self._body(fields, options)
        except OSError:
            self._stop(_FAILED, _ERR_FILE_NOT_FOUND)
            return
        if flags & _UPLOAD_PROGRESS and ("data" in options or "form" in options):
            options["on_upload_progress"] = self._upload
        try:
            self._sent = http.request_async(method, url, self._end, fields, **options)
        except BaseException:
            self._close()
            raise

    def _body(self, fields: list[tuple[str, str]], options: dict[str, Any]) -> None:
        data = self._request.GetPostData()
        if isinstance(data, dict):
            if data:
                options["form"] = data
            return
        data = [element for element in data if element]
        if len(data) > 1:
            raise NotImplementedError("only one element of post data is supported")
        if not data:
            return
        data = data[0]
        if data[:1] == b"@":
            data = self._file = open(_str(data[1:]), "rb")
        elif not self._request._header("Content-Type"):
            end = data.find(b"\r\n", 2, 74)  # RFC 2046: a boundary has at most 70 characters
            if end < 0:
                raise ValueError("postData: no boundary")
            fields.append(("Content-Type", "multipart/form-data; boundary=" + _str(data[2:end])))
        options["data"] = data

    GetRequest = _getter("_request")
    GetRequestStatus = _getter("_status")  # one of WebRequest.Status
    GetRequestError = _getter("_error")  # ERR_... if the status is Canceled or Failed, else 0
    GetResponse = _getter("_response")  # None before its header fields are there

    def Cancel(self) -> None:
        """End the request. OnRequestComplete comes when Python is idle."""
        if self._status == _PENDING:
            self._sent.cancel()
            self._stop(_CANCELED, _ERR_ABORTED)

    def _stop(self, status: int, error: int) -> None:
        self._status = status
        self._error = error
        # A request that fails at once: http calls back when Python is idle. Asking for the response frees the
        # slot now.
        self._sent = http.get_async("", self._end)
        self._sent.response()

    def _begin(self, response: http.Response) -> None:
        self._response = Response(response)
        if not self._response.GetHeader("Content-Encoding"):
            try:
                self._total = int(self._response.GetHeader("Content-Length"))
            except ValueError:
                pass

    def _upload(self, current: int, total: int) -> None:
        if self._status == _PENDING and current != self._uploaded:  # http tells the last one twice
            self._uploaded = current
            self._call("OnUploadProgress", current=current, total=total)

    def _piece(self, data: Any) -> None:
        if self._stopped():
            return
        self._received += len(data)
        self._call("OnDownloadProgress", current=self._received, total=self._total)
        if self._status == _PENDING and not self._request.GetFlags() & _NO_DATA:
            try:
                data = bytes(data)
            except MemoryError:
                self._sent.cancel()
                self._stop(_FAILED, _ERR_FAILED)
                return
            self._call("OnDownloadData", data=data)

    def _end(self, response: http.Response) -> None:
        self._close()
        if self._status == _PENDING:
            if response.status_code() < 100:
                self._status = _FAILED
                kind = " %s-" % response.kind()
                at = _BY_KIND.find(kind)
                self._error = _ERR_FAILED if at < 0 else -int(_BY_KIND[at + len(kind) :].split(" ")[0])
            elif self._stopped():
                self._status = _CANCELED  # as CEF has it
                self._error = _ERR_ABORTED
            else:
                self._status = _SUCCESS
        self._call("OnRequestComplete")

    def _call(self, name: str, **args: Any) -> None:
        callback = getattr(self._client, name)
        http.run_callback(name, self._request.GetUrl(), callback, web_request=self, **args)

    def _stopped(self) -> object:
        # At a redirect, which has not been followed.
        return (
            self._request.GetFlags() & _STOP_ON_REDIRECT
            and self._response.GetStatus() in (301, 302, 303, 307, 308)
            and self._response.GetHeader("Location")
        )

    def _close(self) -> None:
        if self._file:
            self._file.close()
