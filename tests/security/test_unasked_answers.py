# SPDX-License-Identifier: MIT
"""Data that a server sends without a request is never the answer to the next request."""

import ssl
import threading

import pytest
from servers.certs import Certs
from servers.wire import CLOSE, Step, WireFactory, chunked, head, redirect, reply
from support.program import Program

_EVIL = reply(200, b"evil")
_TIMED_OUT = head(408, "Content-Length: 0", "Connection: close")  # what servers say to idle connections

# An answer, and what comes behind it.
_ANSWERS: dict[str, tuple[str, bytes]] = {
    "length": ("GET", reply(200, b"asked")),
    "length 0": ("GET", reply(200)),
    "chunked": ("GET", head(200, "Transfer-Encoding: chunked") + chunked(b"asked")),
    "trailer": ("GET", head(200, "Transfer-Encoding: chunked") + chunked(b"asked", trailer="X: v\r\n")),
    "both": ("GET", head(200, "Content-Length: 99", "Transfer-Encoding: chunked") + chunked(b"asked")),
    "HEAD": ("HEAD", head(200, "Content-Length: 5")),
    "204": ("GET", head(204)),
    "304": ("GET", head(304)),
    "401": ("GET", head(401, "Content-Length: 0")),
    "redirect": ("GET", redirect(302, "/next")),
}
_MORE: dict[str, list[Step]] = {
    "an answer": [_EVIL],
    "an answer and the end": [_EVIL, CLOSE],
    "two answers": [_EVIL * 2],
    "a half answer": [_EVIL[:-2]],
    "an interim answer": [head(103, "X: evil")],
    "a time-out": [_TIMED_OUT, CLOSE],
}


def ask(
    run_app: Program, wire: WireFactory, method: str, answer: list[Step], tls: ssl.SSLContext | None, ca: str
) -> None:
    """Twice: make a request with this answer and, after all of it was sent, a request with a good one."""
    sent = threading.Event()
    end = [step for step in answer if step is CLOSE]
    steps = [*(step for step in answer if step is not CLOSE), sent.set, *end]
    gate = wire([lambda: sent.wait(10), sent.clear, reply()])
    server = wire(lambda request: steps if request.target == "/first" else reply(200, b"good"), tls)
    run = run_app(
        """
        for _ in range(2):
            http.request(METHOD, URL + "/first", cacert=CA)
            http.get(GATE)
            r = http.get(URL + "/second", cacert=CA)
            show(r.status_code(), bytes(r.body()), r.headers(), http.stats()["free"])
        """,
        METHOD=method,
        URL=server.url,
        GATE=gate.url,
        CA=ca,
    )
    assert run.ok().lines == [(200, b"good", {"Content-Length": "4"}, 16)] * 2


@pytest.mark.parametrize("when", ["at once", "later"])
@pytest.mark.parametrize("kind", _ANSWERS)
def test_what_comes_behind_an_answer_is_dropped(
    run_app: Program, wire: WireFactory, certs: Certs, kind: str, when: str
) -> None:
    method, answer = _ANSWERS[kind]
    together: list[Step] = [answer + _EVIL] if when == "at once" else [answer, 0.02, _EVIL]
    ask(run_app, wire, method, together, None, certs.ca_pem)


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("more", _MORE)
def test_an_idle_connection_with_something_in_it_is_not_used(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, more: str, secure: bool
) -> None:
    answer = [reply(200, b"asked"), 0.02, *_MORE[more]]
    ask(run_app, wire, "GET", answer, tls if secure else None, certs.ca_pem)


def test_a_request_with_data_is_sent_once_over_a_new_connection(run_app: Program, wire: WireFactory) -> None:
    sent = threading.Event()
    gate = wire([lambda: sent.wait(10), sent.clear, reply()])
    more = [reply(200, b"asked"), 0.02, _EVIL, sent.set]
    server = wire(lambda request: more if request.method == "GET" else reply(200, b"good"))
    run = run_app(
        """
        for options in ({"data": b"content"}, {"files": {"f": b"content"}}, {"data": open("app.py", "rb")}):
            http.get(URL)
            http.get(GATE)
            r = http.post(URL, **options)
            show(r.status_code(), bytes(r.body()), http.stats()["free"])
        """,
        URL=server.url,
        GATE=gate.url,
    )
    assert run.ok().lines == [(200, b"good", 16)] * 3
    assert [request.method for request in server.requests] == ["GET", "POST"] * 3
    assert all(
        b"content" in request.body or b"http.post" in request.body for request in server.requests[1::2]
    )


def test_a_connection_without_anything_in_it_is_used_again(
    run_app: Program, wire: WireFactory, tls: ssl.SSLContext, certs: Certs
) -> None:
    """Messages of TLS after its handshake (session tickets) are not an answer."""
    server = wire(reply(200, b"good"), tls)
    run = run_app(
        """
        for _ in range(5):
            show(http.get(URL, cacert=CA).status_code())
            settle(0.02)
        """,
        URL=server.url,
        CA=certs.ca_pem,
    )
    assert run.ok().lines == [(200,)] * 5
    assert {request.connection for request in server.requests} == {0}
