# SPDX-License-Identifier: MIT
"""--serial LINE: the app first, its output in the log, then MicroPython's REPL on the line; soft reset."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.wire import HOLD, Step, WireFactory, head, reply
from support.process_state import wait_until_blocked, wait_until_busy
from support.program import Program
from support.serial_board import Line, SerialBoard, descriptors

_READY = "print('ready')\n"
_RAW = "raw REPL; CTRL-B to exit\r\n>"


@pytest.fixture
def board(binary: Path, tmp_path: Path) -> Iterator[SerialBoard]:
    """A board that is off."""
    board = SerialBoard(binary, tmp_path)
    yield board
    board.close()


@pytest.fixture
def line(board: SerialBoard) -> Iterator[Line]:
    """A person at the board's line."""
    with Line(board.port) as line:
        yield line


def _app(tmp_path: Path, code: str) -> Path:
    path = tmp_path / "app.py"
    path.write_text(code)
    return path


def _enter_raw(line: Line) -> None:
    line.send("\r\x03\r\x01")
    line.until(_RAW)


def _interrupted(board: SerialBoard, line: Line) -> None:
    """Ctrl-C, and the prompt of the same program."""
    line.send("\x03")
    line.until(">>> ")
    line.send("6 * 7\r")
    line.until("\r\n42\r\n>>> ")


# --------------------------------------------------------------------------------------------------
# The app, then the REPL


def test_app_runs_first_and_talks_to_the_log_then_the_repl_is_on_the_line(
    board: SerialBoard, line: Line, tmp_path: Path
) -> None:
    app = _app(tmp_path, "import sys\nvalue = 5\nprint('out', sys.argv[1:])\nprint('err', file=sys.stderr)\n")
    board.start(app, "a", "-b")
    start = line.until(">>> ")
    assert "MicroPython" in start
    assert board.log.read_text() == "out ['a', '-b']\nerr\n"
    line.send("value\r")
    assert line.until(">>> ") == "value\r\n5\r\n"
    assert board.log.read_text() == "out ['a', '-b']\nerr\n"


def test_without_an_app_the_repl_comes_at_once(board: SerialBoard, line: Line) -> None:
    board.start()
    line.until(">>> ")


def test_fault_of_the_app_is_in_the_log_and_the_repl_follows(
    board: SerialBoard, line: Line, tmp_path: Path
) -> None:
    board.start(_app(tmp_path, "1 // 0\n"))
    assert "ZeroDivisionError" not in line.until(">>> ")
    assert "ZeroDivisionError: divide by zero" in board.log.read_text()


def test_missing_app_is_in_the_log_and_the_repl_follows(board: SerialBoard, line: Line) -> None:
    board.start("nothing.py")
    line.until(">>> ")
    assert "nothing.py" in board.log.read_text()


_MOMENTS = {
    "computing": "while True: pass",
    "sleeping": "import time; time.sleep(60)",
    "sync request": "import http; http.get(URL)",
    "idle": "import http; http.get_async(URL, print)",
    "the second after a caught one": """
import time
try:
    time.sleep(60)
except KeyboardInterrupt:
    print('caught')
time.sleep(60)""",
}


@pytest.mark.parametrize("moment", _MOMENTS)
def test_ctrl_c_on_the_line_ends_the_app(
    board: SerialBoard, line: Line, tmp_path: Path, wire: WireFactory, moment: str
) -> None:
    code = f"URL = {wire([HOLD]).url!r}\n{_READY}{_MOMENTS[moment]}\n"
    board.start(_app(tmp_path, code))
    board.wait_for_log("ready")
    wait_until_busy(board.pid)
    if "second" in moment:
        line.send("\x03")
        board.wait_for_log("caught")
    _interrupted(board, line)
    frames = [part for part in board.log.read_text().splitlines() if part.startswith("  File ")]
    assert bool(frames) == (moment != "idle")  # the log says where it was
    assert all('/app.py", line ' in frame for frame in frames)


def test_ctrl_c_is_seen_behind_more_input_than_the_kernel_keeps(
    board: SerialBoard, line: Line, tmp_path: Path
) -> None:
    board.start(_app(tmp_path, f"{_READY}while True: pass\n"))
    board.wait_for_log("ready")
    line.send(b"x\n" * 10_000)
    line.send("\x03")
    line.until("^C")
    line.until(">>> ")


