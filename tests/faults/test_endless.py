# SPDX-License-Identifier: MIT
"""Endless replies: a limit ends each of them, and they take no memory."""

import itertools

import pytest
from servers.wire import Handler, WireFactory, head
from support.fault import AT_THE_DEADLINE, Fault, Survival

_LINE = b"X-A: " + b"v" * 1000 + b"\r\n"
_CHUNKED = head(200, "Transfer-Encoding: chunked")
_LIMITED = {"max_size": 1 << 16}
_GROWS_KIB = 4 << 10  # less than a tenth of a second's traffic


def _endless(start: bytes, again: bytes) -> Handler:
    return lambda request: itertools.chain([start], itertools.repeat(again * (1 + (1 << 14) // len(again))))


FAULTS = {
    "header fields": Fault(_endless(head(200)[:-2], _LINE), 56),
    "small header fields": Fault(_endless(head(200)[:-2], b"a:\r\n"), 56),
    "header line": Fault(_endless(head(200)[:-2] + b"X-A: ", b"v"), (27, 56)),
    "status line": Fault(_endless(b"HTTP/1.1 200 ", b"v"), (27, 56)),
    "interim responses": Fault(_endless(b"", head(103, "X-A: b")), 56),
    "empty interim responses": Fault(_endless(b"", head(100)), 56),
    "body": Fault(_endless(head(200), bytes(1 << 14)), 63, options=_LIMITED),
    "chunks": Fault(_endless(_CHUNKED, b"1\r\nx\r\n"), 63, options=_LIMITED),
    "chunk extension": Fault(_endless(_CHUNKED + b"1;", b"x"), 28, AT_THE_DEADLINE),
    "chunk length": Fault(_endless(_CHUNKED, b"0"), (56,)),
    "trailers": Fault(_endless(_CHUNKED + b"0\r\n", _LINE), 56),
    "trailer line": Fault(_endless(_CHUNKED + b"0\r\nX-A: ", b"v"), (27, 56)),
    "body of a redirect": Fault(_endless(head(302, "Location: /next"), bytes(1 << 14)), 63, options=_LIMITED),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_endless(survive: Survival, wire: WireFactory, fault: str) -> None:
    survive(FAULTS[fault], f"{wire(FAULTS[fault].answer).url}/", grows_kib=_GROWS_KIB)
