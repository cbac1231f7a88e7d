# SPDX-License-Identifier: MIT
"""Waits until a process has reached a state, which is read from /proc.

A test uses these functions instead of a sleep whose length is a guess. The helper polls, the program under
test does not; each wait ends when the state is reached, or fails after some seconds.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

_SECONDS = 20.0
_LOOK = 0.01
_BLOCKED_LOOKS = 5  # samples in a row in which the thread waits and has not run
_TICKS = os.sysconf("SC_CLK_TCK")


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Return as soon as the condition is true; fail after some seconds."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(_LOOK)


def _main_thread(pid: int) -> tuple[bool, tuple[str, ...]]:
    """Whether the main thread sleeps in the kernel, and its counts of context switches."""
    status = Path(f"/proc/{pid}/task/{pid}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    state = fields["State"][0]
    assert state not in "ZX", f"process {pid} has ended"
    return state == "S", (fields["voluntary_ctxt_switches"], fields["nonvoluntary_ctxt_switches"])


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


class _Look:
    """Samples of one process, taken one after the other."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._start = _cpu_seconds(pid)
        self._switches: tuple[str, ...] = ()
        self._looks = 0

    def is_blocked(self) -> bool:
        """It sleeps in the kernel and has not run since some samples ago."""
        waits, switches = _main_thread(self._pid)
        self._looks = self._looks + 1 if waits and switches == self._switches else 0
        self._switches = switches
        return self._looks >= _BLOCKED_LOOKS

    def is_computing(self) -> bool:
        """It has used some CPU time since the first sample."""
        return _cpu_seconds(self._pid) > self._start + 0.1


def wait_until_blocked(pid: int) -> None:
    """Return when the process sleeps in the kernel: it waits for input, or for a long time."""
    wait_for(_Look(pid).is_blocked, f"process {pid} to wait")


def wait_until_computing(pid: int) -> None:
    """Return when the process has used some CPU time."""
    wait_for(_Look(pid).is_computing, f"process {pid} to compute")


def wait_until_busy(pid: int) -> None:
    """Return when the process either sleeps in the kernel or has used some CPU time."""
    look = _Look(pid)
    wait_for(lambda: look.is_blocked() or look.is_computing(), f"process {pid} to wait or to compute")


def wait_until_read(pid: int, size: int) -> None:
    """Return when the process has read this many more bytes, from any descriptor."""

    def read() -> int:
        return int(Path(f"/proc/{pid}/io").read_text().partition("rchar: ")[2].split()[0])

    before = read()
    wait_for(lambda: read() >= before + size, f"process {pid} to read {size} bytes")


def wait_until_open(pid: int, name: str) -> None:
    """Return when the process has this file open and sleeps in the kernel."""
    folder = Path(f"/proc/{pid}/fd")
    wait_for(
        lambda: any(os.path.realpath(fd) == name for fd in folder.iterdir()), f"process {pid} to open {name}"
    )
    wait_until_blocked(pid)
