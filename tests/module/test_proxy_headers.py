# SPDX-License-Identifier: MIT
"""Option proxy_headers: fields that only the proxy gets."""

from collections.abc import Callable
from ssl import SSLContext

from servers.certs import Certs
from servers.tunnel import Tunnel
from servers.wire import WireFactory, redirect, reply
from support.program import Program

_FIELDS = "proxy_headers={'X-Proxy': 'p', 'Proxy-Authorization': 'Basic eDp5'}"


def test_tunnel_gets_them_and_the_server_does_not(
    run_app: Program, wire: WireFactory, tls: SSLContext, certs: Certs
) -> None:
    server = wire(reply(200, b"secret"), tls)
    with Tunnel(server.port) as proxy:
        run = run_app(
            f"""
            headers = {{"X-App": "a"}}
            for r in (
                http.get(URL, headers, {_FIELDS}, proxy=PROXY, cacert=CA),
                http.get_async(URL, None, headers, {_FIELDS}, proxy=PROXY, cacert=CA).wait(),
            ):
                show(r.text(), r.error())
            """,
            URL=server.url,
            PROXY=proxy.url,
            CA=certs.ca_pem,
        )
        assert run.ok().lines == [("secret", "")] * 2
        assert len(proxy.heads) == 2
        for line, *fields in proxy.heads:
            assert line.startswith("CONNECT 127.0.0.1:")
            assert {"X-Proxy: p", "Proxy-Authorization: Basic eDp5"} <= set(fields)
            assert "X-App: a" not in fields
    for request in server.requests:
        assert request.header("X-App") == "a"
        assert request.header("X-Proxy") is None
        assert request.header("Proxy-Authorization") is None


def test_tunnel_is_not_lent_to_other_requests(
    run_app: Program, wire: WireFactory, tls: SSLContext, certs: Certs
) -> None:
    """A tunnel that the fields of one request have opened is not used by a request without them."""
    server = wire(reply(200, b"ok"), tls)
    with Tunnel(server.port) as proxy:
        run = run_app(
            f"""
            options = dict(proxy=PROXY, cacert=CA)
            show([http.get(URL, **options).text(), http.get(URL, {_FIELDS}, **options).text(),
                  http.get(URL, **options).text()])
            """,
            URL=server.url,
            PROXY=proxy.url,
            CA=certs.ca_pem,
        )
        assert run.shown == (["ok"] * 3,)
        assert ["X-Proxy: p" in head for head in proxy.heads] == [False, True]


def test_http_request_to_the_proxy_has_both(run_app: Program, wire: WireFactory) -> None:
    proxy = wire(reply(200, b"ok"))
    run = run_app(
        "show(http.get('http://origin.invalid/', {'X-App': 'a'}, "
        "proxy_headers=[('X-Many', '1'), ('X-Many', '2'), ('X-Empty', '')], proxy=PROXY).text())",
        PROXY=proxy.url,
    )
    assert run.shown == ("ok",)
    assert proxy.request.target == "http://origin.invalid/"
    assert proxy.request.header("X-App") == "a"
    assert proxy.request.all("X-Many") == ["1", "2"]
    assert proxy.request.header("X-Empty") == ""


def test_without_a_proxy_nobody_gets_them(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(200, b"ok"))
    run = run_app(f"show([http.get(URL, {_FIELDS}, proxy=p).text() for p in (None, '')])", URL=server.url)
    assert run.shown == (["ok"] * 2,)
    for request in server.requests:
        assert request.header("X-Proxy") is None
        assert request.header("Proxy-Authorization") is None


def test_they_are_for_the_proxy_after_a_redirect_too(run_app: Program, wire: WireFactory) -> None:
    proxy = wire(
        lambda request: redirect(302, "http://other.invalid/") if "origin" in request.target else reply(200)
    )
    run = run_app(
        f"show(http.get('http://origin.invalid/', {{'X-App': 'a'}}, {_FIELDS}, proxy=PROXY).url())",
        PROXY=proxy.url,
    )
    assert run.shown == ("http://other.invalid/",)
    assert [request.header("X-Proxy") for request in proxy.requests] == ["p", "p"]
    assert [request.header("X-App") for request in proxy.requests] == ["a", None]


def test_next_request_in_the_slot_has_none(run_app: Program, wire: WireFactory) -> None:
    proxy = wire(reply(200))
    run = run_app(
        f"http.get('http://a.invalid/', {_FIELDS}, proxy=PROXY)\n"
        "show(http.get('http://a.invalid/', proxy=PROXY).status_code())",
        PROXY=proxy.url,
    )
    assert run.shown == (200,)
    assert [request.header("X-Proxy") for request in proxy.requests] == ["p", None]


def test_wrong_values(wrong: Callable) -> None:
    raised = wrong(
        [
            "http.get(URL, proxy_headers=1)",
            "http.get(URL, proxy_headers=['ab'])",
            "http.get(URL, proxy_headers={'X': 1})",
            "http.get(URL, proxy_headers={'X Y': '1'})",
            "http.get(URL, proxy_headers={'X': 'a\\r\\nB: c'})",
            "http.get(URL, proxy_headers={'Content-Length': '1'})",
            "http.get(URL, proxy_headers={'transfer-encoding': 'chunked'})",
        ]
    )
    assert raised == [
        ("TypeError", "proxy_headers must be a dict or a list of pairs"),
        ("TypeError", "proxy_headers must be a dict or a list of pairs"),
        ("TypeError", "proxy_headers: value of X must be str or None"),
        ("ValueError", "proxy_headers: a name is no HTTP token"),
        ("ValueError", "proxy_headers: value of X contains CR, LF or NUL"),
        ("ValueError", "proxy_headers: content-length is not for a proxy"),
        ("ValueError", "proxy_headers: transfer-encoding is not for a proxy"),
    ]
