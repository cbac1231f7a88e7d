# SPDX-License-Identifier: MIT
"""Endless redirects, redirects to nowhere, and redirects with broken bodies."""

import gzip

import pytest
from servers.wire import CLOSE, RESET, Request, WireFactory, by_path, head, redirect, reply
from support.fault import Fault, Survival
from support.program import Program

_ALL = 3  # connections: libcurl keeps them


def _hundred(request: Request) -> bytes:
    """/0 leads to /1, and so on."""
    number = int(request.target[1:])
    return reply(200, b"end") if number == 100 else redirect(302, f"/{number + 1}")


_ENDLESS = {
    "100 redirects": Fault(_hundred, 47, descriptors_kept=_ALL),
    "100 redirects, `max_redirects=100`": Fault(
        _hundred, 200, options={"max_redirects": 100}, descriptors_kept=_ALL
    ),
    "in a circle": Fault(
        lambda request: redirect(307, "/1" if request.target == "/0" else "/0"), 47, descriptors_kept=_ALL
    ),
}
_GZIP = "Content-Encoding: gzip"
# Faults in the bodies of redirects, which nobody reads.
_BODIES = {
    "body cut short": [head(302, "Location: /end", "Content-Length: 9"), b"abc", CLOSE],
    "chunk cut short": [head(302, "Location: /end", "Transfer-Encoding: chunked"), b"a\r\nabc", CLOSE],
    "chunk length that is no number": [
        head(302, "Location: /end", "Transfer-Encoding: chunked"),
        b"zz\r\n",
        CLOSE,
    ],
    "body reset": [head(302, "Location: /end", "Content-Length: 9"), b"abc", RESET],
    "gzip that is none": redirect(302, "/end", _GZIP),
    "unknown coding": redirect(302, "/end", "Content-Encoding: x-unheard-of"),
    "gzip that is too short": reply(302, gzip.compress(b"abc")[:-9], "Location: /end", _GZIP),
}
_BROKEN = {
    f"{name} in a redirect": Fault(
        by_path({"/0": answer, "/end": reply(200, b"end")}),
        200,
        options={"compressed": True},
        descriptors_kept=_ALL,
    )
    for name, answer in _BODIES.items()
}
_NOWHERE = {"to a refused port": Fault([], 7, descriptors_kept=_ALL)}
FAULTS = _ENDLESS | _NOWHERE | _BROKEN


@pytest.mark.parametrize("fault", _ENDLESS)
def test_redirects_without_end(survive: Survival, wire: WireFactory, fault: str) -> None:
    survive(FAULTS[fault], f"{wire(FAULTS[fault].answer).url}/0")


@pytest.mark.parametrize("fault", _BROKEN)
def test_broken_body_of_a_redirect_is_not_read(survive: Survival, wire: WireFactory, fault: str) -> None:
    survive(FAULTS[fault], f"{wire(FAULTS[fault].answer).url}/0")


@pytest.mark.parametrize("answer", _BODIES)
def test_broken_body_of_a_redirect_that_is_not_followed_is_read(
    run_app: Program, wire: WireFactory, answer: str
) -> None:
    run = run_app(
        "show(http.get(URL, allow_redirects=False, compressed=True).status_code())",
        URL=wire(_BODIES[answer]).url,
    )
    (status,) = run.shown
    assert status in (18, 56, 61)


def test_redirect_to_a_refused_port(survive: Survival, wire: WireFactory, refused_url: str) -> None:
    survive(FAULTS["to a refused port"], wire(redirect(302, refused_url)).url)
