# SPDX-License-Identifier: MIT
"""Redirects: contract section 6."""

import ssl

import pytest
from servers.certs import Certs
from servers.wire import CLOSE, HOLD, Reply, WireFactory, by_path, head, in_order, redirect, reply
from support.program import Program


def test_redirect_is_followed_to_the_final_response(run_app: Program, wire: WireFactory) -> None:
    server = wire(in_order(redirect(302, "/next", "X-Hop: 1"), reply(200, b"final", "X-Final: 1")))
    run = run_app(
        """
        r = http.get(URL + "/first")
        show(r.status_code(), bytes(r.body()), r.headers(), r.url() == URL + "/next")
        """,
        URL=server.url,
    )
    assert run.shown == (200, b"final", {"Content-Length": "5", "X-Final": "1"}, True)
    assert [request.target for request in server.requests] == ["/first", "/next"]


def test_async_request_follows_redirects_within_its_one_slot(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: redirect(302, "/end") if request.target == "/" else reply(200, b"end"))
    run = run_app(
        """
        def done(r):
            codes.append(r.status_code())
            if len(codes) == 16:
                show(codes)

        codes = []
        for _ in range(16):
            http.get_async(URL, done)
        """,
        URL=server.url,
    )
    assert run.shown == ([200] * 16,)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/abs", "/abs"),
        ("next", "/a/next"),
        ("../up", "/up"),
        ("./here?x=1", "/a/here?x=1"),
        ("?q=2", "/a/b?q=2"),
        ("//127.0.0.1:{port}/net", "/net"),
        ("http://127.0.0.1:{port}/whole#fragment", "/whole"),
        ("http://127.0.0.1:{port}", "/"),
    ],
)
def test_location_may_be_relative(run_app: Program, wire: WireFactory, location: str, target: str) -> None:
    server = wire(
        lambda request: (
            redirect(302, location.format(port=server.port)) if request.target == "/a/b?q=1" else reply()
        )
    )
    assert run_app("show(http.get(URL + '/a/b?q=1').status_code())", URL=server.url).shown == (200,)
    assert server.requests[-1].target == target


@pytest.mark.parametrize("status", [301, 302, 303])
def test_301_302_303_turn_post_into_get_without_body(
    run_app: Program, wire: WireFactory, status: int
) -> None:
    server = wire(in_order(redirect(status, "/next"), reply()))
    run = run_app(
        """
        headers = {"Content-Type": "text/plain", "Content-Length": "4", "X-Keep": "1"}
        show(http.post(URL, headers, b"data", timeout=5).status_code())
        """,
        URL=server.url,
    )
    assert run.shown == (200,)
    first, second = server.requests
    assert (first.method, first.body) == ("POST", b"data")
    assert (second.method, second.body) == ("GET", b"")
    assert second.header("Content-Length") in (None, "0")
    assert second.header("Content-Type") is None
    assert second.header("X-Keep") == "1"


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_307_308_keep_method_and_body(run_app: Program, wire: WireFactory, status: int, method: str) -> None:
    server = wire(in_order(redirect(status, "/next"), reply()))
    run = run_app(
        f"""
        data = bytearray(b"da\\0ta")
        request = http.{method.lower()}_async(URL, None, {{"Content-Type": "text/plain"}}, data)
        data[0] = 0
        show(request.wait().status_code())
        """,
        URL=server.url,
    )
    assert run.shown == (200,)
    sent = [
        (request.method, request.body, request.header("Content-Type"), request.header("Content-Length"))
        for request in server.requests
    ]
    assert sent == [(method, b"da\x00ta", "text/plain", "5")] * 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_get_stays_get_with_content_length_0(run_app: Program, wire: WireFactory, status: int) -> None:
    server = wire(in_order(redirect(status, "/next"), reply()))
    run_app("http.get(URL)", URL=server.url).ok()
    sent = [(request.method, request.all("Content-Length")) for request in server.requests]
    assert sent == [("GET", ["0"])] * 2


