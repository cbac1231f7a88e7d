# SPDX-License-Identifier: MIT
"""TCP connections that never wait, for the stand-ins `mqtt` and `iperf`.

Only the system's resolver makes the app wait while it looks a name up: a line of the channel,
{"device": "route", "from": "HOST:PORT", "to": "127.0.0.1:PORT"}, saves that: the connection goes there.
"""

import errno
import socket

import _channel

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

# connect() reports these while the connection is being made, and when it has been made.
_IN_PROGRESS = (errno.EINPROGRESS, errno.EALREADY)
_EISCONN = 106  # as in Linux; the module errno lacks it
_RECEIVE_BYTES = 1 << 16

_routes: dict[str, tuple[str, int]] = {}  # "HOST:PORT": (ip, port)


def _drive_route(to: str, **more: Any) -> None:
    # A line of the channel. Its other name, "from", is a keyword.
    source = more.pop("from", None)
    host, _, port = to.rpartition(":")
    # Only the loopback: what should have been encrypted must not leave this machine.
    if more or not isinstance(source, str) or not host.startswith("127.") or not port.isdigit():
        raise ValueError("a route is from HOST:PORT to PORT of an address of the loopback, 127.0.0.1:PORT")
    _routes[source] = (host, int(port))


def routed(host: str, port: int) -> bool:
    """Whether the channel leads this connection elsewhere."""
    return "%s:%d" % (host, port) in _routes


class Connection:
    """A connection to (host, port); OSError of every method says that it is over.

    The stand-in calls connected(), receive() and send() in its idle step: the idle loop runs it again when
    anything has changed.
    """

    def __init__(self, host: str, port: int) -> None:
        host, port = _routes.get("%s:%d" % (host, port), (host, port))
        self._address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1]
        self._up = False
        self._output = b""
        self._socket = socket.socket(_family(self._address), socket.SOCK_STREAM)
        try:
            self._socket.setblocking(False)
            self.connected()
            _channel.watch(self._socket)
            self.connected()  # it may have been made before it was watched
        except OSError:
            self._socket.close()
            raise

    def connected(self) -> bool:
        """Whether the connection is made."""
        if not self._up:
            try:
                self._socket.connect(self._address)
                self._up = True
            except OSError as e:
                self._up = e.errno == _EISCONN
                if not self._up and e.errno not in _IN_PROGRESS:
                    raise
        return self._up

    def receive(self) -> bytes:
        """What has arrived: bytes, b"" when there is nothing."""
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return b""
            raise
        if not data:
            raise OSError(errno.ECONNRESET, "the peer has closed the connection")
        return data

    def send(self, data: bytes = b"") -> int:
        """Send data behind what could not be sent before; returns how many bytes still wait."""
        self._output += data
        try:
            while self._output:
                self._output = self._output[self._socket.send(self._output) :]
        except OSError as e:
            if e.errno != errno.EAGAIN:
                raise
        return len(self._output)

    def close(self) -> None:
        self._socket.close()


def _family(address: Any) -> int:
    return int.from_bytes(bytes(address[:2]), "little") & 0xFF  # sa_family of struct sockaddr


_channel.start()
