# SPDX-License-Identifier: MIT
"""A board behind a serial port: mpremote's raw REPL, with a deadline on every wait."""

from __future__ import annotations

import contextlib
import io
import signal
import struct
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from types import FrameType

import serial
from mpremote.transport import TransportError, TransportExecError
from mpremote.transport_serial import SerialTransport

from dock_tool.failure import Exit, Failure, check_port, file_failure, open_port

CHUNK = 4096
_ENTER_SECONDS = 2  # at most, for one attempt to enter the raw REPL
_PART = ".part"  # the end of the name of a file that is not complete
_BOOT = b"MPY: boot\r\n"  # the firmware prints this when it starts, but not after a soft reset

# What mpremote raises when the board answers something unexpected, or nothing.
_CONFUSED = (TransportError, struct.error, SyntaxError, ValueError, TypeError)

Progress = Callable[[int, int], None]


class Overdue(BaseException):
    """The deadline has passed. It is a BaseException, because mpremote and pyserial catch Exception."""


class _Transport(SerialTransport):
    """mpremote's transport, which also remembers whether anything was received."""

    def __init__(self, port: str, timeout: float) -> None:
        super().__init__(port, timeout=timeout)
        self.heard = False
        read = self.serial.read

        def listen(size: int = 1) -> bytes:
            data = read(size)
            self.heard = self.heard or bool(data)
            return data

        self.serial.read = listen


