# SPDX-License-Identifier: MIT
"""`make size`: the bytes of a program by part, as the linker's map beside it has them.

The sums are the sizes of the program's sections. Bytes that belong to no part (padding, and what the
linker itself makes) are in the last line. With a record, the board's size.json, it shows what changed since.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from frozen import added_bytes, frozen_modules

_ROOT = Path(__file__).resolve().parents[1]

# Smaller changes are not reported: another compiler, or a change in another part, moves a few bytes.
TOLERANCE_BYTES = 1024
TOLERANCE_SHARE = 0.02

# Bytes. The stand-ins must leave room for the vendor's modules, whose places they take.
BUDGETS = {"stand-ins": 40 * 1024}
# Packages with all that they add to the program, their names too: the map has these elsewhere.
WITH_NAMES = {
    "requests": (("requests", "urllib3"), 44 * 1024),
    "urlrequest": (("urlrequest", "kivy"), 6 * 1024),
    "webrequest": (("webrequest", "cefpython3"), 9 * 1024),
}

COLUMNS = ("text", "rodata", "data", "bss")
REST = "padding, linker"
# What is frozen has a section for each function and constant; their names begin with those of the modules.
# The names in a package are among those of all frozen modules, and so are its short texts.
_KINDS = "fun_data|proto_fun|children|const_(obj|obj_table_data|qstr_table_data)|frozen_module"
_STANDINS = "|".join(
    sorted(path.stem for path in (_ROOT / "firmware/standins").rglob("*") if path.stem != "manifest")
)
_PACKAGES = (
    ("requests, frozen", rf"\.rodata\.({_KINDS})_(requests|urllib3)(_|$)"),
    ("urlrequest, frozen", rf"\.rodata\.({_KINDS})_(urlrequest|kivy)(_|$)"),
    ("webrequest, frozen", rf"\.rodata\.({_KINDS})_(webrequest|cefpython3)(_|$)"),
    ("stand-ins", rf"\.rodata\.({_KINDS})_({_STANDINS})(_|$)"),
)
# The first pattern that matches the path of an input file decides its part.
PARTS = (
    ("libcurl", r"/libcurl\.a\("),
    ("mbedTLS", r"/libmbed\w+\.a\("),
    ("zlib", r"/libz\.a\("),
    ("C library, libgcc", r"/lib(c|m|pthread|gcc\w*|c_nonshared)\.a\(|crt\w+\.o$"),
    ("http (C)", r"/http/(\w+/)?\w+\.o$"),
    ("frozen Python", r"/frozen_content\.o$"),
    ("firmware (C)", r"/firmware/\w+\.o$"),
    ("MicroPython", r"\.o$"),
)
# The linker makes these for all parts together. Its map names any one of the input files for them.
_LINKERS = re.compile(r"\.(got|plt|iplt|igot|rela?|dyn|hash|gnu|interp|note|eh_frame_hdr|ARM\.exidx|stub)")
_BY_SECTION = {"text": "text|init|fini|plt|iplt", "data": "data|got|init_array|fini_array|dynamic|tdata"}
_BY_SECTION["bss"] = "bss|tbss"
_OUTPUT = re.compile(r"^(\.[\w.-]+)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)")
_INPUT = re.compile(r"^ (\.\S+|COMMON)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$")

Sizes = dict[str, int]  # bytes by column


@dataclass
class Program:
    """The sizes of a program's parts: a number for each part and column."""

    parts: dict[str, Sizes] = field(
        default_factory=lambda: {
            name: dict.fromkeys(COLUMNS, 0) for name in [*dict(PARTS), *dict(_PACKAGES), REST]
        }
    )

    def total(self) -> Sizes:
        """The sizes of the whole program."""
        return {column: sum(part[column] for part in self.parts.values()) for column in COLUMNS}


def column_of(section: str) -> str:
    """Return the column in which an output section is counted."""
    for column, names in _BY_SECTION.items():
        if re.fullmatch(rf"\.({names})(\..*)?", section):
            return column
    return "rodata"


def part_of(path: str, section: str = "") -> str:
    """Return the part of an input section in an input file, with their names as in the map."""
    for name, pattern in _PACKAGES:
        if path.endswith("/frozen_content.o") and re.match(pattern, section):
            return name
    return next((name for name, pattern in PARTS if re.search(pattern, path)), REST)


def _lines(text: str) -> Iterator[str]:
    """Return the lines of the memory map. Where the linker broke a line after a long name, it is joined."""
    name = ""
    for line in text.partition("\nLinker script and memory map\n")[2].splitlines():
        if re.fullmatch(r" ?\.\S+", line):
            name = line
        else:
            yield f"{name} {line.lstrip()}" if name and line.startswith("    ") else line
            name = ""


@dataclass
class _Section:
    """An output section, and the input sections in it: (address, size, file, name)."""

    name: str
    start: int
    end: int
    pieces: list[tuple[int, int, str, str]]


def _sections(text: str) -> Iterator[_Section]:
    """Yield the sections that are loaded into memory, each when it is complete."""
    section = None
    for line in _lines(text):
        if not line.startswith(" "):
            if section:
                yield section
            output = _OUTPUT.match(line)
            address, size = (int(output[2], 16), int(output[3], 16)) if output else (0, 0)
            # Sections at address 0 are not loaded: debug information and comments.
            section = _Section(output[1], address, address + size, []) if output and address else None
        elif section and (piece := _INPUT.match(line)):
            section.pieces.append((int(piece[2], 16), int(piece[3], 16), piece[4], piece[1]))
    if section:
        yield section


