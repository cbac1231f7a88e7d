"""What a board decides at build time, on a host build that is a strict board."""

import os
import subprocess
from pathlib import Path

import pytest
from program import Program
from servers.wire import WireFactory, reply

_ROOT = Path(__file__).resolve().parents[2]
_BUILD = "build/UNIX-strict"
_FLAGS = "-DHTTP_VERIFY_ALWAYS=1 -DHTTP_PROXY_FROM_ENVIRONMENT=0"


@pytest.fixture(scope="module")
def strict_binary(request: pytest.FixtureRequest, binary: Path) -> Path:
    """A program that forbids verify=False and knows no proxy of the environment: the one under test, if
    it is such a board's, else a host build of one."""
    if "verify_false" in request.config.getoption("--lacks"):
        return binary
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    command = ["make", "host", f"BUILD={_BUILD}", f"CFLAGS_EXTRA={_FLAGS}"]
    done = subprocess.run(command, cwd=_ROOT, env=env, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    return _ROOT / _BUILD / "dl7450"


@pytest.fixture
def strict(strict_binary: Path, tmp_path: Path) -> Program:
    """Runs apps on the strict board."""
    return Program(strict_binary, tmp_path)


def test_verify_false_is_refused_by_a_board_that_forbids_it(strict: Program, refused_url: str) -> None:
    run = strict(
        """
        for call in (http.get, http.get_async):
            try:
                call(URL, verify=False)
            except ValueError as e:
                show("verify" in str(e), http.stats()["free"])
        show(http.get(URL, verify=True).status_code())
        """,
        URL=refused_url,
    )
    assert run.ok().lines == [(True, 16), (True, 16), (7,)]


def test_environment_names_no_proxy_on_such_a_board(
    strict: Program, wire: WireFactory, refused_url: str
) -> None:
    server = wire(reply(200, b"direct"))
    env = {"http_proxy": refused_url}
    code = "show(http.get(URL).status_code(), http.get(URL, proxy=PROXY).status_code())"
    assert strict(code, URL=server.url, PROXY=refused_url, env=env).shown == (200, 7)
