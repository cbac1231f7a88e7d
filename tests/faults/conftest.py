"""Fixtures of the faults' tests."""

import pytest
from fault import Survival
from program import Program
from servers.wire import WireFactory, reply


@pytest.fixture
def survive(request: pytest.FixtureRequest, run_app: Program, wire: WireFactory) -> Survival:
    """Lets an app meet a fault: survive(fault, url)."""
    small = "memory" not in request.config.getoption("--lacks").split()
    return Survival(run_app, wire(reply(200, b"good")).url, small)
