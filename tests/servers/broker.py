# SPDX-License-Identifier: MIT
"""A scriptable MQTT broker: it plays a script for each connection, with exact packets."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SECONDS = 20.0


class Link:
    """One connection of a client."""

    def __init__(self, conn: socket.socket) -> None:
        self._conn = conn

    def send(self, packet: bytes) -> None:
        """Send exactly these bytes."""
        self._conn.sendall(packet)

    def receive(self) -> bytes:
        """Return the client's next packet, b"" when it has closed the connection."""
        head = self._conn.recv(1)
        if not head:
            return b""
        length = shift = 0
        while True:
            byte = self._exactly(1)
            head += byte
            length |= (byte[0] & 0x7F) << shift
            shift += 7
            if byte[0] < 0x80:
                return head + self._exactly(length)

    def accept(self) -> bytes:
        """Take the CONNECT and accept it; returns it."""
        packet = self.receive()
        assert packet[0] == 0x10, packet
        self.send(b"\x20\x02\x00\x00")
        return packet

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._conn.recv(count - len(data))
            assert more, "the client has closed the connection in the middle of a packet"
            data += more
        return data


@contextmanager
def broker(*scripts: Callable[[Link], object]) -> Iterator[int]:
    """Play a script for each connection, one after the other; gives the port. Raises what a script raised."""
    faults: list[BaseException] = []

    def serve() -> None:
        try:
            for script in scripts:
                conn, _ = listener.accept()
                with conn:
                    conn.settimeout(_SECONDS)
                    conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    script(Link(conn))
        except BaseException as error:
            faults.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_SECONDS)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(timeout=_SECONDS + 5)
        assert not thread.is_alive(), "the broker's script does not end"
        if faults:
            raise faults[0]
