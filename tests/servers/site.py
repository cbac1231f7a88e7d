# SPDX-License-Identifier: MIT
"""The site that scripts of tests/compat ask: a real HTTP/1.1 server of the standard library, on loopback.

A path's first part names what happens: it is a method page_... here. Echoes, redirects, cookies, passwords,
chunks, and faults.
"""

import gzip
import hashlib
import json
import ssl
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

_MOST_BODY = 1 << 24
_SECONDS = 20.0  # how long a connection may say nothing

LINES = b"first\nsecond\r\nthird\n\nfifth without end"


class Site(ThreadingHTTPServer):
    """The server: counts requests for /flaky and remembers what it was asked."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.counts: dict[str, int] = {}
        self.connects: dict[str, list[str]] = {}  # the fields of CONNECT, by the value of X-Proxy
        self.faults: list[str] = []  # what went wrong in the server itself
        self.other = ""  # the origin of a second site, for redirects to it
        self.plain = ""  # the http:// origin of this site
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away, or refuses a certificate, is no fault."""
        error = sys.exception()
        if not isinstance(error, OSError):
            self.faults.append(repr(error))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS
    wbufsize = -1  # one segment for each response
    disable_nagle_algorithm = True
    server: Site

    def log_message(self, *args: object) -> None:
        """Log nothing."""

    def version_string(self) -> str:
        """The same field Server at each Python version."""
        return "site"

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The same date always: scripts print header fields."""
        return "Sun, 06 Nov 1994 08:49:37 GMT"

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    # What was sent

    def _read(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            chunks = []
            while size := int(self._line().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self._line()
            self._line()
            return b"".join(chunks)
        return self.rfile.read(min(int(self.headers.get("Content-Length", "0")), _MOST_BODY))

    def _line(self) -> bytes:
        line = self.rfile.readline(1 << 16)
        if not line:
            raise ConnectionResetError("the client went away")
        return line

    def _answer(self) -> None:
        self.body = self._read()
        parts = urlsplit(self.path)
        self.query = {
            name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()
        }
        name, _, self.rest = parts.path.strip("/").partition("/")
        page = getattr(self, f"page_{name or 'root'}", None)
        if page is None:
            self._send(404, b"no such page")
        else:
            page()
        self.wfile.flush()

    def _send(
        self, status: int, body: bytes = b"", *fields: tuple[str, str], reason: str | None = None
    ) -> None:
        self.send_response(status, reason)
        for name, value in fields:
            self.send_header(name, value)
        if not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in fields):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _json(self, value: object, *fields: tuple[str, str], status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), ("Content-Type", "application/json"), *fields)

    # Pages: echoes

    def page_root(self) -> None:
        """A text."""
        self._send(200, b"welcome", ("Content-Type", "text/plain; charset=utf-8"))

    def page_echo(self) -> None:
        """Everything that was sent, as JSON; names of fields in lower case."""
        fields = sorted([name.lower(), value] for name, value in self.headers.items())
        self._json(
            {
                "method": self.command,
                "path": self.path,
                "headers": dict(fields),
                "body": self.body.decode("latin-1"),
            }
        )

    def page_upload(self) -> None:
        """The size and the SHA-256 of what was sent, and how."""
        self._json(
            {
                "length": self.headers.get("Content-Length"),
                "coding": self.headers.get("Transfer-Encoding"),
                "size": len(self.body),
                "sha256": hashlib.sha256(self.body).hexdigest(),
            }
        )

    def do_CONNECT(self) -> None:
        """Make no tunnel, but remember the fields."""
        names = sorted(name.lower() for name in self.headers if name.lower().startswith("x-"))
        self.server.connects[self.headers.get("X-Proxy", "")] = names
        self._send(403, b"no tunnels")

    def page_connects(self) -> None:
        """The fields of a CONNECT whose X-Proxy is the rest of the path."""
        self._json(self.server.connects.get(self.rest))

    def page_count(self) -> None:
        """How often /flaky/NAME was asked."""
        self._json(self.server.counts.get(self.rest, 0))

    # Pages: bodies

    def page_status(self) -> None:
        """The status in the path; ?reason= is its phrase."""
        reason = self.query.get("reason")
        body = b"" if self.rest in ("204", "304") else b"body of %s" % self.rest.encode()
        self._send(int(self.rest), body, reason=reason)

    def page_text(self) -> None:
        """?body= as bytes of ?charset=, with ?type= as its Content-Type."""
        body = self.query.get("body", "").encode(self.query.get("as", "utf-8"))
        fields = [("Content-Type", self.query["type"])] if "type" in self.query else []
        self._send(200, body, *fields)

    def page_hex(self) -> None:
        """The bytes of ?hex=, with ?type= as their Content-Type."""
        fields = [("Content-Type", self.query["type"])] if "type" in self.query else []
        self._send(200, bytes.fromhex(self.query["hex"]), *fields)

    def page_lines(self) -> None:
        """Five lines, in chunks."""
        self._chunked([LINES[:8], LINES[8:20], LINES[20:]])

    def page_jsonlines(self) -> None:
        """n lines of JSON, in chunks."""
        self._chunked([json.dumps({"id": i}).encode() + b"\n" for i in range(int(self.rest))])

    def page_bytes(self) -> None:
        """n bytes: 0, 1, 2, ..., 255, 0, ..."""
        self._send(
            200, bytes(i % 256 for i in range(int(self.rest))), ("Content-Type", "application/octet-stream")
        )

    def _chunked(self, chunks: list[bytes], *fields: tuple[str, str]) -> None:
        self._send(200, b"", ("Transfer-Encoding", "chunked"), *fields)
        if self.command != "HEAD":
            for chunk in chunks:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.write(b"0\r\n\r\n")

    def page_gzip(self) -> None:
        """A text, compressed."""
        body = gzip.compress(b"compressed text " * 20, mtime=0)
        self._send(200, body, ("Content-Encoding", "gzip"), ("Content-Type", "text/plain"))

    def page_deflate(self) -> None:
        """A text, compressed."""
        body = zlib.compress(b"deflated text " * 20)
        self._send(200, body, ("Content-Encoding", "deflate"), ("Content-Type", "text/plain"))

    def page_coding(self) -> None:
        """A body with a coding of the name in the path, which it has not."""
        self._send(200, b"as it is", ("Content-Encoding", self.rest), ("Content-Type", "text/plain"))

    def page_fields(self) -> None:
        """Header fields with repeated names, odd blanks and bytes that are not ASCII."""
        self._send(
            200,
            b"fields",
            ("X-One", "1"),
            ("X-Two", "a"),
            ("x-two", "b, c"),
            ("X-Empty", ""),
            ("Link", '</next?page=2>; rel="next", </last?page=9>; rel="last"; title="the end"'),
        )

    # Pages: redirects, cookies, passwords

    def page_redirect(self) -> None:
        """A redirect with the status in the path to ?to=; {other} and {plain} are origins."""
        to = self.query["to"].replace("{other}", self.server.other).replace("{plain}", self.server.plain)
        to = to.encode().decode("latin-1")  # as UTF-8
        self._send(int(self.rest), b"this is only the redirect", ("Location", to))

    def page_hops(self) -> None:
        """n redirects, and then an echo."""
        left = int(self.rest)
        if left == 0:
            self.page_echo()
        else:
            self._send(302, b"", ("Location", f"/hops/{left - 1}"))

    def page_cookies(self) -> None:
        """Sets a cookie for each ?name=value; ?attributes= is added to all. With ?to= it redirects."""
        attributes = self.query.pop("attributes", "")
        to = self.query.pop("to", None)
        fields = [("Set-Cookie", f"{name}={value}{attributes}") for name, value in self.query.items()]
        if to is None:
            self._send(200, b"cookies", *fields)
        else:
            to = to.replace("{other}", self.server.other)
            self._send(302, b"", ("Location", to), *fields)

    def page_setcookie(self) -> None:
        """The field Set-Cookie as ?line= has it."""
        self._send(200, b"cookie", ("Set-Cookie", self.query["line"]))

    def page_basic(self) -> None:
        """200 for user and password in the path, else 401."""
        import base64

        user, _, password = unquote(self.rest).partition("/")
        right = "Basic " + base64.b64encode(f"{user}:{password}".encode("latin-1")).decode()
        if self.headers.get("Authorization") == right:
            self._json({"user": user})
        else:
            self._send(401, b"who?", ("WWW-Authenticate", 'Basic realm="site"'))

    def page_digest(self) -> None:
        """200 for an answer to a Digest challenge that is right for user and secret, else 401."""
        from werkzeug.datastructures import Authorization

        given = Authorization.from_header(self.headers.get("Authorization"))
        if given and given.type == "digest":

            def digest(*parts: str) -> str:
                return hashlib.md5(":".join(parts).encode()).hexdigest()

            parts = [given.parameters[key] for key in ("nonce", "nc", "cnonce", "qop")]
            expected = digest(digest("user", "r", "secret"), *parts, digest(self.command, self.path))
            if (given.parameters["username"], given.parameters["response"]) == ("user", expected):
                self._json({"user": "user", "body": self.body.decode("latin-1")})
                return
        challenge = 'Digest realm="r", nonce="n0nce", qop="auth", algorithm=MD5, opaque="o"'
        self._send(401, b"who?", ("WWW-Authenticate", challenge))

    # Pages: what fails

    def page_flaky(self) -> None:
        """?status= the first ?times= times, then 200. Each NAME in the path counts for itself."""
        count = self.server.counts[self.rest] = self.server.counts.get(self.rest, 0) + 1
        after = self.query.get("after")
        if count > int(self.query.get("times", "2")):
            self._send(200, b"at last")
        elif self.query.get("status") == "close":
            self.close_connection = True
        else:
            fields = [] if after is None else [("Retry-After", after)]
            self._send(int(self.query.get("status", "503")), b"not yet", *fields)

    def page_close(self) -> None:
        """No answer."""
        self.close_connection = True

    def page_short(self) -> None:
        """A body that ends early."""
        self.close_connection = True
        self._send(200, b"only this", ("Content-Length", "100"))

    def page_badchunk(self) -> None:
        """Chunks, and then what is none."""
        self.close_connection = True
        self._send(200, b"", ("Transfer-Encoding", "chunked"))
        self.wfile.write(b"5\r\nhello\r\nzzz\r\n")

    def page_badgzip(self) -> None:
        """A body that is not what its coding says."""
        self._send(200, b"this is not compressed", ("Content-Encoding", "gzip"))

    def page_nonsense(self) -> None:
        """What is not HTTP."""
        self.close_connection = True
        self.wfile.write(b"nonsense\r\n\r\n")

    def page_slow(self) -> None:
        """Nothing for the seconds in the path, then a text."""
        time.sleep(float(self.rest))
        self._send(200, b"slow")

    def page_drip(self) -> None:
        """A byte, the seconds in the path, and another one."""
        self._send(200, b"a", ("Content-Length", "2"))
        self.wfile.flush()
        time.sleep(float(self.rest))
        self.wfile.write(b"b")

    def page_date(self) -> None:
        """The date of now, as a server writes it."""
        self._send(200, formatdate(usegmt=True).encode())


@contextmanager
def site(tls: ssl.SSLContext | None = None) -> Iterator[Site]:
    """Serve until the end of the `with`."""
    with Site(tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(timeout=5)
            assert not thread.is_alive(), "the site does not end"
            assert not server.faults, server.faults