class Output:
    """Passes on what the app prints, and knows when the app has ended."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._line = b""
        self._held = b""
        self.ended = False

    def __call__(self, data: bytes) -> None:
        """Take the next byte of the raw REPL. Raises Failure when the board has restarted."""
        if data == b"\x04":
            self.ended = True
            return
        self._line = (self._line + data)[-len(_BOOT) :]
        if self._line == _BOOT:
            raise Failure(Exit.LOST, "the board was reset while the app ran")
        # The board sends CR LF where the app printed LF.
        if data == b"\r":
            data, self._held = self._held, data
        elif self._held:
            data = data if data == b"\n" else self._held + data
            self._held = b""
        if data:
            self._write(data)


class Board:
    """The raw REPL of a board. Use it in a `with`. All errors of the board and of the line are a Failure."""

    def __init__(self, port: str, timeout: float) -> None:
        self._port = port
        self._timeout = timeout
        self._alarm: float = 0
        self._transport: _Transport | None = None

    def __enter__(self) -> Board:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the board at its prompt, if it still answers, and close the port."""
        if self._transport is None:
            return
        with contextlib.suppress(OSError, Overdue), self._deadline(1):
            if self._transport.in_raw_repl:
                self._transport.serial.write(b"\x03")  # the command that was broken off may still run
                self._transport.exit_raw_repl()
        with contextlib.suppress(OSError, Overdue), self._deadline(1):
            self._transport.close()

    @contextlib.contextmanager
    def _deadline(self, seconds: float) -> Iterator[None]:
        """Raise Overdue when the body of the `with` takes longer, whatever it waits for."""

        def ring(_signum: int, _frame: FrameType | None) -> None:
            raise Overdue

        previous = signal.signal(signal.SIGALRM, ring)
        self._alarm = seconds
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)

    def _still_alive(self) -> None:
        """Start the current deadline again from now."""
        signal.setitimer(signal.ITIMER_REAL, self._alarm)

    # --------------------------------------------------------------------------------------------
    # Connecting

    def attach(self) -> SerialTransport:
        """Open the port without disturbing the board."""
        check_port(self._port)
        with self._deadline(self._timeout):
            try:
                transport = _Transport(self._port, timeout=1)
            except TransportError:
                # mpremote does not give the reason: open the port again to get it.
                open_port(self._port, 1).close()
                raise Failure(Exit.IN_USE, f"{self._port} is in use by another program") from None
            except ValueError as error:
                raise Failure(Exit.USAGE, f"{self._port} names no port: {error}") from None
            except Overdue:
                raise Failure(Exit.NO_ANSWER, f"cannot open {self._port}: it does not answer") from None
        transport.serial.write_timeout = self._timeout
        self._transport = transport
        return transport

    def enter(self, *, soft_reset: bool = False) -> None:
        """Open the port, stop the app that runs and enter the raw REPL."""
        transport = self.attach()
        attempt = min(_ENTER_SECONDS, self._timeout / 3)
        try:
            with self._deadline(self._timeout):
                while not transport.in_raw_repl:
                    # A board that is starting may miss Ctrl-C: try again.
                    with contextlib.suppress(TransportError), contextlib.redirect_stdout(io.StringIO()):
                        transport.enter_raw_repl(soft_reset, timeout_overall=attempt)
            return
        except (Overdue, serial.SerialTimeoutException):
            pass
        except OSError as error:
            raise self._lost(error) from error
        finally:
            if not transport.in_raw_repl:
                self._close_quietly()
        if transport.heard:
            raise Failure(Exit.BUSY, "the board is busy: what runs there does not end at Ctrl-C")
        raise Failure(
            Exit.NO_ANSWER,
            f"no answer from {self._port} within {self._timeout:g} s: is the board on, is this its line?",
        )

    def _close_quietly(self) -> None:
        transport, self._transport = self._transport, None
        if transport:
            with contextlib.suppress(OSError, Overdue), self._deadline(1):
                transport.close()

    def _lost(self, error: Exception) -> Failure:
        return Failure(Exit.LOST, f"the connection to {self._port} was lost: {error}")

    @contextlib.contextmanager
    def _conversation(self) -> Iterator[SerialTransport]:
        """Turn the errors of the board and of the line into a Failure."""
        transport = self._transport
        assert transport
        try:
            yield transport
            return
        except TransportExecError as error:
            raise Failure(Exit.OTHER, f"the board failed:\n{error.error_output.rstrip()}") from error
        except (*_CONFUSED, Overdue, serial.SerialTimeoutException) as error:
            failure = Failure(Exit.LOST, "the board does not answer any more: was it reset?")
            failure.__cause__ = error
        except BrokenPipeError:  # our own stdout was closed
            raise
        except OSError as error:
            failure = self._lost(error)
        transport.in_raw_repl = False
        raise failure

    # --------------------------------------------------------------------------------------------
    # Running

    def run(self, path: str, args: list[str], write: Callable[[bytes], None]) -> tuple[int, str]:
        """Run an app that is on the board. Gives its exit code, and the traceback if it failed.

        write gets what the app prints, piece by piece. KeyboardInterrupt ends the app too, and is
        raised again, with the traceback that says where the app was.
        """
        output = Output(write)
        call = f"import _app\n_dock = _app.run({', '.join(map(repr, [path, *args]))})"
        with self._conversation() as transport:
            try:
                with self._deadline(self._timeout):
                    transport.exec_raw_no_follow(call)
                transport.read_until(1, b"\x04", timeout=None, data_consumer=output)
            except KeyboardInterrupt:
                traceback = _of_the_app(self._interrupt(output))
                raise KeyboardInterrupt(traceback if "  File " in traceback else "") from None
            except BrokenPipeError:
                self._interrupt(output)
                raise
            with self._deadline(self._timeout):
                said = transport.read_until(1, b"\x04", timeout=self._timeout)
                if not said.endswith(b"\x04"):
                    raise Overdue
                traceback = _of_the_app(said)
                return (Exit.FAULT, traceback) if traceback else (transport.eval("_dock"), "")

    def _interrupt(self, output: Output) -> bytes:
        transport = self._transport
        assert transport
        try:
            with self._deadline(self._timeout):
                transport.serial.write(b"\x03")
                if not output.ended:
                    transport.read_until(1, b"\x04", timeout=None, data_consumer=output)
                return transport.read_until(1, b"\x04", timeout=None)
        except BrokenPipeError:
            return b""
        except Overdue:
            transport.in_raw_repl = False
            raise Failure(Exit.BUSY, "the app does not end at Ctrl-C; it still runs on the board") from None

    # --------------------------------------------------------------------------------------------
    # Files

    @contextlib.contextmanager
    def _file_access(self, path: str) -> Iterator[SerialTransport]:
        with self._conversation() as transport, self._deadline(self._timeout):
            try:
                yield transport
            except serial.SerialException:
                raise
            except OSError as error:
                # For an OSError on the board mpremote raises one with the path as second argument. Other
                # OSErrors are those of the line.
                if len(error.args) > 1 and error.args[1] in (path, path + _PART):
                    raise file_failure(OSError(error.args[0], path), board=True) from error
                raise

    def put(self, data: bytes, path: str, progress: Progress) -> None:
        """Write a file on the board. It gets its name when it is complete."""
        with self._file_access(path) as transport:
            transport.exec(_IS_FILE)
            # A device file is written to. It cannot be replaced by a rename.
            beside = path + _PART if transport.eval(f"_is_file({path!r})") else path
        try:
            self._write(data, path, beside, progress)
        except BaseException:
            if beside != path:
                self._discard(beside)
            raise

    def _write(self, data: bytes, path: str, beside: str, progress: Progress) -> None:
        with self._file_access(path) as transport:
            transport.fs_writefile(beside, data, CHUNK, self._watched(progress))
            if transport.fs_stat(beside).st_size != len(data):  # on the board an incomplete write is no error
                raise Failure(Exit.DISK_FULL, f"the board's disk is full: {path} is not complete")
            if beside != path:
                transport.exec(f"os.rename({beside!r}, {path!r})")

    def _discard(self, path: str) -> None:
        """Remove the incomplete file, if the board still answers."""
        transport = self._transport
        if transport is None or not transport.in_raw_repl:
            return
        with contextlib.suppress(OSError, Overdue, *_CONFUSED), self._deadline(_ENTER_SECONDS):
            transport.enter_raw_repl(soft_reset=False, timeout_overall=_ENTER_SECONDS)
            transport.fs_rmfile(path)

    def get(self, path: str, progress: Progress) -> bytes:
        """Read a file of the board."""
        with self._file_access(path) as transport:
            return bytes(transport.fs_readfile(path, CHUNK, self._watched(progress)))

    def is_folder(self, path: str) -> bool:
        """Return True if path is a folder on the board."""
        with self._file_access(path) as transport:
            return transport.fs_isdir(path)

    def ls(self, folder: str) -> list[tuple[str, bool, int]]:
        """List a folder of the board: name, whether it is a folder, and size (-1: unknown) of each entry."""
        with self._file_access(folder) as transport:
            entries = transport.fs_listdir(folder)
            paths = [str(PurePosixPath(folder, entry.name)) for entry in entries]
            transport.exec(_SIZE)
            sizes = transport.eval(f"[_size(path) for path in {paths!r}]")
        return [
            (entry.name, entry.st_mode & 0x4000 != 0, size)
            for entry, size in zip(entries, sizes, strict=True)
        ]

    def _watched(self, progress: Progress) -> Progress:
        def step(done: int, total: int) -> None:
            self._still_alive()
            progress(done, total)

        return step


def _of_the_app(said: bytes) -> str:
    """Remove from a traceback of the raw REPL the frames of the code that starts the app."""
    lines = said.removesuffix(b"\x04").decode(errors="replace").replace("\r\n", "\n").splitlines(True)
    starter = ('  File "<stdin>", ', '  File "_app.py", ')
    lines = [line for line in lines if not line.startswith(starter)]
    if len(lines) > 1 and not lines[1].startswith("  File "):
        del lines[0]  # no frame is left for its "Traceback"
    return "".join(lines)


_IS_FILE = """\
import os
def _is_file(path):
    try:
        return os.stat(path)[0] & 0xf000 == 0x8000
    except OSError:
        return True
"""
_SIZE = """\
import os
def _size(path):
    try:
        return os.stat(path)[6]
    except OSError:
        return -1
"""
