# SPDX-License-Identifier: MIT
"""Session: what several requests share. Redirects and cookies are here; `http` does single hops."""

import os
from collections import OrderedDict

from micropython import const

from ._url import origin, requote, shown, split, unsplit, urljoin
from . import exceptions
from .hooks import default_hooks, dispatch_hook
from .models import PreparedRequest, Request, is_plain
from .structures import CaseInsensitiveDict, is_mapping

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Iterator
    from typing import Any, Self
    from .models import Response

# The fields that go to another origin: what the client is, and what describes a body that is sent again.
_FOR_ALL = const(("user-agent", "connection", "content-type", "content-length", "transfer-encoding"))


def merge_setting(value: Any, other: Any, kind: Any = OrderedDict) -> Any:
    if other is None:
        return value
    if value is None:
        return other
    if not (is_mapping(other) and is_mapping(value)):
        return value
    merged = kind(list(other.items()))
    merged.update(list(value.items()))
    for name, item in list(merged.items()):
        if item is None:
            del merged[name]
    return merged


class Session:
    """Headers, params, auth, cookies, proxies, hooks, verify, cert for several requests.

    The attributes that are objects are made when they are asked for.
    """

    auth = None
    stream = False
    verify = True
    cert = None
    max_redirects = 30
    trust_env = True

    def __getattr__(self, name: str) -> Any:
        value: Any
        if name == "headers":
            from .utils import default_headers

            value = default_headers()
        elif name == "cookies":
            from .cookies import RequestsCookieJar

            value = RequestsCookieJar()
        elif name == "hooks":
            value = default_hooks()
        elif name in ("proxies", "params"):
            value = {}
        elif name == "adapters":
            from .adapters import HTTPAdapter

            value = OrderedDict()
            value["https://"] = HTTPAdapter()
            value["http://"] = HTTPAdapter()
        else:
            raise AttributeError(name)
        setattr(self, name, value)
        return value

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def prepare_request(self, request: Request) -> PreparedRequest:
        """Return the PreparedRequest of a Request with what the session adds."""
        cookies = request.cookies
        if cookies or self.cookies:
            from .cookies import RequestsCookieJar, cookiejar_from_dict, merge_cookies

            if not isinstance(cookies, RequestsCookieJar):
                cookies = cookiejar_from_dict(cookies)
            cookies = merge_cookies(merge_cookies(RequestsCookieJar(), self.cookies), cookies)
        headers = self.headers
        if request.headers or not headers or None in headers.values():
            headers = merge_setting(request.headers, headers, CaseInsensitiveDict)
        hooks = request.hooks
        if self.hooks and self.hooks.get("response") != []:
            own = hooks and hooks.get("response") != []
            hooks = merge_setting(hooks, self.hooks) if own else self.hooks
        p = PreparedRequest()
        p.prepare(
            request.method.upper(),
            request.url,
            headers,
            request.files,
            request.data,
            merge_setting(request.params, self.params),
            merge_setting(request.auth, self.auth),
            cookies,
            hooks,
            request.json,
        )
        return p

    def request(
        self,
        method: str,
        url: Any,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        cookies: Any = None,
        files: Any = None,
        auth: Any = None,
        timeout: Any = None,
        allow_redirects: bool = True,
        proxies: Any = None,
        hooks: Any = None,
        stream: bool | None = None,
        verify: Any = None,
        cert: Any = None,
        json: Any = None,
    ) -> Response:
        """Send a request, and return the Response."""
        req = Request(method, url, headers, files, data or {}, params or {}, auth, cookies, hooks, json)
        prep = self.prepare_request(req)
        settings = self.merge_environment_settings(prep.url, proxies or {}, stream, verify, cert)
        return self.send(prep, timeout=timeout, allow_redirects=allow_redirects, **settings)

    def get(self, url: Any, **kwargs: Any) -> Response:
        return self.request("GET", url, **kwargs)

    def options(self, url: Any, **kwargs: Any) -> Response:
        return self.request("OPTIONS", url, **kwargs)

    def head(self, url: Any, **kwargs: Any) -> Response:
        kwargs.setdefault("allow_redirects", False)
        return self.request("HEAD", url, **kwargs)

    def post(self, url: Any, data: Any = None, json: Any = None, **kwargs: Any) -> Response:
        return self.request("POST", url, data=data, json=json, **kwargs)

    def put(self, url: Any, data: Any = None, **kwargs: Any) -> Response:
        return self.request("PUT", url, data=data, **kwargs)

    def patch(self, url: Any, data: Any = None, **kwargs: Any) -> Response:
        return self.request("PATCH", url, data=data, **kwargs)

    def delete(self, url: Any, **kwargs: Any) -> Response:
        return self.request("DELETE", url, **kwargs)

    def send(self, request: PreparedRequest, **kwargs: Any) -> Response:
        """Send a PreparedRequest."""
        if isinstance(request, Request):
            raise ValueError("no PreparedRequest")
        kwargs.setdefault("stream", self.stream)
        kwargs.setdefault("verify", self.verify)
        kwargs.setdefault("cert", self.cert)
        if "proxies" not in kwargs:
            kwargs["proxies"] = self._proxies({})
        allow_redirects = kwargs.pop("allow_redirects", True)
        r = self.get_adapter(request.url).send(request, **kwargs)
        r = dispatch_hook("response", request.hooks, r, **kwargs)
        from .cookies import extract_cookies_to_jar

        for response in r.history:
            extract_cookies_to_jar(self.cookies, response.request, response.raw)
        extract_cookies_to_jar(self.cookies, request, r.raw)
        return self._follow(r, request, allow_redirects, **kwargs)

    def _follow(
        self,
        r: Response,
        request: PreparedRequest,
        allow_redirects: bool = True,
        stream: bool = False,
        **kwargs: Any,
    ) -> Response:
        if allow_redirects:
            history = list(self.resolve_redirects(r, request, stream, **kwargs))
            if history:
                history.insert(0, r)
                r = history.pop()
                r.history = history
        elif r.is_redirect:
            for r.next in self.resolve_redirects(r, request, stream, yield_requests=True, **kwargs):
                break
        if not stream:
            r.content
        return r

    def _proxies(self, proxies: Any) -> Any:
        merged = merge_setting(proxies, self.proxies)
        # On a PC `http` looks into the environment, unless there is a proxy or "".
        if not self.trust_env:
            merged.setdefault("all", "")
        return merged

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> dict[str, Any]:
        """Return the settings of a request with those of the session and of the environment."""
        if self.trust_env and (verify is True or verify is None):
            verify = os.getenv("REQUESTS_CA_BUNDLE") or os.getenv("CURL_CA_BUNDLE") or verify
        return {
            "proxies": self._proxies(proxies),
            "stream": merge_setting(stream, self.stream),
            "verify": merge_setting(verify, self.verify),
            "cert": merge_setting(cert, self.cert),
        }

    def get_adapter(self, url: str) -> Any:
        """Return the adapter with the longest prefix of the URL."""
        lower = url.lower()
        for prefix, adapter in self.adapters.items():
            if lower.startswith(prefix.lower()):
                return adapter
        raise exceptions.InvalidSchema("no adapter: " + shown(url))

    def mount(self, prefix: str, adapter: Any) -> None:
        """Send what begins with prefix over adapter. The adapters stay sorted: the longest prefix first."""
        adapters = self.adapters
        adapters[prefix] = adapter
        for key in list(adapters):
            if len(key) < len(prefix):
                adapters[key] = adapters.pop(key)

    def close(self) -> None:
        """Close the adapters. Connections are those of `http`, which keeps them."""
        if "adapters" in self.__dict__:
            for adapter in self.adapters.values():
                adapter.close()

    # Redirects

    def get_redirect_target(self, resp: Response) -> str | None:
        return resp.headers["location"] if resp.is_redirect else None

    def should_strip_auth(self, old_url: str, new_url: str) -> bool:
        """True if the two URLs have not the same origin."""
        return origin(old_url) != origin(new_url)

    def resolve_redirects(
        self,
        resp: Response,
        req: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
        yield_requests: bool = False,
        **adapter_kwargs: Any,
    ) -> Iterator[Any]:
        """Follow the redirects of a Response; yield each Response, or each PreparedRequest instead."""
        history = []
        url = self.get_redirect_target(resp)
        fragment = split(req.url)[4]
        while url:
            history.append(resp)
            resp.history = history[1:]
            try:
                resp.content
            except (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError, RuntimeError):
                pass  # what it says is in its fields
            if len(resp.history) >= self.max_redirects:
                raise exceptions.TooManyRedirects(
                    "Exceeded %d redirects." % self.max_redirects, response=resp
                )
            resp.close()
            scheme, netloc, path, query, own_fragment = split(url)
            fragment = own_fragment or fragment
            url = urljoin(resp.url, requote(unsplit(scheme, netloc, path, query, fragment)))
            next_request = req.copy()
            next_request.url = url
            if origin(req.url)[0] == "https" and origin(url)[0] != "https":
                raise exceptions.InvalidSchema("https to http: refused", response=resp)
            self.rebuild_method(next_request, resp)
            headers = next_request.headers
            if resp.status_code not in (307, 308):
                for name in ("Content-Length", "Content-Type", "Transfer-Encoding"):
                    headers.pop(name, None)
                next_request.body = None
            headers.pop("Cookie", None)
            self._cookies(next_request, req, resp)
            proxies = self.rebuild_proxies(next_request, proxies)
            self.rebuild_auth(next_request, resp)
            next_request._rewind()
            req = next_request
            if yield_requests:
                yield req
                continue
            resp = self.send(
                req,
                stream=stream,
                timeout=timeout,
                verify=verify,
                cert=cert,
                proxies=proxies,
                allow_redirects=False,
                **adapter_kwargs,
            )
            url = self.get_redirect_target(resp)
            yield resp

    def _cookies(self, prepared_request: PreparedRequest, req: PreparedRequest, resp: Response) -> None:
        from .cookies import RequestsCookieJar, extract_cookies_to_jar, merge_cookies

        jar = prepared_request._cookies
        if jar is None:
            jar = RequestsCookieJar()
        extract_cookies_to_jar(jar, req, resp.raw)
        merge_cookies(jar, self.cookies)
        if self.should_strip_auth(req.url, prepared_request.url):
            # Those without a domain are cookies= of the app, which meant the first server.
            for cookie in jar:
                if not cookie.domain:
                    jar.clear(cookie.domain, cookie.path, cookie.name)
        prepared_request._cookies = jar
        prepared_request.prepare_cookies(jar)

    def rebuild_auth(self, prepared_request: PreparedRequest, response: Response) -> None:
        """Remove what another origin must not get: accounts, and fields that the app has set."""
        if self.should_strip_auth(response.request.url, prepared_request.url):
            headers = prepared_request.headers
            for name in headers.keys():
                lower = name.lower()
                if lower not in _FOR_ALL and lower != "cookie" and not lower.startswith("accept"):
                    del headers[name]
            prepared_request._digest = None

    def rebuild_proxies(self, prepared_request: PreparedRequest, proxies: Any) -> Any:
        prepared_request.headers.pop("Proxy-Authorization", None)
        return {} if proxies is None else proxies

    def rebuild_method(self, prepared_request: PreparedRequest, response: Response) -> None:
        """303 and 302 make GET of all methods but HEAD, 301 makes it of POST."""
        status = response.status_code
        method = prepared_request.method
        if (status in (302, 303) and method != "HEAD") or (status == 301 and method == "POST"):
            prepared_request.method = "GET"


def session() -> Session:
    return Session()
