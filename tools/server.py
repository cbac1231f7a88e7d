# SPDX-License-Identifier: MIT
"""Serves a folder with a real nginx, over HTTPS with a certificate of a private CA."""

from __future__ import annotations

import argparse
import contextlib
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import trustme
from daemon import HOST
from nginx_servers import nginx_servers


@dataclass(frozen=True)
class Server:
    """A running server: the folder it serves, and the PEM certificate that clients must trust."""

    root: Path
    host: str
    port: int
    ca: str

    @property
    def url(self) -> str:
        """The address of the served folder, without a slash at its end."""
        return f"https://{self.host}:{self.port}"


@contextlib.contextmanager
def serve(program: Path, folder: Path, root: Path, host: str = HOST) -> Iterator[Server]:
    """Serve root until the end of the `with`; what nginx writes goes to folder. host is this machine's
    address as the clients see it.

    Raises RuntimeError when nginx does not start.
    """
    authority = trustme.CA()
    leaf = authority.issue_cert("localhost", HOST, host)

    def servers(port: int) -> str:
        return f"""server {{
        listen {HOST}:{port} ssl;
        root "{root.resolve()}";
        add_header Cache-Control no-store;
    }}"""

    with nginx_servers(program, folder, leaf, 1, servers) as (port,):
        yield Server(root, host, port, authority.cert_pem.bytes().decode())


def main() -> None:
    """Run the command line: serve a folder until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="the folder to serve")
    parser.add_argument("--nginx", type=Path, default=Path("build/nginx/usr/sbin/nginx"))
    parser.add_argument("--folder", type=Path, default=Path("build/run/nginx"), help="nginx's own folder")
    args = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt), serve(args.nginx, args.folder, args.root) as server:
        ca = args.folder / "ca.pem"
        ca.write_text(server.ca)
        print(f"{server.url} (trust {ca})", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
