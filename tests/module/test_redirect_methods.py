# SPDX-License-Identifier: MIT
"""Redirects of every method, and what goes with them to which origin: contract section 6."""

import ssl
from dataclasses import dataclass

import pytest
from servers.certs import Certs
from servers.wire import CLOSE, HOLD, Handler, Reply, Request, WireFactory, WireServer, head, redirect, reply
from support.program import Program

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"]
_STATUSES = [301, 302, 303, 307, 308]


def becomes_get(status: int, method: str) -> bool:
    """RFC 9110 15.4: 303 asks for another resource, 301 and 302 rewrite POST for historical reasons."""
    return (status == 303 and method not in ("GET", "HEAD")) or (status in (301, 302) and method == "POST")


def empty_redirect(status: int, location: str) -> bytes:
    """A redirect that fits HEAD too."""
    return head(status, f"Location: {location}", "Content-Length: 0")


def once(status: int, location: str) -> Handler:
    """Redirect every request except those of /end."""
    return lambda request: reply() if request.target == "/end" else empty_redirect(status, location)


def by_status(request: Request) -> bytes:
    """Redirects /301 with 301 to /end, and so on."""
    return once(int(request.target[1:]) if request.target != "/end" else 0, "/end")(request)


@pytest.mark.parametrize("form", ["", "_async"], ids=["sync", "async"])
@pytest.mark.parametrize("method", _METHODS)
def test_method_after_a_redirect(run_app: Program, wire: WireFactory, method: str, form: str) -> None:
    server = wire(by_status)
    wait = ".wait()" if form else ""
    run = run_app(
        f"""
        for status in STATUSES:
            r = http.request{form}(METHOD, URL + "/%d" % status, headers={{"X-A": "1"}}, timeout=5){wait}
            show(status, r.status_code(), r.url() == URL + "/end", http.stats()["free"])
        """,
        URL=server.url,
        METHOD=method,
        STATUSES=_STATUSES,
    )
    assert run.ok().lines == [(status, 200, True, 16) for status in _STATUSES]
    for status, before, after in zip(_STATUSES, server.requests[::2], server.requests[1::2], strict=True):
        assert before.method == method
        assert after.method == ("GET" if becomes_get(status, method) else method), status
        for request in (before, after):
            assert (request.body, request.all("Content-Length")) == (b"", ["0"])
            assert request.header("X-A") == "1"


@pytest.mark.parametrize("method", [method for method in _METHODS if method not in ("HEAD", "GET")])
def test_body_goes_with_the_method(run_app: Program, wire: WireFactory, method: str) -> None:
    server = wire(by_status)
    headers = {"Content-Type": "my/type", "Content-Language": "de", "X-A": "1"}
    run = run_app(
        """
        for status in STATUSES:
            r = http.request(METHOD, URL + "/%d" % status, HEADERS, b"content", timeout=5)
            show(r.status_code(), HEADERS)
        """,
        URL=server.url,
        METHOD=method,
        STATUSES=_STATUSES,
        HEADERS=headers,
    )
    assert run.ok().lines == [(200, headers)] * len(_STATUSES)
    for status, after in zip(_STATUSES, server.requests[1::2], strict=True):
        sent = (after.method, after.body, after.all("Content-Length"))
        kept = {name: after.header(name) for name in headers}
        if becomes_get(status, method):
            assert sent == ("GET", b"", ["0"]), status
            assert kept == {"Content-Type": None, "Content-Language": None, "X-A": "1"}
        else:
            assert sent == (method, b"content", ["7"]), status
            assert kept == headers


def test_get_with_data_loses_it_at_303_only(run_app: Program, wire: WireFactory) -> None:
    server = wire(by_status)
    run_app(
        "for status in STATUSES: http.get(URL + '/%d' % status, data=b'content')",
        URL=server.url,
        STATUSES=_STATUSES,
    ).ok()
    bodies = [request.body for request in server.requests[1::2]]
    assert bodies == [b"" if status == 303 else b"content" for status in _STATUSES]


@pytest.mark.parametrize("method", _METHODS)
def test_allow_redirects_false_gives_the_3xx_of_every_method(
    run_app: Program, wire: WireFactory, method: str
) -> None:
    server = wire(empty_redirect(307, "/end"))
    run = run_app(
        """
        r = http.request(METHOD, URL, allow_redirects=False, timeout=5)
        show(r.status_code(), r.header("location"), r.url() == URL + "/")
        """,
        URL=server.url,
        METHOD=method,
    )
    assert run.shown == (307, "/end", True)
    assert server.request.method == method


