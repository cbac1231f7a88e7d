# SPDX-License-Identifier: MIT
"""Only http and https are allowed, wherever a URL comes from; https never becomes http."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from servers.certs import Certs
from servers.wire import Request, WireFactory, redirect, reply
from support.program import Program

_SECRET = "what only a file says"

_SCHEMES = [
    *("file", "ftp", "ftps", "sftp", "scp", "gopher", "gophers", "dict", "telnet", "tftp", "ldap", "ldaps"),
    *("smb", "smbs", "imap", "pop3", "smtp", "rtsp", "mqtt", "ws", "wss", "socks5", "unix", "h2", "httpss"),
]


@pytest.fixture
def urls(tmp_path: Path) -> list[str]:
    """URLs of other schemes, and texts that some programs take for URLs; of a file that can be read."""
    path = tmp_path / "secret"
    path.write_text(_SECRET)
    with_authority = [f"{scheme}://127.0.0.1:1{path}" for scheme in _SCHEMES]
    others = [f"file:{path}", f"file://{path}", f"FILE://localhost{path}", f"file:\\\\{path}", str(path)]
    data = [
        "data:text/plain,text",
        "data://text/plain,text",
        "javascript:1",
        "javascript://%0a1",
        "about:blank",
    ]
    return [*with_authority, *others, *data, "blob:http://127.0.0.1/1", "view-source:http://127.0.0.1:1/"]


def test_no_url_of_another_scheme_is_opened(run_app: Program, urls: list[str]) -> None:
    run = run_app(
        """
        for url in URLS:
            for r in http.get(url, timeout=5), http.post_async(url, data=b"content", timeout=5).wait():
                show(url, r.status_code() in (1, 3), bytes(r.body()), r.headers(), http.stats()["free"])
        """,
        URLS=urls,
    )
    assert run.ok().lines == [(url, True, b"", {}, 16) for url in urls for _ in range(2)]


def test_no_redirect_to_another_scheme_is_followed(
    run_app: Program, wire: WireFactory, urls: list[str]
) -> None:
    """What has no scheme with an authority may be a path on the same server (RFC 3986 4.2)."""

    def handler(request: Request) -> bytes:
        number = request.target.removeprefix("/from/")
        return redirect(302, urls[int(number)]) if number.isdigit() else reply(200, b"a path")

    server = wire(handler)
    run = run_app(
        """
        for number in range(COUNT):
            r = http.get(URL + "/from/%d" % number, timeout=5)
            show(r.status_code(), bytes(r.body()), r.error(), http.stats()["free"])
        """,
        URL=server.url,
        COUNT=len(urls),
    )
    for url, (status, body, error, free) in zip(urls, run.ok().lines, strict=True):
        assert free == 16
        assert (status in (1, 3) and body == b"" and error) or (
            "://" not in url and (status, body) == (200, b"a path")
        ), url


def test_no_proxy_of_another_scheme_is_taken(run_app: Program, urls: list[str], refused_url: str) -> None:
    run = run_app(
        """
        for proxy in PROXIES:
            try:
                http.get(URL, proxy=proxy)
            except ValueError as e:
                show(proxy, str(e).startswith("proxy must be"), http.stats()["free"])
        """,
        URL=refused_url,
        PROXIES=urls,
    )
    assert run.ok().lines == [(url, True, 16) for url in urls]


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A port that answers nothing, and what was said first on each of its connections."""
    heard: list[bytes] = []
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.02)

        def accept() -> None:
            while not over.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(1)
                    heard.append(connection.recv(100))

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1], heard
        finally:
            over.set()
            thread.join()


_HTTP_VARIABLES = ["http_proxy", "all_proxy", "ALL_PROXY"]
_HTTPS_VARIABLES = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
_PROXIES = [
    "socks4",
    "socks4a",
    "socks5",
    "socks5h",
    "socks",
    "SOCKS5",
    "file",
    "ftp",
    "gopher",
    "dict",
    "httpx",
]


@pytest.mark.needs("proxy_environment")
@pytest.mark.parametrize("scheme", _PROXIES)
def test_environment_proxy_of_another_scheme_is_5_or_7_and_nothing_goes_anywhere(
    run_app: Program, wire: WireFactory, scheme: str
) -> None:
    """The request is not sent to that proxy, and it is not sent without a proxy either."""
    server = wire(reply())
    with listening() as (port, heard):
        for secure, variables in ((False, _HTTP_VARIABLES), (True, _HTTPS_VARIABLES)):
            url = server.url.replace("http:", "https:") if secure else server.url
            for variable in variables:
                run = run_app(
                    """
                    r = http.get(URL, timeout=5)
                    show(r.status_code(), r.error(), http.stats()["free"])
                    """,
                    URL=url,
                    env={variable: f"{scheme}://user:sesame@127.0.0.1:{port}"},
                )
                status, error, free = run.shown
                assert (status in (5, 7), free) == (True, 16), variable
                assert error
                assert "sesame" not in error
    assert heard == []
    assert server.connections == 0


