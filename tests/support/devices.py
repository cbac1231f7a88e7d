# SPDX-License-Identifier: MIT
"""The other end of DL7450_DEVICES: a socket that drives the stand-ins of devices."""

import json
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_SECONDS = 20.0


class Peer:
    """The connection to a running app."""

    def __init__(self, conn: socket.socket) -> None:
        self._conn = conn
        self.lines = conn.makefile("r")
        self.events: list[dict] = []  # everything that the app's devices have said

    def send(self, *lines: dict) -> None:
        """Send these lines."""
        self._conn.sendall("".join(json.dumps(line) + "\n" for line in lines).encode())

    def send_raw(self, data: bytes) -> None:
        """Send exactly these bytes."""
        self._conn.sendall(data)

    def ready(self, *lines: dict) -> None:
        """Send the lines that describe the devices at first, and let the app start."""
        self.send(*lines, {"ready": True})

    def wait(self, **values: object) -> dict:
        """Return the next event with these values; events before it are only kept in `events`."""
        for text in self.lines:
            event = json.loads(text)
            self.events.append(event)
            if all(event.get(name) == value for name, value in values.items()):
                return event
        raise AssertionError(f"the app ended without {values}: {self.events}")

    def rest(self) -> list[dict]:
        """Read to the app's end; returns all events."""
        try:
            for text in self.lines:
                self.events.append(json.loads(text))
        except ConnectionResetError:
            pass  # the app has ended without reading everything
        return self.events

    def press(self, pin: str) -> None:
        """Activate an input for a moment."""
        self.send(*({"device": "gpio", "pin": pin, "active": active} for active in (True, False)))


@contextmanager
def devices(script: Callable[[Peer], object]) -> Iterator[dict[str, str]]:
    """Run script(peer) for the app that connects; gives the environment for it.

    When the script returns, the connection is closed. Raises what the script raised.
    """
    faults: list[BaseException] = []

    def serve() -> None:
        try:
            conn, _ = listener.accept()
            with conn:
                conn.settimeout(_SECONDS)
                peer = Peer(conn)
                with peer.lines:  # it holds the connection open
                    script(peer)
        except BaseException as error:
            faults.append(error)

    with tempfile.TemporaryDirectory(prefix="devices-") as folder, socket.socket(socket.AF_UNIX) as listener:
        path = Path(folder) / "socket"
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(_SECONDS)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield {"DL7450_DEVICES": str(path)}
        thread.join(timeout=_SECONDS + 5)
        assert not thread.is_alive(), "the script does not end"
        if faults:
            raise faults[0]
