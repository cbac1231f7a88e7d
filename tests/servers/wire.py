# SPDX-License-Identifier: MIT
"""A scriptable raw-socket HTTP server: it sends exact bytes and records the exact bytes it received.

A reply is bytes, or a sequence of steps, which may be endless:

- bytes: send them,
- a float: sleep that many seconds,
- a callable: call it (an Event's set, a lambda that waits for one),
- CLOSE, RESET: close the connection, or reset it,
- HOLD: send nothing more, until the client or the server ends the connection.

After a reply the connection is kept alive for the next request. A server plays a handler: a function
from the request to its reply; always(), in_order() and by_path() make the usual ones.
"""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from types import TracebackType


class Ending(Enum):
    """The steps that end a reply."""

    CLOSE = "close"
    RESET = "reset"
    HOLD = "hold"


CLOSE, RESET, HOLD = Ending

Step = bytes | float | Ending | Callable[[], object]
Reply = bytes | Iterable[Step]

_MAX_CONNECTIONS = 256
_CONNECTION_SECONDS = 60.0
_TICK = 0.05


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire."""

    raw: bytes
    line: str
    headers: list[tuple[str, str]]
    body: bytes  # without the chunked coding
    chunks: list[bytes]  # of the chunked coding
    connection: int  # 0 for the first connection that the server accepted

    @property
    def method(self) -> str:
        """The method of the request line."""
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        """The target of the request line: path and query."""
        return self.line.split(" ")[1]

    def all(self, name: str) -> list[str]:
        """The values of every header of that name, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """The value of the only header of that name, None without one."""
        values = self.all(name)
        assert len(values) < 2, f"{name} was sent {len(values)} times"
        return values[0] if values else None


Handler = Callable[[Request], Reply]


def reply(status: int = 200, body: bytes = b"", *headers: str, version: str = "1.1") -> bytes:
    """A reply with a Content-Length."""
    return head(status, f"Content-Length: {len(body)}", *headers, version=version) + body


