# SPDX-License-Identifier: MIT
"""modules/urlrequest and UrlRequest of Kivy on CPython: the same scripts give the same lines."""

import re
import shutil
from pathlib import Path

import pytest
from support.originals import Originals, read_differences

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
HELPER = HERE / "helpers/asked.py"
SCRIPTS = sorted((HERE / "scripts").glob("urlrequest_*.py"))
DIFFERENCES = read_differences(HERE / "differences-urlrequest.toml")
NAMES = [
    line for line in (HERE / "names/urlrequest.txt").read_text().splitlines() if not line.startswith("#")
]
README = ROOT / "modules/urlrequest/README.md"
LEAST_CHECKS = 200
_NEEDS = {"urlrequest_verify": pytest.mark.needs("verify_false")}
# Kivy writes no log, no file, and does not read the command line.
_QUIET = {f"KIVY_NO_{what}": "1" for what in ("ARGS", "CONSOLELOG", "FILELOG", "CONFIG")}
_checks: dict[str, int] = {}


@pytest.fixture
def kivys(originals: Originals) -> Originals:
    """As originals, with the helper that the scripts import."""
    shutil.copy(HELPER, originals.program.folder)
    return originals


@pytest.mark.parametrize(
    "script", [pytest.param(one, id=one.stem, marks=_NEEDS.get(one.stem, ())) for one in SCRIPTS]
)
def test_script_gives_the_same_as_kivy(script: Path, kivys: Originals, names: dict[str, object]) -> None:
    comparison = kivys.compare(script, _QUIET, **names)
    _checks[script.stem] = len(comparison.original)
    if script.stem == "urlrequest_verify":
        assert "anybody may answer" in comparison.faults.pop()
    if wrong := comparison.wrong(DIFFERENCES):
        pytest.fail("\n".join(wrong), pytrace=False)


def test_there_are_enough_checks() -> None:
    """After the scripts, in the same process; of a part of them nothing is known."""
    if set(_checks) == {script.stem for script in SCRIPTS}:
        assert sum(_checks.values()) >= LEAST_CHECKS


def test_every_documented_name_is_in_a_script() -> None:
    text = HELPER.read_text() + "".join(script.read_text() for script in SCRIPTS)
    words = set(re.findall(r"\w+", text))
    assert sorted({name for name in NAMES if name.rpartition(".")[2] not in words}) == []


def test_every_meant_difference_is_one_of_a_script() -> None:
    assert {script for script, _ in DIFFERENCES} <= {script.name for script in SCRIPTS}


def test_page_has_the_reason_of_every_difference() -> None:
    page = " ".join(README.read_text().split())
    assert sorted({one.reason for one in DIFFERENCES.values() if one.reason not in page}) == []
