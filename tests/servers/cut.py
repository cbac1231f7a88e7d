# SPDX-License-Identifier: MIT
"""A relay that passes only the first bytes of a server, so that a test can cut TLS at any byte.

Everything that the client sends is passed on. After the last of these bytes, and not before the client has
sent something, the connection is closed, reset or held (servers.wire describes these endings).
"""

import select
import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType

from servers.wire import CLOSE, RESET, Ending


class Cut:
    """Relays from a free loopback port to another one, from `with` to its end."""

    def __init__(self, target: int, after: int, ending: Ending) -> None:
        self._target = target
        self._after = after
        self._ending = ending
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> "Cut":
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=5)
        assert not any(thread.is_alive() for thread in self._threads), "a connection does not end"

    def _spawn(self, *call: object) -> None:
        thread = threading.Thread(target=call[0], args=call[1:], daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self._spawn(self._connection, self._listener.accept()[0])

    def _connection(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as server, suppress(OSError):
            left, heard = self._after, False
            # Wait until the client has sent something: it might still be connecting.
            while (left > 0 or not heard) and not self._stopping.is_set():
                ready, _, _ = select.select([client, server] if left > 0 else [client], [], [], 0.05)
                if client in ready:
                    data = client.recv(1 << 16)
                    if not data:
                        return
                    server.sendall(data)
                    heard = True
                if server in ready:
                    data = server.recv(left)
                    if not data:
                        return
                    client.sendall(data)
                    left -= len(data)
            self._end(client)

    def _end(self, client: socket.socket) -> None:
        if self._ending is RESET:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        if self._ending is CLOSE:
            client.shutdown(socket.SHUT_WR)
        # Read what the client sent: a connection that is closed with unread data is reset.
        while not self._stopping.is_set():
            ready, _, _ = select.select([client], [], [], 0.05)
            if ready and not client.recv(1 << 16):
                return
