"""Redirects without end, or to nowhere."""

import pytest
from fault import Fault, Survival
from servers.wire import Request, WireFactory, redirect, reply

_ALL = 3  # connections: nothing is wrong with them


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
_NOWHERE = {"to a refused port": Fault([], 7, descriptors_kept=_ALL)}
FAULTS = _ENDLESS | _NOWHERE


@pytest.mark.parametrize("fault", _ENDLESS)
def test_redirects_without_end(survive: Survival, wire: WireFactory, fault: str) -> None:
    survive(FAULTS[fault], f"{wire(FAULTS[fault].answer).url}/0")


def test_redirect_to_a_refused_port(survive: Survival, wire: WireFactory, refused_url: str) -> None:
    survive(FAULTS["to a refused port"], wire(redirect(302, refused_url)).url)
