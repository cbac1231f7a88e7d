# SPDX-License-Identifier: MIT
"""Fixtures for apps: the folders that represent the dock's screen and store."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from dock_tool.testing import Dock
from servers.wire import WireFactory
from support.program import Program, Run
from support.simulated_time import SimulatedProgram

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def plugin_program(binary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugin's program is the one under test."""
    monkeypatch.setenv("DL7450_BINARY", str(binary))


@pytest.fixture
def dock(plugin_program: None, wire: WireFactory, dock: Dock) -> Dock:
    """The plugin's dock, with the program under test. On a board without "preload" nothing is simulated.

    Apps end before the servers that they ask.
    """
    return dock


@pytest.fixture
def screen(tmp_path: Path) -> Path:
    """The folder for DL7450_SCREEN; the program makes it."""
    return tmp_path / "screen"


@pytest.fixture
def rom(tmp_path: Path) -> Path:
    """The folder for DL7450_ROM, with an empty images/ in it."""
    folder = tmp_path / "rom"
    (folder / "images").mkdir(parents=True)
    return folder


@pytest.fixture
def draw(run_app: Program, screen: Path) -> Callable[..., dict]:
    """Runs an app that must not fail, and returns the screen.json that it leaves."""

    def run(code: str, *, env: Mapping[str, str] | None = None, **more: object) -> dict:
        result: Run = run_app(code, env={"DL7450_SCREEN": str(screen), **(env or {})}, **more)
        result.ok()
        return json.loads((screen / "screen.json").read_text())

    return run


@pytest.fixture(scope="session")
def slides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the slides of `make run` and their list."""
    from slides import make_slides

    folder = tmp_path_factory.mktemp("slides")
    make_slides(folder)
    return folder


@pytest.fixture
def simulated(run_app: Program) -> SimulatedProgram:
    """Runs apps in simulated time."""
    return SimulatedProgram(run_app)
