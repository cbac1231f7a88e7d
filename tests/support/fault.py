# SPDX-License-Identifier: MIT
"""Faults of the network, and what must hold after each of them.

An app makes three requests that meet the fault: a sync one, an async one, and an async one with `file=`.
For every fault the test checks: all three end with the expected status, within the expected time; error()
is one line; the callback runs once. Afterwards all slots are free, no descriptor is open, no file is left,
and requests to a good server work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from servers.wire import Handler, Reply

from support.program import Program

AT_ONCE = "at once"  # as soon as the fault is visible, whatever the deadline is
AT_THE_DEADLINE = "at the deadline"

DEADLINE = 0.5  # seconds, for faults that only the deadline ends
LONG_DEADLINE = 20.0  # seconds, for all other faults: they must end long before it
MARGIN = 1.0  # seconds; the machine may be busy


@dataclass(frozen=True)
class Fault:
    """What a server does, and how a request to it ends. Each has a row in the table of faults."""

    answer: Reply | Handler
    status: int | tuple[int, ...]  # several where versions of libcurl or TLS libraries differ
    ends: str = AT_ONCE
    method: str = "GET"
    options: Mapping[str, object] = field(default_factory=dict)  # options of the call
    descriptors_kept: int = 0  # for reusable connections and resolvers that still hang

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status that it may end with."""
        return self.status if isinstance(self.status, tuple) else (self.status,)


_HOW = ("sync", "async", "async to a file")

_APP = """
import idle
import os


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def peak_kib():
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM"):
                return int(line.split()[1])


def good():
    codes = [http.get(GOOD).status_code()]
    http.get_async(GOOD, lambda r: codes.append(r.status_code()))
    idle.run()
    return codes


def start(how, **options):
    def ended(r):
        seconds = time.ticks_diff(time.ticks_ms(), started) / 1000
        show(how, r.status_code(), r.error(), seconds)

    options.update(OPTIONS)
    started = time.ticks_ms()
    if how == "sync":
        ended(http.request(METHOD, URL, **options))
    else:
        http.request_async(METHOD, URL, ended, **options)


good()
files_before, descriptors_before, peak_before = os.listdir(), descriptors(), peak_kib()
start("async")
start("async to a file", file="file")
start("sync")
idle.run()
peak = peak_kib() - peak_before
# A resolver thread of libcurl closes its last descriptor by itself, some time later.
patience = time.ticks_ms()
while descriptors() - descriptors_before > KEPT and time.ticks_diff(time.ticks_ms(), patience) < 2000:
    time.sleep(0.01)
left = descriptors() - descriptors_before
show("after", good(), http.stats()["in_flight"], left, os.listdir() == files_before, peak)
"""


@dataclass(frozen=True)
class Survival:
    """Runs the app; see the module's docstring."""

    run_app: Program
    good_url: str
    measures_memory: bool  # False for a program with a sanitizer

    def __call__(
        self,
        fault: Fault,
        url: str,
        *,
        grows_kib: int | None = None,
        env: Mapping[str, str] | None = None,
        **options: object,
    ) -> None:
        """Run the app against this URL, with further options of the call.

        grows_kib: by how much the peak of the program's memory may grow meanwhile.
        """
        deadline = DEADLINE if fault.ends == AT_THE_DEADLINE else LONG_DEADLINE
        run = self.run_app(
            _APP,
            URL=url,
            GOOD=self.good_url,
            METHOD=fault.method,
            KEPT=fault.descriptors_kept,
            OPTIONS={"timeout": deadline, **fault.options, **options},
            env=env,
        )
        *ends, (_, codes, in_flight, left, same_files, grown) = run.ok().lines
        assert sorted(how for how, *_ in ends) == sorted(_HOW)  # each once
        assert codes == [200, 200]
        assert in_flight == 0
        assert left <= fault.descriptors_kept, left
        # A complete file is the only one that may stay.
        assert same_files == (ends[0][1] != 200), ends
        assert grows_kib is None or not self.measures_memory or grown < grows_kib
        for _, status, error, seconds in ends:
            assert status in fault.statuses, (status, error)
            assert status == ends[0][1]
            assert len(error.splitlines()) == (status < 100)
            if fault.ends == AT_THE_DEADLINE:
                assert 0.9 * DEADLINE < seconds < DEADLINE + MARGIN
            else:
                assert seconds < MARGIN
