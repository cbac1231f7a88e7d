# SPDX-License-Identifier: MIT
"""Fixtures of the module's tests: httpbin, a board with other settings, and wrong calls."""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from servers.httpbin import httpbin as run_httpbin
from support.program import Program

_ROOT = Path(__file__).resolve().parents[2]
_STRICT = "build/UNIX-strict"
_STRICT_FLAGS = (
    "-DHTTP_VERIFY_ALWAYS=1 -DHTTP_PROXY_FROM_ENVIRONMENT=0 "
    "-DHTTP_ENGINE_SYNC_FILES=1 -DHTTP_ENGINE_BUILD_TIME=1577836800"  # 2020-01-01
)

# The result of wrong() for each call: the name of the exception and its message.
Raised = list[tuple[str, str]]


@pytest.fixture(scope="session")
def httpbin() -> Iterator[str]:
    """The origin of a real httpbin, without a slash at the end."""
    with run_httpbin() as url:
        yield url


@pytest.fixture(scope="session")
def strict_binary(request: pytest.FixtureRequest, binary: Path) -> Path:
    """The program of a strict board: all its build settings differ from the host build. It is the program
    under test if that is strict, otherwise another host build."""
    if "verify_false" in request.config.getoption("--lacks"):
        return binary
    # It has a folder of its own, so it does not wait for what else is built in this checkout.
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    env["BUILD_LOCKED"] = "1"
    sanitize = request.config.getoption("--sanitize")
    build = "-".join([_STRICT, *filter(None, sanitize.split(","))])
    counters = []
    if "HTTP_COVERAGE" in env:  # `make coverage` counts what this program reaches too
        build += "-coverage"
        counters = ["HTTP_COPT=-O0 --coverage -fprofile-update=atomic", "LDFLAGS_EXTRA=--coverage"]
    command = [
        *("flock", f"build/.{Path(build).name}"),  # other test processes may build it at the same time
        "make",
        "host",
        f"BUILD={build}",
        f"SANITIZE={sanitize}",
        f"CFLAGS_EXTRA={_STRICT_FLAGS}",
        *counters,
    ]
    done = subprocess.run(command, cwd=_ROOT, env=env, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout + done.stderr
    return _ROOT / build / "dl7450"


@pytest.fixture
def strict(strict_binary: Path, tmp_path: Path) -> Program:
    """Runs apps on the strict board."""
    return Program(strict_binary, tmp_path)


@pytest.fixture
def wrong(run_app: Program, refused_url: str) -> Callable[..., Raised]:
    """Makes calls that must raise at once: wrong(["http.get(URL, colour=1)"]) returns the exceptions.

    Each call is made more often than there are slots: a call that kept a slot would be detected.
    """

    def run(calls: Sequence[str], **names: object) -> Raised:
        attempts = "\n".join(f"attempt(lambda: {call})" for call in calls)
        code = f"""\
def attempt(call):
    for _ in range(17):
        try:
            call()
            result = "no exception", ""
        except Exception as e:
            result = type(e).__name__, str(e)
    show(*result)

{attempts}
show(http.stats()["free"])
"""
        *raised, free = run_app(code, URL=refused_url, **names).ok().lines
        assert free == (16,)
        return raised

    return run
