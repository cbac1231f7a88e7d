# SPDX-License-Identifier: MIT
"""`make simulate`: an app in `dock simulate`. The carousel gets slides, and an nginx that serves them."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
from pathlib import Path

from daemon import HOST
from dock_tool.cli import dock
from run import CAROUSEL, ROOT, make_rom, needs_slides, run_tool, serve_slides, settings

_DWELL_MS = 3000


def simulate(args: argparse.Namespace) -> int:
    """Run the tool. Gives the exit code of `dock simulate`."""
    command = ["simulate", "--program", str(args.binary), "--port", str(args.port)]
    command += ["--no-browser"] if args.no_browser else []
    if args.app.resolve() != CAROUSEL:
        return dock([*command, str(args.app)])
    folder: Path = args.folder.resolve()
    for name in ("www", "nginx", "rom"):
        shutil.rmtree(folder / name, ignore_errors=True)
    with contextlib.ExitStack() as stack:
        url, ca = args.url, None
        if needs_slides(args):
            url, ca = stack.enter_context(serve_slides(args.nginx, folder, HOST))
        make_rom(folder / "rom", settings(url, ca, args.rounds, _DWELL_MS))
        return dock([*command, "--store", str(folder / "rom"), str(args.app)])


def main() -> int:
    """Run the command line. Gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--app", type=Path, default=CAROUSEL)
    parser.add_argument("--url", help="the carousel fetches this list, and no server is started")
    parser.add_argument(
        "--rounds", type=int, default=0, help="how often it shows all slides (0: until Ctrl-C)"
    )
    parser.add_argument("--port", type=int, default=7450, help="the page's port, or the next free one")
    parser.add_argument("--no-browser", action="store_true", help="only print the page's address")
    parser.add_argument("--folder", type=Path, default=ROOT / "build/simulate", help="where the slides go")
    parser.add_argument("--nginx", type=Path, default=ROOT / "build/nginx/usr/sbin/nginx")
    parser.add_argument("--binary", type=Path, default=ROOT / "build/UNIX/dl7450")
    args = parser.parse_args()
    args.binary = args.binary.resolve()
    return run_tool(simulate, args, [(args.binary, "make host builds it")])


if __name__ == "__main__":
    sys.exit(main())
