# SPDX-License-Identifier: MIT
"""The arithmetic of the benchmarks. Only `make bench` measures."""

import pytest
from bench.table import Goal, Row, middle_ratio, render
from bench.waiting import percentile


@pytest.mark.parametrize(
    ("goal", "good", "bad"),
    [(Goal(1.2), 1.2, 1.21), (Goal(0.9, least=True), 0.9, 0.89)],
)
def test_a_limit_may_be_reached_and_not_passed(goal: Goal, good: float, bad: float) -> None:
    assert [Row("", value, goal).verdict for value in (good, bad)] == ["met", "missed"]


def test_the_table_counts_the_goals_and_leaves_out_what_has_none() -> None:
    rows = [
        Row("fast", 1.0, Goal(1.2), {"floor": "10 us"}),
        Row("slow", 2.0, Goal(1.2)),
        Row("shown", 9.0, Goal(1.2), judged=False),
    ]
    text = render(rows, ["a machine"])
    assert text.splitlines()[0] == "a machine"
    assert [line.split()[1:] for line in text.splitlines() if line.startswith(("fast", "slow", "shown"))] == [
        ["1.00", "<=", "1.20", "met", "10", "us"],
        ["2.00", "<=", "1.20", "missed"],
        ["9.00"],
    ]
    assert text.endswith("\n1 goals met, 1 missed\n")


def test_ratios_are_of_the_same_round() -> None:
    # A busy round makes both slow: the ratio of the medians would be 4/2.
    assert middle_ratio([2.2, 4.0, 40.0], [2.0, 1.0, 40.0]) == pytest.approx(1.1)


def test_percentiles_are_measured_values() -> None:
    values = [float(number) for number in range(1, 201)]
    assert (percentile(values, 0.99), percentile(values, 0.5), percentile([7.0], 0.99)) == (198.0, 100.0, 7.0)