def test_many_ctrl_c_do_not_end_the_program(board: SerialBoard, line: Line, tmp_path: Path) -> None:
    board.start(_app(tmp_path, f"{_READY}while True: pass\n"))
    pid = board.pid
    board.wait_for_log("ready")
    line.send("\x03" * 200)
    _interrupted(board, line)
    assert board.pid == pid


def test_ctrl_c_while_the_program_starts_is_not_lost(board: SerialBoard, line: Line, tmp_path: Path) -> None:
    for _ in range(5):
        board.start(_app(tmp_path, "while True: pass\n"))
        line.until("MPY: boot\r\n")
        line.send("\x03")
        line.until(">>> ")
        board.kill()


# --------------------------------------------------------------------------------------------------
# The raw REPL


def test_raw_repl_executes_and_separates_output_from_exceptions(board: SerialBoard, line: Line) -> None:
    board.start()
    _enter_raw(line)
    assert line.raw("print(1)\nprint('\xe9')") == "1\r\n\xe9\r\n"
    assert line.raw("1 // 0").endswith("ZeroDivisionError: divide by zero\r\n")
    assert line.raw("print(list(b'\\x03\\x04\\x80\\xff'))") == "[3, 4, 128, 255]\r\n"


def test_raw_paste_takes_kilobytes_at_once(board: SerialBoard, line: Line) -> None:
    board.start()
    _enter_raw(line)
    line.send("\x05A\x01")
    assert line.until("R\x01\x00\x04\x01") == ""
    line.send("x = '" + 700 * "x" + "'\nprint(len(x))\x04")
    line.until("\x04")
    assert line.until("\x04") == "700\r\n"


def test_bytes_are_left_alone_while_ctrl_c_is_off(board: SerialBoard, line: Line) -> None:
    board.start()
    _enter_raw(line)
    code = """import micropython, sys
micropython.kbd_intr(-1)
sys.stdout.write('?\\n')
sys.stdout.write(repr([ord(sys.stdin.read(1)) for _ in range(4)]) + '\\n')
micropython.kbd_intr(3)
"""
    line.send(code + "\x04")
    line.until("OK?\n")
    line.send("\x03\x04\n\r")
    assert line.until("\x04") == "[3, 4, 10, 13]\n"


def test_callbacks_of_requests_made_at_the_repl_run_in_idle_run(
    board: SerialBoard, line: Line, wire: WireFactory
) -> None:
    board.start()
    _enter_raw(line)
    line.raw(
        f"import http, idle\nhttp.get_async('{wire([0.2, reply()]).url}', lambda r: print(r.status_code()))"
    )
    assert line.raw("print('none')") == "none\r\n"
    assert line.raw("idle.run()\nprint('end')") == "200\r\nend\r\n"


def test_ctrl_c_ends_idle_run_at_the_repl(board: SerialBoard, line: Line, wire: WireFactory) -> None:
    board.start()
    _enter_raw(line)
    line.raw(f"import http, idle\nq = http.get_async('{wire([HOLD]).url}', print)")
    line.send("idle.run()\x04")
    line.until("OK")
    wait_until_blocked(board.pid)
    line.send("\x03")
    assert "KeyboardInterrupt" in line.until("\x04>")
    assert line.raw("print(q.status())") == "pending\r\n"


def test_app_run_at_the_repl_gives_exit_code_or_fault_and_leaves_nothing_pending(
    board: SerialBoard, line: Line, tmp_path: Path, wire: WireFactory
) -> None:
    request = f"import http\nhttp.get_async('{wire([HOLD]).url}', print)\n"
    app = _app(tmp_path, request + "import sys\nprint(sys.argv[1:], __name__)\nsys.exit(7)\n")
    board.start(env={"DL7450_SCREEN": str(tmp_path)})
    _enter_raw(line)
    assert line.raw(f"import _app, http\nprint(_app.run('{app}', 'a'))") == "['a'] __main__\r\n7\r\n"
    app.write_text(request + "1 // 0\n")
    assert line.raw(f"_app.run('{app}')").endswith("ZeroDivisionError: divide by zero\r\n")
    assert "ZeroDivisionError" in (tmp_path / "screen.json").read_text()
    assert line.raw("print(http.stats()['free'])") == "16\r\n"


