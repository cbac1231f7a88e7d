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
from dock_tool.record import write_recording
from dock_tool.recording import check_folder
from dock_tool.testing import Dock

_DOCK = pytest.StashKey[Dock]()
_FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin."""
    group = parser.getgroup("dock", "apps of a DL-7450 dock")
    group.addoption(
        "--dock-program", metavar="PATH", help="the program dl7450 (default: $DL7450_BINARY, ...)"
    )
    group.addoption(
        "--dock-real",
        action="store_true",
        help="the program cannot be simulated, and has no trace: real network, real time",
    )
    group.addoption(
        "--dock-har", metavar="DIR", type=Path, help="write each test's requests to a HAR file here"
    )
    group.addoption(
        "--dock-record",
        action="store_true",
        help="let the real servers answer, and write the folders of dock.replay() anew",
    )


@pytest.fixture
def dock(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Dock]:
    """A simulated dock: dock.run(app, kv={...}) starts an app; dock.network has its network's conditions."""
    option = request.config.getoption
    real, records, folder = option("--dock-real"), option("--dock-record"), option("--dock-har")
    if real and (records or folder):
        pytest.fail("--dock-real: there is no trace for --dock-har and --dock-record", pytrace=False)
    try:
        program = find_program(option("--dock-program"))
    except Failure as failure:
        pytest.fail(str(failure), pytrace=False)
    try:
        if not real:
            find_simulation(program)
    except Failure as failure:
        pytest.fail(f"{failure}; --dock-real: a program that cannot be simulated", pytrace=False)
    dock = Dock(tmp_path, program, records=records, real=real)
    request.node.stash[_DOCK] = dock
    try:
        yield dock
    finally:
        dock.stop()
        for app in dock.apps if dock.played else ():
            dock.played.check(app._program.trace)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w.\[\]-]+", "_", request.node.nodeid)
        for number, app in enumerate(dock.apps):
            path = folder / f"{name}{f'-{number}' if number else ''}.har"
            path.write_text(json.dumps(har(app._program.trace), indent=1))
    if not request.node.stash.get(_FAILED, False):
        _check_recording(dock)


def _check_recording(dock: Dock) -> None:
    if dock.played and dock.played.missing:
        missing = "\n".join(dict.fromkeys(dock.played.missing))
        pytest.fail(f"{dock.played.folder}: {missing}\nrecord it anew: --dock-record", pytrace=False)
    if dock.recorded:
        folder, hide = dock.recorded
        try:
            check_folder(folder, replace=True)
            said = write_recording(folder, [app._program.trace for app in dock.apps], hide)
        except Failure as failure:
            pytest.fail(f"{folder}: {failure}", pytrace=False)
        print("\n".join(said))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test that passes in spite of a fault, and has not looked at it, fails."""
    yield
    dock = item.stash.get(_DOCK, None)
    for app in dock.apps if dock else ():
        if fault := app.unseen_fault:
            pytest.fail(
                f"{app.path.name} ended with a fault, and the test looks neither at app.faults nor at "
                f"app.exit_code:\n{fault.rstrip()}",
                pytrace=False,
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """A test that fails shows what its apps show."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    dock = item.stash.get(_DOCK, None)
    if report.when == "call" and report.failed and dock:
        told = getattr(call.excinfo.value, "app", None) if call.excinfo else None  # by the error itself
        for app in dock.apps:
            if app is not told:
                report.sections.append((f"app {app.path.name}", app.describe()))
        if dock.played and dock.played.missing:
            report.sections.append(("replay", "\n".join(dict.fromkeys(dock.played.missing))))
    return report
