# SPDX-License-Identifier: MIT
"""get() and post(): contract sections 1 and 3, also with a real nginx."""

import pytest
from servers.certs import Certs
from servers.nginx import Nginx
from servers.wire import CLOSE, WireFactory, in_order, reply
from support.program import Program


def test_get_gives_status_headers_and_body(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(200, b"hello\x00\xff", "X-Name: value"))
    run = run_app(
        """
        r = http.get(URL + "/path?q=1")
        show(type(r).__name__, r.status_code(), r.headers()["X-Name"])
        show(type(r.body()).__name__, bytes(r.body()))
        """,
        URL=server.url,
    )
    assert run.ok().lines == [("Response", 200, "value"), ("bytearray", b"hello\x00\xff")]
    assert server.request.line == "GET /path?q=1 HTTP/1.1"


def test_post_sends_the_data_byte_for_byte(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(201, b"made"))
    run = run_app(
        "r = http.post(URL, None, b'a\\0b\\r\\n\\xff'); show(r.status_code(), bytes(r.body()))",
        URL=server.url,
    )
    assert run.shown == (201, b"made")
    assert (server.request.method, server.request.body) == ("POST", b"a\x00b\r\n\xff")
    assert server.request.header("Content-Length") == "6"


@pytest.mark.parametrize("function", ["get", "post"])
def test_url_headers_and_data_may_be_positional_or_named(
    run_app: Program, wire: WireFactory, function: str
) -> None:
    server = wire(reply())
    run = run_app(
        f"""
        http.{function}(URL, {{"X-Test": "1"}}, b"abc")
        http.{function}(url=URL, headers={{"X-Test": "1"}}, data=b"abc")
        show()
        """,
        URL=server.url,
    )
    assert run.shown == ()
    first, second = server.requests
    assert first.raw == second.raw
    assert (first.header("X-Test"), first.body) == ("1", b"abc")


@pytest.mark.parametrize("function", ["get_async", "post_async"])
def test_async_arguments_may_be_positional_or_named(
    run_app: Program, wire: WireFactory, function: str
) -> None:
    server = wire(reply())
    run = run_app(
        f"""
        done = lambda r: show(r.status_code())
        http.{function}(URL, done, {{"X-Test": "1"}}, b"abc")
        http.{function}(url=URL, on_complete=done, headers={{"X-Test": "1"}}, data=b"abc")
        http.{function}(URL, on_response=done, headers={{"X-Test": "1"}}, data=b"abc")
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(200,)] * 3
    assert len({request.raw for request in server.requests}) == 1
    assert server.requests[0].method == function.partition("_")[0].upper()


def test_get_may_carry_data(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    assert run_app("show(http.get(URL, data=b'abc').ok())", URL=server.url).shown == (True,)
    assert (server.request.method, server.request.body) == ("GET", b"abc")


def test_connections_are_kept_alive_between_requests(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run_app("for _ in range(5): http.get(URL)", URL=server.url).ok()
    assert [request.connection for request in server.requests] == [0] * 5


def test_connection_that_the_server_closed_while_idle_is_replaced(
    run_app: Program, wire: WireFactory
) -> None:
    server = wire([reply(), CLOSE])
    run = run_app(
        """
        def closed_by_the_server():
            # State CLOSE_WAIT of TCP: the server has closed the connection, the client has not.
            with open("/proc/self/net/tcp") as f:
                return any(":%04X 08 " % PORT in line for line in f)

        for _ in range(3):
            show(http.get(URL).status_code())
            while not closed_by_the_server():
                time.sleep(0.01)
        """,
        URL=server.url,
        PORT=server.port,
    )
    assert run.ok().lines == [(200,)] * 3
    assert server.connections == 3


def test_connection_that_the_server_closes_upon_the_next_request_is_replaced(
    run_app: Program, wire: WireFactory
) -> None:
    server = wire(in_order(reply(), [CLOSE], reply(200, b"second")))
    run = run_app("http.get(URL); show(bytes(http.get(URL).body()))", URL=server.url)
    assert run.shown == (b"second",)


def test_nginx_serves_over_http_and_https(run_app: Program, web: Nginx, certs: Certs) -> None:
    run = run_app(
        """
        for origin in (HTTP, HTTPS):
            r = http.get(origin + "/1m", cacert=CA)
            show(r.status_code(), r.body() == open(ROOT + "/1m", "rb").read(), r.header("content-type"))
        r = http.post(HTTPS + "/echo", {"X-Test": "t"}, b"x" * 100000, cacert=CA)
        show(r.status_code(), r.text(), None)
        show(http.get(HTTP + "/teapot").status_code(), http.get(HTTP + "/nothing").status_code(), None)
        """,
        HTTP=web.http,
        HTTPS=web.https,
        ROOT=str(web.root),
        CA=certs.ca_pem,
    )
    assert run.ok().lines == [
        (200, True, "application/octet-stream"),
        (200, True, "application/octet-stream"),
        (200, "POST 100000 t HTTP/1.1", None),
        (418, 404, None),
    ]
