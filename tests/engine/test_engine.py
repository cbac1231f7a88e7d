# SPDX-License-Identifier: MIT
"""Runs the C tests of the engine, without MicroPython, against local servers: one test for each in C.

Some run again under valgrind. All that need no thread run again with an engine that has none.
"""

import re
from pathlib import Path

import pytest
from engine.conftest import RunTests

VALGRIND = (
    "valgrind",
    "-q",
    "--error-exitcode=99",
    "--leak-check=full",
    "--show-leak-kinds=definite,indirect",
    "--errors-for-leak-kinds=definite,indirect",
)


def _tests(theme: str) -> list[str]:
    """The names of the tests in the table at the end of a C file."""
    text = Path(__file__).with_name(f"{theme}.c").read_text()
    names = re.findall(r"^    TEST\((\w+)\),$", text, re.M)
    assert names, theme
    return names


NO_TESTS = {"harness", "main"}
THEMES = sorted({path.stem for path in Path(__file__).parent.glob("*.c")} - NO_TESTS)
_ALONE = ("fields", "received", "urls", "redirects", "results", "sent", "heads")
MEMORY = {theme: _tests(theme) for theme in _ALONE}
MEMORY["mixed use"] = ["mixed_use_loses_no_memory"]
# Besides the theme "threads": what goes on while the test waits outside the engine.
NEEDS_THREAD = {"cancel_before_the_answer", "sixteen_run_at_the_same_time", "fd_of_a_new_beginning_works"}
NEEDS_NO_THREAD = {"a_descriptor_of_the_loop_ends_the_wait", "a_watched_stream_ends_one_wait"}


# With a sanitizer the engine does not keep freed memory.
MARKS = {"memory": pytest.mark.needs("no_sanitizer")}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=f"{theme}-{name}", marks=MARKS.get(theme, ()))
        for theme in THEMES
        for name in _tests(theme)
        if name not in NEEDS_NO_THREAD
    ],
)
def test_engine(run_tests: RunTests, engine_tests: Path, name: str) -> None:
    run_tests([name], engine_tests)


@pytest.mark.needs("valgrind")
@pytest.mark.parametrize("theme", MEMORY)
def test_memory_is_used_rightly(run_tests: RunTests, forgetful_tests: Path, theme: str) -> None:
    run_tests(MEMORY[theme], forgetful_tests, VALGRIND)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=f"{theme}-{name}")
        for theme in THEMES
        for name in _tests(theme)
        if theme not in ("memory", "threads") and name not in NEEDS_THREAD
    ],
)
def test_engine_without_a_thread(run_tests: RunTests, threadless_tests: Path, name: str) -> None:
    run_tests([name], threadless_tests)