def head(status: int, *headers: str, version: str = "1.1") -> bytes:
    """A status line and exactly these headers (as Latin-1), up to the blank line."""
    lines = [f"HTTP/{version} {status} Reason", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


def redirect(status: int, location: str, *headers: str) -> bytes:
    """A redirect with a body of its own, which the client must not return."""
    return reply(status, b"this is only the redirect", f"Location: {location}", *headers)


def chunked(*chunks: bytes, trailer: str = "") -> bytes:
    """The chunked coding of these chunks."""
    coded = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return coded + b"0\r\n" + trailer.encode() + b"\r\n"


def always(answer: Reply) -> Handler:
    """The same reply for each request."""
    return lambda request: answer


def in_order(*answers: Reply) -> Handler:
    """These replies one after the other, in order of arrival."""
    remaining = iter(answers)
    return lambda request: next(remaining)


def by_path(answers: Mapping[str, Reply]) -> Handler:
    """A reply by the request's target."""
    return lambda request: answers[request.target]


def numbered_bytes(size: int) -> bytes:
    """The numbers 0, 1, 2, ... in four bytes each, so that a missing or swapped part is visible."""
    return b"".join(number.to_bytes(4, "big") for number in range(size // 4))


class WireServer:
    """Serves on a free loopback port from `with` to its end; see the module's docstring."""

    def __init__(
        self,
        handler: Handler,
        tls: ssl.SSLContext | None = None,
        most_connections: int = _MAX_CONNECTIONS,
    ) -> None:
        self._most_connections = most_connections
        self.requests: list[Request] = []
        self.connections = 0
        self.ended = 0  # number of closed connections
        self.faults: list[str] = []  # what went wrong in the server itself
        self._handler = handler
        self._tls = tls
        self._lock = threading.Lock()
        self._over = threading.Condition()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.settimeout(_TICK)
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """The server's origin, without a slash at the end."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def request(self) -> Request:
        """The only request that came."""
        assert len(self.requests) == 1, [request.line for request in self.requests]
        return self.requests[0]

    def __enter__(self) -> "WireServer":
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._listener.close()
        for thread in self._threads:
            thread.join(timeout=5)
        alive = [thread for thread in self._threads if thread.is_alive()]
        assert not alive, f"{len(alive)} connections of the server do not end"
        if kind is None:
            assert not self.faults, self.faults

    def _spawn(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                conn, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self.connections == self._most_connections:
                conn.close()
                continue
            self.connections += 1  # before it answers
            self._spawn(self._connection, conn, self.connections - 1)

    def _connection(self, conn: socket.socket, number: int) -> None:
        deadline = time.monotonic() + _CONNECTION_SECONDS
        conn.settimeout(_TICK)
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # send each step at once
        try:
            if self._tls:
                conn.settimeout(_CONNECTION_SECONDS)
                conn = self._tls.wrap_socket(conn, server_side=True)
                conn.settimeout(_TICK)
            channel = _Channel(conn, number, lambda: self._stopping.is_set() or time.monotonic() > deadline)
            while (request := channel.receive()) and channel.play(self._answer(request)):
                pass
        except (OSError, EOFError):
            pass  # the client went away, or the server stops
        except Exception as error:
            self.faults.append(repr(error))
        finally:
            with suppress(OSError):
                conn.close()
            with self._over:
                self.ended += 1
                self._over.notify_all()

    def wait_asked(self, count: int) -> None:
        """Return when this many requests have arrived."""
        with self._over:
            assert self._over.wait_for(lambda: len(self.requests) >= count, _CONNECTION_SECONDS)

    def wait_ended(self, count: int) -> None:
        """Return when this many connections are closed."""
        with self._over:
            assert self._over.wait_for(lambda: self.ended >= count, _CONNECTION_SECONDS)

    def _answer(self, request: Request) -> Iterable[Step]:
        with self._lock:
            self.requests.append(request)
            answer = self._handler(request)
        with self._over:
            self._over.notify_all()
        return [answer] if isinstance(answer, bytes) else answer


class _Channel:
    """One connection: reads requests, plays replies."""

    def __init__(self, conn: socket.socket, number: int, over: Callable[[], bool]) -> None:
        self._conn = conn
        self._number = number
        self._over = over
        self._buffer = b""

    def receive(self) -> Request | None:
        """The next request, None when the client has closed."""
        while b"\r\n\r\n" not in self._buffer:
            if not self._fill():
                return None
        top, _, _ = self._buffer.partition(b"\r\n\r\n")
        line, *lines = top.decode("latin-1").split("\r\n")
        headers = [_split_header(text) for text in lines]
        length = sum(int(value) for name, value in headers if name.lower() == "content-length")
        size = len(top) + 4 + length
        chunks = []
        if ("transfer-encoding", "chunked") in [(name.lower(), value) for name, value in headers]:
            while (chunk := self._chunk(size)) is not None:
                size += len(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                if not chunk:
                    break
                chunks.append(chunk)
            else:
                return None
        if not self._fill_to(size):
            return None
        raw, self._buffer = self._buffer[:size], self._buffer[size:]
        body = b"".join(chunks) or raw[size - length :]
        return Request(raw, line, headers, body, chunks, self._number)

    def _chunk(self, at: int) -> bytes | None:
        """The chunk that begins there in the buffer: b"" is the last one; None when the client has closed."""
        while b"\r\n" not in self._buffer[at:]:
            if not self._fill():
                return None
        line, _, _ = self._buffer[at:].partition(b"\r\n")
        size = int(line, 16)
        begin = at + len(line) + 2
        return self._buffer[begin : begin + size] if self._fill_to(begin + size + 2) else None

    def _fill_to(self, size: int) -> bool:
        while len(self._buffer) < size:
            if not self._fill():
                return False
        return True

    def play(self, steps: Iterable[Step]) -> bool:
        """Play the steps; False when the connection has ended."""
        for step in steps:
            if isinstance(step, bytes):
                self._send(step)
            elif isinstance(step, float):
                time.sleep(step)
            elif step is HOLD:
                while self._fill():
                    pass
                return False
            elif step is RESET:
                self._conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            elif step is CLOSE:
                return False
            else:
                step()
        return True

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self._conn.send(view[: 1 << 16]) :]
            except TimeoutError:
                self._check()

    def _fill(self) -> bool:
        while True:
            try:
                data = self._conn.recv(1 << 16)
            except TimeoutError:
                self._check()
                continue
            self._buffer += data
            return bool(data)

    def _check(self) -> None:
        if self._over():
            raise EOFError


def _split_header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name, value.removeprefix(" ")


WireFactory = Callable[..., WireServer]  # the fixture: (handler or reply, tls=None) -> a running server
