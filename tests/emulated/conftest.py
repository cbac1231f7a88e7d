# SPDX-License-Identifier: MIT
"""Fixtures of the emulated machine: one stays on for most tests, others boot a machine of their own.

Servers are on this machine's loopback, which the emulated one reaches at HOST: `wire`, `web` and the
certificates are those of the other tests, with that address.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from daemon import reserved_ports
from machine import HOST, Machine, boot, make_data_disk
from servers.certs import Certs, server_context
from servers.nginx import Nginx, nginx
from servers.wire import Handler, Reply, WireFactory, WireServer, always, numbered_bytes
from support.emulated_machine import SILENT, Boots, OnMachine

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def built() -> Path:
    """What was built for the machine."""
    folder = ROOT / "build/QEMU_VIRT"
    if not (folder / "initrd.img").is_file():
        pytest.fail(f"no machine in {folder}: run `make test-emulated`", pytrace=False)
    return folder


@pytest.fixture
def boots(built: Path, tmp_path: Path) -> Boots:
    """Boots machines: boots(code, NAME=value, ...) gives how the app ended."""
    return Boots(built, tmp_path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty disk for /data."""
    image = tmp_path / "data.img"
    make_data_disk(image)
    return image


@pytest.fixture(scope="session")
def free_port() -> Iterator[Callable[[], int]]:
    """Gives ports of the loopback, each for one machine."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(reserved_ports(1))[0]


@pytest.fixture(scope="session")
def session_machine(built: Path, free_port: Callable[[], int]) -> Iterator[tuple[Machine, str]]:
    """A machine without disks, whose name server never answers; and its serial line."""
    port = free_port()
    with boot(built, serial_port=port, environment={"DL7450_NAME_SERVER": SILENT}) as machine:
        yield machine, f"socket://127.0.0.1:{port}"


@pytest.fixture
def run_app(session_machine: tuple[Machine, str], tmp_path: Path) -> OnMachine:
    """Runs apps on the machine that stays on: run_app(code, NAME=value, ...) gives how the app ended."""
    return OnMachine(*session_machine, tmp_path)


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Certs:
    """The certificates of this test run, for servers at HOST."""
    return Certs(tmp_path_factory.mktemp("certs"), (HOST,))


@pytest.fixture(scope="session")
def tls(certs: Certs) -> ssl.SSLContext:
    """What a server with the good leaf needs."""
    return server_context(certs.leaf)


class _Server(WireServer):
    @property
    def url(self) -> str:
        """The server's origin as the machine sees it."""
        return super().url.replace("127.0.0.1", HOST)


@pytest.fixture
def wire() -> Iterator[WireFactory]:
    """Starts raw-socket servers: wire(handler or reply, tls=context)."""
    with ExitStack() as stack:

        def start(answer: Handler | Reply, tls: ssl.SSLContext | None = None) -> WireServer:
            return stack.enter_context(_Server(answer if callable(answer) else always(answer), tls))

        yield start


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory, certs: Certs) -> Iterator[Nginx]:
    """A real nginx with the good leaf and files of 1 KiB and 1 MiB (see numbered_bytes)."""
    files = {"1k": numbered_bytes(1 << 10), "1m": numbered_bytes(1 << 20)}
    with nginx(tmp_path_factory.mktemp("nginx"), certs.leaf, files) as server:
        yield replace(
            server,
            http=server.http.replace("127.0.0.1", HOST),
            https=server.https.replace("127.0.0.1", HOST),
        )
