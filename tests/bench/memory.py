# SPDX-License-Identifier: MIT
"""Rows about memory: bodies, downloads, sixteen requests at once."""

from collections.abc import Iterator
from statistics import median

from bench.clients import Command
from bench.context import Bench
from bench.table import Goal, Row
from bench.web import KIB, MIB

SMALL, LARGE = MIB, 64 * MIB
_ROUNDS = 3


def _mib(limit: float) -> Goal:
    return Goal(limit, form=".1f", unit=" MiB")


def body(bench: Bench) -> Iterator[Row]:
    """The memory that a body of known length adds to the program, at its peaks and afterwards."""
    command = bench.machine.module("memory", bench.web.body(KIB), bench.web.body(LARGE))
    figures = bench.measure.run(command)
    size = LARGE / MIB
    for what, key, limit in (
        ("64 MiB body: memory while it arrives", "arriving", 1.1 * size + 2),
        ("64 MiB body: memory when body() hands it over", "handover", 2.1 * size),
        ("64 MiB body: memory afterwards", "afterwards", 1.1 * size + 2),
    ):
        yield Row(what, figures[key][0] / MIB, _mib(limit))


def file(bench: Bench) -> Iterator[Row]:
    """The memory that 63 MiB more of a download into a file add to the program."""
    path = bench.files / "download"
    peaks = [
        bench.measure.run(bench.machine.module("memory", bench.web.body(KIB), bench.web.body(size), path))
        for size in (SMALL, LARGE)
    ]
    small, large = (peak["arriving"][0] for peak in peaks)
    yield Row("64 MiB into a file: memory over that of 1 MiB", (large - small) / MIB, _mib(0.5))


def sixteen(bench: Bench) -> Iterator[Row]:
    """The memory of sixteen HTTPS requests that have received a part of their bodies."""
    web = bench.web

    def memory(command: Command) -> float:
        return bench.measure.run(command)["memory"][0]

    for clients in bench.both:
        commands = {
            "floor": clients.floor("multi", web.held, "hold", web.ca),
            "module": clients.module("hold", web.held, web.ca),
        }
        values = bench.measure.in_turn(commands, memory, _ROUNDS)
        floor, module = median(values["floor"]), median(values["module"])
        yield Row(
            f"16 HTTPS requests, libcurl {clients.libcurl}: memory / floor",
            module / floor,
            Goal(1.10),
            {"floor": f"{floor / KIB:,.0f} KiB", "module": f"{module / KIB:,.0f} KiB"},
        )
