# SPDX-License-Identifier: MIT
"""`make emulate`, but for the building."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 100


def emulate(folder: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the tool to its end."""
    command = [sys.executable, ROOT / "tools/emulate.py", "--folder", folder, *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_carousel_shows_its_slides_and_leaves_a_picture(built: Path, tmp_path: Path) -> None:
    done = emulate(tmp_path, "--dwell-ms", "100")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("\nround 1: ") == 5
    with Image.open(tmp_path / "screen.png") as picture:
        assert picture.size == (1920, 1080)
    boxes = json.loads((tmp_path / "screen/screen.json").read_text())
    assert boxes
    assert "emulate: the carousel showed 5 slides, the first " in done.stdout
    assert "the app ended with exit code 0" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999", "abc", "80.5", "\u00b2"])
def test_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    done = emulate(tmp_path, f"--serial={port}")
    assert done.returncode == 2
    said = f"argument --serial: {port!r} is no TCP port: 1 to 65535"
    assert done.stderr.splitlines()[-1] == f"emulate.py: error: {said}"


def test_ctrl_c_says_how_many_slides_were_shown(
    built: Path, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    command = [sys.executable, ROOT / "tools/emulate.py", "--folder", tmp_path, "--dwell-ms", "100"]
    command += ["--serial", str(free_port())]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout
        shown = 0
        while shown < 5:
            line = process.stdout.readline()
            assert line, "it ended before the app did"
            shown += line.startswith("round 1: ")
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "emulate: the carousel showed 5 slides, the first " in rest
    assert "drew nothing" not in rest


def test_app_fault_is_the_exit_code_and_on_the_screen(built: Path, tmp_path: Path) -> None:
    app = tmp_path / "broken.py"
    app.write_text("print('before')\n1 / 0\n")
    done = emulate(tmp_path / "run", "--app", app)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stdout
    assert "ZeroDivisionError" in (tmp_path / "run/screen/screen.json").read_text()
    assert (tmp_path / "run/screen.png").is_file()


def test_machine_with_a_serial_line_stays_on_until_ctrl_c(
    built: Path, tmp_path: Path, free_port: Callable[[], int]
) -> None:
    app = tmp_path / "short.py"
    app.write_text("print('the app is over')\n")
    port = free_port()
    command = [sys.executable, ROOT / "tools/emulate.py", "--folder", tmp_path / "run", "--app", app]
    command += ["--serial", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout
        while "the app is over" not in (line := process.stdout.readline()):
            assert line, "it ended before the app did"
        dock = [Path(sys.executable).parent / "dock", "ls", "--port", f"socket://127.0.0.1:{port}", "/data"]
        done = subprocess.run(dock, capture_output=True, text=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, done.stderr
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "the app ended with exit code 130" in rest
