# SPDX-License-Identifier: MIT
"""Option proxy, with a real tinyproxy: contract section 6."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import preload
from servers.certs import Certs
from servers.nginx import Nginx
from servers.tinyproxy import Tinyproxy, find_tinyproxy, tinyproxy, tls_relay
from servers.wire import HOLD, WireFactory, head, redirect, reply
from support.program import Program

_USER, _PASSWORD = "carol", "sesame"

# Both ways to get a Response.
_HOW = ["http.get(URL, {})", "http.get_async(URL, None, {}).wait()"]


@pytest.fixture(scope="session")
def program() -> Path:
    """The proxy's program."""
    return find_tinyproxy()


@pytest.fixture
def proxy(program: Path, tmp_path: Path) -> Iterator[Tinyproxy]:
    """A proxy for everybody."""
    with tinyproxy(program, tmp_path / "proxy") as server:
        yield server


@pytest.fixture
def locked_proxy(program: Path, tmp_path: Path) -> Iterator[Tinyproxy]:
    """A proxy that wants an account."""
    with tinyproxy(program, tmp_path / "proxy", (_USER, _PASSWORD)) as server:
        yield server


def status_and_error(run_app: Program, arguments: str, **names: object) -> tuple[int, str]:
    """GET the URL through the proxy; returns how it ends. Checks that no slot is lost."""
    run = run_app(
        f"r = http.get(URL, {arguments})\nshow(r.status_code(), r.error(), http.stats()['free'])", **names
    )
    status, error, free = run.shown
    assert free == 16
    return status, error


@pytest.mark.parametrize("how", _HOW)
def test_http_goes_through_the_proxy(run_app: Program, wire: WireFactory, proxy: Tinyproxy, how: str) -> None:
    server = wire(reply(200, b"through", "X-A: b"))
    run = run_app(
        f"r = {how.format('proxy=PROXY')}\nshow(r.status_code(), bytes(r.body()), r.header('x-a'), r.url())",
        URL=f"{server.url}/path?a=b",
        PROXY=proxy.url,
    )
    assert run.shown == (200, b"through", "b", f"{server.url}/path?a=b")
    assert proxy.requests() == [f"GET {server.url}/path?a=b"]
    assert server.request.target == "/path?a=b"
    assert server.request.header("Proxy-Authorization") is None


@pytest.mark.parametrize("how", _HOW)
def test_https_goes_through_a_tunnel(
    run_app: Program, web: Nginx, certs: Certs, proxy: Tinyproxy, how: str
) -> None:
    """The server's certificate is verified, and the proxy's answer to CONNECT is not visible."""
    run = run_app(
        f"""
        r = {how.format("proxy=PROXY, cacert=CA")}
        show(r.status_code(), len(r.body()), r.header("server")[:5], r.header("proxy-agent"),
             [name for name, _ in r.header_list()].count("Server"))
        show(http.get(URL, proxy=PROXY, cacert=OTHER).status_code(), http.stats()["free"])
        """,
        URL=f"{web.https}/1m",
        PROXY=proxy.url,
        CA=certs.ca_pem,
        OTHER=certs.other_ca_pem,
    )
    assert run.ok().lines == [(200, 1 << 20, "nginx", None, 1), (60, 16)]
    address = web.https.removeprefix("https://")
    assert set(proxy.requests()) == {f"CONNECT {address}"}


def test_data_goes_through_the_proxy(run_app: Program, wire: WireFactory, proxy: Tinyproxy) -> None:
    server = wire(lambda request: reply(200, request.body))
    run = run_app(
        "show(http.post(URL, data=b'x' * 100000, proxy=PROXY).body() == b'x' * 100000)",
        URL=server.url,
        PROXY=proxy.url,
    )
    assert run.shown == (True,)


def test_redirects_go_through_the_proxy(run_app: Program, wire: WireFactory, proxy: Tinyproxy) -> None:
    server = wire(lambda request: redirect(302, "/end") if request.target == "/" else reply(200, b"end"))
    run = run_app("show(http.get(URL, proxy=PROXY).text())", URL=f"{server.url}/", PROXY=proxy.url)
    assert run.shown == ("end",)
    assert proxy.requests() == [f"GET {server.url}/", f"GET {server.url}/end"]


