# SPDX-License-Identifier: MIT
"""A short soak in each test run, and tests that the soak detects faults. The long one is `make soak`."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from soak.isolation import isolate
from soak.levels import Outcome, Sample, compare
from soak.mixed import soak
from soak.site import Site, site


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The servers of the soak."""
    with site(tmp_path_factory.mktemp("soak")) as addresses:
        yield addresses


@pytest.mark.needs("preload")
def test_mixed_requests_all_end_once_and_leave_nothing(binary: Path, tmp_path: Path, addresses: Site) -> None:
    outcome = soak(binary, tmp_path, addresses, 8000, seed=1)
    assert outcome.problems == []
    # A few more than requested: callbacks start some.
    ends = [line for line in outcome.figures if re.match(r"80\d\d requests, each with one end", line)]
    assert len(ends) == 1, outcome.figures


@pytest.mark.needs("preload")
def test_wrong_answer_is_a_problem(binary: Path, tmp_path: Path, addresses: Site) -> None:
    changed = addresses | {"refused": addresses["http"]}
    problems = soak(binary, tmp_path, changed, 1000, seed=1).problems
    assert problems
    assert "refused" in problems[0]
    assert "ended with 200" in problems[0] or "ended with 403" in problems[0]


@pytest.mark.needs("exec")
def test_apps_that_end_with_requests_in_flight_leave_nothing(
    binary: Path, tmp_path: Path, addresses: Site
) -> None:
    outcome = isolate(binary, tmp_path, addresses, 40, seed=1)
    assert outcome.problems == []
    assert outcome.figures[0].startswith("40 apps in one process")


def _levels(counts: list[int], sizes: list[int]) -> Outcome:
    return compare(
        [Sample({"threads": count}, {"C heap": size}) for count, size in zip(counts, sizes, strict=True)]
    )


def test_warm_up_is_no_growth() -> None:
    assert _levels([1, 1] + [2] * 11, [0, 10**6] + [5 * 10**6] * 11).problems == []


def test_noise_is_no_growth() -> None:
    assert _levels([2] * 41, [5_000_000 + (i % 5) * 100_000 for i in range(41)]).problems == []


def test_slow_growth_is_seen() -> None:
    assert _levels([2] * 81, [5_000_000 + i * 16 * 250 for i in range(81)]).problems == [
        "the C heap grew by 160000 bytes"
    ]


def test_one_thread_more_is_seen() -> None:
    assert _levels([2] * 40 + [3], [0] * 41).problems == ["threads are not level: 2 to 3"]
