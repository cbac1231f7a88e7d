"""Rows about growth: many requests, large bodies; and the figures that the plot is made of."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.context import Bench
from bench.table import Goal, Row, middle
from bench.web import KIB, MIB, SIZES

COUNTS = [1000, 3000, 10000, 30000, 100000]
_ROUNDS = 3
_BYTES = 128 * MIB  # of small bodies, that many are fetched at most


@dataclass
class Growth:
    """What the plot shows."""

    rates: dict[int, float] = field(default_factory=dict)  # requests a second, by their number
    times: dict[str, dict[int, float]] = field(default_factory=dict)  # seconds a body, by client and size


def requests(bench: Bench, growth: Growth) -> Iterator[Row]:
    """Requests a second, from a few to many in one run."""
    url = bench.web.body(KIB)
    for count in COUNTS:
        commands = {"module": bench.machine.module("sync", url, count, 300)}
        rounds = 1 if count == COUNTS[-1] else _ROUNDS
        growth.rates[count] = count / middle(bench.measure.in_turn(commands, rounds=rounds))["module"]
    yield Row(
        f"requests/s of {COUNTS[-1]:,} sync requests / of {COUNTS[0]:,}",
        growth.rates[COUNTS[-1]] / growth.rates[COUNTS[0]],
        Goal(0.90, least=True),
        {"module": f"{growth.rates[COUNTS[-1]]:,.0f}/s"},
    )


def bodies(bench: Bench, growth: Growth) -> Iterator[Row]:
    """What a body costs, from small to large."""
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
