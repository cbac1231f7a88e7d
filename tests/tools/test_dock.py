# SPDX-License-Identifier: MIT
"""`dock`: apps and files on a board over its serial line, and the failures."""

import contextlib
import fcntl
import os
import pty
import signal
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from servers.wire import HOLD, WireFactory
from support.process_state import wait_for, wait_until_computing, wait_until_open, wait_until_read
from support.program import clean_environment
from support.serial_board import Line, SerialBoard

DOCK = Path(sys.executable).parent / "dock"
_SECONDS = 30
_STUBBORN = """
print('ready')
while True:
    try:
        while True:
            pass
    except KeyboardInterrupt:
        print('no')
"""


@pytest.fixture
def board(binary: Path, tmp_path: Path) -> Iterator[SerialBoard]:
    """A board that is switched on and runs no app."""
    board = SerialBoard(binary, tmp_path)
    yield board.start()
    board.close()


@pytest.fixture(params=["pty", "socket"])
def port(request: pytest.FixtureRequest, board: SerialBoard) -> str:
    """Return the name of the board's line for a tool."""
    return board.port if request.param == "pty" else board.url


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """A pseudo-terminal without a board: the test reads what a tool sends from the descriptor."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Path]:
    """An app's file with a unique name. Its copy on the host build's /tmp is removed."""
    path = tmp_path / f"dock_test_{os.getpid()}.py"
    yield path
    Path("/tmp", path.name).unlink(missing_ok=True)


def dock(*args: str | Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run dock to its end."""
    command = [DOCK, *args]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        stdin=subprocess.DEVNULL,
        env=clean_environment(env),
    )


def _start(*args: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [DOCK, *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )


def _finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=_SECONDS)
        return process.returncode, out, err
    finally:
        process.kill()


def _failed(result: Sequence[object], code: int, text: str) -> None:
    """Check that dock failed with this code and with one line that contains this text."""
    got, _, err = result
    assert got == code, result
    assert text in str(err), result
    assert str(err).startswith("dock: "), result
    assert str(err).count("\n") == 1, result


def _result(run: subprocess.CompletedProcess[str]) -> Sequence[object]:
    return run.returncode, run.stdout, run.stderr


def _is_at_the_prompt(board: SerialBoard) -> bool:
    with Line(board.port) as line:
        line.send("6 * 7\r")
        line.until("\r\n42\r\n>>> ")
    return True


# --------------------------------------------------------------------------------------------------
# Normal use


def test_run_passes_output_through_and_gives_the_exit_code(board: SerialBoard, port: str, app: Path) -> None:
    app.write_text("import sys\nprint('h\xe9', sys.argv[1:])\nprint('a\\r\\nb', end='')\nsys.exit(7)\n")
    run = subprocess.run([DOCK, "run", "-p", port, app, "x", "--y"], capture_output=True, timeout=_SECONDS)
    assert (run.returncode, run.stdout.decode(), run.stderr) == (7, "h\xe9 ['x', '--y']\na\r\nb", b"")


def test_run_shows_output_while_the_app_runs(board: SerialBoard, app: Path) -> None:
    app.write_text("import sys\nprint('part', end='')\nwhile True: pass\n")
    process = _start("run", "-p", board.port, app)
    assert process.stdout
    assert process.stdout.read(4) == "part"
    process.send_signal(signal.SIGINT)
    code, out, err = _finish(process)
    assert (code, out) == (130, "")
    assert err.splitlines() == [
        "Traceback (most recent call last):",
        f'  File "/tmp/{app.name}", line 3, in <module>',
        "KeyboardInterrupt: ",
    ]


def test_run_ends_when_the_idle_loop_does(board: SerialBoard, app: Path, refused_url: str) -> None:
    app.write_text(f"import http\nhttp.get_async('{refused_url}', lambda r: print(r.status_code()))\n")
    assert _result(dock("run", "-p", board.port, app)) == (0, "7\n", "")


