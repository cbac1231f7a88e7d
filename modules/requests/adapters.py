# SPDX-License-Identifier: MIT
"""Adapters: how a session sends a PreparedRequest. Retry is what urllib3.util.Retry is."""

import time

from . import exceptions
from ._wire import perform
from .models import Response
from .utils import get_auth_from_url, select_proxy, urldefragauth

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any, NoReturn
    from .models import PreparedRequest


class Retry:
    """How often and when a request is sent again (urllib3.util.Retry). Only total is positional."""

    DEFAULT_ALLOWED_METHODS = frozenset(("HEAD", "GET", "PUT", "DELETE", "OPTIONS", "TRACE"))
    allowed_methods: Any = DEFAULT_ALLOWED_METHODS
    RETRY_AFTER_STATUS_CODES = (413, 429, 503)
    connect: Any
    read: Any
    redirect: Any
    status: Any
    other: Any
    connect = read = redirect = status = other = None
    status_forcelist = ()
    backoff_factor = _count = 0
    backoff_max = 120
    raise_on_redirect = raise_on_status = respect_retry_after_header = True

    def __init__(self, total: Any = 10, **more: Any) -> None:
        self.total = total
        for name, value in more.items():
            if callable(getattr(Retry, name, Retry)):
                raise TypeError("unknown: " + name)
            setattr(self, name, value)

    @classmethod
    def from_int(cls, retries: Any, redirect: Any = True, default: Any = None) -> "Retry":
        if retries is None:
            retries = 3 if default is None else default
        return retries if isinstance(retries, Retry) else Retry(retries, redirect=None if redirect else False)

    def new(self, **changes: Any) -> "Retry":
        # Of a subclass as well: what is its own, it passes in its new(), as with urllib3.
        for name, value in self.__dict__.items():
            if hasattr(Retry, name):
                changes.setdefault(name, value)
        return type(self)(**changes)

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        if not self._is_allowed(method):
            return False
        if status_code in (self.status_forcelist or ()):
            return True
        after = (
            has_retry_after
            and self.respect_retry_after_header
            and status_code in self.RETRY_AFTER_STATUS_CODES
        )
        return bool(self.total and after)

    def get_backoff_time(self) -> float:
        if self._count <= 1:
            return 0
        return float(max(0, min(self.backoff_max, self.backoff_factor * 2 ** (self._count - 1))))

    def parse_retry_after(self, retry_after: str) -> float:
        if retry_after.strip().isdigit():
            return float(retry_after)
        from .cookies import _date

        date = _date(retry_after)
        if date is None:
            raise exceptions.InvalidHeader("Retry-After is no date")
        return max(0, date - time.time())

    def _is_allowed(self, method: str) -> bool:
        return not self.allowed_methods or method.upper() in self.allowed_methods

    def _after(self, count: str) -> "Retry | None":
        # The Retry after one more failure, or None: count is the name of what is counted besides total.
        after = self.new(total=self.total if self.total is None else self.total - 1)
        left = getattr(self, count)
        if left is not None:
            setattr(after, count, left - 1)
        after._count = self._count + 1
        for left in (after.total, after.connect, after.read, after.status, after.other):
            if left is not None and left < 0:
                return None
        return after

    def _sleep(self, retry_after: str | None) -> None:
        seconds: float = 0
        if retry_after and self.respect_retry_after_header:
            seconds = self.parse_retry_after(retry_after)
        time.sleep(seconds or self.get_backoff_time())


class BaseAdapter:
    """The base of adapters: send() and close() are for the app to write."""

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Response:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class HTTPAdapter(BaseAdapter):
    """Sends over `http`, that is, libcurl, which has one pool of connections for all."""

    def __init__(
        self,
        pool_connections: int = 10,
        pool_maxsize: int = 10,
        max_retries: Any = 0,
        pool_block: bool = False,
    ) -> None:
        if pool_block:
            raise NotImplementedError("pool_block is not here")
        if max_retries == 0:
            self.max_retries = Retry(0, read=False)
        else:
            self.max_retries = Retry.from_int(max_retries)
        self.init_poolmanager(pool_connections, pool_maxsize, block=pool_block)

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        if pool_kwargs:
            raise NotImplementedError("no pool: " + ", ".join(pool_kwargs))

    def _absent(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotImplementedError("not over libcurl")

    proxy_manager_for = cert_verify = get_connection = _absent
    get_connection_with_tls_context = build_connection_pool_key_attributes = _absent

    def close(self) -> None:
        pass

    def add_headers(self, request: PreparedRequest, **kwargs: Any) -> None:
        pass

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        user, password = get_auth_from_url(proxy)
        if not user:
            return {}
        from .auth import _basic_auth_str

        return {"Proxy-Authorization": _basic_auth_str(user, password)}

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        proxy = select_proxy(request.url, proxies)
        if proxy and not proxy.lower().startswith("socks") and not request.url.startswith("https"):
            return urldefragauth(request.url)
        url = request.path_url
        return "/" + url.lstrip("/") if url.startswith("//") else url

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        response = Response()
        response.status_code = resp.status
        response.raw = resp
        response.connection = self
        return response

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> Response:
        self.add_headers(request, stream=stream, timeout=timeout, verify=verify, cert=cert, proxies=proxies)
        proxy = select_proxy(request.url, proxies) if proxies else None
        if proxy is not None:
            proxy = _check(proxy)
        retries = self.max_retries
        while True:
            try:
                raw = perform(request, stream, timeout, verify, cert, proxy)
            except (exceptions.ConnectionError, exceptions.ReadTimeout) as e:
                retries = self._after(retries, request, e)
                retries._sleep(None)
                request._rewind()
                continue
            retry_after = raw.headers.get("Retry-After") if raw.status >= 400 else None
            if raw.status < 400 and not retries.status_forcelist:
                break
            if not retries.is_retry(request.method, raw.status, bool(retry_after)):
                break
            after = retries._after("status")
            if after is None and not retries.raise_on_status:
                break
            raw.close()
            if after is None:
                raise exceptions.RetryError("too many %d responses" % raw.status, request=request)
            retries = after
            retries._sleep(retry_after)
            request._rewind()
        return self.build_response(request, raw)

    def _after(self, retries: Retry, request: PreparedRequest, e: Any) -> Retry:
        # Everything may be sent again if nothing was sent; else only what may come twice.
        if e._is_unsent:
            count = "connect"
        elif isinstance(e, (exceptions.SSLError, exceptions.ProxyError)):
            count = "other"
        else:
            count = "read"
            if retries.read is False or not retries._is_allowed(request.method):
                raise e
        if retries.total is False:
            raise e
        after = retries._after(count)
        if after is None:
            if isinstance(e, exceptions.ReadTimeout):
                e = exceptions.ConnectionError(str(e), request=request)
            raise e
        return after


def _check(proxy: str) -> str:
    scheme = proxy.partition("://")[0].lower() if "://" in proxy else ""
    if scheme.startswith("socks"):
        raise exceptions.InvalidSchema("there is no SOCKS")
    if not scheme:
        return "http://" + proxy if proxy else ""
    return proxy
