# SPDX-License-Identifier: MIT
"""One run of the host build: the process, its output, and the three sockets that lead to it.

They are the trace (firmware/standins/TRACE.md), the devices (firmware/standins/README.md), and the network
and clock (tools/preload/README.md). All wait in one selector: poll() takes what is there. Who has an event
loop waits for the selector's own descriptor.
"""

from __future__ import annotations

import codecs
import json
import os
import selectors
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

__tracebackhide__ = True  # as in testing.py
_DEVICES_VERSION = 1
_SIMULATION_VERSION = 2
_READ = 1 << 18
_SEND_S = 1.0  # a program that computes takes nothing; what is sent is small
_DRAIN_S = 5.0
_NOT_INHERITED = ("MICROPYPATH", "LD_PRELOAD")


def clean_environment(*more: str) -> dict[str, str]:
    """This process's environment without what would change the program. more: other names to leave out."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _NOT_INHERITED and name not in more and not name.startswith("DL7450_")
    }


class Link:
    """The program while it runs. A subclass says what becomes of what it tells."""

    def __init__(
        self,
        command: list[str | Path],
        *,
        env: Mapping[str, str],
        library: Path | None,
        channels: bool = True,
        conditions: Iterable[str],
        cwd: Path | None = None,
        session: bool = False,
    ) -> None:
        """Start it. Raises OSError. library: simulates network and clock, with these conditions at first.

        channels: the trace, and that of the devices.
        session: signals of the terminal do not reach it.
        """
        self._selector = selectors.DefaultSelector()
        self._folder = tempfile.TemporaryDirectory(prefix="dock-")
        self._partial: dict[socket.socket, bytes] = {}
        self._control: socket.socket | None = None
        self._devices: socket.socket | None = None
        self._greeted = False
        sockets = {"trace": self._read_trace, "devices": self._read_devices} if channels else {}
        given = dict(env)
        if library:
            sockets["simulation"] = self._read_control
            given |= {"LD_PRELOAD": str(library), "DL7450_CONDITIONS": "\n".join(conditions)}
        for name, read in sockets.items():
            given[f"DL7450_{name.upper()}"] = self._listen(name, read)
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env=given,
                start_new_session=session,
            )
        except OSError:
            self._close()
            raise
        for name in ("stdout", "stderr"):
            stream = getattr(self.process, name)
            decoder = codecs.getincrementaldecoder("utf-8")("replace")
            self._selector.register(stream, selectors.EVENT_READ, self._output_reader(name, decoder))

    # --------------------------------------------------------------------------------------------
    # What a subclass has

    def take_trace(self, event: dict) -> None:
        """Take a line of the trace."""

    def take_device(self, line: dict) -> None:
        """Take a line about a device."""

    def take_output(self, name: str, text: str) -> None:
        """Take a part of stdout or stderr; an empty text is its end."""

    def take_answer(self, text: str) -> None:
        """Take an answer of network and clock."""

    def first_devices(self) -> list[dict]:
        """Return the lines that describe the devices at first."""
        return []

    def refuse(self, text: str) -> None:
        """Say that a channel cannot be used, and why."""
        raise ValueError(text)

    # --------------------------------------------------------------------------------------------
    # What comes

    def poll(self, seconds: float = 0) -> bool:
        """Take what has come, and wait so long for the first. Returns whether something was there."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            if key.fileobj in self._files():  # an earlier one may have closed it
                key.data(key.fileobj)
        return bool(ready)

    def drain(self) -> None:
        """Take all that is there."""
        end = time.monotonic() + _DRAIN_S  # a process that the app has started may write for ever
        while self.poll() and time.monotonic() < end:
            pass

    def fileno(self) -> int:
        """Return a descriptor that is readable when poll() has something to take."""
        return self._selector.fileno()

    def _files(self) -> set:
        return {key.fileobj for key in self._selector.get_map().values()}

    def _listen(self, name: str, read: Callable[[socket.socket], None]) -> str:
        listener = socket.socket(socket.AF_UNIX)
        path = f"{self._folder.name}/{name}"
        listener.bind(path)
        listener.listen()

        def accept(listener: socket.socket) -> None:
            conn, _ = listener.accept()
            conn.settimeout(_SEND_S)
            self._selector.register(conn, selectors.EVENT_READ, read)

        self._selector.register(listener, selectors.EVENT_READ, accept)
        return path

    def _lines(self, conn: socket.socket) -> list[bytes]:
        try:
            data = conn.recv(_READ)
        except ConnectionResetError:
            data = b""
        if not data:
            self._drop(conn)
            return []
        *lines, rest = (self._partial.get(conn, b"") + data).split(b"\n")
        self._partial[conn] = rest
        return lines

    def _drop(self, conn: socket.socket) -> None:
        self._selector.unregister(conn)
        self._partial.pop(conn, None)
        conn.close()
        self._control = None if conn is self._control else self._control
        self._devices = None if conn is self._devices else self._devices

    def _read_trace(self, conn: socket.socket) -> None:
        try:
            events = json.loads(b"[%s]" % b",".join(self._lines(conn)))  # all at once: there are many
        except ValueError as error:
            self.refuse(f"the trace cannot be read: {error}")
            return
        for event in events:
            self.take_trace(event)

    def _read_devices(self, conn: socket.socket) -> None:
        for text in self._lines(conn):
            line = json.loads(text)
            if "version" not in line:
                self.take_device(line)
                continue
            self._devices = conn
            if line["version"] != _DEVICES_VERSION:
                self.refuse(
                    f"devices have version {line['version']}; this dock knows {_DEVICES_VERSION}: "
                    "none can be changed"
                )
            self.tell_devices([*self.first_devices(), {"ready": True}])

    def _read_control(self, conn: socket.socket) -> None:
        for line in self._lines(conn):
            text = line.decode().strip()
            if self._greeted:
                self.take_answer(text)
            elif text.split()[:2] == ["simulation", str(_SIMULATION_VERSION)]:
                self._greeted, self._control = True, conn
            else:
                self._drop(conn)
                self.refuse(
                    f"this dock does not know the simulation {text!r}: network and clock are real "
                    "(make host builds the program anew)"
                )
                return

    def _output_reader(self, name: str, decoder: codecs.IncrementalDecoder) -> Callable:
        def read(stream) -> None:  # noqa: ANN001 - a pipe
            data = os.read(stream.fileno(), _READ)
            text = decoder.decode(data, final=not data)
            if text:
                self.take_output(name, text)
            if not data:
                self._selector.unregister(stream)
                self.take_output(name, "")

        return read

    # --------------------------------------------------------------------------------------------
    # What goes to the program

    def tell_devices(self, lines: Iterable[dict]) -> None:
        """Send lines to the stand-ins of devices, if the app has imported one."""
        if self._devices:
            data = "".join(json.dumps(line) + "\n" for line in lines).encode()
            try:
                self._devices.sendall(data)
            except TimeoutError:
                self.refuse("the app does not take what is sent to its devices")
            except (BrokenPipeError, ConnectionResetError):
                pass  # it ends

    def send(self, command: str) -> None:
        """Send a command of tools/preload/README.md."""
        if self._control:
            with suppress(BrokenPipeError, ConnectionResetError, TimeoutError):
                self._control.sendall(f"{command}\n".encode())

    def release(self) -> None:
        """Let the clock run from now on: what the app still does comes to an end."""
        if self._control:
            self._drop(self._control)

    def finish(self) -> int:
        """End the program if it runs, and take what it has told last. Returns its exit code."""
        self.process.kill()
        code = self.process.wait()
        self.drain()
        self._close()
        return code

    def _close(self) -> None:
        for file in self._files():
            self._selector.unregister(file)
            file.close()
        for stream in (self.process.stdout, self.process.stderr) if hasattr(self, "process") else ():
            stream.close()
        self._control = self._devices = None
        self._selector.close()
        self._folder.cleanup()
