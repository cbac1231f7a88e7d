# SPDX-License-Identifier: MIT
"""A proxy that makes tunnels to one port, whatever CONNECT names, and keeps what it was asked with."""

import selectors
import socket
import threading
from contextlib import suppress
from types import TracebackType

_SECONDS = 20.0


class Tunnel:
    """Serves on a free loopback port from `with` to its end."""

    def __init__(self, target: int) -> None:
        self.heads: list[list[str]] = []  # the lines of each CONNECT
        self._target = target
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "Tunnel":
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=5)

    def _spawn(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                conn, _ = self._listener.accept()
            except OSError:
                return
            self._spawn(self._serve, conn)

    def _serve(self, conn: socket.socket) -> None:
        conn.settimeout(_SECONDS)
        with conn, suppress(OSError):
            data = b""
            while b"\r\n\r\n" not in data:
                data += (byte := conn.recv(1))
                if not byte:
                    return
            self.heads.append(data.decode("latin-1").split("\r\n")[:-2])
            with socket.create_connection(("127.0.0.1", self._target), _SECONDS) as onward:
                conn.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                _relay(conn, onward)


def _relay(one: socket.socket, other: socket.socket) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while ready := selector.select(_SECONDS):
            for key, _ in ready:
                data = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
                if not data:
                    return
                key.data.sendall(data)
