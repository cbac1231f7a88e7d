# SPDX-License-Identifier: MIT
"""Many docks with feed: how evenly they ask. `make herd` shows ten thousand."""

import random

import pytest
from herd.docks import World, feeds, mac_addresses
from herd.run import SCENARIOS, Scenario, simulate

DOCKS = 1000
WITHIN = 30


def _worst_second(macs: list[str], seconds: int, **options: object) -> float:
    """After a power cut: the worst second over the even share of the first questions."""
    random.seed(5)
    world = World(lambda now: (200, {}))
    feeds(world, iter(macs), first_within=WITHIN, **options)
    world.run(seconds)
    assert len(world.good) == DOCKS
    return max(world.requests.values()) / (DOCKS / WITHIN)


@pytest.mark.parametrize("every", [60, 300])
def test_no_second_has_more_than_one_and_a_half_times_the_even_share_after_a_power_cut(every: int) -> None:
    """Docks that were bought together: their addresses follow one another."""
    assert 0.9 < _worst_second(list(mac_addresses(DOCKS)), 900, every=every) <= 1.5


def test_docks_with_any_addresses_spread_as_well() -> None:
    numbers = random.Random(3).sample(range(1 << 24), DOCKS)
    macs = [next(mac_addresses(1, 0x020000000000 + number)) for number in numbers]
    assert _worst_second(macs, 900, every=60) <= 1.5


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_docks_do_better_than_the_naive_loop(scenario: Scenario) -> None:
    fed, naive = (simulate(scenario, 300, naive) for naive in (False, True))
    assert fed.worst(300) < 8  # the first tries after a failure come within seconds
    assert naive.worst(300) == 60
    # Full jitter up to ten minutes; Retry-After, and then a place in the next minute.
    assert fed.right_again <= (600 if "hour" in scenario.name else 660)
