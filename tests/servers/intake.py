# SPDX-License-Identifier: MIT
"""A server that takes uploads of any size: it counts and hashes a body instead of keeping it.

The test sets the pace: the server reads when its gate is open, and it can stop after some bytes.
"""

import hashlib
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from servers.listening import Listening, read_head

_CHUNK = 1 << 16
_SECONDS = 30.0


@dataclass
class Upload:
    """What one connection received."""

    head: str = ""
    received: int = 0  # bytes of the body
    length: int = 0  # the Content-Length of the request
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    ended: threading.Event = field(default_factory=threading.Event)  # set when the connection is closed


class Intake(Listening):
    """Serves on a free loopback port from `with` to its end; every connection is for one upload."""

    def __init__(
        self,
        reply: bytes,
        *,
        cut_after: int | None = None,
        closed_gate: bool = False,
        answer_first: bool = False,
    ) -> None:
        """After cut_after bytes of body the connection is reset, without a reply.

        answer_first: the reply goes out behind the head, and nothing of the body is read before the gate
        opens.
        """
        super().__init__()
        self.uploads: list[Upload] = []
        self.gate = threading.Event()  # the server reads bodies while it is set
        if not closed_gate:
            self.gate.set()
        self._connected = threading.Event()
        self.arrived = threading.Semaphore(0)  # released once for each request head
        self._reply = reply
        self._cut_after = cut_after
        self._answer_first = answer_first

    @property
    def upload(self) -> Upload:
        """The only upload, after its connection was closed."""
        assert self._connected.wait(_SECONDS), "no connection comes"
        assert len(self.uploads) == 1, self.uploads
        assert self.uploads[0].ended.wait(_SECONDS), "the connection does not end"
        return self.uploads[0]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gate.set()
        super().__exit__(kind, error, trace)

    def _serve(self, conn: socket.socket) -> None:
        upload = Upload()
        self.uploads.append(upload)
        self._connected.set()
        conn.settimeout(_SECONDS)
        with conn, suppress(OSError):
            self._take(conn, upload)
        upload.ended.set()

    def _take(self, conn: socket.socket, upload: Upload) -> None:
        upload.head = read_head(conn)
        if upload.head == "":
            return
        lines = upload.head.lower().split("\r\n")
        upload.length = sum(int(line[15:]) for line in lines if line.startswith("content-length:"))
        self.arrived.release()
        if self._answer_first:
            conn.sendall(self._reply)
        assert self.gate.wait(_SECONDS)
        end = upload.length if self._cut_after is None else self._cut_after
        while upload.received < end and (data := conn.recv(min(_CHUNK, end - upload.received))):
            upload.received += len(data)
            upload.digest.update(data)
        if self._cut_after is not None:
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif upload.received == end and not self._answer_first:
            conn.sendall(self._reply)
