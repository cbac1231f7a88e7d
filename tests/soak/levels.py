# SPDX-License-Identifier: MIT
"""Resources of a process, sampled while it is quiet: do they grow?"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from support.serial_board import descriptors

_SETTLE_SECONDS = 5  # a thread that has finished may still exist for a moment
CLOSING_SECONDS = 5  # so long a connection may take to be closed: libcurl waits two for the server
KIB = 1024
THREADS = 2  # of a quiet process: one of the app, one of the engine

# How much the medians may differ. The smallest possible leak is 16 bytes a request: 160,000 bytes over
# half of 20,000 requests. With libcurl 8.14 and OpenSSL 3.5 the C heap is level, but single samples differ
# by 150,000 bytes (standard deviation; why is not known). With 32 samples the medians differed by 179,000.
TOLERANCES = {"Python heap": 4 * KIB, "C heap": 144 * KIB, "RSS": 2048 * KIB}
_MANY_SAMPLES = 80  # of 20,000 requests
_TOLERANCES_OF_FEW = TOLERANCES | {"C heap": 256 * KIB}


@dataclass
class Outcome:
    """The result: lines of figures for people, and the problems."""

    figures: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Sample:
    """Resources of the process: counts must stay the same, sizes (bytes) about the same."""

    counts: dict[str, int]
    sizes: dict[str, int]


def threads(pid: int) -> int:
    """The threads of a process."""
    return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())


def tcp_sockets(pid: int) -> int:
    """Its sockets of TCP, without the pair that wakes older versions of libcurl."""
    network = Path(f"/proc/{pid}/net")
    lines = [line for name in ("tcp", "tcp6") for line in (network / name).read_text().splitlines()[1:]]
    inodes = {line.split()[9] for line in lines}
    return sum(name.removeprefix("socket:[").rstrip("]") in inodes for name in descriptors(pid))


def rss(pid: int) -> int:
    """Its resident memory in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * KIB


def settled(read: Callable[[], int], expected: int) -> int:
    """The value of read(). If it is more than expected, wait some time for a smaller one."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while (value := read()) > expected and time.monotonic() < deadline:
        time.sleep(0.01)
    return value


def compare(samples: Sequence[Sample]) -> Outcome:
    """Compare the end with the state after the warm-up, the first quarter. The first sample is of before."""
    start, *rest = samples
    warm = rest[len(rest) // 4 :]
    outcome = Outcome([f"{'':12} {'start':>13} {'warmed up':>13} {'end':>13} {'change':>13}"])

    def line(name: str, first: int, before: int, after: int) -> None:
        outcome.figures.append(f"{name:12} {first:13,} {before:13,} {after:13,} {after - before:+13,}")

    for name, first in start.counts.items():
        seen = [sample.counts[name] for sample in warm]
        line(name, first, seen[0], seen[-1])
        if min(seen) != max(seen):
            outcome.problems.append(f"{name} are not level: {min(seen)} to {max(seen)}")
    third = len(warm) // 3
    tolerances = TOLERANCES if len(rest) >= _MANY_SAMPLES else _TOLERANCES_OF_FEW
    for name, first in start.sizes.items():
        before, after = (_median(part, name) for part in (warm[:third], warm[-third:]))
        line(name, first, before, after)
        if after - before > tolerances[name]:
            outcome.problems.append(f"the {name} grew by {after - before} bytes")
    return outcome


def _median(samples: Sequence[Sample], name: str) -> int:
    return round(median(sample.sizes[name] for sample in samples))
