# SPDX-License-Identifier: MIT
"""The command `dock simulate`: what it says of bad input, and how it ends."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dock_tool.failure import Exit
from dock_tool.simulator import command
from support.program import clean_environment
from support.simulator import Simulator, running

pytestmark = pytest.mark.needs("preload", "trace")

DOCK = Path(sys.executable).with_name("dock")
_KEEP = "from wakeup import Timer\nTimer(print, 60000, 60000)\n"


def refused(*args: str | Path) -> tuple[int, str]:
    """Run `dock simulate`, which must not start. Gives its exit code and what it says."""
    done = subprocess.run(
        [DOCK, "simulate", "--no-browser", *args],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_what_is_not_there(tmp_path: Path, binary: Path) -> None:
    missing, app = tmp_path / "none.py", tmp_path / "app.py"
    app.write_text("")
    assert refused(missing) == (Exit.NO_LOCAL_FILE, f"dock: no such app here: {missing}\n")
    assert refused(tmp_path)[1].startswith(f"dock: the folder {tmp_path} has no main.py")
    code, said = refused("--program", missing, app)
    assert (code, "was it built? (make host)" in said) == (Exit.NO_LOCAL_FILE, True)
    code, said = refused("--program", binary, "--store", missing, app)
    assert (code, said) == (Exit.NO_LOCAL_FILE, f"dock: there is no store: {missing}\n")
    (tmp_path / "kv.json").write_text('{"a": 1}')
    assert "must be one JSON object with texts" in refused("--program", binary, "--store", tmp_path, app)[1]
    assert "is no port" in refused("--port", "70000", app)[1]


def test_next_port_if_it_is_taken(simulate: Callable[..., Simulator]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        if port > 65500:
            pytest.fail("the machine's ports for clients end too late for this test")
        simulator = simulate(_KEEP, "--port", str(port))
        assert f"port {port} is taken" in simulator.output
        assert port < simulator.port < port + 50


def test_ctrl_c_ends_both(simulate: Callable[..., Simulator]) -> None:
    simulator = simulate(f"print('here')\n{_KEEP}")
    simulator.wait_for("here")
    children = (
        Path(f"/proc/{simulator.process.pid}/task/{simulator.process.pid}/children").read_text().split()
    )
    assert len(children) == 1
    with simulator.events() as events:  # a page that is open does not hold it up
        next(events)
        assert simulator.end() == 0
    assert not Path(f"/proc/{children[0]}").exists()
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", simulator.port)) != 0


def test_terminal_tells_of_an_end_and_of_a_restart(
    simulate: Callable[..., Simulator], tmp_path: Path
) -> None:
    simulator = simulate("nothing\n")
    simulator.wait_for("NameError: .*\nsimulate: the app ended with exit code 1\n")
    (tmp_path / "app.py").write_text(f"print('here')\n{_KEEP}")
    simulator.wait_for("simulate: restarted: app.py changed\nhere\n")
    assert simulator.end() == 0
    assert "130" not in simulator.output


def test_app_that_ignores_ctrl_c_is_killed(simulate: Callable[..., Simulator]) -> None:
    again = "while True:\n  try:\n    while True:\n      pass\n  except KeyboardInterrupt:\n    pass\n"
    code = f"print('here')\n{again}"
    simulator = simulate(code)
    simulator.wait_for("here")
    assert simulator.do("stop").status_code == 200
    assert simulator.end() == 0


@pytest.mark.parametrize(
    ("variables", "starts"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}, False),
        ({}, False),
    ],
)
def test_browser_only_where_somebody_sees_it(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], starts: bool
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert command._has_browser() is starts


def test_trace_of_a_newer_version_is_said(tmp_path: Path) -> None:
    program = tmp_path / "dl7450"
    program.write_text(
        f"""#!{sys.executable}
import os, socket, time
trace = socket.socket(socket.AF_UNIX)
trace.connect(os.environ["DL7450_TRACE"])
trace.sendall(b'{{"event": "trace", "version": 2, "t": 0}}\\n{{"event": "request"}}\\n')
print("its output", flush=True)
time.sleep(60)
"""
    )
    program.chmod(0o755)
    app = tmp_path / "app.py"
    app.write_text("")
    with running([DOCK, "simulate", "--no-browser", "--port", "0", "--program", program, app]) as simulator:
        simulator.wait_for("its output")
        with simulator.events() as events:
            news = next(it for it in events if it["app"]["refused"])
    assert "the trace has version 2: this dock is older, and knows 1" in news["app"]["refused"]
    assert [line[3] for line in news["log"] if line[2] == "stdout"] in ([], ["its output"])
