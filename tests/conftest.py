# SPDX-License-Identifier: MIT
"""Fixtures that every layer uses: the program under test, servers, certificates."""

import os
import signal
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from daemon import reserved_ports
from servers import preload
from servers.blackhole import blackhole, deaf
from servers.certs import Certs, server_context
from servers.nginx import Nginx, nginx
from servers.wire import Handler, Reply, WireFactory, WireServer, always, numbered_bytes
from support.program import Program
from xdist.workermanage import WorkerController

pytest_plugins = ["support.sanitizers", "support.storage"]

ROOT = Path(__file__).resolve().parent.parent

# Fixtures that not every program under test can have; see the marker `needs`.
_FIXTURE_NEEDS = dict.fromkeys(
    ("hung_dns", "fast_clock", "wrong_clock", "no_threads", "storage_library"), "preload"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """--lacks: features that the program under test does not have on its board."""
    parser.addoption("--lacks", default="", help="leave out the tests that need these, e.g. 'preload'")


def pytest_configure(config: pytest.Config) -> None:
    """Hear Ctrl-C, and so what is started: a background job of a shell's ignores it and hands that on.

    The plugin of tools/dock simulates the programs that can load its library.
    """
    config.option.dock_real |= "preload" in config.getoption("--lacks").split()
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that need a feature that the program lacks. The summary names them."""
    lacks = set(config.getoption("--lacks").split())
    left_out: dict[str, list[pytest.Item]] = {}
    for item in items:
        needs = {need for mark in item.iter_markers("needs") for need in mark.args}
        names = set(getattr(item, "fixturenames", ()))
        needs |= {need for name, need in _FIXTURE_NEEDS.items() if name in names}
        for need in sorted(needs & lacks)[:1]:
            left_out.setdefault(need, []).append(item)
    gone = [item for part in left_out.values() for item in part]
    items[:] = [item for item in items if item not in gone]
    if gone:
        config.hook.pytest_deselected(items=gone)
    config.stash[_LEFT_OUT] = [
        f"{need} is lacking: {len(part)} tests: "
        + ", ".join(sorted({getattr(item, "originalname", item.name) for item in part}))
        for need, part in sorted(left_out.items())
    ]


_LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With xdist, a worker sends its list to the controller, which prints the summary."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(_LEFT_OUT, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController, error: object) -> None:
    """Every worker deselects the same tests, so any of their lists will do."""
    node.config.stash[_LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the names of the deselected tests."""
    for text in config.stash.get(_LEFT_OUT, []):
        terminalreporter.write_line(f"left out, {text}")


@pytest.fixture(scope="session")
def binary() -> Path:
    """The program under test: $DL7450_BINARY, else the host build."""
    path = (ROOT / os.environ.get("DL7450_BINARY", "build/UNIX/dl7450")).resolve()
    if not os.access(path, os.X_OK):
        pytest.fail(f"no program at {path}: run `make host`, or name one in $DL7450_BINARY", pytrace=False)
    return path


@pytest.fixture
def run_app(binary: Path, tmp_path: Path) -> Program:
    """Runs apps: run_app(code, NAME=value, ...) returns how the app ended (Run)."""
    return Program(binary, tmp_path)


@pytest.fixture
def wire() -> Iterator[WireFactory]:
    """Starts raw-socket servers: wire(handler or reply, tls=context)."""
    with ExitStack() as stack:

        def start(answer: Handler | Reply, tls: ssl.SSLContext | None = None) -> WireServer:
            handler = answer if callable(answer) else always(answer)
            return stack.enter_context(WireServer(handler, tls))

        yield start


@pytest.fixture(scope="session")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Certs:
    """The certificates of this test run."""
    return Certs(tmp_path_factory.mktemp("certs"))


@pytest.fixture(scope="session")
def tls(certs: Certs) -> ssl.SSLContext:
    """The TLS context of a server with the good leaf certificate."""
    return server_context(certs.leaf)


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory, certs: Certs) -> Iterator[Nginx]:
    """A real nginx with the good leaf and files of 1 KiB, 1 MiB and 12 MiB (see numbered_bytes)."""
    files = {"1k": numbered_bytes(1 << 10), "1m": numbered_bytes(1 << 20), "12m": numbered_bytes(12 << 20)}
    with nginx(tmp_path_factory.mktemp("nginx"), certs.leaf, files) as server:
        yield server


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port on which a connection attempt never completes."""
    with blackhole() as port:
        yield port


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port that accepts connections and never reads from them."""
    with deaf() as port:
        yield port


@pytest.fixture(scope="session")
def refused_port() -> Iterator[int]:
    """A port on which nobody listens, now or later."""
    with reserved_ports(1) as (port,):
        yield port


@pytest.fixture
def refused_url(refused_port: int) -> str:
    """A URL with a port on which nobody listens."""
    return f"http://127.0.0.1:{refused_port}/"


@pytest.fixture(scope="session")
def hung_dns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment with a resolver of its own: it hangs for hang.invalid, it says that nowhere.invalid
    does not exist, and for both.invalid it returns ::1 and 127.0.0.1."""
    return preload.simulation(tmp_path_factory.mktemp("hung_dns"), preload.HUNG_DNS)


@pytest.fixture(scope="session")
def fast_clock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the app's time runs preload.SPEED times as fast."""
    return preload.simulation(tmp_path_factory.mktemp("fast_clock"), preload.FAST_CLOCK)
