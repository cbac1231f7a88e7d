# SPDX-License-Identifier: MIT
"""A real nginx on a free loopback port, over HTTPS with a certificate of a private CA."""

from __future__ import annotations

import argparse
import contextlib
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

import trustme

HOST = "127.0.0.1"
START_S = 10
STOP_S = 5
START_TRIES = 3  # somebody else may take the free port between finding and using it

CONFIG = """\
daemon off;
master_process off;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log access.log;
    client_body_temp_path tmp;
    proxy_temp_path tmp;
    fastcgi_temp_path tmp;
    uwsgi_temp_path tmp;
    scgi_temp_path tmp;
    default_type application/octet-stream;
    types {{ application/json json; image/png png; image/bmp bmp; text/html html; }}
    server {{
        listen {host}:{port} ssl;
        ssl_certificate server.pem;
        ssl_certificate_key server.pem;
        root "{root}";
        add_header Cache-Control no-store;
    }}
}}
"""


class Nginx:
    """Serves a folder as a context manager; everything that nginx writes goes to its own folder.

    binary: the nginx program. folder: nginx's own folder, made if it is missing. root: the folder
    to serve. Inside the `with`, `url` is where root is, without a slash at its end, and `ca` the
    PEM certificate that clients must trust. Raises RuntimeError when nginx does not start.
    """

    def __init__(self, binary: Path, folder: Path, root: Path) -> None:
        self.binary = binary
        self.folder = folder.resolve()
        self.root = root.resolve()
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        authority = trustme.CA()
        self.ca = authority.cert_pem.bytes().decode()
        self._certificate = authority.issue_cert("localhost", HOST)

    @property
    def url(self) -> str:
        """Where the served folder is."""
        return f"https://{HOST}:{self.port}"

    def __enter__(self) -> Nginx:
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        self._certificate.private_key_and_cert_chain_pem.write_to_path(self.folder / "server.pem")
        for _ in range(START_TRIES):
            self.port = free_port()
            if self._start():
                return self
        raise RuntimeError(f"nginx did not start; see {self.folder / 'error.log'}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self) -> bool:
        config = self.folder / "nginx.conf"
        config.write_text(CONFIG.format(host=HOST, port=self.port, root=self.root))
        command = [self.binary, "-p", f"{self.folder}/", "-e", "error.log", "-c", config]
        with (self.folder / "output.log").open("wb") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            end = time.monotonic() + START_S
            while self.process.poll() is None and time.monotonic() < end:
                with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1):
                    return self.process.poll() is None
                time.sleep(0.01)
        except BaseException:
            self._stop()
            raise
        self._stop()
        return False

    def _stop(self) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def main() -> None:
    """The command line: serve a folder until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path, help="the folder to serve")
    parser.add_argument("--nginx", type=Path, default=Path("build/nginx/usr/sbin/nginx"))
    parser.add_argument("--folder", type=Path, default=Path("build/run/nginx"), help="nginx's own folder")
    args = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt), Nginx(args.nginx, args.folder, args.root) as server:
        (server.folder / "ca.pem").write_text(server.ca)
        print(f"{server.url} (trust {server.folder / 'ca.pem'})", flush=True)
        server.process.wait()


if __name__ == "__main__":
    main()
