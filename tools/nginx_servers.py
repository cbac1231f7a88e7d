# SPDX-License-Identifier: MIT
"""Runs a real nginx with given `server` blocks. It writes everything into one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme
from daemon import Command, daemon

_CONFIG = """
daemon off;
master_process off;
pid "{folder}/nginx.pid";
error_log "{folder}/error.log" warn;
events {{ worker_connections 256; }}
http {{
    access_log "{folder}/access.log";
    default_type application/octet-stream;
    types {{ application/json json; image/png png; image/bmp bmp; text/html html; }}
    keepalive_requests 100000;
    client_max_body_size 64m;
    client_body_temp_path "{folder}/body";
    proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/fastcgi";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    root "{folder}/www";
    ssl_certificate "{folder}/server.pem";
    ssl_certificate_key "{folder}/server.key";
    {servers}
}}
"""


@contextmanager
def nginx_servers(
    program: Path, folder: Path, leaf: trustme.LeafCert, ports: int, servers: Callable[..., str]
) -> Iterator[list[int]]:
    """Run servers(port, ...) with folder/www as root and the leaf certificate for TLS. Gives the ports.

    Raises RuntimeError when nginx does not start.
    """
    folder = folder.resolve()
    (folder / "www").mkdir(parents=True, exist_ok=True)
    (folder / "server.key").write_bytes(leaf.private_key_pem.bytes())
    (folder / "server.pem").write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    config = folder / "nginx.conf"

    def command(*numbers: int) -> Command:
        config.write_text(_CONFIG.format(folder=folder, servers=servers(*numbers)))
        return [program, "-p", folder, "-c", config, "-e", folder / "error.log"]

    with daemon(ports, command, folder / "output.log") as numbers:
        yield numbers
