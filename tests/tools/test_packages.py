# SPDX-License-Identifier: MIT
"""Installing Debian's packages: the messages, and the advice after a failure.

The script finds only basic tools, and the test's own apt-get, dpkg-query, id and sudo.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools/packages.sh"
_BASIC = ("awk", "bash", "env", "grep", "mktemp", "rm", "tail", "tee")
_INSTALL = """
echo "0 upgraded, 7 newly installed, 0 to remove and 0 not upgraded."
echo "Need to get 1234 kB of archives."
echo "Fetched 1234 kB in 1s (1234 kB/s)"
"""


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """The only folder in PATH. On this machine `there` is installed, and the user is root."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in _BASIC:
        (folder / name).symlink_to(shutil.which(name))
    program(folder, "dpkg-query", '[ "$4" = there ] && echo installed')
    program(folder, "id", "echo 0")
    return folder


def program(folder: Path, name: str, script: str) -> None:
    """Write a program to folder."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def apt_get(folder: Path, update: str, install: str) -> None:
    """Write an apt-get that records its arguments and does what the test says."""
    keep = f'echo "$DEBIAN_FRONTEND $*" >>{folder}/calls'
    program(folder, "apt-get", f'{keep}\ncase "$*" in *update) {update};; *) {install};; esac')


def packages(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """Run the script."""
    env = os.environ | {"PATH": str(folder)}
    return subprocess.run([SCRIPT, *names], env=env, capture_output=True, text=True, timeout=60)


def test_only_what_is_missing_is_installed_and_its_size_is_said(bin_folder: Path) -> None:
    apt_get(bin_folder, ":", _INSTALL)
    done = packages(bin_folder, "there", "missing", "another")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "installing Debian packages: missing another",
        "  with all they need: 7, 1234 kB to fetch",
        "  fetched, installing",
    ]
    update, install = (bin_folder / "calls").read_text().splitlines()
    assert update == "noninteractive update"
    assert install.endswith(" missing another")
    assert "--no-remove" in install


def test_nothing_is_asked_of_apt_when_all_is_there(bin_folder: Path) -> None:
    done = packages(bin_folder, "there")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_sudo_the_command_for_root_is_said(bin_folder: Path) -> None:
    program(bin_folder, "id", "echo 1000")
    done = packages(bin_folder, "there", "missing", "another")
    assert (done.returncode, done.stdout) == (1, "")
    command = "apt-get update && apt-get install --yes --no-install-recommends missing another"
    assert done.stderr == (
        f"error: these Debian packages are missing, and there is no sudo here. As root: {command}\n"
    )


def test_sudo_asks_nothing_on_behalf_of_a_package(bin_folder: Path) -> None:
    """sudo passes no environment on, and no user would see a question."""
    program(bin_folder, "id", "echo 1000")
    program(bin_folder, "sudo", 'unset DEBIAN_FRONTEND; exec "$@"')
    apt_get(bin_folder, ":", _INSTALL)
    assert packages(bin_folder, "missing").returncode == 0
    for call in (bin_folder / "calls").read_text().splitlines():
        assert call.startswith("noninteractive ")


def test_without_a_network_the_cause_comes_before_its_consequences(bin_folder: Path) -> None:
    cause = "W: Failed to fetch http://127.0.0.1:1/debian/InRelease  Could not connect"
    apt_get(
        bin_folder,
        f"echo '{cause}'",
        "printf 'E: Unable to locate %s\\n' 1 2 3 4 5; exit 100",
    )
    done = packages(bin_folder, "missing")
    assert done.returncode == 1
    first, *others, last = done.stderr.splitlines()
    assert first == cause
    assert len(others) == 3
    assert last == "error: apt could not install: missing"


def test_lists_out_of_reach_do_no_harm_when_the_packages_are_at_hand(bin_folder: Path) -> None:
    apt_get(bin_folder, "echo 'E: The repository of somebody has no Release file.'; exit 100", _INSTALL)
    done = packages(bin_folder, "missing")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_wrong_with_the_lists_is_said_when_installing_fails(bin_folder: Path) -> None:
    apt_get(bin_folder, "echo E: locked; exit 100", "exit 100")
    done = packages(bin_folder, "missing")
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["E: locked", "error: apt could not install: missing"]


_NOT_THERE = "echo 'E: Failed to fetch http://mirror/pool/a.deb  404  Not Found'"


def test_after_a_404_the_lists_are_read_anew_once(bin_folder: Path) -> None:
    once = f"[ -e {bin_folder}/again ] || {{ touch {bin_folder}/again; {_NOT_THERE}; exit 100; }}"
    (bin_folder / "touch").symlink_to(shutil.which("touch"))
    apt_get(bin_folder, ":", once)
    done = packages(bin_folder, "missing")
    assert (done.returncode, done.stderr) == (0, "")
    assert "reading them anew" in done.stdout
    calls = (bin_folder / "calls").read_text().splitlines()
    assert [call.split()[-1] for call in calls] == ["update", "missing"] * 2


def test_a_mirror_that_stays_so_is_said(bin_folder: Path) -> None:
    apt_get(bin_folder, ":", f"{_NOT_THERE}; exit 100")
    done = packages(bin_folder, "missing")
    assert done.returncode == 1
    assert len((bin_folder / "calls").read_text().splitlines()) == 4
    last = done.stderr.splitlines()[-1]
    assert last.startswith("error: apt could not install: missing (")
    assert "try again later" in last


def test_another_program_that_installs_is_waited_for_and_named(bin_folder: Path) -> None:
    waits = 'echo "Waiting for cache lock: Could not get lock. It is held by process 1 (apt)..."'
    apt_get(bin_folder, ":", f"{waits}; {waits}; {_INSTALL}")
    done = packages(bin_folder, "missing")
    assert done.returncode == 0
    assert done.stdout.splitlines()[1] == "  waiting: another program installs packages"
    assert "-o DPkg::Lock::Timeout=" in (bin_folder / "calls").read_text()