def test_method_that_became_get_stays_get(run_app: Program, wire: WireFactory) -> None:
    hops = {"/": redirect(308, "/1"), "/1": redirect(302, "/2"), "/2": redirect(307, "/3"), "/3": reply()}
    server = wire(lambda request: hops[request.target])
    run = run_app("show(http.post(URL, data=b'content').status_code())", URL=server.url)
    assert run.shown == (200,)
    sent = [(request.method, request.body) for request in server.requests]
    assert sent == [("POST", b"content"), ("POST", b"content"), ("GET", b""), ("GET", b"")]


@pytest.mark.parametrize(("hops", "status"), [(10, 200), (11, 47)])
def test_body_is_sent_at_each_of_ten_hops(
    run_app: Program, wire: WireFactory, hops: int, status: int
) -> None:
    server = wire(lambda request: redirect(308, "/") if len(server.requests) <= hops else reply())
    run = run_app(
        "show(http.put(URL, files={'f': b'content'}).status_code(), http.stats()['free'])", URL=server.url
    )
    assert run.shown == (status, 16)
    assert len(server.requests) == 11
    assert all(b"content" in request.body for request in server.requests)


# ----------------------------------------------------------------------------------------------------
# Origins


@dataclass
class Road:
    """Two servers, of which the first redirects to the second."""

    first: WireServer
    second: WireServer
    url: str

    def secrets(self) -> tuple[int, int]:
        """The number of requests with a secret, for each server."""
        first, second = (
            sum(b"secret" in request.raw or "Authorization" in dict(request.headers) for request in requests)
            for requests in (self.first.requests, self.second.requests)
        )
        return first, second


@pytest.fixture(params=["host", "port", "http to https", "https to https"])
def road(request: pytest.FixtureRequest, wire: WireFactory, tls: ssl.SSLContext) -> Road:
    """From one origin to another that differs in what the parameter says; 307 and everything is answered."""
    kind = request.param
    second = wire(reply(), tls if "to https" in kind else None)
    target = second.url.replace("127.0.0.1", "localhost") if kind == "host" else second.url
    first = wire(lambda _: empty_redirect(307, target + "/end"), tls if kind == "https to https" else None)
    return Road(first, second, first.url)


# Options with a secret that only the first origin may get.
_SECRETS = {
    "header": "{'X-Api-Key': 'secret'}",
    "authorization": "{'authorization': 'secret'}",
    "cookie header": "{'COOKIE': 'secret'}",
    "basic": "None, auth=('secret', 'secret')",
    "jar": "None, cookies=jar",
    "accept-like": "{'X-Accept': 'secret'}",
    "host": "{'Host': 'secret.example'}",
    "referer": "{'Referer': 'http://secret/'}",
}


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_no_method_takes_secrets_to_another_origin(
    run_app: Program, road: Road, certs: Certs, method: str
) -> None:
    # The jar's cookies are for a host, not for an origin (RFC 6265 8.5): it is asked about below.
    secrets = {name: arguments for name, arguments in _SECRETS.items() if name != "jar"}
    calls = "\n".join(
        f"codes.append(http.request('{method}', URL, {arguments}, cacert=CA).status_code())"
        for arguments in secrets.values()
    )
    run = run_app(f"codes = []\n{calls}\nshow(codes, http.stats()['free'])", URL=road.url, CA=certs.ca_pem)
    assert run.shown == ([200] * len(secrets), 16)
    assert road.secrets() == (len(secrets), 0)
    assert [request.method for request in road.second.requests] == [method] * len(secrets)


@pytest.mark.parametrize("name", _SECRETS)
def test_secrets_stay_with_their_origin(run_app: Program, wire: WireFactory, name: str) -> None:
    server = wire(once(307, "/end"))
    run = run_app(
        f"""
        jar = http.Cookies()
        jar.load("127.0.0.1\\tFALSE\\t/\\tFALSE\\t0\\ta\\tsecret")
        show(http.post(URL, {_SECRETS[name]}, data=b"content").status_code())
        """,
        URL=server.url,
    )
    assert run.shown == (200,)
    assert Road(server, server, server.url).secrets() == (2, 2)


def test_cookies_go_to_their_host_and_nowhere_else(run_app: Program, road: Road, certs: Certs) -> None:
    run = run_app(
        """
        jar = http.Cookies()
        jar.load("127.0.0.1\\tFALSE\\t/\\tFALSE\\t0\\ta\\tsecret")
        show(http.post(URL, None, b"content", cookies=jar, cacert=CA).status_code())
        """,
        URL=road.url,
        CA=certs.ca_pem,
    )
    assert run.shown == (200,)
    other_host = (road.second.request.header("Host") or "").startswith("localhost")
    assert road.secrets() == (1, 0 if other_host else 1)


