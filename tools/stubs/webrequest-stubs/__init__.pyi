# SPDX-License-Identifier: MIT
"""The classes WebRequest, Request and Response as CEF Python documents them, over http.

modules/webrequest/README.md says what differs. `from cefpython3 import cefpython` works too. Callbacks are called by keyword.

Source: CEF Python 66, "WebRequest", "Request", "Response" and "WebRequestClient".
"""

from typing import Any, NoReturn, Protocol

import http

def __getattr__(name: str) -> int: ...

class _Message:
    def IsReadOnly(self) -> bool:
        """Tell whether it cannot be changed any more."""

    def GetHeaderMap(self) -> dict[str, str]:
        """Return the header fields; of repeated names the last value."""

    def GetHeaderMultimap(self) -> list[tuple[str, str]]:
        """Return the header fields as (name, value)."""

class _Request(_Message):
    def GetUrl(self) -> str: ...
    def SetUrl(self, url: str) -> None: ...
    def GetMethod(self) -> str: ...
    def SetMethod(self, method: str) -> None: ...
    def GetPostData(self) -> dict[bytes, bytes] | list[bytes]: ...
    def SetPostData(self, postData: dict[Any, Any] | list[bytes]) -> None: ...
    def SetHeaderMap(self, headerMap: dict[str, Any]) -> None: ...
    def SetHeaderMultimap(self, headerMultimap: list[tuple[str, Any]]) -> None: ...
    def GetFlags(self) -> int: ...
    def SetFlags(self, flags: int) -> None: ...
    def GetFirstPartyForCookies(self) -> str: ...
    def SetFirstPartyForCookies(self, url: str) -> None: ...

class _WebRequest:
    def GetRequest(self) -> _Request: ...
    def GetRequestStatus(self) -> int: ...
    def GetRequestError(self) -> int: ...
    def GetResponse(self) -> Response | None: ...
    def Cancel(self) -> None: ...

class _Client(Protocol):
    def OnUploadProgress(self, web_request: _WebRequest, current: int, total: int) -> object: ...
    def OnDownloadProgress(self, web_request: _WebRequest, current: int, total: int) -> object: ...
    def OnDownloadData(self, web_request: _WebRequest, data: bytes) -> object: ...
    def OnRequestComplete(self, web_request: _WebRequest) -> object: ...

class Request:
    """Makes requests: Request.CreateRequest(). The class itself cannot be called."""

    Flags: dict[str, int]
    """The flags by name: "SkipCache", "StopOnRedirect" and others."""

    @staticmethod
    def CreateRequest() -> _Request:
        """Make a request. SetUrl(), SetMethod(), SetPostData(), SetHeaderMap() and SetFlags() change it."""

class Response:
    """The status and the header fields of a response. It is read-only: the functions Set...() raise RuntimeError."""

    def __init__(self, response: http.Response) -> None: ...
    def IsReadOnly(self) -> bool:
        """Tell whether it cannot be changed any more."""

    def GetHeaderMap(self) -> dict[str, str]:
        """Return the header fields; of repeated names the last value."""

    def GetHeaderMultimap(self) -> list[tuple[str, str]]:
        """Return the header fields as (name, value)."""

    def SetStatus(self, value: object) -> NoReturn: ...
    def SetStatusText(self, value: object) -> NoReturn: ...
    def SetMimeType(self, value: object) -> NoReturn: ...
    def SetHeaderMap(self, value: object) -> NoReturn: ...
    def SetHeaderMultimap(self, value: object) -> NoReturn: ...
    def GetStatus(self) -> int:
        """Return the HTTP status."""

    def GetStatusText(self) -> str:
        """Return the reason phrase."""

    def GetMimeType(self) -> str:
        """Return the content type without parameters, in lower case."""

    def GetHeader(self, name: str) -> str:
        """Return one header field; "" if there is none."""

class WebRequest:
    """Starts requests: WebRequest.Create(). The class itself cannot be called."""

    Status: dict[str, int]
    """The states by name: "Success", "Pending", "Canceled", "Failed"."""

    @staticmethod
    def Create(request: _Request, handler: _Client) -> _WebRequest:
        """Start a request. It is read-only from now on.

        Args:
            request: what Request.CreateRequest() made.
            handler: an object with OnUploadProgress(), OnDownloadProgress(), OnDownloadData() and
                OnRequestComplete(), which are called by keyword, when Python is idle.

        Raises:
            TypeError: the request is not of CreateRequest(), or the handler lacks a method.
            NotImplementedError: the method is not GET, POST, HEAD, DELETE or PUT.
        """
