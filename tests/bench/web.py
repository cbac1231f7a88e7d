# SPDX-License-Identifier: MIT
"""The nginx for all measurements: it writes no log, and it is not the bottleneck."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import certifi
import trustme
from machine import HOST
from nginx_servers import nginx_servers
from servers.certs import Certs
from servers.nginx import find_nginx
from servers.wire import numbered_bytes

KIB = 1024
MIB = 1024 * KIB
AUTHORITIES = 140
HUNDRED_KB = 100 * 1000
SIZES = [KIB * 4**power for power in range(9)]  # 1 KiB to 64 MiB


@dataclass(frozen=True)
class Web:
    """The origins, without a slash at the end, and the files of certificates."""

    http: str
    https: str
    forgetful: str  # https too, but no session is resumed
    ca: Path
    bundle: Path  # the same certificate, behind those of all public authorities: AUTHORITIES in all

    def body(self, size: int) -> str:
        """Return the URL of a body of this size."""
        return f"{self.http}/{size}"

    def secure_body(self, size: int) -> str:
        """Return the URL of a body of this size over TLS."""
        return f"{self.https}/{size}"

    @property
    def posted(self) -> str:
        """Return the URL that answers any method with 1 KiB."""
        return f"{self.http}/posted"

    @property
    def objects(self) -> str:
        """Return the URL of 10 KB of JSON with more than 20 header fields."""
        return f"{self.http}/objects"

    @property
    def connection(self) -> str:
        """Return the URL whose body is the number of the TLS connection."""
        return f"{self.https}/connection"

    @property
    def held(self) -> str:
        """Return the URL of a body that takes longer than any client waits."""
        return f"{self.https}/held"


_FIELDS = "".join(f'add_header X-Field-Number-{i} "value {i} of a field"; ' for i in range(16))
_OBJECT = {
    "id": 4711,
    "name": "dock",
    "on": True,
    "position": [51.25, -0.5],
    "tags": ["kitchen", "4K"],
    "next": None,
}


def _servers(http_port: int, https_port: int, forgetful_port: int) -> str:
    return f"""server {{
        listen 127.0.0.1:{forgetful_port} ssl;
        access_log off;
        ssl_session_tickets off;
        ssl_session_cache off;
    }}
    server {{
        listen 127.0.0.1:{http_port};
        listen 127.0.0.1:{https_port} ssl;
        access_log off;
        keepalive_requests 100000000;
        keepalive_timeout 600;
        sendfile on;
        tcp_nopush on;
        open_file_cache max=100;
        open_file_cache_valid 600;
        location = /connection {{ return 200 $connection; }}
        location = /posted {{ return 200 "{"x" * KIB}"; }}
        location = /objects {{ default_type application/json; {_FIELDS} }}
        location = /held {{ limit_rate 100; rewrite ^ /{KIB} break; }}
    }}"""


@contextmanager
def web(folder: Path) -> Iterator[Web]:
    """Serve bodies of SIZES, and one of HUNDRED_KB, from the folder."""
    root = folder / "www"
    root.mkdir(parents=True)
    for size in (*SIZES, HUNDRED_KB):
        (root / str(size)).write_bytes(numbered_bytes(size))
    (root / "objects").write_text(json.dumps([_OBJECT] * 85))
    certs = Certs(folder, ("localhost", "127.0.0.1", HOST))
    bundle = folder / "bundle.pem"
    authorities = certifi.contents()
    while authorities.count("BEGIN CERT") < AUTHORITIES - 1:
        authorities += trustme.CA().cert_pem.bytes().decode()
    bundle.write_text(authorities + certs.ca_file.read_text())
    with nginx_servers(find_nginx(), folder, certs.leaf, 3, _servers) as ports:
        plain, secure, forgetful = (f"127.0.0.1:{port}" for port in ports)
        yield Web(f"http://{plain}", f"https://{secure}", f"https://{forgetful}", certs.ca_file, bundle)
