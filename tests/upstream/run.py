# SPDX-License-Identifier: MIT
"""Run MicroPython's own tests on the program: `make test-upstream`.

The tests, their runner and the expected results come from the MicroPython tree that the program is built
from. They run on a copy, because some of them write into their own folder. exceptions.toml says which
differ from a plain build of MicroPython. It must be true: an exception that passes is an error, too.
"""

import argparse
import fnmatch
import os
import re
import resource
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

_FOLDERS = ("basics", "extmod", "float", "import", "io", "micropython", "misc", "stress")
_EXCEPTIONS = Path(__file__).with_name("exceptions.toml")
_RESULT = re.compile(r"(pass|FAIL|skip)\s+(\S+\.py)\b")
_HEAP = "2M"  # MicroPython's default
_FILES = 1024  # upstream's CI has this limit: extmod/select_poll_fd.py polls more descriptors

Results = dict[str, str]  # a test's path below tests/ -> pass, FAIL, skip


def copy_of(tree: Path, work: Path) -> Path:
    """Copy the tests, and the files of the tree that they need, to a folder."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(tree / "tests", work / "tests", symlinks=True)
    shutil.copytree(tree / "extmod", work / "extmod", ignore=shutil.ignore_patterns("*.[ch]"))
    return work / "tests"


def wants_unittest(test: Path) -> bool:
    """True if it needs micropython-lib, a submodule that is not in the pinned tarball."""
    return re.search(r"^\s*(import|from) unittest", test.read_text(encoding="utf-8"), re.M) is not None


def run(binary: Path, tests: Path, files: Iterable[str], *options: str) -> Results:
    """Run some tests with upstream's runner; return their results."""
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(tests),
        "MICROPY_MICROPYTHON": str(binary),
        "MICROPY_CPYTHON3": sys.executable,
    }
    command = [
        sys.executable,
        "run-tests.py",
        "-j",
        "1",
        "-r",
        str(tests.parent / "results"),
        *options,
        *files,
    ]
    results = {}
    with subprocess.Popen(
        command,
        cwd=tests,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES)),
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if result := _RESULT.match(line):
                results[result[2]] = result[1]
                if len(results) % 100 == 0:
                    print(f"  {len(results)} tests run", flush=True)
            elif not re.match(r"\d+ tests ", line):
                print(f"  {line}", end="")
    return results


def judge(files: list[str], results: Results, exceptions: dict[str, dict[str, str]]) -> list[str]:
    """Return the differences from exceptions.toml, one line each."""
    wrong = [f"{test}: it did not run" for test in files if test not in results]
    for kind, status in (("fails", "FAIL"), ("skips", "skip")):
        having = {test for test in results if results[test] == status}
        listed = set()
        for pattern in exceptions[kind]:
            matching = fnmatch.filter(having, pattern)
            listed.update(matching)
            if not matching:
                wrong.append(
                    f"{pattern}: it is no exception any more, take it from [{kind}] of exceptions.toml"
                )
        wrong += [
            f"{test}: {status}, and it is not in [{kind}] of exceptions.toml" for test in having - listed
        ]
    wrong += [
        f"{test}: it is not there, take it from [fixed_heap] of exceptions.toml"
        for test in exceptions["fixed_heap"]
        if test not in files
    ]
    return sorted(wrong)


def main() -> int:
    """Run all tests."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--binary", type=Path, required=True, help="the program")
    parser.add_argument("--tree", type=Path, required=True, help="the MicroPython tree that it is built from")
    parser.add_argument("--work", type=Path, default=Path("build/upstream"), help="where to work")
    args = parser.parse_args()
    exceptions = tomllib.loads(_EXCEPTIONS.read_text(encoding="utf-8"))

    tests = copy_of(args.tree, args.work.resolve())
    found = sorted(p for folder in _FOLDERS for p in (tests / folder).glob("*.py"))
    without = [p for p in found if wants_unittest(p)]
    files = [str(p.relative_to(tests)) for p in found if p not in without]
    fixed_heap = exceptions["fixed_heap"]

    binary = args.binary.resolve()
    results = run(binary, tests, [test for test in files if test not in fixed_heap])
    results |= run(binary, tests, [test for test in files if test in fixed_heap], "--heapsize", _HEAP)

    wrong = judge(files, results, exceptions)
    counts = {status: list(results.values()).count(status) for status in ("pass", "FAIL", "skip")}
    print(
        f"MicroPython's own tests: {counts['pass']} of {counts['pass'] + counts['FAIL']} passed,"
        f" {counts['skip']} left out for what is not built, {len(without)} that need unittest"
    )
    for line in wrong:
        print(f"error: {line}")
    if any("FAIL" in line for line in wrong):
        print(f"what they printed, and should have: {tests.parent / 'results'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
