# SPDX-License-Identifier: MIT
"""The command line of `dock`."""

from __future__ import annotations

import argparse
import os
import select
import subprocess
import sys
import textwrap
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import serial
from mpremote.console import Console
from mpremote.repl import do_repl_main_loop

from dock_tool.board import Board
from dock_tool.failure import Exit, Failure, file_failure, missing, open_port
from dock_tool.program import find_program, not_started
from dock_tool.record import record, replay
from dock_tool.siblings import sibling_import
from dock_tool.stubs import write_stubs

RAM_DISK = "/tmp"

_ABOUT = """\
Work with apps on a DL-7450 board (or its emulator, or the host build) over its serial lines.

The board has two: the first is its log, the second, --port, is where you work. Every command but
log, repl, stubs, simulate, record and replay ends the app that runs on the board.
"""
_CODES = """\
ports:
  a device (/dev/ttyUSB1), a pseudo-terminal (/dev/pts/3), socket://HOST:PORT

exit codes:
  0    done
  1    run: the app failed, its traceback is on stderr (else run gives what the app gave sys.exit())
  2    wrong usage
  10   there is no such port
  11   the port refused the connection
  12   the port is in use by another program
  13   no answer: nothing behind the port, or a board that is off
  14   the board is busy: what runs there does not end at Ctrl-C
  15   the connection was lost, or the board was reset, in the middle
  16   no such file or folder here
  17   no such file or folder on the board
  18   the board's disk is full
  19   anything else, as the line on stderr says
  20   replay: the recording has no answer for a request
  130  Ctrl-C
"""


def main() -> None:
    """The program `dock`: exits with one of the codes of `dock --help`."""
    sys.exit(dock(sys.argv[1:]))


def dock(argv: list[str]) -> int:
    """Run the command in these arguments. Gives its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.command(arguments)
    except Failure as failure:
        print(f"dock: {failure}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt as interrupt:
        sys.stderr.write(str(interrupt))
        return Exit.INTERRUPTED
    except BrokenPipeError:  # the reader of our output has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OTHER


# ------------------------------------------------------------------------------------------------
# The commands


def _run(arguments: argparse.Namespace) -> int:
    app: Path = arguments.app
    if arguments.trace:
        return _run_here(arguments)
    remote = f"{RAM_DISK}/{app.name}"
    code = _read(app)
    if said := sibling_import(app, code):
        raise Failure(Exit.USAGE, said)
    port = _port(arguments, f" (dock simulate {app} runs it on this machine)")
    with Board(port, arguments.timeout) as board:
        board.enter(soft_reset=True)  # removes everything of an earlier app
        board.put(code, remote, _Progress(f"sending {app.name}"))
        status, traceback = board.run(remote, arguments.args, _write)
    sys.stderr.write(traceback)
    return status


def _simulate(arguments: argparse.Namespace) -> int:
    try:
        from dock_tool.simulator.command import simulate
    except ImportError as error:  # the other commands do not need these packages
        raise missing(error.name, "simulate") from error
    named = os.environ.get("DL7450_ROM")
    return simulate(
        arguments.app,
        arguments.args,
        store=arguments.store or (Path(named) if named else None),
        program=arguments.program,
        port=arguments.port,
        browser=not arguments.no_browser,
    )


def _run_here(arguments: argparse.Namespace) -> int:
    # Only the host build has a trace.
    if arguments.port:
        raise Failure(Exit.USAGE, "--trace is for the program of this machine: not with --port")
    _read(arguments.app)
    program = find_program()
    env = os.environ | {"DL7450_TRACE": str(arguments.trace)}
    try:
        return subprocess.run([program, arguments.app, *arguments.args], env=env, check=False).returncode
    except OSError as error:
        raise not_started(program, error) from error
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


def _record(arguments: argparse.Namespace) -> int:
    return record(
        arguments.folder, arguments.app, arguments.args, hide=arguments.hide, replace=arguments.replace
    )


def _replay(arguments: argparse.Namespace) -> int:
    return replay(arguments.folder, arguments.app, arguments.args)


def _repl(arguments: argparse.Namespace) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failure(Exit.USAGE, "repl needs a terminal")
    with Board(_port(arguments), arguments.timeout) as board:
        transport = board.attach()
        print(f"{transport.device_name}: Ctrl-] leaves, Ctrl-C interrupts, Ctrl-D starts anew")
        console = _Console()
        console.enter()
        try:
            transport.exit_raw_repl()  # the board may still be in it; this also shows the prompt
            lost = do_repl_main_loop(
                SimpleNamespace(transport=transport),
                console,
                console.write,
                escape_non_printable=False,
                code_to_inject=None,
                file_to_inject=None,
            )
        except OSError:
            lost = True
        finally:
            console.exit()
    if lost:
        raise Failure(Exit.LOST, f"the connection to {_port(arguments)} was lost")
    print()
    return 0


class _Console(Console):
    def waitchar(self, port: serial.SerialBase) -> None:
        """Wait for a key or for the board. mpremote's own function does not support socket://."""
        select.select([self.infd, port.fileno()], [], [])