def read_map(text: str) -> Program:
    """Return the sizes in a map of GNU ld.

    Raises ValueError when there is no program in it.
    """
    program = Program()
    for section in _sections(text):
        column = column_of(section.name)
        pieces = [] if _LINKERS.match(section.name) else sorted(piece for piece in section.pieces if piece[1])
        rest = section.end - section.start
        # Where strings of many files are merged, the sizes in the map overlap. A piece ends where the next
        # one starts, or earlier.
        for (address, size, path, name), (end, *_) in pairwise([*pieces, (section.end, 0, "", "")]):
            used = max(0, min(size, end - address))
            program.parts[part_of(path, name)][column] += used
            rest -= used
        program.parts[REST][column] += rest
    if not any(program.total().values()):
        raise ValueError("this is no linker map of a program")
    return program


def linked_files(text: str) -> set[str]:
    """Return the input files that have bytes in the program, from a map of GNU ld."""
    return {path for section in _sections(text) for _, size, path, _ in section.pieces if size}


def is_beyond(now: int, then: int) -> bool:
    """Return True if a change is larger than the tolerance."""
    return abs(now - then) > max(TOLERANCE_BYTES, TOLERANCE_SHARE * then)


def _signed(number: int) -> str:
    return f"{number:+,}" if number else "="


def table(program: Program, record: dict[str, Sizes] | None) -> str:
    """Return the table of sizes, with the change of each part since the record."""
    lines = [f"{'bytes':<18}" + "".join(f"{column:>10}" for column in (*COLUMNS, "together"))]
    for name, sizes in [*program.parts.items(), ("the program", program.total())]:
        now = sum(sizes.values())
        if not now and name not in (record or {}):
            continue  # the host build has no libcurl of its own
        line = f"{name:<18}" + "".join(f"{sizes[column]:>10,}" for column in COLUMNS) + f"{now:>10,}"
        if record is not None:
            old = record.values() if name == "the program" else [record.get(name, {})]
            line += f"{_signed(now - sum(sum(part.values()) for part in old)):>10}"
        lines.append(line)
    return "\n".join(lines)


def changes(program: Program, record: dict[str, Sizes]) -> tuple[list[str], list[str]]:
    """Return the parts that grew, and those that shrank, beyond the tolerance, each with the difference."""
    grew, shrank = [], []
    for name in sorted({*program.parts, *record}):
        now, then = (sum(part.get(name, {}).values()) for part in (program.parts, record))
        if is_beyond(now, then):
            (grew if now > then else shrank).append(f"{name} {_signed(now - then)} (recorded: {then:,})")
    return grew, shrank


def compare(program: Program, record: dict[str, Sizes], same_compiler: bool, check: bool) -> int:
    """Print what changed beyond the tolerance. Gives the exit code."""
    grew, shrank = changes(program, record)
    share = f"more than {TOLERANCE_SHARE:.0%} and {TOLERANCE_BYTES:,} bytes"
    for what, names in (("grew", grew), ("shrank", shrank)):
        if names:
            print(f"{what} by {share}: {'; '.join(names)}")
    if not same_compiler:
        print("recorded with another compiler: nothing of this is an error")
    elif grew or shrank:
        print("if that is as it should be: make size RECORD=1 ..., and commit the record")
    return int(check and same_compiler and bool(grew))


def over_budget(program: Program) -> list[str]:
    """Return a line for each part that is larger than its budget."""
    sizes = {name: sum(program.parts[name].values()) for name in BUDGETS}
    return [
        f"{name}: {size:,} bytes of at most {BUDGETS[name]:,}"
        for name, size in sizes.items()
        if size > BUDGETS[name]
    ]


def packages_over_budget(build: Path, board: Path, toolchain: str) -> list[str]:
    """Print what each frozen package adds, with its names. Return a line for each beyond its budget."""
    over = []
    modules = frozen_modules(build) if (build / "frozen_content.c").exists() else {}
    for name, (packages, budget) in WITH_NAMES.items():
        if any(module.partition("/")[0] in packages for module in modules):
            size = added_bytes(build, board, toolchain, packages)
            print(f"{name}, frozen, with the names that nothing else has: {size:,} bytes")
            if size > budget:
                over.append(f"{name}, frozen: {size:,} bytes of at most {budget:,}")
    return over


def compiler_version(toolchain: str) -> str:
    """Return the first line of a compiler's --version."""
    run = subprocess.run([toolchain, "--version"], check=True, capture_output=True, text=True)
    return run.stdout.splitlines()[0]


def main(argv: list[str] | None = None) -> int:
    """Print the table. Gives the exit code."""
    parser = argparse.ArgumentParser(description="Where the bytes of a program are.")
    parser.add_argument("program", type=Path, help="its map is beside it: PROGRAM.map")
    parser.add_argument("record", type=Path, help="the board's size.json; need not be there")
    parser.add_argument("--toolchain", default="gcc", help="the compiler it was built with")
    parser.add_argument("--record", dest="write", action="store_true", help="record these figures")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a part grew too much")
    args = parser.parse_args(argv)
    program = read_map(args.program.with_name(args.program.name + ".map").read_text())
    compiler = compiler_version(args.toolchain)
    record = json.loads(args.record.read_text()) if args.record.exists() else None

    print(f"{args.program}: {args.program.stat().st_size:,} bytes, built with {compiler}")
    print(table(program, record and record["parts"]))
    over = over_budget(program) + packages_over_budget(
        args.program.parent, args.record.parent, args.toolchain
    )
    print("".join(f"{line}\n" for line in over), end="")
    if args.check and over:
        return 1
    if args.write:
        args.record.write_text(json.dumps({"compiler": compiler, "parts": program.parts}, indent=2) + "\n")
        print(f"recorded in {args.record}")
        return 0
    if record is None:
        print(f"there is no record, {args.record}, to compare with")
        return 0
    return compare(program, record["parts"], record["compiler"] == compiler, args.check)


if __name__ == "__main__":
    sys.exit(main())