def test_16_at_once_go_through_the_proxy(
    run_app: Program, web: Nginx, certs: Certs, proxy: Tinyproxy
) -> None:
    run = run_app(
        """
        requests = [http.get_async(url, proxy=PROXY, cacert=CA) for url in URLS * 8]
        show({(r.status_code(), len(r.body())) for r in [request.wait() for request in requests]})
        """,
        URLS=[f"{web.http}/1k", f"{web.https}/1k"],
        PROXY=proxy.url,
        CA=certs.ca_pem,
    )
    assert run.shown == ({(200, 1 << 10)},)


def test_connect_says_who_asks_and_nothing_else(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(403))
    code = "http.get('https://host.invalid/', {'X-Key': 'secret'}, proxy=PROXY, cookies=http.Cookies())"
    run_app(code, PROXY=server.url).ok()
    assert server.request.line == "CONNECT host.invalid:443 HTTP/1.1"
    assert dict(server.request.headers) == {
        "Host": "host.invalid:443",
        "User-Agent": "DL-7450",
        "Proxy-Connection": "Keep-Alive",
    }


# tinyproxy answers 407 without user and password, 401 to wrong ones; CONNECT ends with 56 in both cases.
@pytest.mark.parametrize(
    ("account", "http_status", "https_status"),
    [
        (f"{_USER}:{_PASSWORD}@", 200, 200),
        ("carol:s%65same@", 200, 200),
        (f"{_USER}:wrong@", 401, 56),
        ("", 407, 56),
    ],
    ids=["right", "percent-encoded", "wrong", "missing"],
)
def test_account_in_the_proxy_url(
    run_app: Program,
    web: Nginx,
    certs: Certs,
    locked_proxy: Tinyproxy,
    account: str,
    http_status: int,
    https_status: int,
) -> None:
    run = run_app(
        """
        for url in URLS:
            r = http.get(url, proxy=PROXY, cacert=CA)
            show(r.status_code(), r.error(), http.stats()["free"])
        """,
        URLS=[f"{web.http}/1k", f"{web.https}/1k"],
        PROXY=f"http://{account}127.0.0.1:{locked_proxy.port}",
        CA=certs.ca_pem,
    )
    lines = run.ok().lines
    assert [status for status, _, _ in lines] == [http_status, https_status]
    for _, error, free in lines:
        assert _USER not in error
        assert "wrong" not in error
        assert free == 16


def test_account_of_the_server_is_not_the_proxys(
    run_app: Program, wire: WireFactory, locked_proxy: Tinyproxy
) -> None:
    server = wire(reply())
    run = run_app(
        "show(http.get(URL, proxy=PROXY, auth=('dave', 'other')).status_code())",
        URL=server.url,
        PROXY=locked_proxy.with_account(f"{_USER}:{_PASSWORD}"),
    )
    assert run.shown == (200,)
    assert server.request.header("Proxy-Authorization") is None
    assert server.request.header("Authorization") == "Basic ZGF2ZTpvdGhlcg=="


def test_account_of_the_proxy_is_not_lent_to_other_requests(
    run_app: Program, web: Nginx, locked_proxy: Tinyproxy
) -> None:
    """The same if there is an open connection already."""
    run = run_app(
        "show([http.get(URL, proxy=proxy).status_code() for proxy in PROXIES])",
        URL=f"{web.http}/1k",
        PROXIES=[locked_proxy.with_account(f"{_USER}:{_PASSWORD}"), locked_proxy.url],
    )
    assert run.shown == ([200, 407],)


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_dead_proxy_is_7(run_app: Program, web: Nginx, refused_port: int, secure: bool) -> None:
    status, error = status_and_error(
        run_app,
        "proxy=PROXY",
        URL=web.https if secure else web.http,
        PROXY=f"http://{_USER}:{_PASSWORD}@127.0.0.1:{refused_port}",
    )
    assert status == 7
    assert error
    assert _USER not in error
    assert _PASSWORD not in error