@pytest.mark.parametrize(
    "answer",
    [
        reply(201, b"", "Location: /made"),
        reply(200, b"", "Location: /other"),
        head(304, "Location: /other"),
        reply(302, b"no location"),
        reply(300, b"", "Location: /choice"),
    ],
    ids=["201", "200", "304", "302 without Location", "300"],
)
def test_what_is_no_redirect_is_not_followed(run_app: Program, wire: WireFactory, answer: bytes) -> None:
    server = wire(answer)
    (status,) = run_app("show(http.get(URL).status_code())", URL=server.url).shown
    assert f" {status} ".encode() in answer.split(b"\r\n")[0] + b" "
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "options", ["allow_redirects=False, max_redirects=5", "max_redirects=5, allow_redirects=False"]
)
def test_max_redirects_changes_nothing_for_who_does_not_follow(
    run_app: Program, wire: WireFactory, options: str
) -> None:
    server = wire(redirect(302, "/next"))
    assert run_app(f"show(http.get(URL, {options}).status_code())", URL=server.url).shown == (302,)
    assert len(server.requests) == 1


def test_allow_redirects_false_returns_the_3xx(run_app: Program, wire: WireFactory) -> None:
    server = wire(redirect(302, "/next"))
    run = run_app(
        """
        r = http.get(URL, allow_redirects=False)
        show(r.status_code(), r.header("Location"), bytes(r.body()), r.ok(), r.error())
        """,
        URL=server.url,
    )
    assert run.shown == (302, "/next", b"this is only the redirect", True, "")
    assert len(server.requests) == 1


@pytest.mark.parametrize(("option", "hops"), [("", 10), (", max_redirects=2", 2), (", max_redirects=0", 0)])
def test_more_redirects_than_max_redirects_end_with_47(
    run_app: Program, wire: WireFactory, option: str, hops: int
) -> None:
    server = wire(redirect(302, "/again"))
    run = run_app(f"r = http.get(URL{option}); show(r.status_code(), bool(r.error()))", URL=server.url)
    assert run.shown == (47, True)
    assert len(server.requests) == hops + 1


@pytest.mark.parametrize(("option", "hops"), [("", 10), (", max_redirects=1", 1)])
def test_as_many_redirects_as_max_redirects_are_followed(
    run_app: Program, wire: WireFactory, option: str, hops: int
) -> None:
    server = wire(in_order(*[redirect(302, "/again")] * hops, reply()))
    assert run_app(f"show(http.get(URL{option}).status_code())", URL=server.url).shown == (200,)


@pytest.mark.parametrize(
    ("location", "status"),
    [
        ("ftp://127.0.0.1/x", 1),
        ("file:///etc/hostname", 1),
        ("FILE:///etc/hostname", 1),
        ("dict://127.0.0.1/", 1),
        ("http://", 3),
        ("http://a b/", 3),
    ],
)
def test_redirect_to_another_scheme_or_no_url_is_1_or_3(
    run_app: Program, wire: WireFactory, location: str, status: int
) -> None:
    run = run_app(
        "r = http.get(URL); show(r.status_code(), bool(r.error()))", URL=wire(redirect(302, location)).url
    )
    assert run.shown == (status, True)


def test_redirect_from_https_to_http_is_refused_with_1(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs
) -> None:
    plain = wire(reply())
    server = wire(redirect(302, plain.url), tls)
    run = run_app("show(http.get(URL, cacert=CA).status_code())", URL=server.url, CA=certs.ca_pem)
    assert run.shown == (1,)
    assert plain.requests == []


@pytest.mark.parametrize(("right_ca", "status"), [(True, 200), (False, 60)])
def test_redirect_from_http_to_https_is_verified_with_the_same_cacert(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, right_ca: bool, status: int
) -> None:
    server = wire(redirect(302, wire(reply(), tls).url))
    ca = certs.ca_pem if right_ca else certs.other_ca_pem
    assert run_app("show(http.get(URL, cacert=CA).status_code())", URL=server.url, CA=ca).shown == (status,)


_APP_HEADERS = {
    "Authorization": "Bearer secret",
    "Cookie": "secret",
    "X-Api-Key": "secret",
    "Proxy-Authorization": "secret",
    "Content-Type": "secret/type",
    "Accept": "text/x",
    "Accept-Language": "de",
    "User-Agent": "mine",
}
_KEPT = {"Accept": "text/x", "Accept-Language": "de", "User-Agent": "mine"}


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("function", ["get", "post"])
def test_headers_of_the_app_are_not_sent_to_another_origin(
    run_app: Program, wire: WireFactory, status: int, function: str
) -> None:
    other = wire(reply())
    server = wire(redirect(status, other.url + "/there"))
    code = f"show(http.{function}(URL, HEADERS, data=b'data').status_code())"
    assert run_app(code, URL=server.url, HEADERS=_APP_HEADERS).shown == (200,)
    assert {name: server.request.header(name) for name in _APP_HEADERS} == _APP_HEADERS
    sent = {name: other.request.header(name) for name in _APP_HEADERS}
    assert {name: value for name, value in sent.items() if value is not None} == _KEPT
    assert b"secret" not in other.request.raw


