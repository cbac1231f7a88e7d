# SPDX-License-Identifier: MIT
"""Plays a recording: servers on loopback that answer what was recorded, in place of the real ones."""

from __future__ import annotations

import os
import re
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from dock_tool.failure import Exit, Failure, missing
from dock_tool.hide import REMOVED
from dock_tool.recording import Answer, address_of, load, origin_of, read_chunks
from dock_tool.secret_names import hide_url
from dock_tool.trace import Trace

__tracebackhide__ = True  # as in testing.py
_NO_BODY = (204, 304)
_MOST_HOSTS = 200
COULD_NOT_RESOLVE, COULD_NOT_CONNECT, NOT_TRUSTED = 6, 7, 60


class Replay:
    """A recording whose servers run. conditions and environment make a program ask them."""

    def __init__(self, folder: Path, *, say: Callable[[str], None] = lambda text: None) -> None:
        """Raises Failure if the recording cannot be played. say: is called with what is missing in it."""
        self.folder = folder
        self.missing: list[str] = []
        self.played = 0
        self._say = say
        self._lock = threading.Lock()
        self._recording = load(folder)
        self._answers: dict[tuple[str, str], list[Answer]] = {}
        for answer in self._recording.answers:
            self._answers.setdefault((answer.method, answer.url), []).append(answer)
        self._next: dict[tuple[str, str, bytes | None], int] = {}
        self._made = tempfile.TemporaryDirectory(prefix="dock-")
        self._servers: list[_Server] = []
        origins = sorted({origin_of(answer.url) for answer in self._recording.answers})
        hosts = sorted({address_of(origin)[0] for origin in origins})
        if len(hosts) > _MOST_HOSTS:
            raise Failure(Exit.OTHER, f"{folder} has answers of {len(hosts)} hosts: at most {_MOST_HOSTS}")
        authority = (
            _Authority(Path(self._made.name)) if any(o.startswith("https:") for o in origins) else None
        )
        self.environment = {"SSL_CERT_FILE": str(authority.file)} if authority else {}
        # Each host has an address of its own, so that conditions of one do not hit the others.
        addresses = {host: f"127.74.50.{number}" for number, host in enumerate(hosts, 1)}
        self.conditions = ["names only", "peers only", f"wall {self._recording.time:.0f}"]
        for origin in origins:
            host, port = address_of(origin)
            context = authority.context(host) if authority and origin.startswith("https:") else None
            server = _Server((addresses[host], 0), self, origin, context)
            self._servers.append(server)
            to = f"{addresses[host]} {server.server_address[1]}"
            # libcurl asks no resolver for localhost.
            names = ["127.0.0.1", "[::1]"] if host == "localhost" else [f"[{host}]" if ":" in host else host]
            self.conditions += [f"name {name}:{port} {to}" for name in names]
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        """End the servers."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._made.cleanup()

    def find(self, method: str, url: str, body: bytes) -> Answer | None:
        """Return the next answer for a request; the last one is for all that come later."""
        with self._lock:
            for (stored_method, stored_url), answers in self._answers.items():
                if stored_method == method and _matches(stored_url, url):
                    same = [answer for answer in answers if answer.sent_body == body]
                    key = (stored_method, stored_url, body if same else None)
                    number = self._next.get(key, 0)
                    self._next[key] = number + 1
                    self.played += 1
                    return (same or answers)[min(number, len(same or answers) - 1)]
        self.miss(f"no answer is stored for {method} {hide_url(url, REMOVED)}")
        return None

    def check(self, trace: Trace) -> None:
        """Note the requests of a trace that the recording cannot answer: their host is not in it, or the app
        does not trust its certificate."""
        known = {address_of(origin_of(answer.url)) for answer in self._recording.answers}
        reached = {"localhost", "127.0.0.1", "::1"}  # they can be reached: a test may have servers there
        for request in trace.requests:
            url = request.hops[-1].url if request.hops else request.url
            with suppress(ValueError, KeyError):  # the app's own mistake
                host = address_of(origin_of(url))
                failed = request.status in (COULD_NOT_RESOLVE, COULD_NOT_CONNECT)
                if failed and host not in known and host[0] not in reached:
                    self.miss(f"no answer is stored for {request.method} {hide_url(url, REMOVED)}")
                elif request.status == NOT_TRUSTED and host in known:
                    self.miss(
                        f"{origin_of(url)}: the app does not accept the replay's certificate: "
                        "one that the app names with cacert= cannot be replayed"
                    )

    def miss(self, text: str) -> None:
        """Note what the recording does not have."""
        with self._lock:
            known = text in self.missing
            self.missing.append(text)
        if not known:
            self._say(text)


def _matches(stored: str, url: str) -> bool:
    if REMOVED not in stored:
        return stored == url
    return re.fullmatch(re.escape(stored).replace(re.escape(REMOVED), "[^?&#]*"), url) is not None


class _Authority:
    # Signs the certificates of the servers. The program trusts it in place of the machine's store.
    def __init__(self, folder: Path) -> None:
        try:
            import trustme
        except ImportError as error:
            raise missing("trustme", "replay") from error
        self._authority = trustme.CA()
        self.file = folder / "ca.pem"
        self._authority.cert_pem.write_to_path(self.file)

    def context(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(host).configure_cert(context)
        return context


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], replay: Replay, origin: str, context: ssl.SSLContext | None
    ) -> None:
        self.replay = replay
        self.origin = origin
        self._context = context
        super().__init__(address, _Handler)

    def get_request(self) -> tuple[socket.socket, tuple]:
        connection, peer = super().get_request()
        if self._context:  # the handshake is done by the connection's thread
            connection = self._context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, peer

    def handle_error(self, request: object, client_address: object) -> None:
        error = sys.exception()
        if not isinstance(error, OSError):  # as that of a connection, which the trace tells of
            self.replay.miss(f"{self.origin}: {type(error).__name__}: {error}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):  # each method
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            body = read_chunks(self.rfile)
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path if self.path.startswith("/") else "/" + urlsplit(self.path).path
        answer = self.server.replay.find(self.command, self.server.origin + path, body)
        if answer is None:
            self.close_connection = True  # without an answer: 52
            return
        fields = list(answer.fields)
        has_body = answer.status not in _NO_BODY and self.command != "HEAD"
        if has_body:
            fields.append(("Content-Length", str(len(answer.body))))
        head = f"HTTP/1.1 {answer.status} {answer.reason}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in fields)
        # One write: in two, the second waits for the acknowledgement of the first.
        self.wfile.write(head.encode() + b"\r\n" + (answer.body if has_body else b""))


def environment_for(replay: Replay, library: Path) -> dict[str, str]:
    """Return the variables with which a program asks the servers of a replay."""
    given = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy") and name not in ("SSL_CERT_FILE", "SSL_CERT_DIR", "LD_PRELOAD")
    }
    conditions = {"LD_PRELOAD": str(library), "DL7450_CONDITIONS": "\n".join(replay.conditions)}
    return given | conditions | replay.environment
