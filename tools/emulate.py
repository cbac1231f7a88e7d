# SPDX-License-Identifier: MIT
"""`make emulate`: boots the firmware in QEMU and shows an app there, as `make run` does on this machine.

The app and its datastore are the machine's ROM store, the slides come from nginx on this machine's
loopback, and the screen is read from the machine's disk when it is off. Everything is written below one
folder, build/emulate:

    www/, nginx/    as for make run         rom.img     the ROM store
    data.img        the machine's disk      screen/     what the app drew
    log.txt         the log                 screen.png  the last screen, as one picture
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
from pathlib import Path

import yaml
from machine import HOST, Machine, boot, make_data_disk, read_data_disk
from run import (
    INTERRUPTED,
    LIMIT_S,
    ROOT,
    needs_slides,
    parser,
    run_tool,
    say,
    serve_slides,
    settings,
    shown,
    take_picture,
)
from store import pack

BOOT_S = 30
STORE = "rom.yaml"


def make_store(folder: Path, app: Path, pairs: dict[str, str]) -> Path:
    """Pack the app and its key-value pairs. Gives the image."""
    config = folder / STORE
    config.write_text(yaml.safe_dump({"code": {"path": str(app.resolve())}, "kv_store": pairs}))
    image = folder / "rom.img"
    pack(config, image)
    return image


def wait(machine: Machine, limit_s: float | None) -> int:
    """Wait for the app's end; gives its exit code. Ctrl-C cuts the power."""
    try:
        return machine.wait(limit_s)
    except KeyboardInterrupt:
        machine.cut_power()
        return INTERRUPTED


def emulate(args: argparse.Namespace) -> int:
    """Run the tool. Gives the exit code of the app."""
    folder: Path = args.folder.resolve()
    for name in ("www", "nginx", "screen"):
        shutil.rmtree(folder / name, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    picture = folder / "screen.png"
    picture.unlink(missing_ok=True)
    data = folder / "data.img"
    make_data_disk(data)
    with contextlib.ExitStack() as stack:
        url, ca = args.url, None
        if needs_slides(args):
            url, ca = stack.enter_context(serve_slides(args.nginx, folder, HOST))
        rom = make_store(folder, args.app, settings(url, ca, args.rounds, args.dwell_ms))
        say(f"booting {shown(args.machine)} with {shown(args.app)} in a store of {rom.stat().st_size} bytes")
        if args.serial:
            say(f"the machine stays on until Ctrl-C, for DOCK_PORT=socket://127.0.0.1:{args.serial} dock")
        machine = stack.enter_context(
            boot(
                args.machine,
                rom=rom,
                data=data,
                serial_port=args.serial,
                show=lambda line: print(line, flush=True),
            )
        )
        bounded = ca and args.rounds and not args.serial
        code = wait(machine, LIMIT_S * args.rounds + BOOT_S if bounded else None)
        (folder / "log.txt").write_text(machine.log)
    read_data_disk(data, "screen", folder)
    slides = [when for when, line in machine.lines if line.startswith("round ")]
    if code != INTERRUPTED or (folder / "screen/screen.json").exists():
        take_picture(folder / "screen", picture)
    else:
        say("there is no picture: the power was cut before the screen was on the disk")
    if slides:
        say(f"the carousel showed {len(slides)} slides, the first {slides[0]:.1f} s after power on")
    say(f"the machine was off after {machine.lines[-1][0]:.1f} s, the app ended with exit code {code}")
    return code


def port(text: str) -> int:
    """A TCP port, of the command line."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is no TCP port: 1 to 65535")
    return int(text)


def main() -> int:
    """Run the command line. Gives the exit code."""
    line = parser(__doc__ or "", ROOT / "build/emulate")
    line.add_argument("--machine", type=Path, default=ROOT / "build/QEMU_VIRT", help="what was built")
    line.add_argument("--serial", type=port, metavar="PORT", help="TCP port for the serial line, for dock")
    args = line.parse_args()
    return run_tool(emulate, args, [(args.machine / "initrd.img", "make emulate builds it")])


if __name__ == "__main__":
    sys.exit(main())
