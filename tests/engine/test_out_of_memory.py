"""Allocations that fail, one after the other: the scenarios of tests/torture that found a bug. The others
run with `make torture`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from torture.run import Figures, build, servers, torture


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("torture")


@pytest.fixture(scope="module")
def program(folder: Path) -> Path:
    """The engine with an allocator that fails."""
    return build(folder)


@pytest.fixture
def env(folder: Path) -> Iterator[dict[str, str]]:
    """Where the servers are."""
    with servers(folder) as env:
        yield env


def _survives(figures: Figures) -> None:
    assert figures.bad == 0, str(figures)
    assert figures.failed > 0


def test_stream_that_cannot_go_on_is_no_success(program: Path, env: dict[str, str]) -> None:
    """What libcurl keeps of a paused stream may be lost when it goes on: that was a 200."""
    _survives(torture(program, "stream", env))


def test_tls_session_is_not_freed_twice(program: Path, env: dict[str, str]) -> None:
    """libcurl before 8.12.0, when there is no memory for the first of two sessions."""
    _survives(torture(program, "tls", env))


def test_redirect_without_memory_is_not_taken_for_a_malformed_url(program: Path, env: dict[str, str]) -> None:
    _survives(torture(program, "redirects", env))


def test_jar_is_clear_or_says_that_it_is_not(program: Path, env: dict[str, str]) -> None:
    _survives(torture(program, "cookies", env))
