# SPDX-License-Identifier: MIT
"""The tests themselves can run as a background job of a shell."""

import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# This test sends Ctrl-C to a program that it starts.
_ONE = "tests/tools/test_server.py::test_command_line_serves_until_ctrl_c"


def test_programs_under_test_hear_ctrl_c_though_the_tests_run_in_the_background() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", _ONE]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.returncode == 0, done.stdout
