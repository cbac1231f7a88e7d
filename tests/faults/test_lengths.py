# SPDX-License-Identifier: MIT
"""Replies that end too early, have a wrong length, or are not HTTP."""

import gzip

import pytest
from servers.wire import CLOSE, RESET, WireFactory, chunked, head, in_order, reply
from support.fault import Fault, Survival
from support.program import Program

_ALL = 3  # libcurl keeps these connections: nothing looks wrong yet
_CHUNKED = head(200, "Transfer-Encoding: chunked")
_GZIP = gzip.compress(b"compress me " * 1000)


def _gzip(data: bytes, status: int) -> Fault:
    answer = reply(200, data, "Content-Encoding: gzip")
    return Fault(answer, status, options={"compressed": True}, descriptors_kept=_ALL)


FAULTS = {
    "closed without an answer": Fault([CLOSE], 52),
    "reset without an answer": Fault([RESET], 56),
    "closed in the status line": Fault([b"HTTP/1.1 20", CLOSE], 52),
    "closed in the headers": Fault([head(200, "X-A: b")[:-2], CLOSE], 18, descriptors_kept=_ALL),
    "closed in the headers of a redirect": Fault(
        [head(302, "Location: /next")[:-2], CLOSE], 18, descriptors_kept=_ALL
    ),
    "closed behind an interim response": Fault([head(103, "X-A: b"), CLOSE], 52),
    "closed in an interim response": Fault([head(103, "X-A: b")[:-2], CLOSE], 8, descriptors_kept=_ALL),
    "status 101 unasked": Fault([head(101), CLOSE], 8),
    "less than Content-Length": Fault([head(200, "Content-Length: 9") + b"abc", CLOSE], 18),
    "more than Content-Length": Fault([reply(200, b"body") + b"more", CLOSE], 200),
    "Content-Length that is no number": Fault([head(200, "Content-Length: abc") + b"abc", CLOSE], 8),
    "Content-Length that begins with a number": Fault([head(200, "Content-Length: 1e9") + b"abc", CLOSE], 8),
    "Content-Length below zero": Fault([head(200, "Content-Length: -1") + b"abc", CLOSE], 8),
    "Content-Length beyond 64 bits": Fault([head(200, f"Content-Length: {'9' * 20}") + b"abc", CLOSE], 8),
    "Content-Length on two lines": Fault([head(200, "Content-Length:\r\n 3") + b"abc", CLOSE], 8),
    "Transfer-Encoding on two lines": Fault(
        [head(200, "Transfer-Encoding:\r\n chunked") + chunked(b"abc"), CLOSE], 8
    ),
    "two lengths": Fault([head(200, "Content-Length: 2", "Content-Length: 1") + b"ab", CLOSE], 8),
    "the same length twice": Fault(reply(200, b"ab", "Content-Length: 2, 02"), 200, descriptors_kept=_ALL),
    "headers that begin with a blank": Fault([head(200, " X-A: b", "Content-Length: 0"), CLOSE], 8),
    "closed in a chunk": Fault([_CHUNKED + b"a\r\nabc", CLOSE], 18),
    "closed before the last chunk": Fault([_CHUNKED + b"3\r\nabc\r\n", CLOSE], 18),
    "chunk length that is no number": Fault([_CHUNKED + b"3\r\nabc\r\nzz\r\n", CLOSE], 56),
    "chunk length beyond 64 bits": Fault([_CHUNKED + b"f" * 18 + b"\r\nabc", CLOSE], 56),
    "chunk longer than it says": Fault([_CHUNKED + b"2\r\nabc\r\n0\r\n\r\n", CLOSE], 56),
    "chunk length with a prefix": Fault([_CHUNKED + b"0x3\r\nabc\r\n0\r\n\r\n", CLOSE], 8),
    "trailer with a NUL": Fault([_CHUNKED + b"3\r\nabc\r\n0\r\nA: b\0c\r\n\r\n", CLOSE], 8),
    "no HTTP": Fault([b"this is not HTTP\r\n\r\n", CLOSE], 1),
    "status below 100": Fault([b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n", CLOSE], 8),
    "status of four digits": Fault([b"HTTP/1.1 1100 Odd\r\nContent-Length: 0\r\n\r\n", CLOSE], 8),
    "status line with two blanks": Fault([b"HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n", CLOSE], 8),
    "status line in small letters": Fault([b"http/1.1 404 No\r\nContent-Length: 0\r\n\r\n", CLOSE], 8),
    "gzip: garbage": _gzip(b"this is not compressed", 61),
    "gzip: spoilt in the middle": _gzip(_GZIP[:30] + b"\xff" * 30, 61),
    "gzip: wrong checksum": _gzip(_GZIP[:-8] + bytes(8), 61),
    "gzip: too short in a complete body": _gzip(_GZIP[:-20], 61),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_reply(survive: Survival, wire: WireFactory, fault: str) -> None:
    survive(FAULTS[fault], f"{wire(FAULTS[fault].answer).url}/")


def test_surplus_of_a_reply_is_not_the_next_reply(run_app: Program, wire: WireFactory) -> None:
    server = wire(in_order(reply(200, b"first") + reply(200, b"surplus"), reply(200, b"second")))
    run = run_app("show(http.get(URL).text(), http.get(URL).text())", URL=server.url)
    assert run.shown == ("first", "second")
