# SPDX-License-Identifier: MIT
"""Rows about size: the bytes that the module adds to the program, in C and in frozen Python."""

from collections.abc import Iterator, Sequence
from platform import machine

from bench.clients import ROOT
from bench.context import Bench
from bench.table import Goal, Row
from frozen import added_bytes
from size import WITH_NAMES, read_map

_BUILD = ROOT / "build/UNIX"
_SMALL = ROOT / "build/UNIX-small"
_C_GOAL = Goal(32 * 1024, form=",.0f", unit=" bytes")
_PYTHON_GOAL = Goal(28 * 1024, form=",.0f", unit=" bytes")

# Modules that only the host build has: boards/UNIX/manifest.py.
_PC_ONLY = {"_help", "_markup", "_strict", "_trace"}


def c_half(bench: Bench) -> Iterator[Row]:
    """Return the bytes that http/ adds to a host build for size, from the linker's map: code and data."""
    part = read_map((_SMALL / "dl7450.map").read_text()).parts["http (C)"]
    size = part["text"] + part["rodata"] + part["data"]
    yield Row(f"http/ in the program, {machine()} at -Os: text + data", size, _C_GOAL)


def _added(packages: Sequence[str]) -> int:
    """Return the bytes that these packages and modules of modules/ add to all the other frozen ones."""
    return added_bytes(_BUILD, ROOT / "boards/UNIX", "gcc", packages)


def python_half(bench: Bench) -> Iterator[Row]:
    """The bytes that the modules of every board add to the other frozen ones, and those of each package."""
    ours = {path.stem for path in (ROOT / "modules").iterdir() if path.suffix == ".py" or path.name == "http"}
    ours -= _PC_ONLY
    yield Row(f"modules/ of every board, frozen, {machine()}", _added(sorted(ours)), _PYTHON_GOAL)
    for name, (packages, most) in WITH_NAMES.items():
        goal = Goal(most, form=",.0f", unit=" bytes")
        yield Row(f"{name}, frozen, {machine()}", _added(packages), goal)
