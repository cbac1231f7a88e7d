# SPDX-License-Identifier: MIT
"""The server closes a keep-alive connection between two requests, or instead of the second answer.

If an idle connection was closed, libcurl notices it before the next request. If the end comes later, but
before the first byte of the answer, nobody knows whether the server has acted. Then a request with an
idempotent method (RFC 9110 9.2.2) is sent once more, on a new connection; any other ends with 52. A request
that used a new connection is never sent again.
"""

import ssl
import threading
from collections.abc import Callable
from functools import partial

import pytest
from servers.certs import Certs
from servers.wire import (
    CLOSE,
    RESET,
    Ending,
    Handler,
    Reply,
    Request,
    WireFactory,
    WireServer,
    in_order,
    redirect,
    reply,
)
from support.fault import Fault
from support.program import Program

FAULTS = {
    "idle one, closed or reset": Fault([], 200),
    "idle one, closed after an unasked 408": Fault([], 200),
    "used one, closed or reset instead of an answer": Fault([], 200),
    "the same to POST, PATCH or an unknown method": Fault([], 52),
}

# The requests: method and options.
_BODIES = {
    "GET": ("GET", ""),
    "HEAD": ("HEAD", ""),
    "PUT": ("PUT", 'data=b"content"'),
    "PUT of a file": ("PUT", 'data=open("f", "rb")'),
    "DELETE": ("DELETE", ""),
    "OPTIONS": ("OPTIONS", ""),
    "TRACE": ("TRACE", ""),
    "POST": ("POST", 'data=b"content"'),
    "POST of nothing": ("POST", ""),
    "POST of a file": ("POST", 'data=open("f", "rb")'),
    "POST of parts": ("POST", 'files={"f": "f"}'),
    "POST into a file": ("POST", 'data=b"content", file="answer"'),
    "POST with a stream": ("POST", 'data=b"content", on_data=len'),
    "PATCH": ("PATCH", 'data=b"content"'),
    "unknown": ("PURGE", ""),
    "get": ("get", ""),
}
_AGAIN = [what for what in _BODIES if what.split()[0] in {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"}]
_ONCE = [what for what in _BODIES if what not in _AGAIN]
_MOST = ["GET", "POST", "POST of a file", "POST of parts"]


_NOT_AGAIN = "the connection ended before an answer, and the request was not sent again"


def _ending(ending: Ending) -> Handler:
    """Answer, and close the connection when it is idle."""
    return lambda request: [reply(), 0.05, ending]


def _goodbye(ending: Ending) -> Handler:
    """Close an idle connection with a 408, an answer to no request, as some servers do."""
    first: Reply = [reply(200, b"first"), 0.05, reply(408, b"goodbye"), ending]
    return in_order(first, *[reply(200, b"more")] * 3)


def _ending_instead(ending: Ending) -> Handler:
    """Answer, but end a reused connection instead of answering /asked."""
    used: set[int] = set()

    def answer(request: Request) -> Reply:
        is_new = request.connection not in used
        used.add(request.connection)
        return (
            reply() if is_new or request.target.endswith(".invalid/") or request.target == "/" else [ending]
        )

    return answer


# For each fault: the server; how many connections must be closed before the first of two requests, before
# the second GET, and before the second request; how often each request is sent; and which requests.
_ROWS: dict[str, tuple[Callable[[Ending], Handler], tuple[int, int, int], int, list[str]]] = {
    "idle one, closed or reset": (_ending, (1, 2, 3), 1, _MOST),
    "idle one, closed after an unasked 408": (_goodbye, (1, 1, 1), 1, _MOST),
    "used one, closed or reset instead of an answer": (_ending_instead, (0, 0, 0), 2, _AGAIN),
    "the same to POST, PATCH or an unknown method": (_ending_instead, (0, 0, 0), 1, _ONCE),
}
_CASES = [(fault, what) for fault in FAULTS for what in _ROWS[fault][3]]
_ENDINGS = pytest.mark.parametrize("ending", [CLOSE, RESET], ids=["closed", "reset"])


def _meet(
    run_app: Program, wire: WireFactory, server: WireServer, what: str, ended: tuple[int, ...], ca: str = ""
) -> list[tuple[int, str]]:
    """First sync, then async: a GET and then the request, each when this many connections are closed."""
    gate = wire(in_order(*([partial(server.wait_ended, count), reply()] for count in ended)))
    (run_app.folder / "f").write_bytes(b"content")
    method, options = _BODIES[what]
    run = run_app(
        f"""
        options = {{"cacert": CA or None, "timeout": 20}}
        outcomes = []
        for asks in (http.request, lambda *args, **options: http.request_async(*args, **options).wait()):
            if outcomes:
                http.get(GATE)
            warm = http.get(URL + "/", **options).status_code()
            http.get(GATE)
            r = asks(METHOD, URL + "/asked", **options, {options})
            outcomes.append((warm, r.status_code(), r.error()))
        show(outcomes, http.stats()["in_flight"])
        """,
        URL=server.url,
        GATE=gate.url,
        CA=ca,
        METHOD=method,
    )
    outcomes, in_flight = run.shown
    assert in_flight == 0
    assert run.seconds < 5
    assert [warm for warm, _, _ in outcomes] == [200, 200]
    return [(status, error) for _, status, error in outcomes]


@_ENDINGS
@pytest.mark.parametrize(("fault", "what"), _CASES)
def test_kept_connection_ends(
    run_app: Program, wire: WireFactory, fault: str, what: str, ending: Ending
) -> None:
    answer, ended, times, _ = _ROWS[fault]
    server = wire(answer(ending))
    outcomes = _meet(run_app, wire, server, what, ended)
    assert {status for status, _ in outcomes} == {FAULTS[fault].status}
    for status, error in outcomes:
        assert ("not sent again" in error) == (status == 52)
    asked = [request for request in server.requests if request.target == "/asked"]
    assert len(asked) == 2 * times
    if "parts" not in what:
        assert len({request.raw for request in asked}) == 1


@_ENDINGS
@pytest.mark.parametrize("what", _MOST)
def test_idle_connection_with_tls_ends(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, what: str, ending: Ending
) -> None:
    server = wire(_ending(ending), tls)
    assert _meet(run_app, wire, server, what, (1, 2, 3), certs.ca_pem) == [(200, "")] * 2
    assert len(server.requests) == server.connections == 4


@pytest.mark.parametrize("what", _MOST)
def test_new_connection_that_ends_is_not_tried_again(run_app: Program, wire: WireFactory, what: str) -> None:
    server = wire(lambda request: [reply(), CLOSE] if request.target == "/" else [CLOSE])
    outcomes = _meet(run_app, wire, server, what, (1, 2, 3))
    assert [status for status, _ in outcomes] == [52, 52]
    assert len(server.requests) == 4


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("POST", 1)])
def test_many_kept_connections_that_end_are_not_tried_one_after_the_other(
    run_app: Program, wire: WireFactory, method: str, times: int
) -> None:
    barrier = threading.Barrier(4)
    server = wire(lambda request: [partial(barrier.wait, 20), reply()] if request.target == "/" else [CLOSE])
    run = run_app(
        """
        for request in [http.get_async(URL + "/") for _ in range(4)]:
            request.wait()
        show(http.request(METHOD, URL + "/asked").status_code(), http.stats()["in_flight"])
        """,
        URL=server.url,
        METHOD=method,
    )
    assert run.shown == (52, 0)
    assert len(server.requests) == 4 + times


