# SPDX-License-Identifier: MIT
"""`make run`: shows an app at work, with a screen made for it; the carousel with slides and server too.

An app of one's own gets the datastore that $DL7450_ROM names, or an empty one. Everything is written below
one folder, build/run:

    www/        the slides and their list        rom/        the app's datastore
    nginx/      the server's files and logs      screen/     what the app draws
    screen.png  the last screen, as one picture
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from daemon import HOST
from pango import MarkupError
from screen import draw
from server import serve
from slides import make_slides

ROOT = Path(__file__).resolve().parent.parent
CAROUSEL = ROOT / "firmware/apps/carousel.py"
DWELL_MS = 1000
LIMIT_S = 60  # for one round of slides; it takes a few seconds
USAGE = 2
INTERRUPTED = 130
TERMINATED = 143


def say(text: str) -> None:
    """Print a line of this tool, marked so that it differs from the app's output."""
    print(f"{Path(sys.argv[0]).stem}: {text}", flush=True)


def shown(path: Path) -> str:
    """Return a path in a short form."""
    return os.path.relpath(path) if path.resolve().is_relative_to(Path.cwd()) else str(path)


def needs_slides(args: argparse.Namespace) -> bool:
    """Whether slides must be drawn and served: only the carousel shows them, if no other list is given."""
    return not args.url and args.app.resolve() == CAROUSEL


def settings(url: str | None, ca: str | None, rounds: int, dwell_ms: int) -> dict[str, str]:
    """Return the pairs of the key-value store that configure the carousel. Without a list there are none."""
    if not url:
        return {}
    pairs = {"carousel_url": url, "carousel_rounds": str(rounds), "carousel_dwell_ms": str(dwell_ms)}
    return pairs | {"carousel_ca": ca} if ca else pairs


def make_rom(folder: Path, pairs: dict[str, str]) -> None:
    """Write the datastore of an app."""
    (folder / "images").mkdir(parents=True)
    (folder / "kv.json").write_text(json.dumps(pairs, indent=2) + "\n")


def run_app(command: list[Path | str], env: dict[str, str], limit_s: float | None) -> int:
    """Run the app to its end and pass its output on. Gives its exit code."""
    process = subprocess.Popen(command, env=os.environ | env)
    try:
        return process.wait(limit_s)
    except subprocess.TimeoutExpired:
        say(f"the app did not end within {limit_s:.0f} s")
        return 1
    except KeyboardInterrupt:
        end_app(process)
        return INTERRUPTED
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def end_app(process: subprocess.Popen[bytes]) -> None:
    """Wait for the app's end after Ctrl-C. A terminal sends SIGINT to the app too; kill -INT does not."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)
        return
    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)


def take_picture(screen: Path, picture: Path) -> None:
    """Make one picture of the last screen, if there was one."""
    if (screen / "screen.json").exists():
        try:
            drawn = draw(screen)
        except MarkupError as error:
            say(f"there is no picture of the last screen: {error}")
            return
        drawn.picture.save(picture)
        say(f"the last screen is {shown(picture)}")
        for note in drawn.notes():
            say(note)
    else:
        say("the app drew nothing")


def web_address(text: str) -> str:
    """Check an argument that is an address. With a wrong one an app would try for ever."""
    parts = urllib.parse.urlsplit(text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.port == 0
        or re.search(r"\s", text)
    ):
        raise ValueError
    return text


def count(text: str) -> int:
    """Check an argument that is 0 or more."""
    if (number := int(text)) < 0:
        raise ValueError
    return number


def parser(description: str, folder: Path) -> argparse.ArgumentParser:
    """Return the options that `make run` and `make emulate` have in common."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--app", type=Path, default=CAROUSEL)
    parser.add_argument("--url", type=web_address, help="fetch this list, and start no server")
    parser.add_argument(
        "--rounds", type=count, default=1, help="how often to show all slides; 0: until Ctrl-C"
    )
    parser.add_argument("--dwell-ms", type=count, default=DWELL_MS, help="how long a slide stays")
    parser.add_argument("--folder", type=Path, default=folder, help="where everything goes")
    parser.add_argument("--nginx", type=Path, default=ROOT / "build/nginx/usr/sbin/nginx")
    return parser


def arguments() -> argparse.Namespace:
    """The command line."""
    line = parser(__doc__ or "", ROOT / "build/run")
    line.add_argument("--binary", type=Path, default=ROOT / "build/UNIX/dl7450")
    return line.parse_args()


@contextlib.contextmanager
def serve_slides(nginx: Path, folder: Path, host: str) -> Iterator[tuple[str, str]]:
    """Draw slides and serve them. Gives the address of their list, with host as its host name, and the
    certificate that the app must trust."""
    names = make_slides(folder / "www")
    say(f"drew {len(names)} slides of 1920 x 1080 in {shown(folder / 'www')}")
    with serve(nginx, folder / "nginx", folder / "www", host) as server:
        url = f"{server.url}/slides.json"
        say(f"nginx serves them at {url}, with a certificate of a private CA")
        yield url, server.ca


def run(args: argparse.Namespace) -> int:
    """Run the tool. Gives the exit code of the app."""
    folder: Path = args.folder.resolve()
    for name in ("www", "nginx", "rom", "screen"):
        shutil.rmtree(folder / name, ignore_errors=True)
    picture = folder / "screen.png"
    picture.unlink(missing_ok=True)
    with contextlib.ExitStack() as stack:
        url, ca = args.url, None
        if needs_slides(args):
            url, ca = stack.enter_context(serve_slides(args.nginx, folder, HOST))
        env = {"DL7450_SCREEN": str(folder / "screen")}
        given = os.environ.get("DL7450_ROM")
        if url or not given:
            make_rom(folder / "rom", settings(url, ca, args.rounds, args.dwell_ms))
            env["DL7450_ROM"] = str(folder / "rom")
        store = f"settings of {given}" if given else "no settings (DL7450_ROM=PATH names some)"
        say(f"{shown(args.binary)} {shown(args.app)}, {f'list {url}' if url else store}")
        start = time.monotonic()
        limit_s = LIMIT_S * args.rounds if ca and args.rounds else None
        code = run_app([args.binary, shown(args.app)], env, limit_s)
        took_s = time.monotonic() - start
    take_picture(folder / "screen", picture)
    say(f"the app ended after {took_s:.1f} s with exit code {code}")
    return code


def terminated(number: int, frame: FrameType | None) -> None:
    """Make an exception of SIGTERM, so that server and app are stopped before the tool ends."""
    sys.exit(TERMINATED)


def run_tool(
    tool: Callable[[argparse.Namespace], int], args: argparse.Namespace, needed: list[tuple[Path, str]]
) -> int:
    """Run a tool that shows an app. Gives its exit code. needed: files, and what makes each of them."""
    needed = [*needed, (args.app, "there is no such app")]
    if needs_slides(args):
        needed.append((args.nginx, "make run unpacks it"))
    for path, hint in needed:
        if not path.is_file():
            print(f"{Path(sys.argv[0]).stem}: {shown(path)} is missing: {hint}", file=sys.stderr)
            return USAGE
    signal.signal(signal.SIGTERM, terminated)
    try:
        return tool(args)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"{Path(sys.argv[0]).stem}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def main() -> int:
    """Run the command line. Gives the exit code."""
    args = arguments()
    args.binary = args.binary.resolve()
    return run_tool(run, args, [(args.binary, "make host builds it")])


if __name__ == "__main__":
    sys.exit(main())
