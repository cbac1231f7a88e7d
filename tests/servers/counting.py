# SPDX-License-Identifier: MIT
"""A relay that counts the bytes of both directions."""

import select
import socket
from contextlib import suppress

from servers.listening import Listening


class Counting(Listening):
    """Relays from a free loopback port to another one, from `with` to its end."""

    def __init__(self, target: int) -> None:
        super().__init__()
        self._target = target
        self.sent = 0  # by the client
        self.received = 0

    def _serve(self, conn: socket.socket) -> None:
        with conn, socket.create_connection(("127.0.0.1", self._target)) as server, suppress(OSError):
            while True:
                ready, _, _ = select.select([conn, server], [], [])
                for source, other in ((conn, server), (server, conn)):
                    if source in ready:
                        data = source.recv(1 << 16)
                        if not data:
                            return
                        if source is conn:
                            self.sent += len(data)
                        else:
                            self.received += len(data)
                        other.sendall(data)
