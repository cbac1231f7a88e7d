# SPDX-License-Identifier: MIT
"""The app runner: runs an app's main part, then the idle loop, and ends the app.

firmware/unix_main.c passes the command line to it. sys.path[0] is ".frozen", so that no file shadows a
module of the firmware; sys.path[1] is the app's folder.
"""

import gc
import io
import os
import sys

import micropython

import _loop
import _program
import _rom
import _serial
import _store
import idle

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any

_CTRL_C = 3
_NO_SUCH_APP = 2  # as CPython and MicroPython exit
_MAIN_FILES = ("main.py", "main.mpy")  # of a folder, as MicroPython's import prefers them
_INTERRUPTED = 130  # what shells report for SIGINT


def main(env: dict[str, Any]) -> None:
    """Run the program that the command line names in the namespace env, and exit with its code.

    A program is a file, .py or .mpy, or a folder with main.py or main.mpy in it.

    Exit codes: 0; 1 after an app fault; 2 when the app or the ROM store cannot be opened, or is not
    for this MicroPython; the app's own code of sys.exit(); 130 after Ctrl-C. Without a program, and with -i,
    the REPL follows. With a serial line this does not return: the REPL is there when the app is over.
    """
    try:
        _store.mount()
    except (OSError, ValueError) as e:
        _cannot_open("the ROM store of DL7450_ROM,", os.getenv("DL7450_ROM"), e)
        sys.exit(_NO_SUCH_APP)
    args = _program.start()
    _program.on_import(_strict_mode(bool(args)) or _imported)
    env.pop("__file__", None)  # the firmware's own start has set it
    if not args:
        sys.argv[:] = []
        _serial.repl(env)
        return
    try:
        code = _run(args, env)
        _call_at_exit()
    finally:
        _serial.repl(env)
    if code:
        sys.exit(code)


def run(path: str, *args: str) -> int:
    """Run an app from the REPL as the program does: its main part, then the idle loop.

    path: str, a file or folder as for main(); args: str, the rest of its sys.argv. Returns the exit
    code: 0, or the one that the app passed to sys.exit(). An exception of the app is shown on the screen
    and raised here. In every case, everything that the app has pending is cancelled.
    """
    try:
        try:
            path = _main_file(path)
            _exec_file(path, _load(path), [path] + list(args), {"__name__": "__main__"})
            idle.run()
            return 0
        except SystemExit as e:
            return _exit_code(e)
        except KeyboardInterrupt as e:
            _program.own_frames(e, path)
            raise
        except BaseException as e:
            e = _end(e, path)
            _show(e)
            raise e
    finally:
        idle.stop()
        _call_at_exit()


def _imported(name: str, importer: dict[str, Any]) -> None:
    _loop.attach()


def _strict_mode(app: bool) -> Callable[[str, dict[str, Any]], None] | None:
    setting = os.getenv("DL7450_STRICT")
    if not setting or setting == "0":
        return None
    if setting != "1":
        print("dl7450: DL7450_STRICT=%s: 1 is strict mode, 0 is not" % setting, file=sys.stderr)
        sys.exit(_NO_SUCH_APP)
    try:
        import _strict
    except ImportError:
        print("dl7450: DL7450_STRICT: only the host build has the strict mode", file=sys.stderr)
        return None
    return _strict.start(app)


def _call_at_exit() -> None:
    at_exit = sys.atexit(None)  # main() of MicroPython calls it only after exit code 0
    if at_exit:
        at_exit()


def _run(args: list[str], env: dict[str, Any]) -> int:
    try:
        try:
            micropython.kbd_intr(_CTRL_C)
            code = _start(args, env)
            idle.run()
            return code
        except SystemExit as e:
            return _exit_code(e)
        except KeyboardInterrupt as e:
            if _program.own_frames(e, env.get("__file__", "")):  # not in the idle loop
                sys.print_exception(e, sys.stderr)
            return _INTERRUPTED
        except BaseException as e:
            # An app fault: the traceback goes to stderr and, as on the dock, to the screen.
            e = _end(e, env.get("__file__", ""))
            sys.print_exception(e, sys.stderr)
            try:
                _show(e)
            except MemoryError:
                env.clear()  # the app's objects may fill the memory
                env["__name__"] = "__main__"
                gc.collect()
                _show(e)
            return 1
    finally:
        idle.stop()
        micropython.kbd_intr(-1)


def _start(args: list[str], env: dict[str, Any]) -> int:
    program = args[0]
    if program == "-c":
        sys.argv[:] = ["-c"] + args[2:]
        exec(compile(args[1], "<string>", "exec"), env)
    elif program == "-m":
        sys.argv[:] = args[1:]
        module = __import__(args[1], None, None, False)  # False: it is to be __main__
        if hasattr(module, "__path__"):
            __import__(args[1] + ".__main__", None, None, False)
    elif program == "-":
        sys.argv[:] = []
        exec(compile(sys.stdin.read(), "<stdin>", "exec"), env)
    else:
        return _start_file(args, env)
    return 0


def _start_file(args: list[str], env: dict[str, Any]) -> int:
    path = args[0]
    try:
        path = _main_file(path)
        code = _load(path)
    except (OSError, ValueError) as e:
        _cannot_open("file", path, e)
        return _NO_SUCH_APP
    _exec_file(path, code, args, env)
    return 0


def _exec_file(path: str, code: Any, argv: list[str], env: dict[str, Any]) -> None:
    sys.argv[:] = argv
    folder = path[: path.rfind("/") + 1]
    if not folder.startswith("/"):
        folder = os.getcwd() + "/" + folder
    sys.path[1] = folder.rstrip("/")
    env["__file__"] = path
    if code:
        exec(code, env)
    else:
        execfile(path, env)


def _load(path: str) -> Any:
    # A precompiled app's code, before it runs: a ValueError of the app itself is an app fault.
    return _rom.load_mpy(path) if path.endswith(".mpy") else None


def _main_file(path: str) -> str:
    if not _store.is_folder(path):
        open(path).close()
        return path
    names = os.listdir(path)
    for name in _MAIN_FILES:
        if name in names:
            return path.rstrip("/") + "/" + name
    raise ValueError("there is neither main.py nor main.mpy in it")


def _cannot_open(what: str, path: str | None, e: Exception) -> None:
    print("dl7450: can't open %s '%s': %s" % (what, path, e), file=sys.stderr)


def _exit_code(e: SystemExit) -> int:
    value = e.value
    if value is None:
        return 0
    return value & 0xFF if isinstance(value, int) else 1


def _end(e: BaseException, path: str) -> BaseException:
    # The lines that report the exception that ended the app.
    idle.stop()
    if isinstance(e, idle.Fault):
        e = e.args[0]
    _program.own_frames(e, path)
    return e


def _show(e: BaseException) -> None:
    try:
        import splashscreen
    except ImportError:  # a board without a screen
        return
    text = io.StringIO()
    sys.print_exception(e, text)
    lines = text.getvalue().rstrip().split("\n")
    # The reason comes first: people read it from a distance.
    n = 1 if lines[0].startswith("Traceback") else 0
    while n and lines[n].startswith("  File "):
        n += 1
    splashscreen._show_fault(lines[n:] + lines[:n])
