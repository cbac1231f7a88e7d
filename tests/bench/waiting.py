# SPDX-License-Identifier: MIT
"""Rows about the time between requests: handshakes, callbacks, and an idle app."""

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.context import Bench
from bench.table import Goal, Row
from bench.web import KIB
from servers.wire import HOLD, Reply, Request, WireServer, always, reply

_REQUESTS = 100  # requests over TLS
_CALLBACKS = 600
_PAUSE_S = 0.005  # before the last byte of each body: the app is idle after this time
_SETTLE_S = 2.0
_IDLE_S = 5.0
_POLL_S = 0.1  # FLOOR_POLL_MS
_POLLS_AN_HOUR = 360


def handshakes(bench: Bench) -> Iterator[Row]:
    """TLS handshakes of many requests in a row."""
    web = bench.web
    for clients in bench.both:
        figures = bench.measure.run(clients.module("handshakes", web.connection, web.ca, _REQUESTS))
        what = f"{_REQUESTS} HTTPS requests in a row, libcurl {clients.libcurl}: handshakes"
        yield Row(what, figures["handshakes"][0], Goal(1, form=".0f"))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of all values does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def callbacks(bench: Bench) -> Iterator[Row]:
    """The time from the server's last byte to the callback of an idle app; both use the same clock."""
    sent: list[float] = []

    def note() -> None:
        sent.append(time.monotonic())

    def answer(request: Request) -> Reply:
        whole = reply(200, b"12345678")
        return [whole[:-1], _PAUSE_S, note, whole[-1:]]

    with WireServer(answer) as server:
        figures = bench.measure.run(bench.machine.module("latency", server.url + "/", _CALLBACKS))
    late = [called - there * 1e6 for called, there in zip(figures["times"], sent, strict=True)]
    for share, judged in ((0.5, False), (0.99, True)):
        what = f"completion to callback while idle, {share:.0%} within"
        yield Row(what, percentile(late, share), Goal(1000, form=".0f", unit=" us"), judged=judged)


_SWITCHES = ("voluntary_ctxt_switches", "nonvoluntary_ctxt_switches")


def _wake_ups(process: int, kinds: Sequence[str] = _SWITCHES) -> int:
    """Return how often the threads of a process got the CPU again; the first kind: after they had waited."""
    lines = [
        line
        for status in Path(f"/proc/{process}/task").glob("*/status")
        for line in status.read_text().splitlines()
    ]
    return sum(int(line.split()[1]) for line in lines if line.split(":")[0] in kinds)


def idle(bench: Bench) -> Iterator[Row]:
    """How often an idle app wakes up while a request and a timer are pending."""
    with WireServer(always([HOLD])) as server:
        process = bench.measure.start(bench.machine.module("idle", server.url + "/"))
        try:
            assert process.stdout
            process.stdout.readline()
            time.sleep(_SETTLE_S)
            before = _wake_ups(process.pid)
            time.sleep(_IDLE_S)
            woken = _wake_ups(process.pid) - before
            assert process.poll() is None, "the idle app ended"
        finally:
            process.kill()
            process.wait()
    what = f"an idle app with a request in flight: wake-ups in {_IDLE_S:.0f} s"
    yield Row(what, woken, Goal(0, form=".0f"))


def _cpu_s(process: int) -> float:
    """Return the CPU time of all threads of a process."""
    stats = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e9


def polling(bench: Bench) -> Iterator[Row]:
    """Wake-ups and CPU of an app that polls, per hour of one request every 10 s.

    It polls a hundred times as often here; between two requests neither program wakes up (see idle()).
    """
    url = bench.web.body(KIB)
    commands = {
        "floor": bench.machine.floor("sync", url, 1000, 0, "poll"),
        "module": bench.machine.module("poll", url),
    }
    woken: dict[str, float] = {}
    used: dict[str, float] = {}
    for name, command in commands.items():
        process = bench.measure.start(command)
        try:
            time.sleep(_SETTLE_S)
            before = _wake_ups(process.pid, _SWITCHES[:1]), _cpu_s(process.pid)
            time.sleep(_IDLE_S)
            after = _wake_ups(process.pid, _SWITCHES[:1]), _cpu_s(process.pid)
            assert process.poll() is None, f"{name} ended"
        finally:
            process.kill()
            process.wait()
        hours = _IDLE_S / _POLL_S / _POLLS_AN_HOUR
        woken[name], used[name] = ((last - first) / hours for first, last in zip(before, after, strict=True))
    goal = Goal(2.0)
    yield Row(
        "polling every 10 s: wake-ups in an hour / a C program's",
        woken["module"] / woken["floor"],
        goal,
        {name: f"{value:,.0f}" for name, value in woken.items()},
    )
    yield Row(
        "polling every 10 s: CPU in an hour / a C program's",
        used["module"] / used["floor"],
        goal,
        {name: f"{value * 1000:,.0f} ms" for name, value in used.items()},
    )