@pytest.mark.parametrize("end", ["sys.exit(7)", "1 // 0", "await asyncio.sleep(60)"])
def test_tasks_of_an_app_that_is_over_do_not_run_in_the_next_one(
    board: SerialBoard, line: Line, tmp_path: Path, wire: WireFactory, end: str
) -> None:
    app = _app(
        tmp_path,
        f"""
import asyncio, http, sys

async def request():
    await http.get_async('{wire([HOLD]).url}')
    print('late request')

async def sleep():
    await asyncio.sleep(0.1)
    print('late sleep')

async def main():
    asyncio.create_task(request())
    asyncio.create_task(sleep())
    await asyncio.sleep(0)
    print('ready')
    {end}

asyncio.run(main())
""",
    )
    board.start()
    _enter_raw(line)
    line.send(f"import _app\n_app.run('{app}')\x04")
    line.until("ready")
    line.send("\x03" if "sleep" in end else "")
    line.until("\x04>")
    line.raw("import asyncio\nasync def wait(): await asyncio.sleep(0.3)")
    assert line.raw("asyncio.run(wait())\nprint('end')") == "end\r\n"


# --------------------------------------------------------------------------------------------------
# Soft reset


@pytest.mark.needs("exec")
def test_soft_reset_of_the_raw_repl_stays_raw_and_does_not_start_the_app(
    board: SerialBoard, line: Line, tmp_path: Path
) -> None:
    board.start(_app(tmp_path, "print('app')\n"))
    board.wait_for_log("app\n")  # else the Ctrl-C of what follows may end it before
    _enter_raw(line)
    line.raw("value = 1")
    for _ in range(3):
        line.send("\x04")
        line.until("OK\r\nMPY: soft reboot\r\n" + _RAW)
        assert "NameError" in line.raw("value")
    assert board.log.read_text() == "app\n"


@pytest.mark.needs("exec")
def test_soft_reset_of_the_friendly_repl_starts_the_app_again(
    board: SerialBoard, line: Line, tmp_path: Path
) -> None:
    board.start(_app(tmp_path, "print('app')\n"))
    board.wait_for_log("app\n")  # else the Ctrl-C of what follows may end it before
    _enter_raw(line)
    line.send("\x04")
    line.until(_RAW)
    line.send("\x02")
    for count in (2, 3):
        line.until(">>> ")
        line.send("\x04")
        line.until("MPY: soft reboot\r\n")
        board.wait_for_log(count * "app\n")
    line.until(">>> ")


@pytest.mark.needs("exec")
def test_ctrl_c_right_after_a_soft_reset_ends_the_app_that_it_started(
    board: SerialBoard, line: Line, tmp_path: Path
) -> None:
    board.start(_app(tmp_path, f"{_READY}while True: pass\n"))
    board.wait_for_log("ready")
    line.send("\x03")
    for _ in range(20):
        line.until(">>> ")
        line.send("\x04")
        line.until("MPY: soft reboot\r\n")
        line.send("\x03")
    line.until(">>> ")


@pytest.mark.needs("exec")
def test_sys_exit_at_the_repl_is_a_soft_reset(board: SerialBoard, line: Line) -> None:
    board.start()
    _enter_raw(line)
    line.send("raise SystemExit\x04")
    line.until("MPY: soft reboot\r\n" + _RAW)


@pytest.mark.needs("exec")
def test_nothing_of_the_app_survives_a_soft_reset(
    board: SerialBoard, line: Line, tmp_path: Path, wire: WireFactory
) -> None:
    answers: dict[str, list[Step]] = {
        "/hold": [HOLD],
        "/stream": [head(200, "Content-Length: 9"), b"ab", HOLD],
    }
    server = wire(lambda request: answers.get(request.target) or reply(200, b"ok"))
    code = f"""
import http, os, socket
files = [open('/dev/null') for _ in range(5)]
sockets = [socket.socket() for _ in range(5)]
print(http.get('{server.url}/kept').status_code())
for _ in range(5):
    http.get_async('{server.url}/hold', print)
stream = http.get('{server.url}/stream', stream=True)
print(stream.read(2))
upload = http.post_async('{server.url}/hold', data=(b'piece' for _ in range(9)))
os.putenv('DL7450_TEST', 'yes')
os.chdir('/')
"""
    board.start(_app(tmp_path, "print('app')\n"))
    board.wait_for_log("app\n")  # else the Ctrl-C of what follows may end it before
    _enter_raw(line)
    folder = line.raw("import os\nprint(os.getcwd())")
    before = descriptors(board.pid)
    for _ in range(3):
        assert line.raw(code) == "200\r\nb'ab'\r\n"
        assert len(descriptors(board.pid)) > len(before) + 10
        line.send("\x04")
        line.until("soft reboot\r\n" + _RAW)
        assert descriptors(board.pid) == before
        assert line.raw("import os\nprint(os.getenv('DL7450_TEST'), os.getcwd())") == f"None {folder}"
        assert line.raw("import http, idle\nidle.run()\nprint(http.stats()['free'])") == "16\r\n"


