# SPDX-License-Identifier: MIT
"""A proxy that makes tunnels to one port, whatever CONNECT names, and keeps what it was asked with."""

import selectors
import socket
from contextlib import suppress

from servers.listening import Listening, read_head

_SECONDS = 20.0


class Tunnel(Listening):
    """Serves on a free loopback port from `with` to its end."""

    def __init__(self, target: int) -> None:
        super().__init__()
        self.heads: list[list[str]] = []  # the lines of each CONNECT
        self._target = target

    def _serve(self, conn: socket.socket) -> None:
        conn.settimeout(_SECONDS)
        with conn, suppress(OSError):
            head = read_head(conn)
            if head == "":
                return
            self.heads.append(head.split("\r\n")[:-2])
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