def test_redirected_post_is_not_sent_again(run_app: Program, wire: WireFactory) -> None:
    """The 307 is an answer, so its request was not lost. The request to the new URL is another one."""
    server = wire(lambda request: redirect(307, "/next") if request.target == "/" else [CLOSE])
    run = run_app("r = http.post(URL, data=b'order'); show(r.status_code(), r.error())", URL=server.url)
    assert run.shown == (52, _NOT_AGAIN)
    assert [request.body for request in server.requests] == [b"order"] * 2


_CHALLENGE = reply(401, b"who?", 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"')


def test_answered_challenge_is_not_sent_again_twice(run_app: Program, wire: WireFactory) -> None:
    """After a challenge, the same connection carries the request again."""
    server = wire(lambda request: reply() if request.header("Authorization") else _CHALLENGE)
    run = run_app(
        """
        for _ in range(2):
            show(http.post(URL, data=b"order", auth=("digest", "me", "secret")).status_code())
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(200,), (200,)]
    assert [request.body for request in server.requests] == [b"", b"order"] * 2


@pytest.mark.parametrize(("method", "times"), [("POST", 1), ("PUT", 2)])
def test_connection_that_ends_behind_a_challenge(
    run_app: Program, wire: WireFactory, method: str, times: int
) -> None:
    server = wire(lambda request: [CLOSE] if request.header("Authorization") else _CHALLENGE)
    run = run_app(
        "show(http.request(METHOD, URL, data=b'order', auth=('digest', 'me', 'secret')).status_code())",
        URL=server.url,
        METHOD=method,
    )
    assert run.shown == (52,)
    assert [request.body for request in server.requests].count(b"order") == times


@pytest.mark.parametrize(("method", "status", "times"), [("POST", 52, 1), ("GET", 200, 2)])
def test_connection_to_a_proxy_that_ends(
    run_app: Program, wire: WireFactory, method: str, status: int, times: int
) -> None:
    proxy = wire(_ending_instead(CLOSE))
    run = run_app(
        """
        show(http.get("http://host.invalid/", proxy=PROXY).status_code(),
             http.request(METHOD, "http://host.invalid/asked", proxy=PROXY).status_code())
        """,
        PROXY=proxy.url,
        METHOD=method,
    )
    assert run.shown == (200, status)
    assert len(proxy.requests) == 1 + times