def test_child_processes_do_not_get_the_line(board: SerialBoard, line: Line, tmp_path: Path) -> None:
    board.start(_app(tmp_path, "import os\nos.system('ls -l /proc/self/fd')\n"))
    line.until(">>> ")
    assert board.line not in board.log.read_text()


# --------------------------------------------------------------------------------------------------
# The line


def test_hang_up_of_the_line_ends_the_program(binary: Path) -> None:
    master, slave = pty.openpty()
    name = os.ttyname(slave)
    process = subprocess.Popen([binary, "--serial", name], start_new_session=True)
    try:
        seen = b""
        while b">>> " not in seen:
            seen += os.read(master, 100)
        os.close(slave)
        os.close(master)
        assert process.wait(5) != 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("line", ["/dev/nothing", "/dev/null", "/"])
def test_line_that_is_none_is_one_line_on_stderr_and_exit_code_2(run_app: Program, line: str) -> None:
    run = run_app.command(["--serial", line, "-c", "print('app')"])
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"dl7450: --serial {line}: ")
    assert run.stderr.count("\n") == 1


def test_program_without_a_session_of_its_own_says_how_to_start_it(run_app: Program) -> None:
    master, slave = pty.openpty()
    run = run_app.command(
        ["--serial", os.ttyname(slave)],
        # A leader of its process group, as a shell makes it: such a process cannot have a session.
        wrapper=[
            sys.executable,
            "-c",
            "import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])",
        ],
    )
    os.close(master)
    os.close(slave)
    assert run.returncode == 2
    assert "setsid" in run.stderr


# --------------------------------------------------------------------------------------------------
# mpremote's own command line


def _mpremote(board: SerialBoard, *args: str | Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "mpremote", "connect", board.port, *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)


@pytest.mark.needs("exec")
def test_mpremote_executes_runs_and_resets(board: SerialBoard, tmp_path: Path) -> None:
    board.start(_app(tmp_path, f"{_READY}while True: pass\n"))
    board.wait_for_log("ready")
    assert _mpremote(board, "exec", "print(6 * 7)").stdout == "42\n"
    script = tmp_path / "script.py"
    script.write_text("print('script')\n1 // 0\n")
    ran = _mpremote(board, "run", script)
    assert ran.returncode == 1
    assert "script\n" in ran.stdout
    assert "ZeroDivisionError" in ran.stdout + ran.stderr
    assert _mpremote(board, "exec", "value = 1", "soft-reset").returncode == 0
    assert "NameError" in _mpremote(board, "exec", "value").stdout
    first, *_, last = board.log.read_text().splitlines()
    assert (first, last) == ("ready", "KeyboardInterrupt: ")


@pytest.mark.needs("exec")
def test_mpremote_copies_and_lists(board: SerialBoard, tmp_path: Path) -> None:
    board.start()
    local, remote, back = tmp_path / "local", tmp_path / "remote", tmp_path / "back"
    local.write_bytes(bytes(range(256)) * 40)
    assert _mpremote(board, "cp", local, f":{remote}").returncode == 0
    assert remote.read_bytes() == local.read_bytes()
    assert _mpremote(board, "cp", f":{remote}", back).returncode == 0
    assert back.read_bytes() == local.read_bytes()
    assert "remote" in _mpremote(board, "ls", f":{tmp_path}").stdout


@pytest.mark.needs("exec")
def test_mpremote_mounts_a_folder_of_the_host(board: SerialBoard, tmp_path: Path) -> None:
    board.start()
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "data").write_bytes(bytes(range(256)))
    code = "print(open('/remote/data', 'rb').read() == bytes(range(256)))"
    assert "True" in _mpremote(board, "mount", shared, "exec", code).stdout