@pytest.mark.parametrize("where", ["main part", "callback"])
def test_fault_is_exit_code_1_and_the_traceback_on_stderr(
    board: SerialBoard, port: str, app: Path, refused_url: str, where: str
) -> None:
    fault = "1 // 0" if where == "main part" else f"http.get_async('{refused_url}', lambda r: 1 // 0)"
    app.write_text(f"import http\nprint('out')\n{fault}\n")
    run = dock("run", "-p", port, app)
    assert (run.returncode, run.stdout) == (1, "out\n")
    assert run.stderr.splitlines() == [
        "Traceback (most recent call last):",
        f'  File "/tmp/{app.name}", line 3, in {"<module>" if where == "main part" else "<lambda>"}',
        "ZeroDivisionError: divide by zero",
    ]
    assert _is_at_the_prompt(board)


def test_ctrl_c_stops_the_app_on_the_board(
    board: SerialBoard, port: str, app: Path, wire: WireFactory
) -> None:
    app.write_text(f"import http\nhttp.get_async('{wire([HOLD]).url}', print)\nprint('ready')\n")
    process = _start("run", "-p", port, app)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert _finish(process) == (130, "", "")
    assert dock("ls", "-p", port).returncode == 0
    assert _is_at_the_prompt(board)


def test_run_ends_the_app_of_the_board_and_starts_afresh(binary: Path, tmp_path: Path, app: Path) -> None:
    board = SerialBoard(binary, tmp_path)
    try:
        (tmp_path / "main.py").write_text("value = 1\nprint('ready')\nwhile True: pass\n")
        board.start("main.py")
        board.wait_for_log("ready")
        app.write_text("print('value' in globals())\nimport sys\nsys.modules['marker'] = 1\n")
        for _ in range(2):
            assert _result(dock("run", "-p", board.port, app)) == (0, "False\n", "")
    finally:
        board.close()


def test_run_refuses_an_app_that_imports_a_module_beside_it(board: SerialBoard, app: Path) -> None:
    app.with_name("helper.py").write_text("value = 7\n")
    app.write_text("import sys\nimport helper\n")
    said = f"an app is one file, and line 2 of {app.name} imports helper.py beside it"
    _failed(_result(dock("run", "-p", board.port, app)), 2, said)


def test_put_and_get_copy_any_bytes(board: SerialBoard, port: str, tmp_path: Path) -> None:
    data = bytes(range(256)) * 256
    local, remote, back = tmp_path / "local", tmp_path / "it's remote", tmp_path / "back"
    local.write_bytes(data)
    assert _result(dock("put", "-p", port, local, str(remote))) == (0, "", "")
    assert remote.read_bytes() == data
    assert _result(dock("get", "-p", port, str(remote), back)) == (0, "", "")
    assert back.read_bytes() == data


def test_put_and_get_into_a_folder_keep_the_name(board: SerialBoard, tmp_path: Path) -> None:
    local, there, here = tmp_path / "file", tmp_path / "there", tmp_path / "here"
    local.write_bytes(b"")
    there.mkdir()
    here.mkdir()
    assert dock("put", "-p", board.port, local, there).returncode == 0
    assert (there / "file").read_bytes() == b""
    assert dock("get", "-p", board.port, there / "file", here).returncode == 0
    assert (here / "file").read_bytes() == b""


def test_ls_shows_names_and_sizes(board: SerialBoard, port: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "file").write_bytes(bytes(1234))
    (folder / "dangling").symlink_to("nothing")
    lines = dock("ls", "-p", port, folder).stdout.splitlines()
    assert [line.split() for line in lines] == [["?", "dangling"], ["1234", "file"], ["sub/"]]


def test_port_comes_from_the_environment(board: SerialBoard, tmp_path: Path, app: Path) -> None:
    assert "log" in dock("ls", tmp_path, env={"DOCK_PORT": board.port}).stdout
    app.write_text("")
    _failed(_result(dock("run", app)), 2, f"(dock simulate {app} runs it on this machine)")
    _failed(_result(dock("ls")), 2, "--port")
    _failed(_result(dock("log")), 2, "--log-port")


def test_log_shows_what_comes_and_sends_nothing(terminal: tuple[int, str]) -> None:
    master, name = terminal
    process = _start("log", "--log-port", name)
    assert process.stdout
    wait_until_open(process.pid, name)  # opening the line discards older input
    os.write(master, b"first\nsecond\n")
    assert process.stdout.readline() == "first\n"
    assert process.stdout.readline() == "second\n"
    process.send_signal(signal.SIGINT)
    assert _finish(process) == (130, "", "")
    os.set_blocking(master, False)
    with pytest.raises(BlockingIOError):
        os.read(master, 1)