@pytest.mark.parametrize("value", ["mine", None])
def test_what_an_app_says_of_itself_goes_everywhere(
    run_app: Program, road: Road, certs: Certs, value: str | None
) -> None:
    names = ["Accept", "accept-language", "ACCEPT-ENCODING", "Accept-Charset", "User-Agent"]
    run = run_app(
        "show(http.put(URL, HEADERS, b'content', cacert=CA).status_code())",
        URL=road.url,
        CA=certs.ca_pem,
        HEADERS=dict.fromkeys(names, value),
    )
    assert run.shown == (200,)
    for server in (road.first, road.second):
        assert {name: server.request.header(name) for name in names} == dict.fromkeys(names, value)
        assert server.request.body == b"content"


def test_secrets_do_not_come_back(run_app: Program, wire: WireFactory) -> None:
    def back(_: Request) -> bytes:
        return empty_redirect(307, first.url + "/end")

    second = wire(back)
    first = wire(once(307, second.url))
    calls = [arguments for name, arguments in _SECRETS.items() if name != "jar"]
    run = run_app(
        "\n".join(["codes = []", *[f"codes.append(http.get(URL, {call}).status_code())" for call in calls]])
        + "\nshow(codes)",
        URL=first.url,
    )
    assert run.shown == ([200] * len(calls),)
    assert Road(first, second, first.url).secrets() == (len(calls), 0)
    assert [request.target for request in first.requests] == ["/", "/end"] * len(calls)


@pytest.mark.parametrize(
    "spelling", ["HTTP://127.0.0.1:{}/end", "http://127.0.0.1:0{}/end", "//127.0.0.1:{}/end"]
)
def test_same_origin_in_another_spelling_is_the_same(
    run_app: Program, wire: WireFactory, spelling: str
) -> None:
    server = wire(lambda request: once(307, spelling.format(server.url.rsplit(":", 1)[1]))(request))
    run = run_app("show(http.get(URL, {'X-Api-Key': 'secret'}).status_code())", URL=server.url)
    assert run.shown == (200,)
    assert [request.header("X-Api-Key") for request in server.requests] == ["secret"] * 2


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("status", [302, 307])
def test_no_method_is_taken_from_https_to_http(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, method: str, status: int
) -> None:
    plain = wire(reply())
    server = wire(empty_redirect(status, plain.url), tls)
    data = "" if method == "HEAD" else ", data=b'content'"
    run = run_app(
        f"""
        r = http.request(METHOD, URL{data}, cacert=CA, auth=("user", "secret"))
        show(r.status_code(), bool(r.error()), "secret" in r.error(), http.stats()["free"])
        """,
        URL=server.url,
        METHOD=method,
        CA=certs.ca_pem,
    )
    assert run.shown == (1, True, False, 16)
    assert (len(server.requests), plain.connections) == (1, 0)


# ----------------------------------------------------------------------------------------------------
# Failure in the middle


@pytest.mark.parametrize("form", ["", "_async"], ids=["sync", "async"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_failure_of_the_second_hop_is_the_result(
    run_app: Program, wire: WireFactory, refused_url: str, method: str, form: str
) -> None:
    cut: Reply = [head(200, "Content-Length: 10"), b"five.", CLOSE]
    empty: Reply = [CLOSE]
    targets = [refused_url, wire(empty).url, wire(cut).url, "http://", "gopher://127.0.0.1/"]
    urls = [wire(empty_redirect(307, target)).url for target in targets]
    wait = ".wait()" if form else ""
    run = run_app(
        f"""
        for url in URLS:
            r = http.request{form}(METHOD, url, data=b"content", timeout=5){wait}
            show(r.status_code(), bytes(r.body()), bool(r.error()), http.stats()["free"])
        """,
        URLS=urls,
        METHOD=method,
    )
    assert run.ok().lines == [
        (7, b"", True, 16),
        (52, b"", True, 16),
        (18, b"five.", True, 16),
        (3, b"", True, 16),
        (1, b"", True, 16),
    ]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_cancel_at_the_second_hop_frees_the_slot(run_app: Program, wire: WireFactory, method: str) -> None:
    hold: Reply = [HOLD]
    server = wire(lambda request: hold if request.target == "/end" else empty_redirect(307, "/end"))
    run = run_app(
        """
        requests = [http.request_async(METHOD, URL, show, cookies=http.Cookies()) for _ in range(16)]
        show(requests[0].wait(0.3), http.stats()["free"])
        show([request.cancel() for request in requests].count(True), http.stats()["free"])
        """,
        URL=server.url,
        METHOD=method,
    )
    assert run.ok().lines == [(None, 0), (16, 16)]


def test_deadline_covers_the_upload_of_every_hop(run_app: Program, wire: WireFactory) -> None:
    server = wire([0.3, redirect(307, "/again")])
    run = run_app(
        """
        r = http.post(URL, files={"f": b"content"}, timeout=1)
        show(r.status_code(), 0.9 < r.timings()["total"] < 2, http.stats()["free"])
        """,
        URL=server.url,
    )
    assert run.shown == (28, True, 16)
