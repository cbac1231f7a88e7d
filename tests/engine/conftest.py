# SPDX-License-Identifier: MIT
"""Builds the engine and its tests in C, and starts the servers that these need."""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from engine.pages import Pages
from servers.blackhole import blackhole
from servers.wire import WireServer
from support import sanitizers
from support.program import clean_environment

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = ["-std=gnu99", "-Wall", "-Wextra", "-Werror", "-g", "-O1", "-fno-omit-frame-pointer"]
# Set by `make coverage`: the folder in which it looks for counters.
_COVERAGE = os.environ.get("HTTP_COVERAGE")
_COUNTERS = ("-O0", "--coverage", "-fprofile-update=atomic")
_CONNECTIONS = 4000  # that the server of a test accepts
_SECONDS = 60  # no test takes that long, not even under valgrind

RunTests = Callable[..., None]  # the fixture: (names of C tests, program, wrapper=()) -> they pass


def engine_sources() -> list[Path]:
    """The engine's files, as the makefile for MicroPython's ports lists them."""
    listed = re.search(
        r"^SRC_USERMOD_LIB_C \+= .*?,(.*)\)$", (ROOT / "http/micropython.mk").read_text(), re.M
    )
    assert listed
    return [ROOT / "http/engine" / name for name in listed[1].split()]


def compile_program(command: Sequence[str], sources: Sequence[Path], program: Path, *more: str) -> None:
    """Build a program with the engine: command is the compiler and its flags, more is for the linker."""
    if not _COVERAGE:
        subprocess.run([*command, "-o", program, *sources, *more], check=True)
        return
    # Only the engine has counters. Each program has its own folder for objects and counters.
    folder = Path(tempfile.mkdtemp(dir=_COVERAGE))
    objects = []
    for source in sources:
        is_counted = source.is_relative_to(ROOT / "http")
        objects.append(folder / f"{'http' if is_counted else 'tests'}-{source.stem}.o")
        counters = _COUNTERS if is_counted else ["-DHTTP_COVERAGE"]
        subprocess.run([*command, *counters, "-c", "-o", objects[-1], source], check=True)
    subprocess.run([*command, "--coverage", "-o", program, *objects, *more], check=True)


def _build(config: pytest.Config, folder: Path, *defines: str) -> Path:
    program = folder / "engine_tests"
    compiler = os.environ.get("CC", "cc")
    sources = [*engine_sources(), *sorted(Path(__file__).parent.glob("*.c"))]
    flags = [*FLAGS, *sanitizers.flags(config), "-DHTTP_ENGINE_TRACE=1", *defines]
    compile_program([compiler, *flags, f"-I{ROOT}"], sources, program, "-lcurl", "-lz", "-lpthread")
    return program


@pytest.fixture(scope="session")
def engine_tests(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with all tests."""
    return _build(pytestconfig, tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="session")
def forgetful_tests(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without the engine's cache of freed memory, so that valgrind sees a use after free."""
    return _build(pytestconfig, tmp_path_factory.mktemp("forgetful"), "-DHTTP_ENGINE_KEEP_MEMORY=0")


@pytest.fixture(scope="session")
def threadless_tests(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with an engine that has no thread, as on a port without threads."""
    return _build(pytestconfig, tmp_path_factory.mktemp("threadless"), "-DHTTP_ENGINE_THREAD=0")


@pytest.fixture(scope="session")
def dead_url() -> Iterator[str]:
    """An origin to which a connection never completes."""
    with blackhole() as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def elsewhere_url() -> Iterator[str]:
    """The same pages under another origin."""
    with WireServer(Pages()) as server:
        yield server.url


@pytest.fixture
def run_tests(hung_dns: dict[str, str], dead_url: str, elsewhere_url: str) -> Iterator[RunTests]:
    """Runs C tests by name in one process. libcurl is real; the resolver hangs for one host name."""
    pages = Pages()
    with WireServer(pages, most_connections=_CONNECTIONS) as site:
        urls = {"ENGINE_SITE": site.url, "ENGINE_ELSEWHERE": elsewhere_url, "ENGINE_DEAD": dead_url}

        def run(names: Sequence[str], program: Path, wrapper: Sequence[str] = ()) -> None:
            process = subprocess.run(
                [*wrapper, program, *names],
                env=clean_environment(hung_dns | urls),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
            output = (process.stdout + process.stderr).decode(errors="replace")
            assert (process.returncode, output) == (0, ""), f"exit code {process.returncode}\n{output}"

        yield run
        pages.open_all()