def test_307_takes_the_body_to_another_origin(run_app: Program, wire: WireFactory) -> None:
    other = wire(reply())
    run_app("http.post(URL, data=b'data')", URL=wire(redirect(307, other.url)).url).ok()
    assert (other.request.method, other.request.body) == ("POST", b"data")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_headers_of_the_app_are_sent_to_the_same_origin_only(
    run_app: Program, wire: WireFactory, host: str
) -> None:
    server = wire(
        lambda request: redirect(302, f"http://{host}:{server.port}/b") if request.target == "/" else reply()
    )
    headers = {"Authorization": "Bearer secret", "Cookie": "secret", "X-Api-Key": "secret"}
    assert run_app("show(http.get(URL, HEADERS).status_code())", URL=server.url, HEADERS=headers).shown == (
        200,
    )
    sent = {name: server.requests[-1].header(name) for name in headers}
    assert sent == (headers if host == "127.0.0.1" else dict.fromkeys(headers))


def test_other_scheme_is_another_origin(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs
) -> None:
    secure = wire(reply(), tls)
    server = wire(redirect(302, secure.url))
    run = run_app(
        "show(http.get(URL, {'Authorization': 'secret'}, cacert=CA).status_code())",
        URL=server.url,
        CA=certs.ca_pem,
    )
    assert run.shown == (200,)
    assert secure.request.header("Authorization") is None


def test_user_info_of_the_url_is_not_sent_to_another_origin(run_app: Program, wire: WireFactory) -> None:
    other = wire(reply())
    server = wire(redirect(302, other.url))
    run_app("http.get(URL)", URL=server.url.replace("://", "://user:secret@")).ok()
    assert other.request.header("Authorization") is None


def test_headers_left_out_with_none_stay_left_out(run_app: Program, wire: WireFactory) -> None:
    other = wire(reply())
    server = wire(redirect(302, other.url))
    run_app("http.get(URL, {'User-Agent': None, 'Content-Length': None})", URL=server.url).ok()
    for request in (server.request, other.request):
        assert (request.header("User-Agent"), request.header("Content-Length")) == (None, None)


def test_host_header_of_the_app_is_not_sent_to_another_origin(run_app: Program, wire: WireFactory) -> None:
    other = wire(reply())
    server = wire(redirect(302, other.url))
    run_app("http.get(URL, {'Host': 'example.com'})", URL=server.url).ok()
    assert server.request.header("Host") == "example.com"
    assert other.request.header("Host") == f"127.0.0.1:{other.port}"


def test_one_deadline_covers_all_redirects(run_app: Program, wire: WireFactory) -> None:
    server = wire([0.3, redirect(302, "/again")])
    run = run_app("r = http.get(URL, timeout=1); show(r.status_code(), r.timings()['total'])", URL=server.url)
    status, seconds = run.shown
    assert status == 28
    assert 0.9 < seconds < 3


def test_body_of_a_redirect_is_dropped_and_held_to_max_size(run_app: Program, wire: WireFactory) -> None:
    endless: Reply = [head(302, "Location: /end"), *[bytes(1 << 20)] * 64, CLOSE]
    server = wire(by_path({"/": redirect(302, "/end"), "/end": reply(200, b"end"), "/endless": endless}))
    run = run_app(
        """
        show(bytes(http.get(URL, max_size=1000).body()))
        show(http.get(URL + "/endless", max_size=1000, timeout=10).status_code())
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(b"end",), (63,)]


def test_cancel_stops_a_request_that_was_redirected(run_app: Program, wire: WireFactory) -> None:
    answers: dict[str, Reply] = {"/": redirect(302, "/hold"), "/hold": [HOLD]}
    server = wire(by_path(answers))
    run = run_app(
        """
        request = http.get_async(URL, show)
        show(request.wait(0.3), request.cancel(), http.stats()["free"])
        """,
        URL=server.url,
    )
    assert run.shown == (None, True, 16)
