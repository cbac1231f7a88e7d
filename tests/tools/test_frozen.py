# SPDX-License-Identifier: MIT
"""tools/frozen.py: what a frozen package adds is counted with its names, and only once."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import size
from frozen import added_bytes

ROOT = Path(__file__).resolve().parents[2]
BOARD = ROOT / "boards/UNIX"
NAME = "a_name_of_forty_two_letters_that_is_nowhere"


@pytest.fixture
def added(binary: Path, tmp_path: Path) -> Callable[[str, str], int]:
    """Return what the module `one` adds to the module `other`, given the code of both."""

    def compile_and_count(one: str, other: str) -> int:
        modules = {name: tmp_path / f"{name}.mpy" for name in ("one", "other")}
        for name, code in ("one", one), ("other", other):
            (tmp_path / f"{name}.py").write_text(code)
            command = [ROOT / "build/mpy-cross/mpy-cross", "-O3", "-s", f"{name}.py", tmp_path / f"{name}.py"]
            subprocess.run(command, check=True)
        return added_bytes(binary.parent, BOARD, "gcc", ("one",), modules)

    return compile_and_count


def test_name_that_another_module_has_is_not_counted(added: Callable[[str, str], int]) -> None:
    alone = added(f"{NAME} = 1\n", "x = 1\n")
    shared = added(f"{NAME} = 1\n", f"{NAME} = 1\n")
    # The letters with a zero, the pointer to them, their number, and two bytes of hash.
    assert alone - shared == len(NAME) + 1 + 8 + 1 + 2


def test_name_of_micropython_is_not_counted(added: Callable[[str, str], int]) -> None:
    assert added("append = 1\n", "x = 1\n") == added("extend = 1\n", "x = 1\n")
    assert added(f"{NAME} = 1\n", "x = 1\n") > added("append = 1\n", "x = 1\n") + len(NAME)


@pytest.mark.parametrize("name", size.WITH_NAMES)
def test_package_is_within_its_budget(binary: Path, name: str) -> None:
    packages, budget = size.WITH_NAMES[name]
    assert budget * 2 // 3 < added_bytes(binary.parent, BOARD, "gcc", packages) <= budget


def test_package_beyond_its_budget_fails_the_check(binary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert size.packages_over_budget(binary.parent, BOARD, "gcc") == []
    monkeypatch.setitem(size.WITH_NAMES, "requests", (("requests", "urllib3"), 30_000))
    (line,) = size.packages_over_budget(binary.parent, BOARD, "gcc")
    assert line.startswith("requests, frozen: ")
    assert line.endswith(" of at most 30,000")
    monkeypatch.setitem(size.WITH_NAMES, "requests", (("nowhere",), 0))
    assert size.packages_over_budget(binary.parent, BOARD, "gcc") == []
