# SPDX-License-Identifier: MIT
"""A server that stalls, or sends too slowly, at any stage: the deadline ends the request."""

import ssl
from pathlib import Path

import pytest
from servers.certs import Certs
from servers.cut import Cut
from servers.wire import HOLD, Reply, WireFactory, head, redirect, reply
from support.fault import AT_THE_DEADLINE, Fault, Survival

_CHUNKED = head(200, "Transfer-Encoding: chunked")
_DRIP: Reply = [1.0, b"x"] * 100


def _stall(*steps: bytes) -> Fault:
    return Fault([*steps, HOLD], 28, AT_THE_DEADLINE)


_ANSWERS = {
    "after the request": _stall(),
    "in the status line": _stall(b"HTTP/1.1 20"),
    "in a header field": _stall(head(200, "Content-Length: 10")[:-6]),
    "in the body": _stall(head(200, "Content-Length: 10"), b"abc"),
    "in a chunk": _stall(_CHUNKED, b"a\r\nabc"),
    "in a chunk's length": _stall(_CHUNKED, b"3\r\nabc\r\n1"),
    "in the trailer": _stall(_CHUNKED, b"0\r\nX-A: "),
    "in a redirect's body": _stall(head(302, "Location: /next", "Content-Length: 10"), b"abc"),
    "after a redirect": Fault(
        lambda request: redirect(302, "/next") if request.target == "/" else [HOLD], 28, AT_THE_DEADLINE
    ),
    "1 byte/s of a header field": Fault([head(200)[:-2], b"X-A: ", *_DRIP], 28, AT_THE_DEADLINE),
    "1 byte/s of a body": Fault([head(200, "Content-Length: 100"), *_DRIP], 28, AT_THE_DEADLINE),
}
_ELSEWHERE = {
    "while connecting": _stall(),
    "in the TLS handshake": _stall(),
    "after the TLS server's hello": _stall(),
    "while a body is sent": Fault([], 28, AT_THE_DEADLINE, "POST"),
}
FAULTS = _ELSEWHERE | _ANSWERS


@pytest.mark.parametrize("fault", _ANSWERS)
def test_stall_of_the_answer_ends_at_the_deadline(survive: Survival, wire: WireFactory, fault: str) -> None:
    survive(FAULTS[fault], f"{wire(FAULTS[fault].answer).url}/")


def test_stall_in_connecting_ends_at_the_deadline(survive: Survival, dead_port: int) -> None:
    survive(FAULTS["while connecting"], f"http://127.0.0.1:{dead_port}/")


@pytest.mark.parametrize(
    ("fault", "size"), [("in the TLS handshake", 0), ("after the TLS server's hello", 150)]
)
def test_stall_in_the_handshake_ends_at_the_deadline(
    survive: Survival, wire: WireFactory, tls: ssl.SSLContext, certs: Certs, fault: str, size: int
) -> None:
    with Cut(wire(reply(), tls).port, size, HOLD) as cut:
        survive(FAULTS[fault], f"https://127.0.0.1:{cut.port}/", cacert=certs.ca_pem)


def test_stall_in_sending_ends_at_the_deadline(survive: Survival, deaf_port: int, tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(32 << 20)
    survive(FAULTS["while a body is sent"], f"http://127.0.0.1:{deaf_port}/", files={"f": "large"})
