# SPDX-License-Identifier: MIT
"""Runs the fuzz targets without libFuzzer on former failures and on the seeds: none may fail."""

import os
import subprocess
from pathlib import Path

import pytest
from fuzz.run import TARGETS, compile_target, inputs
from support import sanitizers
from support.program import clean_environment

FOUND = sorted(path for target in TARGETS for path in inputs("found", target).glob("*"))
_SECONDS = 60


@pytest.fixture(scope="module")
def programs(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The targets' programs, by name."""
    folder = tmp_path_factory.mktemp("fuzz")
    compiler = os.environ.get("CC", "cc")
    flags = sanitizers.flags(pytestconfig)
    return {
        target: compile_target(compiler, flags, target, folder / target, "replay.c") for target in TARGETS
    }


def _replay(program: Path, files: list[Path]) -> None:
    assert files
    run = subprocess.run(
        [program, *files],
        env=clean_environment({}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )
    assert run.returncode == 0, (run.stdout.splitlines()[-1:], run.stderr.decode(errors="replace"))


@pytest.mark.parametrize("path", FOUND, ids=[f"{path.parent.name}-{path.name}" for path in FOUND])
def test_what_was_found_stays_mended(programs: dict[str, Path], path: Path) -> None:
    _replay(programs[path.parent.name], [path])


@pytest.mark.parametrize("target", TARGETS)
def test_no_seed_breaks_a_promise(programs: dict[str, Path], target: str) -> None:
    _replay(programs[target], sorted(inputs("corpus", target).iterdir()))
