# SPDX-License-Identifier: MIT
"""The nginx of all tests: HTTP and HTTPS on loopback, files, and a few answers of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from daemon import find_program
from nginx_servers import nginx_servers

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Nginx:
    """A running nginx: its two origins, without a slash at the end, and the folder it serves."""

    http: str
    https: str
    root: Path


def find_nginx() -> Path:
    """The program that $NGINX names, else the one that the Makefile unpacked."""
    return find_program("NGINX", _ROOT / "build/nginx/usr/sbin/nginx")


def _servers(http_port: int, https_port: int) -> str:
    return f"""server {{
        listen 127.0.0.1:{http_port};
        listen 127.0.0.1:{https_port} ssl;
        location = /echo {{ return 200 "$request_method $content_length $http_x_test $server_protocol"; }}
        location = /teapot {{ return 418 "short and stout"; }}
        location = /moved {{ return 302 /1k; }}
    }}"""


@contextmanager
def nginx(folder: Path, leaf: trustme.LeafCert, files: Mapping[str, bytes]) -> Iterator[Nginx]:
    """Serve these files (and /echo, /teapot, /moved) until the end of the `with`."""
    root = folder / "www"
    root.mkdir(parents=True)
    for name, content in files.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(content)
    with nginx_servers(find_nginx(), folder, leaf, 2, _servers) as (http_port, https_port):
        yield Nginx(f"http://127.0.0.1:{http_port}", f"https://127.0.0.1:{https_port}", root)
