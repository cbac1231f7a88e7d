# SPDX-License-Identifier: MIT
"""modules/requests and requests of CPython: the same scripts give the same lines."""

import re
from pathlib import Path

import pytest
from support.originals import Originals, read_differences

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPTS = sorted((HERE / "scripts").glob("requests_*.py"))
PROGRAMS = sorted((HERE / "programs").glob("*.py"))
DIFFERENCES = read_differences(HERE / "differences.toml")
NAMES = [line for line in (HERE / "names/requests.txt").read_text().splitlines() if not line.startswith("#")]
README = ROOT / "modules/requests/README.md"
LEAST_CHECKS = 250
_NEEDS = {"requests_environment": pytest.mark.needs("proxy_environment")}
_checks: dict[str, int] = {}


@pytest.mark.parametrize(
    "script", [pytest.param(one, id=one.stem, marks=_NEEDS.get(one.stem, ())) for one in SCRIPTS]
)
def test_script_gives_the_same_as_the_original(
    script: Path, originals: Originals, names: dict[str, object]
) -> None:
    env = {}
    if script.stem == "requests_environment":
        env = {"http_proxy": str(names["SITE"]), "no_proxy": "", "REQUESTS_CA_BUNDLE": str(names["CA"])}
    comparison = originals.compare(script, env, NAMES=NAMES, **names)
    _checks[script.stem] = len(comparison.original)
    if wrong := comparison.wrong(DIFFERENCES):
        pytest.fail("\n".join(wrong), pytrace=False)


def test_there_are_enough_checks() -> None:
    """After the scripts, in the same process; of a part of them nothing is known."""
    if set(_checks) == {script.stem for script in SCRIPTS}:
        assert sum(count for name, count in _checks.items() if name != "requests_names") >= LEAST_CHECKS


@pytest.mark.parametrize("script", PROGRAMS, ids=[script.stem for script in PROGRAMS])
def test_program_of_an_app_runs_unmodified(
    script: Path, originals: Originals, names: dict[str, object]
) -> None:
    comparison = originals.compare(script, **names)
    assert len(comparison.original) > 3
    assert comparison.wrong({}) == []


def test_example_of_the_page_runs_on_both_sides(
    originals: Originals, names: dict[str, object], tmp_path: Path
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    code = code.replace("http://127.0.0.1:8000", str(names["SITE"])).replace("print(", 'check("printed", (')
    script = tmp_path / "example.py"
    script.write_text(code.rstrip() + ")\n")
    comparison = originals.compare(script)
    assert comparison.wrong({}) == []
    assert comparison.here == {"printed": "[200, '/echo?room=A+12']"}


def test_every_documented_name_is_in_a_script() -> None:
    """By its last part, in a script that does more than look whether it is there."""
    text = "\n".join(
        script.read_text() for script in [*SCRIPTS, *PROGRAMS] if script.stem != "requests_names"
    )
    words = set(re.findall(r"\w+", text))
    assert sorted({name for name in NAMES if name.rpartition(".")[2] not in words}) == []


def test_every_meant_difference_is_one_of_a_script() -> None:
    checks = {script.name: script.read_text() for script in SCRIPTS}
    assert {script for script, _ in DIFFERENCES} <= set(checks)


def test_page_has_the_reason_of_every_difference() -> None:
    page = " ".join(README.read_text().split())
    reasons = {one.reason for one in DIFFERENCES.values() if one.script.startswith("requests_")}
    assert sorted(reason for reason in reasons if reason not in page) == []
