# SPDX-License-Identifier: MIT
"""`make herd`: what 10,000 docks do to a server, with feed and with the naive loop of the vendor's sample.

Draws modules/feed/herd.svg. Prints for each scenario the worst second over the even share, and how long it
takes after the trouble until the last dock has a good answer.
"""

import argparse
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from herd.docks import Answer, Naive, World, feeds, mac_addresses

_PLOT = Path(__file__).resolve().parents[2] / "modules/feed/herd.svg"
EVERY = 60
WITHIN = 60
SEED = 1
_LABELS = ("feed", "the naive loop")
_POINT_S = 10


@dataclass(frozen=True)
class Scenario:
    """What the server does: from `start` to `end`, seconds, it gives the answer."""

    name: str
    start: int
    end: int
    until: int
    answer: Answer | None = None

    def server(self, now: float) -> Answer:
        """The answer at that time."""
        return self.answer if self.answer and self.start <= now < self.end else (200, {})


SCENARIOS = (
    Scenario("a power cut", 0, 0, 1200),
    Scenario("a server that fails for an hour", 600, 4200, 6000, (500, {})),
    Scenario("503 with Retry-After: 600", 600, 1200, 3000, (503, {"Retry-After": "600"})),
)


@dataclass(frozen=True)
class Result:
    """Requests by second, and when the last dock was right again, in seconds after the trouble."""

    requests: Counter[int]
    right_again: float

    def worst(self, docks: int) -> float:
        """The worst second over the even share."""
        return max(self.requests.values()) / (docks / EVERY)


def simulate(scenario: Scenario, docks: int, naive: bool) -> Result:
    """Let a scenario happen to so many docks, which all get power at 0."""
    random.seed(SEED)
    world = World(scenario.server)
    if naive:
        for mac in mac_addresses(docks):
            Naive(world, mac, EVERY)
    else:
        feeds(world, mac_addresses(docks), every=EVERY, first_within=WITHIN)
    world.run(scenario.until)
    assert len(world.good) == docks
    again = [next(when for when in times if when >= scenario.end) for times in world.good.values()]
    return Result(world.requests, max(again) - scenario.end)


def plot(results: dict[str, tuple[Result, Result]], path: Path) -> None:
    """Draw requests a second over the time, as SVG."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 7.5), layout="constrained")
    for axes, scenario in zip(figure.subplots(len(SCENARIOS), 1), SCENARIOS, strict=True):
        for result, label, marker in zip(results[scenario.name], _LABELS, (".", "x"), strict=True):
            # The worst of each ten seconds: points for all seconds would make a large file.
            worst = [
                max(result.requests.get(second, 0) for second in range(start, start + _POINT_S))
                for start in range(0, scenario.until, _POINT_S)
            ]
            minutes = [index * _POINT_S / 60 for index in range(len(worst))]
            shown = [(minute, count) for minute, count in zip(minutes, worst, strict=True) if count]
            axes.plot(*zip(*shown, strict=True), marker, markersize=4, label=label)
        axes.axvspan(scenario.start / 60, scenario.end / 60, color="0.9", zorder=0)
        axes.set(title=scenario.name, yscale="log", ylabel="requests a second")
        axes.set_xlim(-0.5, scenario.until / 60)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].legend(frameon=False, loc="center right")
    figure.axes[-1].set_xlabel("minutes after all docks got power; grey: the server's trouble")
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "herd", "font.family": "sans-serif"}):
        figure.savefig(path, metadata={"Date": None, "Creator": None})


def main() -> None:
    """Simulate, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docks", type=int, default=10_000)
    parser.add_argument("--plot", type=Path, default=_PLOT)
    args = parser.parse_args()
    results = {}
    share = args.docks / EVERY
    print(f"{args.docks:,} docks, each asks each {EVERY} s: the even share is {share:,.0f} a second")
    for scenario in SCENARIOS:
        both = simulate(scenario, args.docks, False), simulate(scenario, args.docks, True)
        results[scenario.name] = both
        for result, label in zip(both, _LABELS, strict=True):
            worst = result.worst(args.docks)
            print(
                f"{scenario.name + ', ' + label:<48} worst second {worst:6.2f} x the share,"
                f" last dock right after {result.right_again:4.0f} s"
            )
    plot(results, args.plot)
    print(f"drawn: {args.plot}")


if __name__ == "__main__":
    main()
