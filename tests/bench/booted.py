# SPDX-License-Identifier: MIT
"""Rows of the booted machine: the firmware in QEMU, beside a C program that runs there too.

Both run on the same kernel, in turns, in one boot; runner.c starts them, and the kernel says what each has used.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from machine import HOST, boot

from bench.context import Bench
from bench.table import Goal, Row, middle_ratio
from bench.web import KIB, MIB

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MACHINE = ROOT / "build/QEMU_VIRT"
SYSROOT = ROOT / "build/DL7450/sysroot"
COMPILER = SYSROOT / "bin/aarch64-linux-musl-gcc"


def build(folder: Path) -> None:
    flags = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-no-pie", "-s", f"-I{HERE.parent}")
    libs = ("-lcurl", "-lmbedtls", "-lmbedx509", "-lmbedcrypto", "-lz")
    curl = ("-DCURL_STATICLIB", f"-I{SYSROOT}/include", f"-L{SYSROOT}/lib")
    subprocess.run([COMPILER, *flags, "-o", folder / "runner", HERE / "runner.c"], check=True)
    subprocess.run(
        [COMPILER, *flags, *curl, "-o", folder / "floor", HERE / "floor_booted.c", HERE / "floor.c", *libs],
        check=True,
    )


def image(folder: Path, ca: Path, commands: str) -> None:
    files = folder / "files/bench"
    shutil.rmtree(folder, ignore_errors=True)
    files.mkdir(parents=True)
    build(files)
    for app in ("anew", "bodies"):
        shutil.copy(HERE / f"apps/{app}.py", files)
    shutil.copy(ca, files / "ca.pem")
    (files / "commands").write_text(commands)
    subprocess.run([ROOT / "tools/initramfs.sh", folder / "files", folder / "bench.img"], check=True)
    with (folder / "initrd.img").open("wb") as whole:
        for part in (MACHINE / "initrd.img", folder / "bench.img"):
            whole.write(part.read_bytes())
    for name in ("kernel", "board.json"):
        shutil.copy(MACHINE / name, folder)
