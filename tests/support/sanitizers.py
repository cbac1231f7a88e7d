# SPDX-License-Identifier: MIT
"""A pytest plugin for programs with a sanitizer (--sanitize): each report fails the test and the run.

Reports are written to a folder and not to stderr, because a test may expect an exit code other than 0, or
may ignore the output. There are no suppressions: libcurl, OpenSSL and MicroPython need none.
"""

import os
import re
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

_BUILD = Path(__file__).resolve().parents[2] / "build"
_EXIT_CODE = 97  # no app and no test ends with it
_STATIC = {"asan": "address", "ubsan": "undefined", "tsan": "thread"}

_FOLDER = pytest.StashKey[Path]()
_SEEN = pytest.StashKey[set[Path]]()


def flags(config: pytest.Config) -> list[str]:
    """Additional flags of the compiler and the linker for a program with the sanitizers."""
    kinds = config.getoption("--sanitize").split(",")
    if kinds == [""]:
        return []
    # As shared libraries, UBSan together with ASan would report to stderr (firmware/sanitize.mk), and the
    # simulation of tools/preload would call TSan's functions, and not those of the C library.
    static = [f"-static-lib{name}" for name, kind in _STATIC.items() if kind in kinds]
    own = ["-DHTTP_ENGINE_KEEP_MEMORY=0"] if "address" in kinds else []  # ASan checks only memory of malloc()
    return [f"-fsanitize={','.join(kinds)}", "-fno-sanitize-recover=undefined", *static, *own]


# What LeakSanitizer says of a thread that ends while it looks for leaks.
_NO_FAULT = re.compile(r"(==\d+==Unable to get registers from thread \d+\.\n)+")


def _environment(folder: Path) -> dict[str, str]:
    common = f"log_path='{folder}/report':exitcode={_EXIT_CODE}"
    return {
        # MicroPython's collector scans the real stack. It would miss references on ASan's fake stack.
        "ASAN_OPTIONS": f"{common}:detect_leaks=1:detect_stack_use_after_return=0",
        "UBSAN_OPTIONS": f"{common}:print_stacktrace=1",
        "TSAN_OPTIONS": f"{common}:second_deadlock_stack=1",
    }


def _reports(config: pytest.Config) -> list[Path]:
    found = sorted(config.stash[_FOLDER].rglob("report*")) if _FOLDER in config.stash else []
    return [path for path in found if not _NO_FAULT.fullmatch(path.read_text(errors="replace"))]


def _new_reports(config: pytest.Config) -> str:
    """The text of the reports that were not printed yet."""
    new = [path for path in _reports(config) if path not in config.stash[_SEEN]]
    config.stash[_SEEN].update(new)
    return "\n".join(path.read_text(errors="replace") for path in new)


def pytest_addoption(parser: pytest.Parser) -> None:
    """--sanitize: the sanitizers of the program under test; the engine's tests are built with them."""
    parser.addoption("--sanitize", default="", help="gcc's sanitizers, e.g. 'address,undefined'")
    parser.addoption("--reports", type=Path, help="the folder for reports, which is emptied first")


def pytest_configure(config: pytest.Config) -> None:
    """An empty folder for reports; all programs that tests start inherit the environment.

    Of several processes each has a folder in that of the one that started them.
    """
    kinds = config.getoption("--sanitize")
    if kinds:
        folder = config.getoption("--reports") or _BUILD / f"reports-{kinds.replace(',', '-')}"
        if worker := os.environ.get("PYTEST_XDIST_WORKER"):
            folder /= worker
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        config.stash[_FOLDER] = folder
        config.stash[_SEEN] = set()
        os.environ |= _environment(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """A report fails the test that was running, also while its fixtures are torn down."""
    yield
    if _FOLDER in item.config.stash and (text := _new_reports(item.config)):
        pytest.fail(f"a sanitizer reports:\n{text}", pytrace=False)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A report after the last test fails the run too."""
    if _reports(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Print the figures after pytest's own last line."""
    if _FOLDER not in config.stash:
        return
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = _reports(config)
    if reporter:
        passed = len(reporter.stats.get("passed", ()))
        where = f" (in {config.stash[_FOLDER]})" if reports else ""
        kinds = config.getoption("--sanitize")
        reporter.write_line(f"{kinds}: {passed} tests passed; sanitizer reports: {len(reports)}{where}")
