# SPDX-License-Identifier: MIT
"""Runs a script under CPython with the original package, and on the program, and compares the lines.

A script prints one line a check: check(name, value). The value is what repr() shows of plain data, the same
on both sides; a function is called, and the name of its exception's class counts as its value. See
tests/compat/README.md.
"""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.program import Program, clean_environment

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "build/originals/bin/python"
_SECONDS = 60
# What requests reads of the environment; the tests set it themselves.
_NOT_INHERITED = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC")

# In front of each script, on both sides.
PREAMBLE = Path(__file__).with_name("compat_preamble.py")


@dataclass(frozen=True)
class Difference:
    """A check whose result is meant to differ."""

    script: str
    check: str
    original: str
    here: str
    reason: str


def read_differences(path: Path) -> dict[tuple[str, str], Difference]:
    """The differences in a TOML file, by script and check."""
    found = [Difference(**entry) for entry in tomllib.loads(path.read_text()).get("difference", [])]
    return {(one.script, one.check): one for one in found}


@dataclass
class Comparison:
    """What a script printed on both sides, by the names of its checks."""

    script: str
    original: dict[str, str]
    here: dict[str, str]
    faults: list[str] = field(default_factory=list)

    def wrong(self, meant: Mapping[tuple[str, str], Difference]) -> list[str]:
        """The checks whose results differ and are not meant to, or are meant to and do not."""
        wrong = list(self.faults)
        for name in {**self.original, **self.here}:
            original, here = self.original.get(name, "no such line"), self.here.get(name, "no such line")
            expected = meant.get((self.script, name))
            if expected is None:
                if original != here:
                    wrong.append(f"{name}\n    original: {original}\n    here:     {here}")
            elif (original, here) != (expected.original, expected.here):
                wrong.append(
                    f"{name} is another difference than the one that is meant"
                    f"\n    original: {original}\n    here:     {here}"
                )
        return wrong


def _lines(output: str, side: str, faults: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in output.splitlines():
        name, equals, value = line.partition(" = ")
        if not equals or name in found:
            faults.append(f"{side}: a line that is no check, or a name that is there twice: {line!r}")
        found[name] = value
    return found


@dataclass(frozen=True)
class Originals:
    """Compares scripts. `names` of compare() are globals of the script, on both sides."""

    program: Program
    python: Path = PYTHON

    def compare(self, script: Path, env: Mapping[str, str] | None = None, **names: object) -> Comparison:
        """Run a script on both sides, one after the other, against the same servers."""
        code = "".join(f"{name} = {value!r}\n" for name, value in names.items()) + script.read_text()
        path = self.program.folder / f"original_{script.name}"
        path.write_text(PREAMBLE.read_text() + 'SIDE = "original"\n' + code)
        env = dict.fromkeys(_NOT_INHERITED, "") | {"HOME": str(self.program.folder)} | dict(env or {})
        ran = subprocess.run(
            [self.python, "-W", "ignore", path],
            cwd=self.program.folder,
            env=clean_environment(env | {"PYTHONDONTWRITEBYTECODE": "1"}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
        faults: list[str] = []
        if ran.returncode or ran.stderr:
            faults.append(f"the original: exit code {ran.returncode}: {ran.stderr[-2000:]}")
        original = _lines(ran.stdout, "the original", faults)
        run = self.program(
            PREAMBLE.read_text() + 'SIDE = "here"\n' + code, preamble=False, env=env, timeout=_SECONDS
        )
        if run.returncode or run.stderr:
            faults.append(f"here: exit code {run.returncode}: {run.stderr[-2000:]}")
        return Comparison(script.name, original, _lines(run.stdout, "here", faults), faults)


def is_installed() -> bool:
    """Whether build/originals is there."""
    return os.access(PYTHON, os.X_OK)
