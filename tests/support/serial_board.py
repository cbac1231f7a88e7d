# SPDX-License-Identifier: MIT
"""A board for tests: the program runs on a pseudo-terminal, and tools connect to its other end."""

import os
import pty
import select
import socket
import subprocess
import threading
import time
import tty
from collections.abc import Sequence
from pathlib import Path

from support.program import clean_environment

_SECONDS = 10


class SerialBoard:
    """`dl7450 --serial LINE` whose line is bridged to another pseudo-terminal, port, and to TCP, url.

    The line stays when the program ends, as a UART does; its log is a file.
    """

    def __init__(self, binary: Path, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self.log = folder / "log"
        self._master, self._slave = pty.openpty()
        self._tool_master, self._tool_slave = pty.openpty()
        tty.setraw(self._slave)  # no echo before the program starts
        tty.setraw(self._tool_slave)
        self.line = os.ttyname(self._slave)
        self.port = os.ttyname(self._tool_slave)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._bridge_thread = threading.Thread(target=self._bridge, daemon=True)
        self._bridge_thread.start()

    def start(self, *args: str | Path, env: dict[str, str] | None = None) -> "SerialBoard":
        """Switch the board on. args are the arguments of the program."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._binary, "--serial", self.line, *args],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env=clean_environment(env),
                start_new_session=True,  # as an init does
            )
        return self

    @property
    def pid(self) -> int:
        """The program's process id."""
        assert self._process
        return self._process.pid

    def kill(self) -> None:
        """Switch the board off; the line stays."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def unplug(self) -> None:
        """Take the line away: close port and every connection to url."""
        self._ended.set()
        self._bridge_thread.join(_SECONDS)

    def wait_for_log(self, text: str) -> None:
        """Wait until the log has this text."""
        deadline = time.monotonic() + _SECONDS
        while text not in self.log.read_text():
            assert time.monotonic() < deadline, f"no {text!r} in {self.log.read_text()!r}"
            time.sleep(0.01)

    def close(self) -> None:
        """End everything."""
        self.kill()
        self.unplug()
        self._listener.close()
        for fd in (self._master, self._slave, self._tool_slave):
            os.close(fd)

    def _bridge(self) -> None:
        """Copy bytes between the program's terminal and whoever is connected."""
        client: socket.socket | None = None
        while not self._ended.is_set():
            sources = [self._master, self._tool_master, self._listener, *([client] if client else [])]
            for source in select.select(sources, [], [], 0.05)[0]:
                if source is self._listener:
                    client = self._listener.accept()[0]
                    continue
                try:
                    data = os.read(source if isinstance(source, int) else source.fileno(), 4096)
                except OSError:
                    data = b""
                if source == self._master:
                    self._copy(data, client.fileno() if client else self._tool_master)
                    if not data:  # the program has closed the line; it opens it at its next start
                        time.sleep(0.01)
                elif data:
                    self._copy(data, self._master)
                elif source is client:
                    client.close()
                    client = None
        os.close(self._tool_master)
        if client:
            client.close()

    def _copy(self, data: bytes, target: int) -> None:
        """Write all of it, unless the target has gone or has stopped reading."""
        os.set_blocking(target, False)
        while data and select.select([], [target], [], 0.5)[1]:
            try:
                data = data[os.write(target, data) :]
            except OSError:
                return


class Line:
    """Types at a board by hand."""

    def __init__(self, port: str) -> None:
        if port.startswith("socket://"):
            host, _, number = port.removeprefix("socket://").partition(":")
            self._fd = socket.create_connection((host, int(number)), _SECONDS).detach()
            os.set_blocking(self._fd, True)
        else:
            self._fd = os.open(port, os.O_RDWR | os.O_NOCTTY)
        self._seen = b""

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def send(self, text: str | bytes) -> None:
        """Type."""
        os.write(self._fd, text if isinstance(text, bytes) else text.encode())

    def until(self, text: str) -> str:
        """Read up to this text; returns everything before it."""
        deadline = time.monotonic() + _SECONDS
        while text.encode() not in self._seen:
            ready, _, _ = select.select([self._fd], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"no {text!r} after {self._seen!r}"
            self._seen += os.read(self._fd, 4096)
        before, _, self._seen = self._seen.partition(text.encode())
        return before.decode()

    def raw(self, code: str) -> str:
        """Execute code at the prompt of the raw REPL; returns the output and then the exception."""
        self.send(code + "\x04")
        self.until("OK")
        output = self.until("\x04") + self.until("\x04")
        self.until(">")
        return output


def descriptors(pid: int) -> Sequence[str]:
    """The files that a process has open."""
    return sorted(str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir())