def _log(arguments: argparse.Namespace) -> int:
    port = arguments.log_port or os.environ.get("DOCK_LOG_PORT")
    if not port:
        raise Failure(Exit.USAGE, "which port? --log-port or $DOCK_LOG_PORT")
    with open_port(port, timeout=1) as line:
        while True:
            try:
                data = line.read(line.in_waiting or 1)
            except OSError as error:
                raise Failure(Exit.LOST, f"the connection to {port} was lost: {error}") from error
            if data:
                _write(data)


def _put(arguments: argparse.Namespace) -> int:
    local: Path = arguments.local
    data = _read(local)
    remote: str = arguments.remote
    with Board(_port(arguments), arguments.timeout) as board:
        board.enter()
        if remote.endswith("/") or board.is_folder(remote):
            remote = str(PurePosixPath(remote, local.name))
        board.put(data, remote, _Progress(f"sending {local.name}"))
    return 0


def _get(arguments: argparse.Namespace) -> int:
    local: Path = arguments.local
    name = PurePosixPath(arguments.remote).name
    if local.is_dir():
        local = local / name
    elif not local.parent.is_dir():
        raise Failure(Exit.NO_LOCAL_FILE, f"no such file or folder here: {local.parent}")
    with Board(_port(arguments), arguments.timeout) as board:
        board.enter()
        data = board.get(arguments.remote, _Progress(f"receiving {name}"))
    try:
        local.write_bytes(data)
    except OSError as error:
        raise file_failure(error, board=False) from error
    return 0


def _ls(arguments: argparse.Namespace) -> int:
    with Board(_port(arguments), arguments.timeout) as board:
        board.enter()
        entries = board.ls(arguments.folder)
    for name, is_folder, size in sorted(entries):
        shown = "" if is_folder else "?" if size < 0 else size
        print(f"{shown:>12} {name}{'/' if is_folder else ''}")
    return 0


def _stubs(arguments: argparse.Namespace) -> int:
    for line in write_stubs(arguments.folder):
        print(line)
    return 0


# ------------------------------------------------------------------------------------------------
# What the commands share


def _port(arguments: argparse.Namespace, otherwise: str = "") -> str:
    port = arguments.port or os.environ.get("DOCK_PORT")
    if not port:
        raise Failure(Exit.USAGE, f"which port? --port or $DOCK_PORT{otherwise}")
    return port


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise file_failure(error, board=False) from error


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


