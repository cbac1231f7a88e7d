# SPDX-License-Identifier: MIT
"""Measures which lines and branches of http/ all tests together reach. `make coverage` runs it.

It runs the tests on three programs with counters (gcov), then the torture, whose engine has counters too.
gcovr adds them up. The figures come last, a line for each file, and then each line that was not reached, with
its reason in unreached.toml. Exits 0 if the tests passed, the goals are met, and the lines that were not
reached are those of unreached.toml.
"""

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GOAL_LINES = 99.0
GOAL_BRANCHES = 90.0
# What no program can do here: valgrind would run the same code again, and counters take memory.
_LACKS = "valgrind memory"
_FOLDER = ROOT / "build/coverage"  # for the objects that tests compile, and for the results


@dataclass(frozen=True)
class Suite:
    """Tests that run on one program."""

    program: Path
    tests: str  # folders of tests
    lacks: str  # what the program cannot do: see --lacks in tests/conftest.py


def suites(host: Path, threadless: Path, firmware: Path) -> list[Suite]:
    """All tests that run code of http/ on the host build, and the module's on the two other programs."""
    return [
        Suite(host, "engine module apps faults security soak fuzz", ""),
        Suite(threadless, "module", "background"),
        Suite(firmware, "module faults security", "help trace tcp_info strict devices"),
    ]


@dataclass(frozen=True)
class Reason:
    """Some lines of a file, and why those that begin with ">" are not reached."""

    file: str
    lines: str
    why: str
    sometimes: bool = False  # another version of a library reaches them

    def marked(self, text: Sequence[str]) -> set[int]:
        """The numbers of the marked lines; none unless the file's text has the lines exactly once."""
        lines = self.lines.strip("\n").splitlines()
        wanted = [line.removeprefix(">").strip() for line in lines]
        stripped = [line.strip() for line in text]
        starts = [at for at in range(len(text)) if stripped[at : at + len(wanted)] == wanted]
        if len(starts) != 1:
            return set()
        return {starts[0] + 1 + at for at, line in enumerate(lines) if line.startswith(">")}


def run_tests(host: Suite, *others: Suite, jobs: int) -> bool:
    """Run everything that is counted; True if it passed."""
    env = os.environ | {"HTTP_COVERAGE": str(_FOLDER)}
    good = True
    for suite in (host, *others):
        command = [sys.executable, "-m", "pytest", "-q", "-n", str(jobs), "--dist", "loadfile"]
        command += ["--lacks", f"{_LACKS} {suite.lacks}", *(f"tests/{name}" for name in suite.tests.split())]
        print(f"testing {suite.program.relative_to(ROOT)}", flush=True)
        good &= _passes(command, env | {"DL7450_BINARY": str(suite.program)})
    return good & _passes([sys.executable, "tests/torture/run.py", "--binary", str(host.program)], env)


def _passes(command: Sequence[str], env: dict[str, str]) -> bool:
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0


def add_up() -> tuple[dict, dict]:
    """Let gcovr add up the counters; returns its summary and its lines."""
    summary, lines = _FOLDER / "summary.json", _FOLDER / "lines.json"
    command = ["gcovr", "--root", ROOT, "--filter", f"{ROOT}/http/", "--merge-mode-functions", "separate"]
    command += ["--gcov-ignore-errors", "source_not_found"]  # headers of MicroPython: it was built elsewhere
    command += ["--json-summary", summary, "--json", lines, "--html-nested", _FOLDER / "index.html"]
    # Also that of a program that tests have built.
    programs = ROOT.glob("build/*-coverage/http")
    subprocess.run([Path(sys.executable).parent / command[0], *command[1:], *programs, _FOLDER], check=True)
    return json.loads(summary.read_text()), json.loads(lines.read_text())


def unreached(lines: dict) -> dict[tuple[str, int], str]:
    """The lines with a count of 0: (file, number) and the text."""
    found = {}
    for file in lines["files"]:
        text = (ROOT / file["file"]).read_text().splitlines()
        for line in file["lines"]:
            if line["count"] == 0:
                number = line["line_number"]
                found[file["file"], number] = text[number - 1].strip()
    return found


def reasons() -> list[Reason]:
    """Those of unreached.toml."""
    given = tomllib.loads((HERE / "unreached.toml").read_text())["unreached"]
    return [Reason(**values) for values in given]


def judge(missed: dict[tuple[str, int], str]) -> bool:
    """Print each line that was not reached, and its reason; True if these fit each other."""
    good = True
    left = dict(missed)
    for reason in reasons():
        path = f"http/{reason.file}"
        text = (ROOT / path).read_text().splitlines() if (ROOT / path).exists() else []
        marked = reason.marked(text)
        told = [] if marked else ["error: the file has no such lines, or has them twice, or none is marked"]
        for number in sorted(marked):
            line = f"{number}: {text[number - 1].strip()}"
            if left.pop((path, number), None) is not None:
                told.append(line)
            elif not reason.sometimes:
                told.append(f"{line}: error: is reached")
                good = False
        good &= bool(marked)
        if told:
            print("\n  ".join([f"{path}: {reason.why}", *told]))
    for (path, number), line in left.items():
        print(f"error: {path}:{number}: {line}: unreached.toml has no reason")
    print(f"{len(missed)} lines were not reached; {len(left)} of them without a reason in unreached.toml")
    return good and not left


def report(summary: dict, lines: dict) -> bool:
    """Print the figures; True if they reach the goals and unreached.toml is right."""
    print(f"{'':28} {'lines':>13} {'':8} {'branches':>15}")
    for file in [*summary["files"], {"filename": "all", **summary}]:
        figures = [
            f"{file[f'{kind}_covered']:6}/{file[f'{kind}_total']:<6} {file[f'{kind}_percent'] or 0:6.1f} %"
            for kind in ("line", "branch")
        ]
        print(f"{file['filename']:28} {'  '.join(figures)}")
    explained = judge(unreached(lines))
    print(
        f"goals: {GOAL_LINES} % of lines, {GOAL_BRANCHES} % of branches; line by line: {_FOLDER}/index.html"
    )
    return explained and summary["line_percent"] >= GOAL_LINES and summary["branch_percent"] >= GOAL_BRANCHES


def main(args: Sequence[str]) -> int:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, required=True, help="a host build with counters")
    parser.add_argument("--threadless", type=Path, required=True, help="one whose engine has no thread")
    parser.add_argument("--firmware", type=Path, required=True, help="one with the firmware's libraries")
    parser.add_argument("--jobs", type=int, default=4, help="processes of pytest")
    parser.add_argument("--report", action="store_true", help="only add up what is there")
    options = parser.parse_args(args)
    programs = [path.resolve() for path in (options.program, options.threadless, options.firmware)]
    _FOLDER.mkdir(parents=True, exist_ok=True)
    passed = options.report or run_tests(*suites(*programs), jobs=options.jobs)
    if not passed:
        print("error: tests failed", file=sys.stderr)
    good = report(*add_up())
    return 0 if passed and good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
