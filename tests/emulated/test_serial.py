# SPDX-License-Identifier: MIT
"""The emulated second UART: the dock tool, the prompt, a soft reset, Ctrl-C; and the log on the first."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from machine import boot
from servers.wire import HOLD, WireFactory
from support.emulated_machine import BOOT_SECONDS, DOCK, SILENT, Boots, OnMachine
from support.program import clean_environment
from support.serial_board import Line


def test_dock_put_get_and_ls_copy_any_bytes(run_app: OnMachine, tmp_path: Path) -> None:
    content = bytes(range(256)) * 64
    local, back = tmp_path / "local", tmp_path / "back"
    local.write_bytes(content)
    run_app.dock("put", local, "/tmp/remote").ok()
    lines = run_app.dock("ls", "/tmp").ok().stdout.splitlines()
    assert [str(len(content)), "remote"] in [line.split() for line in lines]
    run_app.dock("get", "/tmp/remote", back).ok()
    assert back.read_bytes() == content


def test_dock_run_passes_arguments_output_and_exit_code(run_app: OnMachine, tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text("import sys\nprint('h\xe9', sys.argv[1:], end='')\nsys.exit(7)\n")
    run = run_app.dock("run", app, "x", "--y")
    assert (run.returncode, run.stdout, run.stderr) == (7, "h\xe9 ['x', '--y']", "")


def test_soft_reset_leaves_nothing_of_before(run_app: OnMachine, wire: WireFactory) -> None:
    server = wire([HOLD])
    run_app("show(True)").ok()
    with Line(run_app.port) as line:
        line.send("\r")
        line.until(">>> ")
        line.send(f"import http; r = http.get_async({server.url!r})\r")
        line.until(">>> ")
        line.send("http.stats()['in_flight']\r")
        line.until("\r\n1\r\n>>> ")
        line.send("\x04")
        line.until("MPY: soft reboot\r\n")
        line.send("\x03\r")
        line.until(">>> ")
        line.send("'r' in globals(), __import__('http').stats()['in_flight']\r")
        line.until("\r\n(False, 0)\r\n>>> ")


def test_ctrl_c_ends_the_stores_app_and_the_prompt_follows(
    boots: Boots, free_port: Callable[[], int]
) -> None:
    port = free_port()
    with boots.on("print('ready')\nwhile True: pass", serial_port=port) as machine:
        machine.wait_for("ready", BOOT_SECONDS)
        with Line(f"socket://127.0.0.1:{port}") as line:
            line.send("\x03")
            line.until(">>> ")
            line.send("6 * 7\r")
            line.until("\r\n42\r\n>>> ")


def test_dock_log_shows_what_the_first_uart_says(built: Path, free_port: Callable[[], int]) -> None:
    serial, log = free_port(), free_port()
    environment = {"DL7450_NAME_SERVER": SILENT}
    with boot(built, serial_port=serial, log_port=log, environment=environment) as machine:
        process = subprocess.Popen(
            [DOCK, "log", "--log-port", f"socket://127.0.0.1:{log}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env=clean_environment(),
        )
        try:
            machine.wait_for("the list: Could not resolve host", BOOT_SECONDS)
            assert process.stdout
            assert process.stdout.readline() == "the list: Could not resolve host: intranet.example\n"
        finally:
            process.kill()
            process.wait()
