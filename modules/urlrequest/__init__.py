# SPDX-License-Identifier: MIT
"""UrlRequest as Kivy documents it, over http. README.md beside this file says what differs."""

import os
import sys

import http

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any

    Callback = Callable[..., object] | None

_CALLBACKS = ("on_success", "on_redirect", "on_failure", "on_error", "on_progress", "on_cancel", "on_finish")


class UrlRequest:
    """A request that runs in the background. Its callbacks run when Python is idle.

    url: str. req_body: what http takes as data; with it the method is POST, else GET. req_headers: dict.
    on_success(request, result), on_redirect(request, result), on_failure(request, result): by the status.
    on_error(request, error): there is no HTTP response. error is an exception.
    on_progress(request, current, total): at the beginning, and after each chunk_size bytes; total may be -1.
    on_cancel(request), on_finish(request): after cancel(); after any end.
    timeout: seconds for the connection, and for the time without a byte. None: 40 and 60.
    decode: False leaves JSON as it is. file_path: the body goes to this file. debug: prints what happens.
    ca_file: path of PEM certificates. verify: False accepts any server, which a board can forbid.
    proxy_host, proxy_port, proxy_headers: an HTTP proxy, and fields for its CONNECT.
    user_agent, cookies: str, header fields, unless req_headers has them.
    auth: HTTPBasicAuth, HTTPDigestAuth or (user, password).
    """

    on_success: Callback
    on_redirect: Callback
    on_failure: Callback
    on_error: Callback
    on_progress: Callable[..., object] | Any
    on_cancel: Callback
    on_finish: Callback
    file_path: str | Any
    _result: Any
    _error: BaseException | None
    _resp_status: int | None
    _resp_headers: dict[str, str] | None
    _request: http.Request | None

    def __init__(
        self,
        url: str,
        on_success: Callback = None,
        on_redirect: Callback = None,
        on_failure: Callback = None,
        on_error: Callback = None,
        on_progress: Callback = None,
        req_body: Any = None,
        req_headers: dict[str, Any] | None = None,
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
        on_cancel: Callback = None,
        on_finish: Callback = None,
        cookies: str | None = None,
        auth: Any = None,
    ) -> None:
        callbacks = on_success, on_redirect, on_failure, on_error, on_progress, on_cancel, on_finish
        for name, callback in zip(_CALLBACKS, callbacks):
            if callback is not None and not callable(callback):
                raise TypeError(name + " must be callable or None")
            setattr(self, name, callback)
        for name, value, kind in (
            ("chunk_size", chunk_size, int),
            ("req_headers", req_headers or {}, dict),
            ("proxy_host", proxy_host or "", str),
            ("proxy_port", proxy_port or 0, int),
        ):
            if not isinstance(value, kind):
                raise TypeError("%s must be %s" % (name, kind.__name__))
        if chunk_size <= 0:
            raise ValueError("chunk_size must be positive")
        if timeout is not None:
            if not isinstance(timeout, (int, float)):
                raise TypeError("timeout must be int, float or None")
            if not timeout > 0:
                raise ValueError("timeout must be positive")
        self.url = url
        self.req_body = req_body
        self.req_headers = req_headers
        self.decode = decode
        self.file_path = file_path
        self.ca_file = ca_file
        self.verify = verify
        self._chunk_size = chunk_size
        self._debug = debug
        self._result = self._error = self._resp_status = self._resp_headers = None
        self._is_finished = self._canceled = self._telling = False
        self._total = -1
        self._told = 0  # bytes, of on_progress
        headers = {}
        for name, value in (req_headers or {}).items():
            if isinstance(value, int):
                value = str(value)
            headers[name] = str(value, "utf-8") if isinstance(value, bytes) else value
        if user_agent:
            headers.setdefault("User-Agent", user_agent)
        if cookies:
            headers.setdefault("Cookie", cookies)
        options: dict[str, Any] = {
            "allow_redirects": False,
            "timeout": 0,
            "connect_timeout": 40 if timeout is None else timeout,
            "stall_timeout": 60 if timeout is None else timeout,
            "proxy": "",  # the original does not look into the environment
            "on_head": self._begin,
            "file": file_path,
        }
        tls = isinstance(url, str) and url[:8].lower() == "https://"
        if on_progress:
            options["on_progress"] = self._progress
        if auth:
            options["auth"] = _account(auth)
        if not verify:
            options["verify"] = False
        elif tls and ca_file:
            try:
                with open(ca_file, "rb") as file:
                    options["cacert"] = file.read()
            except OSError as e:
                self._error = e
                options["cacert"] = ""  # it fails, with the error above
        if proxy_host:
            host = "[%s]" % proxy_host if ":" in proxy_host else proxy_host
            options["proxy"] = "http://%s:%d" % (host, proxy_port or (443 if tls else 80))
            if tls:
                options["proxy_headers"] = proxy_headers
        method = method or ("GET" if req_body is None else "POST")
        self._ranged = any(name.lower() == "range" for name in headers)
        # What waits for _end: the request, and after cancel() what brings on_cancel. None at the end.
        self._request = http.request_async(method, url, self._end, headers, req_body, **options)
        self._log(method)

    @property
    def is_finished(self) -> bool:
        """True after a success, redirect, failure or error."""
        return self._is_finished

    @property
    def result(self) -> Any:
        """What the callback gets: str, bytes, or decoded JSON. None before."""
        return self._result

    @property
    def resp_headers(self) -> dict[str, str] | None:
        """Dict of the response's header fields, None before. "Set-Cookie" has all cookies, with ";"."""
        return self._resp_headers

    @property
    def resp_status(self) -> int | None:
        """The HTTP status, None before."""
        return self._resp_status

    @property
    def error(self) -> BaseException | None:
        """The exception that on_error gets, else None."""
        return self._error if self._is_finished else None

    @property
    def chunk_size(self) -> int:
        """After how many bytes on_progress is called."""
        return self._chunk_size

    def wait(self, delay: float = 0.5) -> None:
        """Wait for the end. The callbacks of this request, and no others, run meanwhile.

        delay: no meaning here, for nothing polls. In its own on_progress it returns at once.
        """
        while self._request and not self._telling:
            request = self._request
            response = request.wait()
            if response is not None:
                request.cancel()  # this forgets the callback: it is called here
                self._end(response)
            elif request is self._request:
                return  # http.cancel_all() has cancelled it

    def cancel(self) -> None:
        """End the request. on_cancel comes when Python is idle; on_finish follows it."""
        if self._request and not self._canceled:
            self._canceled = True
            self._request.cancel()
            # A request that fails at once: http calls back when Python is idle. Asking for the response
            # frees the slot now.
            self._request = http.get_async("", self._end)
            self._request.response()

    def decode_result(self, result: Any, resp: http.Response) -> Any:
        """Return the result, decoded if resp, the Response of http, is application/json."""
        if resp.header("Content-Type", "").split(";")[0] != "application/json":
            return result
        if isinstance(result, bytes):
            result = str(result, "utf-8")
        try:
            return resp.json() if result else result
        except ValueError:
            return result

    def _begin(self, response: http.Response) -> None:
        self._resp_status = response.status_code()
        self._resp_headers = fields = {}
        cookies = []
        for name, value in response.header_list():
            if name == "Set-Cookie":
                cookies.append(value)
            else:
                fields[name] = value
        fields["Set-Cookie"] = ";".join(cookies)
        if self.on_progress:
            try:
                self._total = int(response.header("Content-Length"))
            except (TypeError, ValueError):
                pass
            self._tell(0)

    def _progress(self, received: int, total: int | None) -> None:
        while not self._canceled and self._told + self._chunk_size <= received:
            self._tell(self._told + self._chunk_size)

    def _tell(self, current: int) -> None:
        self._told = current
        self._telling = True
        try:
            self._call("on_progress", current, self._total)
        finally:
            self._telling = False

    def _end(self, response: http.Response) -> None:
        if not self._canceled and self.on_progress and response.status_code() >= 100:
            received = response.timings()["received"]
            self._progress(received, None)
            if self._told < received and not self._canceled:
                self._tell(received)
            if not self._canceled:
                self._tell(received)  # once more, as the original does
            if self._canceled:
                return  # on_cancel comes at idle
        self._request = None
        if self._canceled:
            self._log("cancelled")
            self._call("on_cancel")
        else:
            self._call(*self._finish(response))
        self._call("on_finish")

    def _call(self, name: str, *args: Any) -> None:
        callback = getattr(self, name)
        if callback:
            http.run_callback(name, self.url, callback, self, *args)

    def _finish(self, response: http.Response) -> tuple[str, Any]:
        status = response.status_code()
        error: Any = self._error
        if status < 100:
            error = error or OSError(status, response.error())
        else:
            try:
                self._result = self._read(response, status)
            except (MemoryError, OSError, UnicodeError) as e:
                error = e
        self._is_finished = True
        if error:
            self._error = error
            self._log("error %s" % (error.args[0] if error.args else type(error).__name__))
            return "on_error", error
        self._log(status)
        if status < 300:
            return "on_success", self._result
        return "on_redirect" if status < 400 else "on_failure", self._result

    def _read(self, response: http.Response, status: int) -> Any:
        body = response.body()
        result: Any = b""
        if self.file_path:
            # http has written a 2xx, but not a part that nobody asked for.
            if body or status >= 300:
                self._write(body)
        else:
            result = bytes(body)
            if not self.on_progress:
                try:
                    result = str(result, "utf-8")
                except UnicodeError:
                    pass
        return self.decode_result(result, response) if self.decode else result

    def _write(self, body: bytearray) -> None:
        part = self.file_path + ".part"
        try:
            with open(part, "wb") as file:
                file.write(body)
            os.rename(part, self.file_path)
        except OSError:
            try:
                os.remove(part)
            except OSError:
                pass
            raise

    def _log(self, what: object) -> None:
        # No URL: the dock shows its log in public.
        if self._debug:
            sys.stderr.write("UrlRequest: %d %s\n" % (id(self), what))


def _account(auth: Any) -> tuple[str, ...]:
    if isinstance(auth, tuple):
        return auth
    kind = type(auth).__name__
    if kind == "HTTPBasicAuth":
        return auth.username, auth.password
    if kind == "HTTPDigestAuth":
        return "digest", auth.username, auth.password
    raise TypeError("auth must be HTTPBasicAuth, HTTPDigestAuth or (user, password)")


UrlRequestBase = UrlRequestRequests = UrlRequestUrllib = UrlRequest
