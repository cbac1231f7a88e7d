# SPDX-License-Identifier: MIT
"""Rows about speed: instructions and time of requests, bytes a second, the start of the program."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.clients import Clients, Command, cpython
from bench.context import Bench
from bench.table import Goal, Row, middle, middle_ratio
from bench.web import KIB, MIB

LARGE = 64 * MIB
_LARGE_ROUNDS = 21


def _with_cpython(bench: Bench, clients: Clients) -> bool:
    # They have their own libcurl or none, so one measurement is enough.
    return clients is bench.machine


def instructions(bench: Bench) -> Iterator[Row]:
    """A sync request of 1 KiB, keep-alive, counted in instructions."""
    url = bench.web.body(KIB)
    count = bench.measure.instructions
    for clients in bench.both:
        values = {
            "floor": count(lambda n, c=clients: c.floor("sync", url, n, 0), 100, 1100),
            "module": count(lambda n, c=clients: c.module("sync", url, n, 0), 100, 1100),
        }
        if _with_cpython(bench, clients):
            values["pycurl"] = count(lambda n: cpython("pycurl_sync", url, n, 0), 20, 120, runs=1)
            values["requests"] = count(lambda n: cpython("requests_sync", url, n, 0), 20, 120, runs=1)
        yield Row(
            f"GET 1 KiB, libcurl {clients.libcurl}: instructions / floor",
            values["module"] / values["floor"],
            Goal(1.20),
            {name: f"{value / 1000:,.1f} k" for name, value in values.items()},
        )


def sync(bench: Bench) -> Iterator[Row]:
    """The same request, measured in time."""
    url = bench.web.body(KIB)
    count, few = 3000, 300
    for clients in bench.both:
        commands = {
            "floor": clients.floor("sync", url, count, few),
            "module": clients.module("sync", url, count, few),
        }
        if _with_cpython(bench, clients):
            commands["pycurl"] = cpython("pycurl_sync", url, count, few)
            commands["requests"] = cpython("requests_sync", url, few, few // 10)
        values = bench.measure.in_turn(commands)
        counts = {"requests": few}
        yield Row(
            f"GET 1 KiB, libcurl {clients.libcurl}: time / floor",
            middle_ratio(values["module"], values["floor"]),
            Goal(1.15),
            {name: f"{v / counts.get(name, count) * 1e6:,.0f} us" for name, v in middle(values).items()},
        )


def sixteen(bench: Bench) -> Iterator[Row]:
    """Many requests of 1 KiB, sixteen at a time."""
    url = bench.web.body(KIB)
    count, warm = 10000, 500
    for clients in bench.both:
        commands = {
            "floor": clients.floor("multi", url, count, warm),
            "module": clients.module("multi", url, count, warm),
        }
        if _with_cpython(bench, clients):
            commands["pycurl"] = cpython("pycurl_multi", url, count, warm)
        values = bench.measure.in_turn(commands)
        yield Row(
            f"16 in flight, libcurl {clients.libcurl}: requests/s / floor",
            middle_ratio(values["floor"], values["module"]),
            Goal(0.95, least=True),
            {name: f"{count / value:,.0f}/s" for name, value in middle(values).items()},
        )


def _rates(values: dict[str, list[float]], count: int) -> dict[str, str]:
    return {name: f"{count * LARGE / MIB / value:,.0f} MiB/s" for name, value in middle(values).items()}


def large(bench: Bench) -> Iterator[Row]:
    """A body of 64 MiB into memory: until the Response, and until its bytearray."""
    url = bench.web.body(LARGE)
    count = 4
    commands = {
        "floor": bench.machine.floor("sync", url, count, 1),
        "module": bench.machine.module("large", url, count, 1, "response"),
        "pycurl": cpython("pycurl_sync", url, count, 1),
        "requests": cpython("requests_sync", url, count, 1),
        "body": bench.machine.module("large", url, count, 1, "body"),
    }
    values = bench.measure.in_turn(commands, rounds=_LARGE_ROUNDS)
    body = values.pop("body")
    goal = Goal(0.90, least=True)
    yield Row(
        "64 MiB into memory, up to the Response: MiB/s / floor",
        middle_ratio(values["floor"], values["module"]),
        goal,
        _rates(values, count),
    )
    yield Row(
        "64 MiB into memory, up to the bytearray of body()",
        middle_ratio(values["floor"], body),
        goal,
        _rates({"floor": values["floor"], "module": body}, count),
        judged=False,
    )


def file(bench: Bench) -> Iterator[Row]:
    """A body of 64 MiB into a file in memory: a disk would hide the cost."""
    url = bench.web.body(LARGE)
    count = 4
    path = bench.files / "download"
    commands = {
        "floor": bench.machine.floor("sync", url, count, 1, path),
        "module": bench.machine.module("large", url, count, 1, path),
        "pycurl": cpython("pycurl_sync", url, count, 1, path),
        "requests": cpython("requests_sync", url, count, 1, path),
    }
    values = bench.measure.in_turn(commands, rounds=_LARGE_ROUNDS)
    yield Row(
        "64 MiB into a file: MiB/s / floor",
        middle_ratio(values["floor"], values["module"]),
        Goal(0.95, least=True),
        _rates(values, count),
    )


def stream(bench: Bench) -> Iterator[Row]:
    """A body of 64 MiB, read in pieces of 64 KiB into the same buffer."""
    url = bench.web.body(LARGE)
    count = 4
    for clients in (bench.machine, bench.firmware):
        commands = {
            "floor": clients.floor("sync", url, count, 1, "stream"),
            "module": clients.module("large", url, count, 1, "stream"),
        }
        values = bench.measure.in_turn(commands, rounds=_LARGE_ROUNDS)
        yield Row(
            f"64 MiB as a stream, libcurl {clients.libcurl}: MiB/s / floor",
            middle_ratio(values["floor"], values["module"]),
            Goal(0.95, least=True),
            _rates(values, count),
        )


def start(bench: Bench) -> Iterator[Row]:
    """From the start of the program to the first byte of a body, compared with the curl command."""
    url = bench.web.body(KIB)
    curl: Command = [Path("curl"), "-q", "-s", url]
    commands = {"curl": curl, "module": bench.machine.module("first_byte", url)}
    measure = partial(bench.measure.in_turn, commands, bench.measure.first_byte)
    measure(rounds=3)
    values = measure(rounds=101)
    shown = {name: f"{value * 1000:.1f} ms" for name, value in middle(values).items()}
    yield Row(
        "start to first byte: time / the curl command (as floor)",
        middle_ratio(values["module"], values["curl"]),
        Goal(0.95),
        {"floor": shown["curl"], "module": shown["module"]},
    )
