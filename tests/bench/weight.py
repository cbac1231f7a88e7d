# SPDX-License-Identifier: MIT
"""Rows about size: the bytes that the module adds to the program, in C and in frozen Python."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from platform import machine

from bench.clients import ROOT
from bench.context import Bench
from bench.table import Goal, Row
from size import read_map

_BUILD = ROOT / "build/UNIX"
_SMALL = ROOT / "build/UNIX-small"
_C_GOAL = Goal(32 * 1024, form=",.0f", unit=" bytes")
_PYTHON_GOAL = Goal(28 * 1024, form=",.0f", unit=" bytes")
_REQUESTS_GOAL = Goal(44 * 1024, form=",.0f", unit=" bytes")
_FEED_GOAL = Goal(6 * 1024, form=",.0f", unit=" bytes")
# Options of MicroPython's build that change the size of constants.
_FLAGS = ("-std=gnu99", "-Os", "-DUNIX", "-DNDEBUG", "-DMPZ_DIG_SIZE=16", "-DMICROPY_ROM_TEXT_COMPRESSION=1")
_FROZEN = ("-DMICROPY_MODULE_FROZEN_MPY", "-DMICROPY_QSTR_EXTRA_POOL=mp_qstr_frozen_const_pool")


def c_half(bench: Bench) -> Iterator[Row]:
    """Return the bytes that http/ adds to a host build for size, from the linker's map: code and data."""
    part = read_map((_SMALL / "dl7450.map").read_text()).parts["http (C)"]
    size = part["text"] + part["rodata"] + part["data"]
    yield Row(f"http/ in the program, {machine()} at -Os: text + data", size, _C_GOAL)


def _frozen_size(modules: Sequence[Path], folder: Path) -> int:
    """Return the bytes of these precompiled modules in a program, when frozen, with their names."""
    micropython = next(ROOT.glob("build/micropython-*"))
    tool = [sys.executable, micropython / "tools/mpy-tool.py", "--freeze", "-mlongint-impl=mpz"]
    names = ["--qstr-header", _BUILD / "genhdr/qstrdefs.preprocessed.h"]
    source, program = folder / "frozen.c", folder / "frozen.o"
    source.write_bytes(subprocess.run([*tool, *names, *modules], check=True, capture_output=True).stdout)
    folders = [ROOT, micropython, micropython / "ports/unix", _BUILD, ROOT / "boards/UNIX"]
    compiler = ["gcc", *_FLAGS, *_FROZEN, *(f"-I{path}" for path in folders)]
    subprocess.run([*compiler, "-c", "-o", program, source], check=True)
    said = subprocess.run(["size", program], check=True, capture_output=True, text=True).stdout
    text, data, _ = map(int, re.findall(r"\d+", said.splitlines()[1])[:3])
    return text + data


def _added(bench: Bench, packages: Sequence[str]) -> int:
    """Return the bytes that these packages and modules of modules/ add to all the other frozen ones."""
    frozen = _BUILD / "frozen_mpy"
    every = sorted(frozen.rglob("*.mpy"))
    others = [path for path in every if path.relative_to(frozen).with_suffix("").parts[0] not in packages]
    return _frozen_size(every, bench.files) - _frozen_size(others, bench.files)


def python_half(bench: Bench) -> Iterator[Row]:
    """The bytes that the modules of every board add to the other frozen modules, and those of requests."""
    ours = [path.stem for path in (ROOT / "modules").iterdir() if path.suffix == ".py" or path.name == "http"]
    yield Row(f"modules/ of every board, frozen, {machine()}", _added(bench, ours), _PYTHON_GOAL)
    # For comparison: x86-64 aligns each constant to 32 bytes. The budget is the dock's, in tools/size.py.
    yield Row(f"feed, frozen, {machine()}", _added(bench, ("feed",)), _FEED_GOAL, judged=False)
    requests = _added(bench, ("requests", "urllib3"))
    yield Row(f"requests, frozen, {machine()}", requests, _REQUESTS_GOAL)
