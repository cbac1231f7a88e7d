# SPDX-License-Identifier: MIT
"""A real tinyproxy on loopback, which writes everything into one folder."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from daemon import Command, daemon, find_program

_ROOT = Path(__file__).resolve().parents[2]

_CONFIG = """
Port {port}
Listen 127.0.0.1
Allow 127.0.0.1
Timeout 60
MaxClients 50
DefaultErrorFile "{folder}/error.html"
PidFile "{folder}/pid"
LogFile "{folder}/log"
LogLevel Connect
{account}
"""


@dataclass(frozen=True)
class Tinyproxy:
    """A running tinyproxy."""

    port: int
    log: Path

    @property
    def url(self) -> str:
        """The URL of the proxy, without user and password."""
        return f"http://127.0.0.1:{self.port}"

    def with_account(self, account: str) -> str:
        """The URL of the proxy with user:password."""
        return f"http://{account}@127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The id of its only process."""
        return int((self.log.parent / "pid").read_text())

    def requests(self) -> list[str]:
        """The request lines that it received, without their version."""
        lines = [
            line.partition("): ")[2] for line in self.log.read_text().splitlines() if "Request (" in line
        ]
        return [line.rpartition(" ")[0] for line in lines]


def find_tinyproxy() -> Path:
    """The program that $TINYPROXY names, else the one that the Makefile unpacked."""
    return find_program("TINYPROXY", _ROOT / "build/tinyproxy/usr/bin/tinyproxy")


@contextmanager
def tinyproxy(program: Path, folder: Path, account: tuple[str, str] | None = None) -> Iterator[Tinyproxy]:
    """Run a proxy until the end of the `with`: for everybody, or for this user and password only."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "error.html").write_text("the proxy says {errno}")
    config = folder / "tinyproxy.conf"

    def command(port: int) -> Command:
        line = f"BasicAuth {account[0]} {account[1]}" if account else ""
        config.write_text(_CONFIG.format(port=port, folder=folder, account=line))
        return [program, "-d", "-c", config]

    with daemon(1, command, folder / "output") as (port,):
        yield Tinyproxy(port, folder / "log")


@contextmanager
def tls_relay(target: int, context: ssl.SSLContext) -> Iterator[int]:
    """A port that ends TLS and relays to a plain port: it turns a proxy into an https proxy."""
    port: Future[int] = Future()
    end = threading.Event()
    thread = threading.Thread(target=asyncio.run, args=(_relay(target, context, port, end),), daemon=True)
    thread.start()
    try:
        yield port.result(timeout=5)
    finally:
        end.set()
        thread.join(timeout=5)
        assert not thread.is_alive(), "the relay does not end"


async def _relay(target: int, context: ssl.SSLContext, port: Future[int], end: threading.Event) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", target)
            await asyncio.gather(_copy(reader, onward_writer), _copy(onward_reader, writer))

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    port.set_result(server.sockets[0].getsockname()[1])
    await asyncio.to_thread(end.wait)
    server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