class _Progress:
    """Shows the progress of a transfer as a line on the terminal."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        if not sys.stderr.isatty() or (done >= total and not self._shown):
            return
        self._shown = True
        end = "\n" if done >= total else ""
        print(f"\r{self._what}: {done >> 10} of {total >> 10} KiB", end=end, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dock",
        description=_ABOUT,
        epilog=_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dock {version('dock-tool')}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, command: object, about: str, examples: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=about,
            description=about + ".",
            epilog="examples:\n" + textwrap.indent(textwrap.dedent(examples).strip(), "  "),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(command=command)
        return sub

    def add_app(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("app", type=Path, metavar="APP.py")
        sub.add_argument("args", nargs=argparse.REMAINDER, help="the app's sys.argv[1:]")

    def add_port(sub: argparse.ArgumentParser) -> None:
        sub.add_argument("-p", "--port", help="the board's second serial line (default: $DOCK_PORT)")
        sub.add_argument(
            "--timeout",
            type=_seconds,
            default=10,
            metavar="S",
            help="how long the board may take for an answer (default: %(default)s seconds)",
        )

    sub = add(
        "run",
        _run,
        f"Copy an app, one file, to the board's RAM disk ({RAM_DISK}) and run it until it ends, or Ctrl-C",
        """
        dock run app.py
        dock run --port socket://127.0.0.1:7450 app.py --fast
        dock run --trace app.jsonl app.py
        """,
    )
    add_port(sub)
    sub.add_argument(
        "--trace",
        type=Path,
        metavar="FILE",
        help="run the app on this machine instead, and append to FILE what it does, passwords included",
    )
    add_app(sub)

    sub = add(
        "simulate",
        _simulate,
        "Run an app on this machine, and show on a page what it does, until Ctrl-C",
        """
        dock simulate app.py
        dock simulate --store rom --no-browser app.py --fast
        """,
    )
    sub.add_argument(
        "--port", type=_number, default=7450, help="the page's port, or the next free one (default: 7450)"
    )
    sub.add_argument("--no-browser", action="store_true", help="only print the page's address")
    sub.add_argument(
        "--store",
        type=Path,
        help="the app's settings and images: a folder, or an image (default: $DL7450_ROM)",
    )
    sub.add_argument(
        "--program", type=Path, help="the host build (default: $DL7450_BINARY, or the checkout's)"
    )
    add_app(sub)

    sub = add(
        "record",
        _record,
        "Run an app on this machine, and store what servers answer it in a folder, without secrets",
        """
        dock record recordings/shop app.py
        dock record --replace --hide user_id recordings/shop app.py --fast
        """,
    )
    sub.add_argument(
        "--hide",
        action="append",
        default=[],
        metavar="NAME",
        help="a header field, a parameter or a key of JSON whose value is secret too, or another each time",
    )
    sub.add_argument("--replace", action="store_true", help="in place of the recording that is there")
    sub.add_argument("folder", type=Path, metavar="FOLDER")
    add_app(sub)

    sub = add(
        "replay",
        _replay,
        "Run an app on this machine; a recording answers in place of the servers, and no network is needed",
        "dock replay recordings/shop app.py",
    )
    sub.add_argument("folder", type=Path, metavar="FOLDER")
    add_app(sub)

    sub = add("repl", _repl, "Work at the board's prompt", "dock repl --port /dev/ttyUSB1")
    add_port(sub)

    sub = add(
        "log",
        _log,
        "Show the board's log until Ctrl-C; nothing is sent",
        "dock log --log-port /dev/ttyUSB0",
    )
    sub.add_argument("--log-port", help="the board's first serial line (default: $DOCK_LOG_PORT)")

    sub = add(
        "put",
        _put,
        "Copy a file to the board",
        """
        dock put logo.png /tmp/logo.png
        dock put logo.png /tmp
        """,
    )
    add_port(sub)
    sub.add_argument("local", type=Path, metavar="LOCAL")
    sub.add_argument("remote", metavar="REMOTE", help="a file, or a folder that exists")

    sub = add("get", _get, "Copy a file from the board", "dock get /tmp/report.json .")
    add_port(sub)
    sub.add_argument("remote", metavar="REMOTE")
    sub.add_argument("local", type=Path, metavar="LOCAL", help="a file, or a folder that exists")

    sub = add("ls", _ls, "List a folder of the board, with sizes in bytes", "dock ls /tmp")
    add_port(sub)
    sub.add_argument("folder", metavar="DIR", nargs="?", default="/", help="default: /")

    sub = add(
        "stubs",
        _stubs,
        "Write type stubs and settings for editors into an app's folder: they then know the dock's modules",
        """
        dock stubs
        dock stubs my-app
        """,
    )
    sub.add_argument(
        "folder", type=Path, metavar="FOLDER", nargs="?", default=Path(), help="default: this folder"
    )
    return parser


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: seconds, more than 0 and less than 86400")
    return seconds
