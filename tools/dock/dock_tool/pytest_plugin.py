# SPDX-License-Identifier: MIT
"""The pytest plugin: the fixture `dock`, and what is shown of apps when a test fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dock_tool.failure import Failure
from dock_tool.har import har
from dock_tool.program import find_program, find_simulation
from dock_tool.testing import Dock

_DOCK = pytest.StashKey[Dock]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("dock", "apps of a DL-7450 dock")
    group.addoption(
        "--dock-program", metavar="PATH", help="the program dl7450 (default: $DL7450_BINARY, ...)"
    )
    group.addoption(
        "--dock-har", metavar="DIR", type=Path, help="write each test's requests to a HAR file here"
    )


@pytest.fixture
def dock(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Dock]:
    """A simulated dock: dock.run(app, kv={...}) starts an app; dock.network has its network's conditions."""
    try:
        program = find_program(request.config.getoption("--dock-program"))
        find_simulation(program)
    except Failure as failure:
        pytest.fail(str(failure), pytrace=False)
    dock = Dock(tmp_path, program)
    request.node.stash[_DOCK] = dock
    yield dock
    dock.stop()
    folder = request.config.getoption("--dock-har")
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w.\[\]-]+", "_", request.node.nodeid)
        for number, app in enumerate(dock.apps):
            path = folder / f"{name}{f'-{number}' if number else ''}.har"
            path.write_text(json.dumps(har(app._program.trace), indent=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """A test that fails shows what its apps show."""
    report = yield
    dock = item.stash.get(_DOCK, None)
    if report.when == "call" and report.failed and dock:
        for app in dock.apps:
            report.sections.append((f"app {app.path.name}", app.describe()))
    return report
