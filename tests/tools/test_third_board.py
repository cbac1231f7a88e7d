# SPDX-License-Identifier: MIT
"""A third board is only a new folder: a 32-bit board is built, and its program makes requests."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from servers.certs import Certs
from servers.nginx import Nginx
from servers.wire import numbered_bytes
from support.program import Program

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "tests/boards/ARMHF"
BUILD_S = 600  # from nothing: musl, zlib, mbedTLS, libcurl, MicroPython; a second time it takes seconds

pytestmark = pytest.mark.timeout(BUILD_S + 60)


@pytest.fixture(scope="module")
def third_board() -> Path:
    """The board's program, as a command of this machine."""
    # It has its own build folder, so no other build in this checkout waits for it.
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    env["BUILD_LOCKED"] = "1"
    command = ["make", "program", "BOARD=ARMHF", f"BOARD_DIR={FOLDER}", "SANITIZE="]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=BUILD_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / "build/ARMHF/run"


@pytest.fixture
def run_there(third_board: Path, tmp_path: Path) -> Program:
    """Runs apps on the third board."""
    return Program(third_board, tmp_path)


def test_it_is_32_bits_and_fetches_over_http(run_there: Program, web: Nginx) -> None:
    run = run_there(
        """
        r = http.get(URL)
        show(sys.maxsize, r.status_code(), bytes(r.body()))
        """,
        URL=f"{web.http}/1k",
    )
    assert run.shown == ((1 << 31) - 1, 200, numbered_bytes(1 << 10))


def test_it_fetches_over_https_and_verifies(run_there: Program, web: Nginx, certs: Certs) -> None:
    run = run_there(
        """
        import hashlib

        r = http.get(URL, cacert=CA)
        show(r.status_code(), hashlib.sha256(r.body()).digest())
        show(http.get(URL, cacert=OTHER_CA).status_code())
        # A board without certificates of its own trusts none.
        show(http.get(URL).status_code())
        """,
        URL=f"{web.https}/1m",
        CA=certs.ca_pem,
        OTHER_CA=certs.other_ca_pem,
    )
    digest = hashlib.sha256(numbered_bytes(1 << 20)).digest()
    assert run.ok().lines == [(200, digest), (60,), (60,)]


def test_no_file_of_the_project_but_documents_names_it() -> None:
    names = subprocess.run(
        ["git", "grep", "--files-with-matches", "ARMHF"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert [name for name in names if not name.startswith("tests/") and not name.endswith(".md")] == []
