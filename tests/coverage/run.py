# SPDX-License-Identifier: MIT
"""Measures which lines and branches of http/ all tests together reach. `make coverage` runs it.

It runs the tests on a program with counters (gcov), then the torture, whose engine has counters too. gcovr
adds them up. The figures come last, a line for each file. Exits 0 if the tests passed, the goals are met, and
each line that was not reached is in unreached.toml with a reason.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GOAL_LINES = 99.0
GOAL_BRANCHES = 90.0
# The tests that run code of http/. Valgrind would run the same code again, and counters take memory.
_TESTS = ("engine", "module", "apps", "faults", "security", "soak", "fuzz")
_LACKS = "valgrind memory"
_FOLDER = ROOT / "build/coverage"  # for the objects that tests compile, and for the results


@dataclass(frozen=True)
class Unreached:
    """A line that nothing reached."""

    file: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number}: {self.text}"


def run_tests(program: Path, jobs: int) -> bool:
    """Run everything that is counted; True if it passed."""
    env = os.environ | {"HTTP_COVERAGE": str(_FOLDER), "DL7450_BINARY": str(program)}
    pytest = [sys.executable, "-m", "pytest", "-q", "-n", str(jobs), "--dist", "loadfile", "--lacks", _LACKS]
    torture = [sys.executable, ROOT / "tests/torture/run.py", "--binary", program]
    commands = [[*pytest, *(f"tests/{name}" for name in _TESTS)], torture]
    return all(
        [subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0 for command in commands]
    )


def add_up(program: Path) -> tuple[dict, dict]:
    """Let gcovr add up the counters; returns its summary and its lines."""
    summary, lines = _FOLDER / "summary.json", _FOLDER / "lines.json"
    command = ["gcovr", "--root", ROOT, "--filter", f"{ROOT}/http/", "--merge-mode-functions", "separate"]
    command += ["--gcov-ignore-errors", "source_not_found"]  # headers of MicroPython: it was built elsewhere
    command += ["--json-summary", summary, "--json", lines, "--html-nested", _FOLDER / "index.html"]
    subprocess.run(
        [Path(sys.executable).parent / command[0], *command[1:], program.parent / "http", _FOLDER], check=True
    )
    return json.loads(summary.read_text()), json.loads(lines.read_text())


def unreached(lines: dict) -> Iterator[Unreached]:
    """The lines with a count of 0."""
    for file in lines["files"]:
        text = (ROOT / file["file"]).read_text().splitlines()
        for line in file["lines"]:
            if line["count"] == 0:
                number = line["line_number"]
                yield Unreached(file["file"], number, text[number - 1].strip())


def explained(line: Unreached, reasons: list[dict[str, str]]) -> bool:
    """Whether unreached.toml has a reason for this line."""
    return any(
        line.file == f"http/{reason['file']}" and re.fullmatch(reason["line"], line.text)
        for reason in reasons
    )


def report(summary: dict, lines: dict) -> bool:
    """Print the figures; True if they reach the goals."""
    reasons = tomllib.loads((HERE / "unreached.toml").read_text())["unreached"]
    missed = list(unreached(lines))
    print(f"{'':24} {'lines':>13} {'':8} {'branches':>15}")
    for file in [*summary["files"], {"filename": "all", **summary}]:
        figures = [
            f"{file[f'{kind}_covered']:6}/{file[f'{kind}_total']:<6} {file[f'{kind}_percent'] or 0:6.1f} %"
            for kind in ("line", "branch")
        ]
        print(f"{file['filename']:24} {'  '.join(figures)}")
    without = [line for line in missed if not explained(line, reasons)]
    print(f"{len(missed)} lines were not reached; {len(without)} of them without a reason in unreached.toml")
    print("".join(f"  {line}\n" for line in without), end="")
    print(
        f"goals: {GOAL_LINES} % of lines, {GOAL_BRANCHES} % of branches; line by line: {_FOLDER}/index.html"
    )
    return (
        not without and summary["line_percent"] >= GOAL_LINES and summary["branch_percent"] >= GOAL_BRANCHES
    )


def main(args: Sequence[str]) -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, required=True, help="a host build with counters")
    parser.add_argument("--jobs", type=int, default=4, help="processes of pytest")
    parser.add_argument("--report", action="store_true", help="only add up what is there")
    options = parser.parse_args(args)
    program = options.program.resolve()
    _FOLDER.mkdir(parents=True, exist_ok=True)
    passed = options.report or run_tests(program, options.jobs)
    if not passed:
        print("error: tests failed", file=sys.stderr)
    good = report(*add_up(program))
    return 0 if passed and good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