@pytest.mark.needs("proxy_environment")
@pytest.mark.parametrize("no_proxy", ["*", "127.0.0.1", "localhost,127.0.0.1"])
def test_host_that_needs_no_proxy_is_asked_whatever_the_proxy_is(
    run_app: Program, wire: WireFactory, no_proxy: str
) -> None:
    run = run_app(
        "show(http.get(URL, timeout=5).status_code(), http.get(URL, proxy='').status_code())",
        URL=wire(reply()).url,
        env={"all_proxy": "socks5://127.0.0.1:1", "no_proxy": no_proxy},
    )
    assert run.shown == (200, 200)


@pytest.mark.needs("proxy_environment")
def test_environment_proxy_without_a_scheme_is_one_for_http(run_app: Program, wire: WireFactory) -> None:
    proxy = wire(reply(200, b"proxy"))
    run = run_app(
        "show(http.get('http://dock.example/a').text())", env={"http_proxy": f"127.0.0.1:{proxy.port}"}
    )
    assert run.shown == ("proxy",)
    assert proxy.request.target == "http://dock.example/a"


@pytest.mark.needs("proxy_environment")
def test_http_proxy_in_upper_case_is_not_taken(run_app: Program, wire: WireFactory) -> None:
    """In a CGI program HTTP_PROXY is the client's header field `Proxy`."""
    run = run_app(
        "show(http.get(URL, timeout=5).status_code())",
        URL=wire(reply()).url,
        env={"HTTP_PROXY": "http://127.0.0.1:1"},
    )
    assert run.shown == (200,)


# ----------------------------------------------------------------------------------------------------
# https stays https

# Spellings of the plain server, after {}: 127.0.0.1:port.
_PLAIN = [
    *("http://{}/", "HTTP://{}/", "hTtP://{}/", "http:/{}/", "http:{}/", "http:///{}/", "http:\\\\{}/"),
    *(" http://{}/", "\thttp://{}/", "http://{}/#https://", "http://user:pass@{}/", "http://{}\\@127.0.0.1/"),
    *("//{}/", "\\\\{}/", "/\\{}/", "https://{}/", "https:http://{}/", "http://{}/\thttps://"),
]


@pytest.mark.parametrize("hops", [0, 1, 2])
def test_https_never_becomes_http(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, hops: int
) -> None:
    """However the Location is spelled, and after however many redirects within https."""
    with listening() as (port, heard):
        locations = [spelling.format(f"127.0.0.1:{port}") for spelling in _PLAIN]

        def handler(request: Request) -> bytes:
            if not request.target.startswith("/?"):
                return reply(200, b"a path")
            hop, number = map(int, request.target.removeprefix("/?").split("/"))
            return redirect(307, locations[number] if hop == 0 else f"/?{hop - 1}/{number}")

        run = run_app(
            """
            for number in range(COUNT):
                r = http.post(URL + "/?%d/%d" % (HOPS, number), {"X-Key": "key"}, b"content", cacert=CA)
                show(r.status_code(), bytes(r.body()), http.stats()["free"])
            """,
            URL=wire(handler, tls).url,
            HOPS=hops,
            COUNT=len(locations),
            CA=certs.ca_pem,
        )
    for location, (status, body, free) in zip(locations, run.ok().lines, strict=True):
        assert free == 16
        assert (status in (1, 3, 35) and body == b"") or (status, body) == (200, b"a path"), location
    assert run.lines[0][0] == 1
    assert all(text.startswith(b"\x16\x03") for text in heard)  # a TLS handshake: https on another port


@pytest.mark.parametrize("through", ["http", "https"])
def test_https_never_becomes_http_by_way_of_a_proxy(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, through: str
) -> None:
    """A redirect from https, where the proxy cannot interfere, to an http URL that a proxy would answer."""
    proxy = wire(reply(200, b"proxy"))
    server = wire(redirect(302, "http://dock.example/"), tls)
    start = wire(redirect(302, server.url)).url if through == "http" else server.url
    run = run_app(
        "show(http.get(URL, {'X-Key': 'key'}, cacert=CA).status_code())",
        URL=start,
        CA=certs.ca_pem,
        env={"http_proxy": proxy.url, "no_proxy": "127.0.0.1"},
    )
    assert run.shown == (1,)
    assert proxy.requests == []
