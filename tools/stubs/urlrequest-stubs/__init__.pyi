# SPDX-License-Identifier: MIT
"""The class UrlRequest as Kivy documents it, over http.

modules/urlrequest/README.md says what differs. `from kivy.network.urlrequest import UrlRequest` works too.

Source: Kivy 2.3, "UrlRequest".
"""

from collections.abc import Callable
from typing import Any, Self

import http

class UrlRequest:
    """A request that runs in the background. Its callbacks run when Python is idle.

    Args:
        url: http:// or https://.
        on_success: called with the request and the result, for a 2xx.
        on_redirect: called with the request and the result, for a 3xx.
        on_failure: called with the request and the result, for a 4xx or 5xx.
        on_error: called with the request and an exception: there is no HTTP response.
        on_progress: called with the request, the bytes so far and the total (-1 if unknown).
        req_body: the body; with it the method is POST, else GET.
        req_headers: header fields.
        chunk_size: bytes after which on_progress is called.
        timeout: seconds for the connection, and for the time without a byte. None: 40 and 60.
        method: None: GET or POST.
        decode: False leaves JSON as it is.
        debug: prints what happens.
        file_path: the body goes to this file.
        ca_file: path of PEM certificates.
        verify: False accepts any server; the dock refuses it.
        proxy_host: an HTTP proxy.
        proxy_port: its port.
        proxy_headers: fields for its CONNECT.
        user_agent: the header field, unless req_headers has it.
        on_cancel: called with the request after cancel().
        on_finish: called with the request after any end.
        cookies: the header field Cookie, unless req_headers has it.
        auth: (user, password), or HTTPBasicAuth or HTTPDigestAuth of requests.

    Raises:
        TypeError: a wrong type.
        ValueError: chunk_size or timeout is 0.
    """

    url: str
    req_body: Any
    req_headers: dict[str, Any] | None
    decode: bool
    file_path: str | None
    ca_file: str | None
    verify: bool

    def __init__(
        self,
        url: str,
        on_success: Callable[[Self, Any], object] | None = None,
        on_redirect: Callable[[Self, Any], object] | None = None,
        on_failure: Callable[[Self, Any], object] | None = None,
        on_error: Callable[[Self, Exception], object] | None = None,
        on_progress: Callable[[Self, int, int], object] | None = None,
        req_body: Any = None,
        req_headers: dict[str, str] | dict[str, str | int] | None = None,
        chunk_size: int = 8192,
        timeout: float | None = None,
        method: str | None = None,
        decode: bool = True,
        debug: bool = False,
        file_path: str | None = None,
        ca_file: str | None = None,
        verify: bool = True,
        proxy_host: str | None = None,
        proxy_port: int | None = None,
        proxy_headers: dict[str, str] | None = None,
        user_agent: str | None = None,
        on_cancel: Callable[[Self], object] | None = None,
        on_finish: Callable[[Self], object] | None = None,
        cookies: str | None = None,
        auth: Any = None,
    ) -> None: ...
    @property
    def is_finished(self) -> bool:
        """True after a success, redirect, failure or error."""

    @property
    def result(self) -> Any:
        """What the callback gets: str, bytes, or decoded JSON. None before."""

    @property
    def resp_headers(self) -> dict[str, str] | None:
        """The header fields of the response; None before. "Set-Cookie" has all cookies."""

    @property
    def resp_status(self) -> int | None:
        """The HTTP status; None before."""

    @property
    def error(self) -> Exception | None:
        """The exception that on_error gets, or None."""

    @property
    def chunk_size(self) -> int:
        """Bytes after which on_progress is called."""

    def wait(self, delay: float = 0.5) -> None:
        """Wait for the end. The callbacks of this request, and no others, run meanwhile.

        Args:
            delay: without meaning here: nothing polls.
        """

    def cancel(self) -> None:
        """End the request. on_cancel comes when Python is idle; on_finish follows it."""

    def decode_result(self, result: Any, resp: http.Response) -> Any:
        """Return the result, decoded if resp is application/json."""

UrlRequestBase: type[UrlRequest]
UrlRequestRequests: type[UrlRequest]
UrlRequestUrllib: type[UrlRequest]
