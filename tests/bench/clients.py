# SPDX-License-Identifier: MIT
"""The clients that are compared: the floor in C, the module, pycurl and requests."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
_FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{HERE.parent}")
STATIC_LIBRARIES = ("-lcurl", "-lmbedtls", "-lmbedx509", "-lmbedcrypto", "-lz")

Command = list[str | Path]


@dataclass(frozen=True)
class Clients:
    """The programs that use one libcurl: the module's program, and the floor for it."""

    program: Path
    folder: Path  # of the floor's programs
    libcurl: str  # its version

    def floor(self, kind: str, *args: object) -> Command:
        """Return the command of the floor; kind is sync or multi."""
        return [self.folder / f"floor_{kind}", *map(str, args)]

    def module(self, app: str, *args: object) -> Command:
        """Return the command of the module with the app of this name."""
        return [self.program, HERE / f"apps/{app}.py", *map(str, args)]


def cpython(script: str, *args: object) -> Command:
    """Return the command of a script for a library of CPython."""
    return [Path(sys.executable), HERE / f"cpython/{script}.py", *map(str, args)]


def _build(folder: Path, compile_flags: Sequence[str], link_flags: Sequence[str]) -> None:
    folder.mkdir()
    for kind in ("sync", "multi"):
        sources = [HERE / f"floor_{kind}.c", HERE / "floor.c"]
        command = [os.environ.get("CC", "cc"), *_FLAGS, *compile_flags, "-o", folder / f"floor_{kind}"]
        subprocess.run([*command, *sources, *link_flags], check=True)


def _version(folder: Path) -> str:
    run = subprocess.run([folder / "floor_sync", "version"], check=True, capture_output=True, text=True)
    return run.stdout.strip()


def build_clients(folder: Path) -> tuple[Clients, Clients]:
    """Build the floors; return the clients for this machine's libcurl and for the firmware's."""
    machine, firmware = folder / "floor", folder / "floor-firmware"
    _build(machine, [], ["-lcurl"])
    sysroot = ROOT / "build/NATIVE/sysroot"
    _build(
        firmware,
        ["-DCURL_STATICLIB", f"-I{sysroot / 'include'}"],
        [f"-L{sysroot / 'lib'}", *STATIC_LIBRARIES],
    )
    return (
        Clients(ROOT / "build/UNIX/dl7450", machine, _version(machine)),
        Clients(ROOT / "build/NATIVE/dl7450", firmware, _version(firmware)),
    )