@pytest.mark.parametrize("quick", [False, True], ids=["", "before libcurl asks"])
def test_proxy_that_is_not_found_is_5(
    run_app: Program, web: Nginx, hung_dns: dict[str, str], tmp_path: Path, quick: bool
) -> None:
    """libcurl 8.14.1 itself would return 6 if the resolver is fast."""
    env = hung_dns
    if quick:
        first = preload.build("quick_threads", tmp_path)["LD_PRELOAD"]
        env = hung_dns | {"LD_PRELOAD": f"{first}:{hung_dns['LD_PRELOAD']}"}
    status, error = status_and_error(
        run_app, f"proxy='http://{_USER}:{_PASSWORD}@nowhere.invalid'", URL=web.http, env=env
    )
    assert status == 5
    assert _PASSWORD not in error


@pytest.mark.parametrize(
    "option",
    ["proxy=PROXY", pytest.param("", id="environment", marks=pytest.mark.needs("proxy_environment"))],
)
@pytest.mark.parametrize("address", ["host:99999", "ho st", "[::1", "host:port", ""])
def test_malformed_proxy_never_shows_its_account(
    run_app: Program, web: Nginx, address: str, option: str
) -> None:
    """From the option or from the environment. libcurl itself would quote the whole URL."""
    proxy = f"http://{_USER}:{_PASSWORD}@{address}"
    run = run_app(
        f"""
        try:
            r = http.get(URL, {option})
            show(r.status_code(), r.error())
        except ValueError as e:
            show(5, str(e))
        show(http.stats()["free"])
        """,
        URL=web.http,
        PROXY=proxy,
        env={"http_proxy": proxy},
    )
    (status, error), free = run.ok().lines
    assert free == (16,)
    assert 0 < status < 100
    assert error
    assert _USER not in error
    assert _PASSWORD not in error


def test_proxy_that_stalls_is_28(run_app: Program, wire: WireFactory, web: Nginx) -> None:
    stalling = wire([HOLD])
    for url in web.http, web.https:
        status, _ = status_and_error(run_app, "proxy=PROXY, timeout=0.3", URL=url, PROXY=stalling.url)
        assert status == 28


@pytest.mark.parametrize("answer", [head(503, "Content-Length: 0"), head(403, "Content-Length: 4") + b"wait"])
def test_tunnel_that_is_refused_is_56_without_anything_of_the_proxy(
    run_app: Program, wire: WireFactory, web: Nginx, answer: bytes
) -> None:
    run = run_app(
        """
        r = http.get(URL, proxy=PROXY)
        show(r.status_code(), r.headers(), bytes(r.body()), bool(r.error()), http.stats()["free"])
        """,
        URL=web.https,
        PROXY=wire(answer).url,
    )
    assert run.shown == (56, {}, b"", True, 16)


@pytest.mark.needs("proxy_environment")
@pytest.mark.parametrize("account", ["u:%0a", "u%00:p", "u:%1F", ":p%0Dq"])
def test_proxy_whose_account_libcurl_refuses_is_not_left_out(
    run_app: Program, wire: WireFactory, account: str
) -> None:
    server = wire(reply())
    env = {"http_proxy": f"http://{account}@127.0.0.1:1"}
    status, error = status_and_error(run_app, "", URL=server.url, env=env)
    assert (status, account in error, server.requests) == (7, False, [])


@pytest.mark.needs("proxy_environment")
@pytest.mark.parametrize("name", ["http_proxy", "all_proxy", "ALL_PROXY"])
def test_environment_names_the_proxy_for_http(
    run_app: Program, wire: WireFactory, proxy: Tinyproxy, name: str
) -> None:
    server = wire(reply())
    assert status_and_error(run_app, "", URL=server.url, env={name: proxy.url}) == (200, "")
    assert len(proxy.requests()) == 1


@pytest.mark.needs("proxy_environment")
@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY"])
def test_environment_names_the_proxy_for_https(
    run_app: Program, web: Nginx, certs: Certs, proxy: Tinyproxy, name: str
) -> None:
    names = {"URL": f"{web.https}/1k", "CA": certs.ca_pem, "env": {name: proxy.url}}
    assert status_and_error(run_app, "cacert=CA", **names) == (200, "")
    assert len(proxy.requests()) == 1


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        ("proxy=''", {}),
        ("proxy=None", {"NO_PROXY": "127.0.0.1"}),
        ("", {"no_proxy": "example.com,127.0.0.1"}),
        ("", {"NO_PROXY": "*"}),
    ],
    ids=["empty", "NO_PROXY", "no_proxy", "everything"],
)
def test_environment_is_overridden(
    run_app: Program, wire: WireFactory, proxy: Tinyproxy, arguments: str, env: dict[str, str]
) -> None:
    env = {"http_proxy": proxy.url, **env}
    assert status_and_error(run_app, arguments, URL=wire(reply()).url, env=env) == (200, "")
    assert proxy.requests() == []


