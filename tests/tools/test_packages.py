# SPDX-License-Identifier: MIT
"""tools/packages.sh, with an apt-get of the test's own: nothing is installed here."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools/packages.sh"
NOT_THERE = "E: Failed to fetch http://mirror/pool/a.deb  404  Not Found"
ARCHIVES = "E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?"

Run = Callable[..., tuple[subprocess.CompletedProcess[str], list[str]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs the script for a package that is there and one that is not; gives how it ended, and apt's calls.

    results: what installing says each time, "" when it works; update: what reading the lists says.
    """

    def run(*results: str, update: str = "") -> tuple[subprocess.CompletedProcess[str], list[str]]:
        for number, result in enumerate(results):
            (tmp_path / f"result{number}").write_text(result)
        scripts = {
            "dpkg-query": 'case "$*" in *there*) echo installed;; *) exit 1;; esac',
            "sudo": 'exec "$@"',
            "apt-get": f"""
                echo "$*" >>{tmp_path}/calls
                case "$*" in
                *update) [ -z '{update}' ] || {{ echo '{update}' >&2; exit 100; }};;
                *) for result in {tmp_path}/result*; do
                       text=$(cat $result); rm $result
                       [ -z "$text" ] || {{ echo "$text" >&2; exit 100; }}; exit 0
                   done; exit 99;;
                esac""",
        }
        for name, text in scripts.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
            (tmp_path / name).chmod(0o755)
        env = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        command = [SCRIPT, "there", "missing"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)
        return done, [line.split()[-1] for line in (tmp_path / "calls").read_text().splitlines()]

    return run


def test_what_is_missing_alone_is_installed(run: Run) -> None:
    done, calls = run("")
    assert (done.returncode, done.stdout, done.stderr) == (0, "installing Debian packages: missing\n", "")
    assert calls == ["update", "missing"]


def test_after_a_404_the_lists_are_read_anew_once(run: Run) -> None:
    done, calls = run(f"{NOT_THERE}\n{ARCHIVES}", "")
    assert (done.returncode, done.stderr) == (0, "")
    assert "reading them anew" in done.stdout
    assert calls == ["update", "missing"] * 2


def test_a_mirror_that_stays_so_is_one_line(run: Run) -> None:
    done, calls = run(*[f"{NOT_THERE}\n{ARCHIVES}"] * 2)
    assert done.returncode == 1
    assert calls == ["update", "missing"] * 2
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"error: apt could not install: missing: {NOT_THERE} (")
    assert "try again later" in done.stderr


def test_another_failure_is_not_tried_again(run: Run) -> None:
    done, calls = run("E: Unable to locate package missing")
    assert done.returncode == 1
    assert done.stderr == "error: apt could not install: missing: E: Unable to locate package missing\n"
    assert calls == ["update", "missing"]


def test_lists_out_of_reach_do_no_harm_when_the_packages_are_at_hand(run: Run) -> None:
    done, calls = run("", update="E: The repository of somebody does not have a Release file.")
    assert (done.returncode, done.stderr) == (0, "")
    assert calls == ["update", "missing"]
