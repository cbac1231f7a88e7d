# SPDX-License-Identifier: MIT
"""Allocations that fail, one after the other: the scenarios of tests/torture that found a bug. The others
run with `make torture`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engine.conftest import engine_sources
from torture.run import WRAPPED, Figures, build, servers, torture

# Functions that the torture replaces, but never calls itself.
_UNUSED = {"realloc", "calloc", "strdup", "strndup", "curl_global_init"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("torture")


@pytest.fixture(scope="module")
def program(folder: Path) -> Path:
    """The engine with an allocator that fails."""
    return build(folder)


@pytest.fixture
def env(folder: Path) -> Iterator[dict[str, str]]:
    """The environment with the addresses of the servers."""
    with servers(folder) as env:
        yield env


def _survives(figures: Figures) -> None:
    assert figures.bad == 0, str(figures)


def test_stream_that_cannot_go_on_is_no_success(program: Path, env: dict[str, str]) -> None:
    """libcurl may lose the data of a paused stream when it continues: this was a 200."""
    _survives(torture(program, "stream", env))


def test_tls_session_is_not_freed_twice(program: Path, env: dict[str, str]) -> None:
    """libcurl before 8.12.0, when there is no memory for the first of two sessions."""
    _survives(torture(program, "tls", env))


def test_redirect_without_memory_is_not_taken_for_a_malformed_url(program: Path, env: dict[str, str]) -> None:
    _survives(torture(program, "redirects", env))


def test_jar_is_clear_or_says_that_it_is_not(program: Path, env: dict[str, str]) -> None:
    _survives(torture(program, "cookies", env))


# --------------------------------------------------------------------------------------------------
# Calls of libcurl that fail, for each way in which the engine sets up a handle


@pytest.mark.parametrize(
    "scenario",
    [
        "sync get",
        "get with every option",
        "second get on the connection",
        "tls",
        "redirects",
        "compressed",
        "stream",
        "file",
        "upload of memory",
        "upload of a file",
        "upload of a form",
        "cookies",
        "shutdown with work pending",
    ],
)
def test_each_refusal_of_libcurls_is_a_response_with_its_code_and_every_slot_comes_back(
    program: Path, env: dict[str, str], scenario: str
) -> None:
    _survives(torture(program, scenario, env, modes=("call",)))


# --------------------------------------------------------------------------------------------------
# The torture itself


def test_torture_in_which_no_allocation_fails_is_a_failure(tmp_path: Path, env: dict[str, str]) -> None:
    real = [name for name in WRAPPED if name not in _UNUSED]
    unwrapped = [f"-Wl,--defsym=__real_{name}={name}" for name in real]
    figures = torture(build(tmp_path, wraps=unwrapped), "sync get", env)
    assert (figures.failed, figures.bad) == (0, 3)
    assert "nothing failed" in str(figures)


def test_torture_is_under_the_allocator_that_is_shipped(tmp_path: Path, env: dict[str, str]) -> None:
    """The torture detects an engine whose strdup() for libcurl does not check for NULL."""
    sources = engine_sources()
    (memory,) = (path for path in sources if path.name == "memory.c")
    careless = tmp_path / "memory.c"
    careless.write_text(memory.read_text().replace("data == NULL ? NULL : memcpy(", "memcpy("))
    assert careless.read_text() != memory.read_text()
    program = build(tmp_path, sources=[path for path in sources if path != memory] + [careless])
    figures = torture(program, "sync get", env)
    assert figures.bad > 0
    assert "crashed" in str(figures)
