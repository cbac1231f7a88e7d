# SPDX-License-Identifier: MIT
"""Fetching pinned sources: what does not arrive whole and right leaves nothing behind.

An apt-get of the test's own, first in PATH, stands in for the Debian mirror; where the mirror is only
to be out of reach, it is the real one.
"""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "firmware/fetch-source.sh"
TARBALL = "thing_1.0.orig.tar.xz"


@pytest.fixture
def tarball(tmp_path: Path) -> bytes:
    """A source tarball with one file."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as archive:
        content = b"int main(void) { return 0; }\n" * 1000
        info = tarfile.TarInfo("thing-1.0/main.c")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


def install_apt_get(folder: Path, script: str) -> None:
    """Put an apt-get into folder that knows a mirror, and beyond that does what script says."""
    folder.mkdir()
    program = folder / "apt-get"
    mirror = "http://127.0.0.1:1/debian/"
    program.write_text(f'#!/bin/sh\n[ "$1" = indextargets ] && {{ echo {mirror}; exit; }}\n{script}\n')
    program.chmod(0o755)


def fetch(tmp_path: Path, sha256: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run the script with the apt-get of the test; gives how it ended, and the destination."""
    dest = tmp_path / "build/thing"
    env = os.environ | {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    command = [SCRIPT, "trixie", "thing=1.0", TARBALL, sha256, dest]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
    return done, dest


def serve(tmp_path: Path, content: bytes) -> None:
    """Have apt-get download content as the tarball."""
    (tmp_path / "mirror").write_bytes(content)
    copy = f"case \"$*\" in *' source '*) cp {tmp_path / 'mirror'} {TARBALL};; esac"
    install_apt_get(tmp_path / "bin", copy)


def check_failed(done: subprocess.CompletedProcess[str], dest: Path, message: str) -> None:
    """One clear line on stderr, an exit code, and nothing half-unpacked."""
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert [path.name for path in dest.parent.iterdir()] == ["apt-trixie"]


def test_a_right_tarball_is_unpacked(tmp_path: Path, tarball: bytes) -> None:
    serve(tmp_path, tarball)
    done, dest = fetch(tmp_path, hashlib.sha256(tarball).hexdigest())
    assert (done.returncode, done.stderr) == (0, "")
    assert (dest / "main.c").stat().st_size == 29000


def test_a_wrong_checksum_leaves_nothing(tmp_path: Path, tarball: bytes) -> None:
    serve(tmp_path, tarball)
    check_failed(*fetch(tmp_path, "0" * 64), "wrong SHA-256")


def test_a_download_that_was_cut_off_leaves_nothing(tmp_path: Path, tarball: bytes) -> None:
    serve(tmp_path, tarball[:-20])
    check_failed(*fetch(tmp_path, hashlib.sha256(tarball).hexdigest()), "wrong SHA-256")


def test_a_mirror_out_of_reach_leaves_nothing(tmp_path: Path) -> None:
    install_apt_get(tmp_path / "bin", f'exec {shutil.which("apt-get")} -o Acquire::Retries=0 "$@"')
    check_failed(*fetch(tmp_path, "0" * 64), "could not download thing=1.0")


def test_a_former_tree_survives_a_failed_fetch(tmp_path: Path, tarball: bytes) -> None:
    serve(tmp_path, tarball)
    former = tmp_path / "build/thing/main.c"
    former.parent.mkdir(parents=True)
    former.write_text("former")
    done, _ = fetch(tmp_path, "0" * 64)
    assert done.returncode == 1
    assert former.read_text() == "former"


def test_a_machine_without_apt_is_told_what_to_do(tmp_path: Path) -> None:
    command = ["/bin/sh", SCRIPT, "trixie", "thing=1.0", TARBALL, "0" * 64, tmp_path / "thing"]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "MICROPYTHON=" in done.stderr
