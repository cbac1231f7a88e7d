# SPDX-License-Identifier: MIT
"""The pytest plugin with a program that cannot be simulated: pytest --dock-real."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dock_tool.real import NotSimulated
from dock_tool.testing import Dock
from pytest_httpserver import HTTPServer

PNG = b"\x89PNG\r\n\x1a\n"

_APP = """
import http, image, sys
from datastore import ImageStore, KvStore
from splashscreen import Splashscreen
from wakeup import Timer

def show(response):
    screen.add_text_box(response.text())
    print("shown", response.status_code())

def poll():
    url = KvStore().get("url")
    if not url:
        try:
            int("")
        except ValueError as e:
            sys.print_exception(e, sys.stderr)
        raise ValueError("no url")
    http.get_async(url, show)

screen = Splashscreen()
screen.set_background(ImageStore().get_token("logo"))
timer = Timer(poll, 0, 20)
"""


@pytest.fixture
def real_dock(binary: Path, tmp_path: Path) -> Iterator[Dock]:
    """A dock whose program is not simulated, be it the host build."""
    dock = Dock(tmp_path, binary, real=True)
    yield dock
    dock.stop()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Writes an app: write(code) returns its path."""

    def to_file(code: str) -> Path:
        path = tmp_path / "app.py"
        path.write_text(code)
        return path

    return to_file


def test_screen_log_settings_fault_and_exit_code(
    real_dock: Dock, httpserver: HTTPServer, write: Callable[[str], Path]
) -> None:
    httpserver.expect_request("/a").respond_with_data("first")
    httpserver.expect_request("/b").respond_with_data("second")
    app = real_dock.run(write(_APP), kv={"url": httpserver.url_for("/a")}, images={"logo": PNG})
    app.screen.wait_for(text="first", background=PNG)
    assert app.screen.texts == ["first"]
    app.kv["url"] = httpserver.url_for("/b")
    app.screen.wait_for(text="second")
    assert app.log.startswith("shown 200\n")
    assert (app.runs, app.exit_code, app.faults) == (True, None, [])
    app.kv["url"] = ""
    assert app.wait_for_end() == 1
    (fault,) = app.faults
    assert fault.startswith("Traceback (most recent call last):\n")
    assert fault.endswith("ValueError: no url\n")
    assert fault.count("Traceback") == 1
    assert app.log.endswith(fault)
    assert app.clock.seconds > 0
    seconds = app.clock.seconds
    assert app.clock.seconds == seconds


def test_fault_after_more_output_than_is_kept(real_dock: Dock, write: Callable[[str], Path]) -> None:
    flood = "import sys\nfor _ in range(80):\n    sys.stderr.write('x' * 65536)\n"
    app = real_dock.run(write(flood + "raise ValueError('late')\n"))
    assert app.wait_for_end() == 1
    (fault,) = app.faults
    assert fault.startswith("Traceback (most recent call last):\n")
    assert fault.endswith("ValueError: late\n")
    assert len(app._program._stderr_end) == 65536


def test_stop_and_arguments(real_dock: Dock, write: Callable[[str], Path]) -> None:
    app = real_dock.run(
        write("import sys\nfrom wakeup import Timer\nprint(sys.argv[1:])\nTimer(print, 60000)"), "a"
    )
    app.wait_until(lambda: "\n" in app.log, "a line")
    assert app.log == "['a']\n"
    assert app.stop() == 130
    assert (app.runs, app.faults) == (False, [])


def test_end_between_the_condition_and_the_next_look_is_no_failure(
    real_dock: Dock, write: Callable[[str], Path]
) -> None:
    app = real_dock.run(write("from wakeup import Timer\nprint('ready')\nTimer(print, 60000)"))
    app.wait_until(lambda: "ready" in app.log, "its line")
    looks = []

    def has_ended() -> bool:
        looks.append(app.runs)
        if len(looks) == 1:
            app._program.process.send_signal(signal.SIGINT)
            app._program.process.wait(10)
        return not looks[-1]

    app.wait_until(has_ended, "its end")
    assert looks == [True, False]


def test_what_does_not_come_is_told_with_what_is_there(real_dock: Dock, write: Callable[[str], Path]) -> None:
    app = real_dock.run(write("print('hello')"))
    with pytest.raises(AssertionError, match=r"(?s)the text 'x': the app has ended with exit code 0.*hello"):
        app.screen.wait_for(text="x")
    app = real_dock.run(write("from wakeup import Timer\nTimer(print, 60000)"))
    with pytest.raises(AssertionError, match=r"the text 'x': not within 0.1 s"):
        app.screen.wait_for(text="x", seconds=0.1)


def test_what_needs_a_trace_or_the_simulation_says_so(real_dock: Dock, write: Callable[[str], Path]) -> None:
    app = real_dock.run(write("from wakeup import Timer\nTimer(print, 60000)"))
    for name, ask in {
        "dock.network": real_dock.network.refused,
        "dock.monitors()": real_dock.monitors,
        "dock.replay()": lambda: real_dock.replay("recording"),
        "forward 60000": lambda: app.clock.forward(minutes=1),
        "step ": app.clock.step,
        "wall 5": lambda: app.clock.set_time_of_day(5),
        "app.requests": lambda: app.requests,
        "app.timers": lambda: app.timers,
        "screen.drawings": lambda: app.screen.drawings,
    }.items():
        with pytest.raises(NotSimulated, match=r"no trace, and its network and time are real") as raised:
            ask()
        assert name in str(raised.value)


_TEST = """
def test_it(dock):
    assert dock.run("app.py").wait_for_end() == 3
"""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--dock-real"], "1 passed"),
        ([], "simulation.so: make host builds it; --dock-real: a program that cannot be simulated"),
        (["--dock-real", "--dock-har", "har"], "there is no trace for --dock-har and --dock-record"),
    ],
)
def test_option(binary: Path, write: Callable[[str], Path], options: list[str], said: str) -> None:
    """The program is a copy, without the library beside it."""
    folder = write("import sys\nsys.exit(3)").parent
    (folder / "test_mine.py").write_text(_TEST)
    program = folder / "program"
    program.write_text(f'#!/bin/sh\nexec {binary} "$@"\n')
    program.chmod(0o755)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, "test_mine.py"],
        cwd=folder,
        env={**os.environ, "DL7450_BINARY": str(program)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said in run.stdout