@pytest.mark.parametrize("command", ["", "run", "repl", "log", "put", "get", "ls"])
def test_help_of_every_command(command: str) -> None:
    run = dock(*([command] if command else []), "--help")
    assert run.returncode == 0
    assert ("examples:" if command else "exit codes:") in run.stdout


def test_ctrl_c_in_the_middle_of_a_transfer_leaves_the_board_at_its_prompt(
    board: SerialBoard, tmp_path: Path
) -> None:
    local, remote = tmp_path / "local", tmp_path / "remote"
    local.write_bytes(bytes(16 << 20))
    remote.write_bytes(b"of before")
    part = tmp_path / "remote.part"
    process = _start("put", "-p", board.port, local, remote)
    wait_for(lambda: part.exists() and part.stat().st_size > 0, "the first bytes")
    process.send_signal(signal.SIGINT)
    assert _finish(process) == (130, "", "")
    assert _is_at_the_prompt(board)
    assert remote.read_bytes() == b"of before"
    assert not part.exists()


# --------------------------------------------------------------------------------------------------
# repl


class _Repl:
    """`dock repl` on its own terminal."""

    def __init__(self, port: str) -> None:
        self._master, slave = pty.openpty()
        self.screen = Line(os.ttyname(slave))  # keeps the terminal open
        self.process = subprocess.Popen([DOCK, "repl", "-p", port], stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        self.seen = ""

    def type(self, text: str, answer: str) -> None:
        """Type, and wait for the answer."""
        os.write(self._master, text.encode())
        deadline = time.monotonic() + 10
        while answer not in self.seen:
            assert time.monotonic() < deadline, self.seen
            self.seen += os.read(self._master, 4096).decode()
        if answer:
            self.seen = self.seen.partition(answer)[2]

    def close(self) -> int:
        """Return the exit code of the tool."""
        try:
            return self.process.wait(10)
        finally:
            self.process.kill()
            self.screen.__exit__()
            os.close(self._master)


def test_repl_is_the_boards_prompt(board: SerialBoard, port: str) -> None:
    repl = _Repl(port)
    repl.type("", ">>> ")
    repl.type("6 * 7\r", "\r\n42\r\n>>> ")
    repl.type("while True: pass\r\r", "\r\n")
    wait_until_computing(board.pid)
    repl.type("\x03", "KeyboardInterrupt")
    repl.type("\x04", "soft reboot")
    repl.type("", ">>> ")
    repl.type("\x1d", "")
    assert repl.close() == 0


def test_repl_ends_when_the_line_goes_away(board: SerialBoard, port: str) -> None:
    repl = _Repl(port)
    repl.type("", ">>> ")
    board.unplug()
    repl.type("", "was lost")
    assert repl.close() == 15


def test_repl_needs_a_terminal(board: SerialBoard) -> None:
    _failed(_result(dock("repl", "-p", board.port)), 2, "terminal")


# --------------------------------------------------------------------------------------------------
# Failures


def test_port_that_does_not_exist() -> None:
    _failed(_result(dock("ls", "-p", "/dev/nothing")), 10, "/dev/nothing")
    _failed(_result(dock("log", "--log-port", "/dev/nothing")), 10, "/dev/nothing")
    _failed(_result(dock("ls", "-p", "/dev/null")), 10, "/dev/null")
    _failed(_result(dock("ls", "-p", "nonsense://x")), 2, "nonsense")


@pytest.mark.parametrize("command", [["ls", "-p"], ["log", "--log-port"]])
@pytest.mark.parametrize(
    "port",
    [
        "socket://127.0.0.1",
        "socket://",
        "socket://:4700",
        "socket://127.0.0.1:0",
        "socket://127.0.0.1:99999",
        "socket://127.0.0.1:abc",
        "rfc2217://127.0.0.1",
    ],
)
def test_port_over_tcp_that_is_not_complete(command: list[str], port: str) -> None:
    said = f"{port} names no port: socket://HOST:PORT, with a PORT from 1 to 65535"
    _failed(_result(dock(*command, port)), 2, said)


def test_port_on_a_host_that_does_not_exist() -> None:
    _failed(_result(dock("ls", "-p", "socket://nowhere.invalid:4700")), 10, "no such host")


@pytest.mark.parametrize("value", ["0", "-1", "nan", "abc", "86400", ""])
def test_timeout_that_is_none_is_named(value: str) -> None:
    run = dock("ls", "-p", "/dev/null", f"--timeout={value}")
    assert run.returncode == 2
    said = f"argument --timeout: {value!r} is no time: seconds, more than 0 and less than 86400"
    assert run.stderr.splitlines()[-1] == f"dock ls: error: {said}"


def test_port_that_refuses(refused_port: int) -> None:
    _failed(_result(dock("ls", "-p", f"socket://127.0.0.1:{refused_port}")), 11, "refused")


def test_port_that_another_program_holds(board: SerialBoard, app: Path) -> None:
    app.write_text("print('ready')\nwhile True: pass\n")
    holder = _start("run", "-p", board.port, app)
    assert holder.stdout
    assert holder.stdout.readline() == "ready\n"
    _failed(_result(dock("ls", "-p", board.port)), 12, "in use")
    holder.send_signal(signal.SIGINT)
    assert _finish(holder)[:2] == (130, "")


def test_port_that_is_locked(terminal: tuple[int, str]) -> None:
    with Path(terminal[1]).open("rb", buffering=0) as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        _failed(_result(dock("log", "--log-port", terminal[1])), 12, "in use")


@pytest.mark.parametrize("command", [["ls"], ["get", "/a", "."], ["put", __file__, "/a"], ["run", __file__]])
def test_terminal_with_nobody_behind(terminal: tuple[int, str], command: list[str]) -> None:
    start = time.monotonic()
    _failed(_result(dock(command[0], "-p", terminal[1], "--timeout", "1", *command[1:])), 13, "no answer")
    assert time.monotonic() - start < 8  # without --timeout it takes 10


def test_socket_with_nobody_behind(deaf_port: int) -> None:
    _failed(_result(dock("ls", "-p", f"socket://127.0.0.1:{deaf_port}", "--timeout", "1")), 13, "no answer")


def test_socket_that_does_not_connect(dead_port: int) -> None:
    _failed(_result(dock("ls", "-p", f"socket://127.0.0.1:{dead_port}", "--timeout", "1")), 13, "answer")
    _failed(_result(dock("log", "--log-port", f"socket://127.0.0.1:{dead_port}")), 13, "no answer")


def test_line_that_babbles_is_busy(terminal: tuple[int, str]) -> None:
    ended = threading.Event()

    def babble() -> None:
        os.set_blocking(terminal[0], False)
        while not ended.wait(0.0001):
            with contextlib.suppress(BlockingIOError):
                os.write(terminal[0], b"no raw REPL here\r\n")

    thread = threading.Thread(target=babble)
    thread.start()
    try:
        _failed(_result(dock("ls", "-p", terminal[1], "--timeout", "2")), 14, "busy")
    finally:
        ended.set()
        thread.join()


def test_app_that_does_not_end_at_ctrl_c_is_a_busy_board(binary: Path, tmp_path: Path, app: Path) -> None:
    board = SerialBoard(binary, tmp_path)
    try:
        (tmp_path / "main.py").write_text(_STUBBORN)
        board.start("main.py")
        board.wait_for_log("ready")
        for port in (board.port, board.url):
            _failed(_result(dock("ls", "-p", port, "--timeout", "2")), 14, "Ctrl-C")
    finally:
        board.close()


def test_ctrl_c_at_an_app_that_does_not_end(board: SerialBoard, app: Path) -> None:
    app.write_text(_STUBBORN)
    process = _start("run", "-p", board.port, "--timeout", "2", app)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    code, out, err = _finish(process)
    assert out == "no\n"
    _failed((code, out, err), 14, "still runs")


def test_board_that_is_reset_while_the_app_runs(board: SerialBoard, port: str, app: Path) -> None:
    app.write_text("print('ready')\nwhile True: pass\n")
    process = _start("run", "-p", port, app)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    board.kill()
    board.start()
    _failed(_finish(process), 15, "reset")
    assert dock("ls", "-p", port).returncode == 0


@pytest.mark.parametrize("command", ["put", "get"])
@pytest.mark.parametrize("event", ["reset", "unplug"])
def test_board_that_goes_away_in_the_middle_of_a_transfer(
    board: SerialBoard, port: str, tmp_path: Path, command: str, event: str
) -> None:
    local, remote = tmp_path / "local", tmp_path / "remote"
    source = local if command == "put" else remote
    source.write_bytes(bytes(16 << 20))  # takes much longer than this test
    files = [local, remote] if command == "put" else [remote, local]
    process = _start(command, "-p", port, "--timeout", "2", *files)
    if command == "put":
        part = tmp_path / "remote.part"
        wait_for(lambda: part.exists() and part.stat().st_size > 0, "the first bytes")
    else:
        wait_until_open(board.pid, str(remote))
        wait_until_read(board.pid, 1 << 17)
    if event == "reset":
        board.kill()
        board.start()
    else:
        board.unplug()
    start = time.monotonic()
    _failed(_finish(process), 15, "reset" if event == "reset" else "lost")
    assert time.monotonic() - start < 10
    assert not (remote if command == "put" else local).exists()


def test_line_that_goes_away_while_the_app_runs(board: SerialBoard, port: str, app: Path) -> None:
    app.write_text("print('ready')\nwhile True: pass\n")
    process = _start("run", "-p", port, app)
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    board.unplug()
    _failed(_finish(process), 15, "lost")


def test_files_that_do_not_exist(board: SerialBoard, tmp_path: Path) -> None:
    port, nothing = board.port, tmp_path / "nothing"
    _failed(_result(dock("run", "-p", port, nothing)), 16, str(nothing))
    _failed(_result(dock("put", "-p", port, nothing, "/tmp")), 16, str(nothing))
    _failed(_result(dock("get", "-p", port, "/tmp", nothing / "file")), 16, str(nothing))
    _failed(_result(dock("get", "-p", port, nothing, tmp_path)), 17, str(nothing))
    _failed(_result(dock("ls", "-p", port, nothing)), 17, str(nothing))
    _failed(_result(dock("put", "-p", port, __file__, nothing / "file")), 17, str(nothing))


def test_full_disk_of_the_board(board: SerialBoard) -> None:
    _failed(_result(dock("put", "-p", board.port, __file__, "/dev/full")), 18, "/dev/full")
    assert Path("/dev/full").is_char_device()  # written to, not replaced
    assert not Path("/dev/full.part").exists()


def test_reader_of_the_output_that_leaves_stops_the_app(board: SerialBoard, app: Path) -> None:
    app.write_text("while True: print('line')\n")
    process = _start("run", "-p", board.port, app)
    assert process.stdout
    assert process.stdout.readline() == "line\n"
    process.stdout.close()
    process.stdout = None
    assert _finish(process)[0] == 19
    assert _is_at_the_prompt(board)


def test_package_that_a_part_needs_and_is_missing(tmp_path: Path, app: Path) -> None:
    (tmp_path / "watchfiles.py").write_text("raise ImportError(name='watchfiles')")
    env = {"PYTHONPATH": str(tmp_path)}
    tools = Path(__file__).resolve().parents[2] / "tools"
    how = f"pip install -e '{tools / 'stubs'}' -e '{tools / 'dock'}[simulate]'"
    _failed(_result(dock("simulate", app, env=env)), 19, f"watchfiles is missing: {how}")


def test_record_tells_a_person_how_it_ends(terminal: tuple[int, str], tmp_path: Path, app: Path) -> None:
    master, name = terminal
    app.write_text("")
    command = [DOCK, "record", tmp_path / "shop", app]
    with Path(name).open("w") as stderr:
        done = subprocess.run(command, stderr=stderr, env=clean_environment(), timeout=_SECONDS, check=False)
    assert done.returncode == 19
    assert os.read(master, 4096).splitlines() == [
        b"dock: the app runs in real time; Ctrl-C ends it",
        b"dock: no server has answered: nothing is stored",
    ]
