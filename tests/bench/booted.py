# SPDX-License-Identifier: MIT
"""Rows of the booted machine: the firmware in QEMU, and the floor beside it on the same kernel.

runner.c starts both in turns and prints what the kernel says of each. Only the machine of the benchmark has
it and the floor, in an archive behind the firmware's own.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.clients import HERE, ROOT, STATIC_LIBRARIES
from bench.context import Bench
from bench.table import Goal, Row, middle, middle_ratio
from bench.web import HUNDRED_KB, KIB, MIB
from machine import HOST, boot

_MACHINE = ROOT / "build/QEMU_VIRT"
_SYSROOT = ROOT / "build/DL7450/sysroot"
_COMPILER = _SYSROOT / "bin/aarch64-linux-musl-gcc"
_FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-no-pie", "-s", f"-I{HERE.parent}")
_CA = "/bench/ca.pem"
_WHO = ("floor", "module")
# Each instruction takes 1 ns of the machine's time: then the kernel's CPU times count instructions.
_COUNTED = ("-icount", "shift=0")
_COUNTED_ROUNDS, _TIMED_ROUNDS = 3, 15
_LIMIT_S = 400
_LINE = re.compile(r"bench: (\d+) (\d+) (\d+)")


@dataclass(frozen=True)
class Usage:
    """What the kernel says of a program that has ended."""

    cpu_us: int  # of all its threads, user and system
    wall_us: int
    peak_kib: int  # the most memory that it had: VmHWM


@dataclass(frozen=True)
class Get:
    """Requests of HUNDRED_KB, one after the other: of two runs the difference counts."""

    what: str
    https: str  # the origin
    close: bool
    few: int
    many: int

    def commands(self) -> list[str]:
        """Return the commands of one round: floor and module with few requests, then with many."""
        url = f"{self.https.replace('127.0.0.1', HOST)}/{HUNDRED_KB}"
        return [
            command
            for count in (self.few, self.many)
            for command in (
                f"/bench/floor {_CA} {url} {count} {self.close:d}",
                f"/bin/dl7450 /bench/anew.py {url} {count} {_CA} {self.close:d}",
            )
        ]

    def one(self, figures: Sequence[int]) -> dict[str, list[float]]:
        """Return each client's figure of one request, by rounds. figures: of commands(), round by round."""
        pairs = {who: zip(figures[i::4], figures[i + 2 :: 4], strict=True) for i, who in enumerate(_WHO)}
        return {
            who: [(many - few) / (self.many - self.few) for few, many in each] for who, each in pairs.items()
        }


def usages(log: str, count: int) -> list[Usage]:
    """Return what the machine said of that many programs. RuntimeError if it did not."""
    found = [Usage(*map(int, numbers)) for numbers in _LINE.findall(log)]
    if len(found) != count:
        raise RuntimeError(f"{len(found)} of {count} programs ended well in the machine:\n{log[-2000:]}")
    return found


def _compile(output: Path, *words: str | Path) -> None:
    subprocess.run([_COMPILER, *_FLAGS, "-o", output, *words], check=True)


def _make_machine(folder: Path, ca: Path, commands: Sequence[str]) -> None:
    """Put the firmware with the benchmark's archive into the folder, for boot()."""
    shutil.rmtree(folder, ignore_errors=True)
    files = folder / "files/bench"
    files.mkdir(parents=True)
    _compile(files / "runner", HERE / "runner.c")
    libcurl = ("-DCURL_STATICLIB", f"-I{_SYSROOT / 'include'}", f"-L{_SYSROOT / 'lib'}")
    _compile(files / "floor", *libcurl, HERE / "floor_booted.c", HERE / "floor.c", *STATIC_LIBRARIES)
    for name in ("anew.py", "bodies.py"):
        shutil.copy(HERE / "apps" / name, files)
    shutil.copy(ca, files / "ca.pem")
    (files / "commands").write_text("".join(f"{command}\n" for command in commands))
    subprocess.run([ROOT / "tools/initramfs.sh", folder / "files", folder / "bench.img"], check=True)
    parts = [image.read_bytes() for image in (_MACHINE / "initrd.img", folder / "bench.img")]
    (folder / "initrd.img").write_bytes(b"".join(parts))
    for name in ("kernel", "board.json"):
        shutil.copy(_MACHINE / name, folder)


def _run(bench: Bench, commands: Sequence[str], arguments: tuple[str, ...] = ()) -> list[Usage]:
    """Boot the machine, run the commands there, one after the other; return what each used."""
    folder = bench.measure.folder / "booted"
    _make_machine(folder, bench.web.ca, commands)
    environment = {"DL7450_PROGRAM": "/bench/runner", "BENCH_COMMANDS": "/bench/commands"}
    with (
        bench.measure.core(),
        boot(folder, environment=environment, arguments=arguments) as machine,
    ):
        machine.wait(_LIMIT_S)
    return usages(machine.log, len(commands))


def _commands(gets: Sequence[Get], rounds: int) -> list[str]:
    return [command for get in gets for command in get.commands() * rounds]


def _each(gets: Sequence[Get], figures: Sequence[int]) -> Iterator[tuple[Get, dict[str, list[float]]]]:
    """Give each of the gets with the figures of one request. figures: of _commands()."""
    share = len(figures) // len(gets)
    for i, get in enumerate(gets):
        yield get, get.one(figures[i * share : (i + 1) * share])


def rows(bench: Bench) -> Iterator[Row]:
    """Memory of sixteen bodies; CPU and time of a GET of 100 KB; CPU of a resumed handshake."""
    web = bench.web
    large = f"{web.https.replace('127.0.0.1', HOST)}/{MIB}"
    sixteen = [f"/bench/floor {_CA} {large} sixteen", f"/bin/dl7450 /bench/bodies.py {_CA} {large} {MIB}"]
    gets = [
        Get("kept connection", web.https, False, 5, 55),
        Get("new connection, full handshake", web.forgetful, True, 2, 12),
        Get("new connection, resumed", web.https, True, 5, 30),
    ]
    counted = _run(bench, sixteen + _commands(gets, _COUNTED_ROUNDS), _COUNTED)
    floor, module = (usage.peak_kib for usage in counted[:2])
    yield Row(
        "booted: 16 HTTPS bodies of 1 MiB: memory / floor",
        module / floor,
        Goal(1.15),
        {"floor": f"{floor / KIB:.1f} MiB", "module": f"{module / KIB:.1f} MiB"},
    )
    spent: list[Mapping[str, float]] = []
    for get, values in _each(gets, [usage.cpu_us for usage in counted[2:]]):
        spent.append(middle(values))
        yield Row(
            f"booted: GET 100 KB over HTTPS, {get.what}: CPU / floor",
            middle_ratio(values["module"], values["floor"]),
            Goal(1.10),
            {who: f"{us:,.0f} k" for who, us in spent[-1].items()},
        )
    kept, full, resumed = (each["module"] for each in spent)
    yield Row(
        "booted: resumed handshake / full one: CPU",
        (resumed - kept) / (full - kept),
        Goal(0.40),
        {"floor": f"{full - kept:,.0f} k", "module": f"{resumed - kept:,.0f} k"},
    )
    timed = _run(bench, _commands(gets, _TIMED_ROUNDS))
    for get, values in _each(gets, [usage.wall_us for usage in timed]):
        yield Row(
            f"booted: GET 100 KB over HTTPS, {get.what}: time / floor",
            middle_ratio(values["module"], values["floor"]),
            Goal(1.10),
            {who: f"{us / 1000:.1f} ms" for who, us in middle(values).items()},
        )
