# SPDX-License-Identifier: MIT
"""The first half of the soak: apps/mixed.py and its figures, batch by batch."""

import json
import signal
import subprocess
import threading
import time
from pathlib import Path

from servers import preload
from soak.levels import CLOSING_SECONDS, THREADS, Outcome, Sample, compare, rss, settled, tcp_sockets, threads
from soak.site import SLOTS, Site
from support.program import clean_environment
from support.serial_board import descriptors

_APP = Path(__file__).parent / "apps/mixed.py"
_HEAP = "4M"  # of a fixed size: MicroPython's must not look like the C heap growing
_BATCHES = 8  # at least: the end is compared with the warm-up
_BATCH = 250  # requests
_SLOWEST = 100  # requests per second; and a minute for the start
_PROGRESS_SECONDS = 5
_CANCELLED = "0"  # the app's name for it, among statuses


def soak(binary: Path, folder: Path, site: Site, requests: int, seed: int) -> Outcome:
    """Run the app; returns the figures and the problems."""
    downloads = folder / "downloads"
    downloads.mkdir()
    settings = folder / "mixed.json"
    batch = max(20, min(_BATCH, requests // _BATCHES))
    more = {"requests": requests, "batch": batch, "seed": seed, "downloads": str(downloads)}
    settings.write_text(json.dumps(site | more))
    with subprocess.Popen(
        [binary, "-X", f"heapsize={_HEAP}", _APP, settings],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(preload.build("c_heap", folder)),
    ) as process:
        limit = 60 + requests / _SLOWEST
        watchdog = threading.Timer(limit, process.kill)
        watchdog.start()
        watch = _Watch(process, requests)
        try:
            watch.read()
            _, errors = process.communicate()
        finally:
            watchdog.cancel()
            process.kill()
    outcome = watch.outcome()
    if not watch.kinds or process.returncode != 0:
        how = f", killed after {limit:.0f} s" if process.returncode == -signal.SIGKILL else ""
        outcome.problems.append(f"the app ended with {process.returncode}{how}; {errors}")
    return outcome


class _Watch:
    """Reads the app's lines, and samples the process while the app waits."""

    def __init__(self, process: subprocess.Popen[str], requests: int) -> None:
        self._process = process
        self._requests = requests
        self._samples: list[Sample] = []
        self._problems: list[str] = []
        self._start = self._told = time.monotonic()
        self.kinds: dict[str, tuple[int, dict[str, int]]] = {}
        self._ways: dict[str, int] = {}
        self._closing_since = 0.0  # 0: no more connections than are kept

    def read(self) -> None:
        """Until the app closes its stdout."""
        assert self._process.stdout
        assert self._process.stdin
        for line in self._process.stdout:
            said = json.loads(line)
            if "wrong" in said:
                self._problems.append(said["wrong"])
            elif "kinds" in said:
                self.kinds, self._ways = said["kinds"], said["ways"]
            elif self._closes_connections():
                self._process.stdin.write("again\n")
                self._process.stdin.flush()
            else:
                self._sample(said)
                self._process.stdin.write("\n")
                self._process.stdin.flush()

    def _closes_connections(self) -> bool:
        """Newer versions of libcurl close a TLS connection when the server agrees, and only while driven."""
        if tcp_sockets(self._process.pid) <= SLOTS:
            self._closing_since = 0.0
            return False
        self._closing_since = self._closing_since or time.monotonic()
        return time.monotonic() < self._closing_since + CLOSING_SECONDS

    def _sample(self, said: dict[str, int]) -> None:
        pid = self._process.pid
        count = settled(lambda: threads(pid), THREADS)
        counts = {"descriptors": len(descriptors(pid)), "threads": count}
        sizes = {"Python heap": said["python"]}
        if said["c"]:  # 0 with a sanitizer, whose allocator keeps freed memory (and finds leaks itself)
            sizes |= {"C heap": said["c"], "RSS": rss(pid)}
        self._samples.append(Sample(counts, sizes))
        now = time.monotonic()
        if now - self._told > _PROGRESS_SECONDS:
            self._told = now
            done = said["requests"]
            levels = ", ".join(f"{name} {value:,}" for name, value in (counts | sizes).items())
            print(f"{done:7} of {self._requests}, {done / (now - self._start):.0f}/s; {levels}", flush=True)

    def outcome(self) -> Outcome:
        """The figures and the problems of all batches."""
        seconds = time.monotonic() - self._start
        outcome = Outcome(_table(self.kinds))
        total = sum(count for count, _ in self.kinds.values())
        rate = f"{seconds:.0f} s, {total / seconds:.0f}/s"
        ways = ", ".join(f"{name} {count}" for name, count in self._ways.items())
        cancelled = sum(ends.get(_CANCELLED, 0) for _, ends in self.kinds.values())
        outcome.figures += [
            f"{total} requests, each with one end and its own answer; {rate}",
            f"{ways}; cancelled {cancelled}",
        ]
        if len(self._samples) > _BATCHES:
            levels = compare(self._samples)
            outcome.figures += levels.figures
            self._problems += levels.problems
        outcome.problems = self._problems
        return outcome


def _table(kinds: dict[str, tuple[int, dict[str, int]]]) -> list[str]:
    """How many of each kind, and how they ended."""
    lines = []
    for name, (count, statuses) in sorted(kinds.items()):
        ends = [("cancelled" if status == _CANCELLED else status, n) for status, n in statuses.items()]
        lines.append(f"{name:24} {count:7}  {'  '.join(f'{end}: {n}' for end, n in sorted(ends))}")
    return lines
