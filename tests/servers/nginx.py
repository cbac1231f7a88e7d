"""A real nginx on loopback: HTTP and HTTPS on free ports, everything it writes in one folder."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

_START_SECONDS = 10
_ATTEMPTS = 5  # another program may take a free port before nginx does

_CONFIG = """
daemon off;
master_process off;
pid {prefix}/nginx.pid;
error_log {prefix}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    default_type application/octet-stream;
    types {{ application/json json; image/png png; }}
    keepalive_requests 100000;
    client_max_body_size 32m;
    client_body_temp_path {prefix}/body;
    proxy_temp_path {prefix}/proxy;
    fastcgi_temp_path {prefix}/fastcgi;
    uwsgi_temp_path {prefix}/uwsgi;
    scgi_temp_path {prefix}/scgi;
    server {{
        listen 127.0.0.1:{http_port};
        listen 127.0.0.1:{https_port} ssl;
        ssl_certificate {prefix}/server.pem;
        ssl_certificate_key {prefix}/server.key;
        root {prefix}/www;
        location = /echo {{ return 200 "$request_method $content_length $http_x_test $server_protocol"; }}
        location = /teapot {{ return 418 "short and stout"; }}
        location = /moved {{ return 302 /1k; }}
    }}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A running nginx: its two origins, without a slash at the end, and the folder it serves."""

    http: str
    https: str
    root: Path


@contextmanager
def nginx(program: Path, folder: Path, leaf: trustme.LeafCert, files: Mapping[str, bytes]) -> Iterator[Nginx]:
    """Serve these files (and /echo, /teapot, /moved) until the end of the `with`."""
    root = folder / "www"
    root.mkdir(parents=True)
    for name, content in files.items():
        (root / name).write_bytes(content)
    leaf.private_key_pem.write_to_path(str(folder / "server.key"))
    for certificate in leaf.cert_chain_pems:
        certificate.write_to_path(str(folder / "server.pem"), append=True)
    process, http_port, https_port = _start(program, folder)
    try:
        yield Nginx(f"http://127.0.0.1:{http_port}", f"https://127.0.0.1:{https_port}", root)
    finally:
        _stop(process)


def find_nginx(default: Path) -> Path:
    """The program that $NGINX names, else the default."""
    program = Path(os.environ.get("NGINX", default))
    found = shutil.which(program)
    assert found, f"no nginx at {program}: run `make test`, or name one in $NGINX"
    return Path(found)


def _start(program: Path, folder: Path) -> tuple[subprocess.Popen[bytes], int, int]:
    error_log = folder / "error.log"
    for _ in range(_ATTEMPTS):
        ports = _free_ports(2)
        config = folder / "nginx.conf"
        config.write_text(_CONFIG.format(prefix=folder, http_port=ports[0], https_port=ports[1]))
        process = subprocess.Popen(
            [program, "-p", folder, "-c", config, "-e", error_log],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if _answers(process, ports[1]):
            return process, ports[0], ports[1]
        _stop(process)
    raise AssertionError(f"nginx does not start: {error_log.read_text()[-2000:]}")


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process.poll() is None
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports
