# SPDX-License-Identifier: MIT
"""Fixtures of the faults' tests."""

import pytest
from servers.wire import WireFactory, reply
from support.fault import Survival
from support.program import Program


@pytest.fixture
def survive(request: pytest.FixtureRequest, run_app: Program, wire: WireFactory) -> Survival:
    """Lets an app meet a fault: survive(fault, url)."""
    small = "memory" not in request.config.getoption("--lacks").split()
    return Survival(run_app, wire(reply(200, b"good")).url, small)
