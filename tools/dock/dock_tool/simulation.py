# SPDX-License-Identifier: MIT
"""A simulated dock on this machine: runs the host build with a network and a clock that obey.

Three sockets lead to the program: its trace (firmware/standins/TRACE.md), its devices
(firmware/standins/README.md) and its simulation (tools/preload/README.md).
"""

from __future__ import annotations

import json
import os
import select
import selectors
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from dock_tool.program import find_program, find_simulation
from dock_tool.trace import Trace

_PATIENCE_S = 60.0  # real time that the app may compute without a wait
_START_S = 10.0
_LINES_S = 0.001
_LOG_BYTES = 4 << 20
_ENDINGS = {b"\x89PNG": "png", b"BM": "bmp", b"\xff\xd8\xff": "jpeg"}
_NOT_INHERITED = ("MICROPYPATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_PRELOAD")


class Stuck(AssertionError):
    """The app does not come to a wait."""


class Program:
    """The program while it runs an app: what it tells, and the steps of its clock."""

    def __init__(
        self,
        app: Path,
        *,
        folder: Path,
        binary: Path,
        args: Iterable[str],
        env: Mapping[str, str],
        conditions: Iterable[str],
        devices: Iterable[dict],
    ) -> None:
        self.trace = Trace()
        self.log = ""
        self.elapsed_ms = 0.0  # simulated
        self.next_ms: float | None = None  # until the next deadline
        self._start_ms: float | None = None
        self._devices_first = list(devices)
        self._devices: socket.socket | None = None
        self._answers: list[str] = []
        self._partial: dict[socket.socket, bytes] = {}
        self._selector = selectors.DefaultSelector()
        self._sockets = tempfile.TemporaryDirectory(prefix="dock-")
        listeners = {name: self._listen(name) for name in ("simulation", "trace", "devices")}
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in _NOT_INHERITED
            and not name.startswith("DL7450_")
            and not name.lower().endswith("_proxy")
        }
        self._process = subprocess.Popen(
            [binary, app, *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=inherited
            | {
                "LD_PRELOAD": str(find_simulation(binary)),
                "DL7450_CONDITIONS": "\n".join(["clock hold", *conditions]),
                **{f"DL7450_{name.upper()}": self._path(name) for name in listeners},
            }
            | dict(env),
        )
        for stream in (self._process.stdout, self._process.stderr):
            self._selector.register(stream, selectors.EVENT_READ, self._read_output)
        self._control = self._accept(listeners["simulation"])
        self._selector.register(self._control, selectors.EVENT_READ, self._read_answers)
        for name in ("trace", "devices"):
            self._selector.register(listeners[name], selectors.EVENT_READ, getattr(self, f"_accept_{name}"))
        self._listeners = listeners

    # --------------------------------------------------------------------------------------------
    # What comes from the program

    def _path(self, name: str) -> str:
        return f"{self._sockets.name}/{name}"

    def _listen(self, name: str) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self._path(name))
        listener.listen()
        return listener

    def _accept(self, listener: socket.socket) -> socket.socket:
        listener.settimeout(0.05)
        end = time.monotonic() + _START_S
        while True:
            try:
                conn, _ = listener.accept()
            except TimeoutError:
                if self._process.poll() is None and time.monotonic() < end:
                    continue
                self._process.kill()
                _, errors = self._process.communicate()
                raise AssertionError(
                    f"the program does not start: {errors.decode(errors='replace')}"
                ) from None
            return conn

    def _accept_trace(self, listener: socket.socket) -> None:
        conn, _ = listener.accept()
        self._selector.register(conn, selectors.EVENT_READ, self._read_trace)

    def _accept_devices(self, listener: socket.socket) -> None:
        self._devices, _ = listener.accept()
        self._selector.register(self._devices, selectors.EVENT_READ, self._read_devices)
        self.tell_devices([*self._devices_first, {"ready": True}])

    def _lines(self, conn: socket.socket) -> list[bytes]:
        try:
            data = conn.recv(1 << 20)
        except ConnectionResetError:
            data = b""
        if not data:
            self._selector.unregister(conn)
            conn.close()
            return []
        *lines, rest = (self._partial.get(conn, b"") + data).split(b"\n")
        self._partial[conn] = rest
        return lines

    def _read_trace(self, conn: socket.socket) -> None:
        for line in self._lines(conn):
            self.trace.feed(line)

    def _read_devices(self, conn: socket.socket) -> None:
        for line in self._lines(conn):
            event = json.loads(line)
            if "error" in event:
                raise ValueError(f"devices: {event['error']}: {event['line']}")
        if conn.fileno() < 0:
            self._devices = None

    def _read_answers(self, conn: socket.socket) -> None:
        self._answers += [line.decode() for line in self._lines(conn)]

    def _read_output(self, stream) -> None:  # noqa: ANN001 - a pipe
        data = os.read(stream.fileno(), 1 << 16)
        if not data:
            self._selector.unregister(stream)
        elif len(self.log) < _LOG_BYTES:
            self.log += data.decode(errors="replace")
            if len(self.log) >= _LOG_BYTES:
                self.log += "\n... (the rest of the log is left out)\n"

    def _pump(self, done: Callable[[], object], what: str) -> None:
        # Take what the program tells until done() is true.
        end = time.monotonic() + _PATIENCE_S
        while not done():
            left = end - time.monotonic()
            if left <= 0:
                raise Stuck(
                    f"the app computes for {_PATIENCE_S:.0f} s without a wait: {what}\n{self.log[-2000:]}"
                )
            for key, _ in self._selector.select(left):
                key.data(key.fileobj)
            if self.runs and not done():
                # Wait a moment for the answer alone: else each line of the trace wakes this process, which
                # takes the processor from the program.
                select.select([self._control], [], [], _LINES_S)
        self._drain()

    def _drain(self) -> None:
        # What was written before the answer is there, but may not have been read yet.
        while ready := self._selector.select(0):
            for key, _ in ready:
                key.data(key.fileobj)

    # --------------------------------------------------------------------------------------------
    # What goes to the program

    @property
    def runs(self) -> bool:
        """Whether the program has not ended."""
        return self._control.fileno() >= 0

    def command(self, text: str) -> None:
        """Send a command of tools/preload/README.md, and wait for its answer or the program's end."""
        if not self.runs:
            return
        self._answers.clear()
        with suppress(BrokenPipeError, ConnectionResetError):
            self._control.sendall(f"{text}\n".encode())
        self._pump(lambda: self._answer() or not self.runs, text)
        words = (self._answer() or "").split()
        if words[:1] == ["error"]:
            raise ValueError(f"{text}: {' '.join(words[1:])}")
        if words[:1] == ["idle"]:
            now = float(words[1])
            self._start_ms = now if self._start_ms is None else self._start_ms
            self.elapsed_ms = now - self._start_ms
            self.next_ms = None if words[2] == "none" else float(words[2])
        if not self.runs:
            self._finish()
            self.elapsed_ms = max(self.elapsed_ms, self.trace.last_ms)

    def _answer(self) -> str | None:
        return next((line for line in self._answers if not line.startswith("simulation")), None)

    def tell_devices(self, lines: Iterable[dict]) -> None:
        """Send lines to the stand-ins of devices, now or when the app has imported one."""
        lines = list(lines)
        if self._devices is None:
            self._devices_first += lines
        else:
            self._devices.sendall("".join(json.dumps(line) + "\n" for line in lines).encode())

    def stop(self) -> int:
        """Send Ctrl-C, and wait for the end. Returns the exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        if self.runs:
            self._selector.unregister(self._control)
            self._control.close()  # the clock runs, so that what the app still does comes to an end
        self._finish()
        return self._process.returncode

    def _finish(self) -> None:
        end = time.monotonic() + 5
        while self._selector.get_map() and self._process.poll() is None and time.monotonic() < end:
            for key, _ in self._selector.select(0.05):
                key.data(key.fileobj)
        self._process.kill()
        self._process.wait()
        self._drain()
        for stream in (self._process.stdout, self._process.stderr):
            stream.close()
        self._selector.close()
        self._selector = selectors.DefaultSelector()
        for listener in self._listeners.values():
            listener.close()
        self._sockets.cleanup()

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while the program runs."""
        return self._process.poll() if not self.runs else None


def make_store(folder: Path, kv: Mapping[str, str], images: Mapping[str, bytes | str | Path]) -> None:
    """Make the folder of a ROM store: key-value pairs, and images by their tags."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    write_pairs(folder, kv)
    for tag, image in images.items():
        data = image if isinstance(image, bytes) else Path(image).read_bytes()
        ending = next((name for mark, name in _ENDINGS.items() if data.startswith(mark)), None)
        if ending is None:
            raise ValueError(f"images: {tag} is no PNG, BMP or JPEG")
        (folder / "images" / f"{tag}.{ending}").write_bytes(data)


def write_pairs(folder: Path, kv: Mapping[str, str]) -> None:
    """Write the key-value pairs of a store. The app reads them at its next KvStore.get()."""
    for key, value in kv.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(f"kv: {key!r}: {value!r}: the dock's settings are str")
    part = folder / "kv.json.part"
    part.write_text(json.dumps(dict(kv)))
    part.rename(folder / "kv.json")


__all__ = ["Program", "Stuck", "find_program", "make_store", "write_pairs"]
