# SPDX-License-Identifier: MIT
"""Rows about growth: many requests, large bodies; and the figures for the plot."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from bench.context import Bench
from bench.table import Goal, Row, middle, middle_ratio
from bench.web import KIB, MIB, SIZES

COUNTS = [1000, 3000, 10000, 30000, 100000]
_ROUNDS = 3
_BYTES = 128 * MIB  # the largest sum of the small bodies in one run


@dataclass
class Growth:
    """The figures of the plot."""

    rates: dict[int, float] = field(default_factory=dict)  # requests a second, by their number
    times: dict[str, dict[int, float]] = field(default_factory=dict)  # seconds a body, by client and size


def requests(bench: Bench, growth: Growth) -> Iterator[Row]:
    """Requests a second, from a few to many in one run."""
    url = bench.web.body(KIB)
    commands = {str(count): bench.machine.module("sync", url, count, 300) for count in COUNTS}
    seconds = bench.measure.in_turn(commands, rounds=_ROUNDS)
    rates = {count: [count / each for each in seconds[str(count)]] for count in COUNTS}
    growth.rates.update({count: median(each) for count, each in rates.items()})
    few, many = COUNTS[0], COUNTS[-1]
    yield Row(
        f"requests/s of {many:,} sync requests / of {few:,}",
        middle_ratio(rates[many], rates[few]),
        Goal(0.90, least=True),
        {"module": f"{growth.rates[many]:,.0f}/s"},
    )


def bodies(bench: Bench, growth: Growth) -> Iterator[Row]:
    """The time of a body, from small to large."""
    for size in SIZES:
        url = bench.web.body(size)
        count = max(4, min(1000, _BYTES // size))
        commands = {
            "floor": bench.machine.floor("sync", url, count, 2),
            "module": bench.machine.module("large", url, count, 2, "response"),
        }
        for name, seconds in middle(bench.measure.in_turn(commands, rounds=_ROUNDS)).items():
            growth.times.setdefault(name, {})[size] = seconds / count
    small, large = MIB, SIZES[-1]
    cost = {name: (times[large] / large) / (times[small] / small) for name, times in growth.times.items()}
    yield Row(
        "a byte of a body of 64 MiB / of 1 MiB, over the floor's",
        cost["module"] / cost["floor"],
        Goal(1.25),
        {name: f"{value:.2f}" for name, value in cost.items()},
    )
