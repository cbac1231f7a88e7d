"""Keep-alive connections that the server ends between two requests, or instead of the second answer.

libcurl sees the end of an idle connection before it uses it. If it comes later, but before a byte of the
answer, libcurl sends the request again on a new connection, POST too: on a connection that was used before,
that is far more often a server that had waited long enough than one that failed. Such a server may have
seen a POST twice. On a new connection nothing is sent twice.
"""

import ssl
from functools import partial

import pytest
from fault import Fault
from program import Program
from servers.certs import Certs
from servers.wire import CLOSE, RESET, Ending, WireFactory, WireServer, in_order, reply

FAULTS = {
    "idle one, closed or reset": Fault([], 200),
    "used one, closed or reset instead of an answer": Fault([], 200),
    "idle one, closed after an unasked 408": Fault([], 200),
}

_BODIES = {
    "GET": "",
    "POST": 'data=b"content"',
    "POST of a file": 'data=open("f", "rb")',
    "POST of parts": 'files={"f": "f"}',
}
_ENDINGS = pytest.mark.parametrize("ending", [CLOSE, RESET], ids=["closed", "reset"])
_EACH = pytest.mark.parametrize("what", _BODIES)


def _statuses(
    run_app: Program, wire: WireFactory, server: WireServer, what: str, *ended: int, ca: str | None = None
) -> list[int]:
    """A GET, and then the request twice, each when so many connections have ended."""
    gate = wire(in_order(*([partial(server.wait_ended, count), reply()] for count in ended or (0, 0))))
    (run_app.folder / "f").write_bytes(b"content")
    run = run_app(
        f"""
        method = "GET" if WHAT == "GET" else "POST"
        codes = [http.get(URL, cacert=CA).status_code()]
        http.get(GATE)
        codes.append(http.request(method, URL, cacert=CA, timeout=20, {_BODIES[what]}).status_code())
        http.get(GATE)
        r = http.request_async(method, URL, cacert=CA, timeout=20, {_BODIES[what]}).wait()
        codes.append(r.status_code())
        show(codes, http.stats()["in_flight"])
        """,
        URL=server.url,
        GATE=gate.url,
        CA=ca,
        WHAT=what,
    )
    codes, in_flight = run.shown
    assert in_flight == 0
    assert run.seconds < 5
    return codes


@_EACH
@_ENDINGS
@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_idle_connection_ends(
    run_app: Program,
    wire: WireFactory,
    tls: ssl.SSLContext,
    certs: Certs,
    what: str,
    ending: Ending,
    secure: bool,
) -> None:
    server = wire([reply(), 0.05, ending], tls if secure else None)
    assert _statuses(run_app, wire, server, what, 1, 2, ca=certs.ca_pem) == [200] * 3
    assert len(server.requests) == 3  # nothing was sent twice
    assert server.connections == 3


@_EACH
@_ENDINGS
def test_used_connection_ends_instead_of_an_answer(
    run_app: Program, wire: WireFactory, what: str, ending: Ending
) -> None:
    server = wire(in_order(reply(), [ending], reply(), reply()))
    assert _statuses(run_app, wire, server, what) == [200] * 3
    assert len(server.requests) == 4
    assert server.requests[1].raw == server.requests[2].raw
    assert [request.connection for request in server.requests] == [0, 0, 1, 1]


@_EACH
def test_new_connection_that_ends_is_not_tried_again(run_app: Program, wire: WireFactory, what: str) -> None:
    server = wire(in_order([reply(), CLOSE], [CLOSE], reply()))
    assert _statuses(run_app, wire, server, what) == [200, 52, 200]
    assert len(server.requests) == 3


def test_unasked_answer_on_an_idle_connection(run_app: Program, wire: WireFactory) -> None:
    """As some servers say goodbye: it is an answer to nothing."""
    goodbye = [reply(200, b"first"), 0.05, reply(408, b"goodbye"), CLOSE]
    server = wire(in_order(goodbye, *[reply(200, b"more")] * 3))
    assert _statuses(run_app, wire, server, "POST", 1, 1) == [200, 200, 200]
