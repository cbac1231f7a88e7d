# SPDX-License-Identifier: MIT
"""The servers of the soak: nginx for most requests, a scriptable server for faults, ports that do not answer.

Every answer contains the id of its request: this proves that a Response belongs to its request.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from urllib.parse import parse_qs, urlsplit

from daemon import reserved_ports
from nginx_servers import nginx_servers
from servers.blackhole import blackhole
from servers.certs import Certs, server_context
from servers.nginx import find_nginx
from servers.wire import CLOSE, HOLD, RESET, Reply, Request, WireServer, head, numbered_bytes, redirect, reply

Site = dict[str, object]  # the addresses for the apps

SLOTS = 16
_CONNECTIONS = 1 << 30  # that a server accepts: no limit
_MEETING_SECONDS = 20
_SIZES = {"small": 1 << 10, "large": 200_000}  # large: more than a stream holds at a time


def _servers(http_port: int, https_port: int) -> str:
    return f"""
    limit_rate_after 16k;
    server {{
        listen 127.0.0.1:{http_port};
        listen 127.0.0.1:{https_port} ssl;
        access_log off;
        add_header X-Id $arg_id always;
        gzip on;
        gzip_types text/plain;
        location = /echo {{ return 200 "$arg_id $request_method $content_length"; }}
        location = /missing {{ return 404 "$arg_id"; }}
        location = /busy {{ return 503 "$arg_id"; }}
        location = /nothing {{ return 204; }}
        location = /silent {{ return 444; }}
        location = /moved {{ return 302 /echo?id=$arg_id; }}
        location = /hops {{ return 301 /moved?id=$arg_id; }}
        location = /same {{ return 307 /echo?id=$arg_id; }}
        location = /loop {{ return 302 /loop?id=$arg_id; }}
        location = /up {{ return 302 https://127.0.0.1:{https_port}/echo?id=$arg_id; }}
        location = /down {{ return 302 http://127.0.0.1:{http_port}/echo?id=$arg_id; }}
        location = /cookie {{ add_header Set-Cookie "id=$arg_id"; return 302 /crumb?id=$arg_id; }}
        location = /crumb {{ return 200 "$cookie_id"; }}
        location = /text {{ default_type text/plain; alias "www/small"; }}
        location = /slow {{ limit_rate 64k; alias "www/large"; }}
    }}"""


class Faults:
    """The scriptable server's answers, by path; ?id= is the request's."""

    def __init__(self) -> None:
        self._meeting = Barrier(SLOTS)
        self._pages: dict[str, Callable[[Request, str, bytes], Reply]] = {
            "/body": lambda request, name, text: reply(200, request.body, name),
            "/hold": lambda request, name, text: [HOLD],
            "/hold-body": lambda request, name, text: [head(200, name, "Content-Length: 9") + b"1234", HOLD],
            "/hold-hop": lambda request, name, text: redirect(302, f"/hold?{request.target}"),
            "/drip": lambda request, name, text: [
                head(200, name, f"Content-Length: {len(text)}"),
                *[step for i in range(len(text)) for step in (0.003, text[i : i + 1])],
            ],
            "/last": lambda request, name, text: [reply(200, text, name), CLOSE],
            "/short": lambda request, name, text: [head(200, name, "Content-Length: 99") + text, CLOSE],
            "/chunk": lambda request, name, text: head(200, name, "Transfer-Encoding: chunked") + b"xyz\r\n",
            "/gzip": lambda request, name, text: reply(200, b"no gzip " * 9, name, "Content-Encoding: gzip"),
            "/cut-gzip": lambda request, name, text: reply(
                200, zlib.compress(text * 50, wbits=31)[:-12], name, "Content-Encoding: gzip"
            ),
            "/noise": lambda request, name, text: [b"\0\1\2 no HTTP\r\n\r\n", CLOSE],
            "/headers": lambda request, name, text: [reply(200, text, *["X-Many: 1"] * 200), CLOSE],
            "/reset": self._reset,
            "/meet": lambda request, name, text: [self._meet, reply(200, text, name)],
        }

    def __call__(self, request: Request) -> Reply:
        """A server's handler."""
        url = urlsplit(request.target)
        number = parse_qs(url.query).get("id", ["0"])[0]
        return self._pages[url.path](request, f"X-Id: {number}", number.encode())

    def _reset(self, request: Request, name: str, text: bytes) -> Reply:
        whole = reply(200, b"x" * 50, name)
        return [whole[: int(text) % len(whole)], RESET]

    def _meet(self) -> None:
        # Wait until there is a request for each slot: then exactly these connections are kept.
        try:
            self._meeting.wait(_MEETING_SECONDS)
        except BrokenBarrierError:
            self._meeting.reset()


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Start everything; yields the addresses for the apps."""
    certs = Certs(folder)
    root = folder / "nginx"
    (root / "www").mkdir(parents=True)
    for name, size in _SIZES.items():
        (root / "www" / name).write_bytes(numbered_bytes(size))
    faults = Faults()
    with (
        nginx_servers(find_nginx(), root, certs.leaf, 2, _servers) as (http_port, https_port),
        WireServer(faults, most_connections=_CONNECTIONS) as wire,
        WireServer(faults, server_context(certs.expired_leaf), most_connections=_CONNECTIONS) as expired,
        blackhole() as dead_port,
        reserved_ports(1) as (refused_port,),
    ):
        yield {
            "http": f"http://127.0.0.1:{http_port}",
            "named": f"http://localhost:{http_port}",
            "https": f"https://127.0.0.1:{https_port}",
            "no_https": f"https://127.0.0.1:{http_port}",
            "wire": wire.url,
            "expired": expired.url,
            "dead": f"http://127.0.0.1:{dead_port}",
            "dead_tls": f"https://127.0.0.1:{dead_port}",
            "refused": f"http://127.0.0.1:{refused_port}",
            "cacert": certs.ca_pem,
            "other_cacert": certs.other_ca_pem,
            "leaf": certs.leaf_pem,
            "large": str(root / "www/large"),
            "small": str(root / "www/small"),
        }