def test_option_wins_over_the_environment(
    run_app: Program, wire: WireFactory, proxy: Tinyproxy, refused_port: int
) -> None:
    env = {"http_proxy": f"http://127.0.0.1:{refused_port}"}
    names = {"URL": wire(reply()).url, "PROXY": proxy.url}
    assert status_and_error(run_app, "proxy=PROXY", env=env, **names) == (200, "")
    assert len(proxy.requests()) == 1


@pytest.fixture
def https_proxy(proxy: Tinyproxy, tls: ssl.SSLContext) -> Iterator[str]:
    """The proxy behind TLS, with the good leaf."""
    with tls_relay(proxy.port, tls) as port:
        yield f"https://127.0.0.1:{port}"


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_https_proxy_is_trusted_by_cacert(
    run_app: Program, web: Nginx, certs: Certs, proxy: Tinyproxy, https_proxy: str, secure: bool
) -> None:
    run = run_app(
        """
        for _ in range(2):
            r = http.get(URL, proxy=PROXY, cacert=CA)
            show(r.status_code(), len(r.body()), r.error())
        show(http.get(URL, proxy=PROXY, cacert=OTHER).status_code(), http.stats()["free"])
        """,
        URL=f"{web.https if secure else web.http}/1m",
        PROXY=https_proxy,
        CA=certs.ca_pem,
        OTHER=certs.other_ca_pem,
    )
    assert run.ok().lines == [(200, 1 << 20, "")] * 2 + [(60, 16)]
    assert proxy.requests()


@pytest.mark.needs("proxy_environment")
def test_https_proxy_of_the_environment_is_trusted_by_cacert(
    run_app: Program, web: Nginx, certs: Certs, proxy: Tinyproxy, https_proxy: str
) -> None:
    run = run_app(
        "show([http.get(URL, cacert=ca).status_code() for ca in (CA, OTHER, None)], http.stats()['free'])",
        URL=f"{web.http}/1k",
        CA=certs.ca_pem,
        OTHER=certs.other_ca_pem,
        env={"http_proxy": https_proxy},
    )
    assert run.shown == ([200, 60, 60], 16)
    assert len(proxy.requests()) == 1


def test_https_proxy_is_trusted_by_the_system_store(
    run_app: Program, web: Nginx, certs: Certs, https_proxy: str
) -> None:
    names = {"URL": f"{web.https}/1k", "PROXY": https_proxy, "env": {"SSL_CERT_FILE": str(certs.ca_file)}}
    assert status_and_error(run_app, "proxy=PROXY", **names) == (200, "")


def test_https_proxy_that_nobody_trusts_is_60(run_app: Program, web: Nginx, https_proxy: str) -> None:
    status, _ = status_and_error(run_app, "proxy=PROXY", URL=web.http, PROXY=https_proxy)
    assert status == 60


@pytest.mark.parametrize("function", ["get", "get_async"])
@pytest.mark.parametrize(
    ("value", "exception"),
    [
        ("1", "TypeError"),
        ("False", "TypeError"),
        ("b'http://127.0.0.1'", "TypeError"),
        ("{'http': 'http://127.0.0.1'}", "TypeError"),
        ("'socks5://127.0.0.1'", "ValueError"),
        ("'127.0.0.1:8080'", "ValueError"),
        ("'http:127.0.0.1'", "ValueError"),
        ("'http://127.0.0.1\\r\\nX-Evil: b'", "ValueError"),
        ("'http://u:%00p@127.0.0.1'", "ValueError"),
        ("'http://u%1f:p@127.0.0.1'", "ValueError"),
    ],
)
def test_wrong_proxy_raises_and_takes_no_slot(
    run_app: Program, function: str, value: str, exception: str, refused_url: str
) -> None:
    run = run_app(
        f"""
        try:
            http.{function}(URL, proxy={value})
        except Exception as e:
            show(type(e).__name__, "proxy" in str(e), "127" in str(e), http.stats()["free"])
        """,
        URL=refused_url,
    )
    assert run.shown == (exception, True, False, 16)
