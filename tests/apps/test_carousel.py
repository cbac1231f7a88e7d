# SPDX-License-Identifier: MIT
"""firmware/apps/carousel.py against a real nginx over HTTPS: without time, on every program.

What fails and comes again takes time: test_carousel_rounds.py has it, in simulated time.
"""

import json
import re
import shutil
import signal
import subprocess
import threading
import tokenize
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from server import Server, serve
from servers.nginx import find_nginx
from support.program import clean_environment

ROOT = Path(__file__).resolve().parent.parent.parent
APP = ROOT / "firmware/apps/carousel.py"
LIMIT_S = 30
ORDER = ["meetings.png", "safety.png", "chart.png", "night.png", "welcome.png"]
SHOWN = re.compile(r"round (\d+): (\S+), (\d+) bytes, \d+ ms\n")

Settings = dict[str, object]


@pytest.fixture
def site(tmp_path: Path, slides: Path) -> Iterator[Server]:
    """A separate nginx that serves a copy of the slides."""
    www = tmp_path / "www"
    shutil.copytree(slides, www)
    program = find_nginx()
    with serve(program, tmp_path / "nginx", www) as server:
        yield server


class Carousel:
    """The running app."""

    def __init__(self, process: subprocess.Popen[str], screen: Path) -> None:
        self.process = process
        self.screen = screen

    def line(self) -> str:
        """Return the next line that it prints."""
        assert self.process.stdout
        return self.process.stdout.readline()

    def wait(self) -> list[str]:
        """Check that it ended without an error; return the rest of its output."""
        rest, errors = self.process.communicate(timeout=LIMIT_S)
        assert (self.process.returncode, errors) == (0, ""), rest
        return rest.splitlines(keepends=True)

    def interrupt(self) -> None:
        """Send Ctrl-C; check that it ends the app, with a traceback only if the app was not idle."""
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=LIMIT_S)
        assert self.process.returncode == 130
        assert errors == "" or errors.endswith("\nKeyboardInterrupt: \n")

    def drawn(self) -> dict:
        """Return the content of the screen."""
        return json.loads((self.screen / "screen.json").read_text())


@pytest.fixture
def start(binary: Path, rom: Path, screen: Path) -> Iterator[Callable[..., Carousel]]:
    """Starts the carousel: start(url, ca=pem, rounds=1, ...)."""
    processes = []

    def run(url: str, env: dict[str, str] | None = None, **settings: object) -> Carousel:
        pairs = {"url": url, "rounds": 1, "dwell_ms": 20, "retry_ms": 50} | settings
        (rom / "kv.json").write_text(json.dumps({f"carousel_{key}": str(pairs[key]) for key in pairs}))
        process = subprocess.Popen(
            [binary, APP],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment({"DL7450_SCREEN": str(screen), "DL7450_ROM": str(rom)} | (env or {})),
        )
        processes.append(process)
        return Carousel(process, screen)

    with watchdog(processes):
        yield run


@contextmanager
def watchdog(processes: list[subprocess.Popen[str]]) -> Iterator[None]:
    """Kills the apps that still run at the end, or after LIMIT_S: then a readline() that waits ends, too."""

    def kill() -> None:
        for process in processes:
            process.kill()

    timer = threading.Timer(LIMIT_S, kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        kill()
        for process in processes:
            process.communicate()


def names(lines: list[str]) -> list[tuple[int, str]]:
    """Return the round and the name of each slide that was shown; there must be no other line."""
    found = [SHOWN.fullmatch(line) for line in lines]
    assert all(found), lines
    return [(int(match[1]), match[2]) for match in found if match]


def test_shows_all_slides_of_each_round_and_leaves_the_last(
    start: Callable[..., Carousel], site: Server, slides: Path
) -> None:
    carousel = start(site.url + "/slides.json", ca=site.ca, rounds=2)
    lines = carousel.wait()
    assert names(lines) == [(number, name) for number in (1, 2) for name in ORDER]
    for line, name in zip(lines, ORDER * 2, strict=True):
        assert f" {(slides / name).stat().st_size} bytes" in line
    assert (carousel.screen / "background.png").read_bytes() == (slides / "welcome.png").read_bytes()
    assert carousel.drawn()["drawing"] <= 1 + len(lines)  # "Waiting for content", and a slide each time


def test_server_of_another_ca_is_not_talked_to(
    start: Callable[..., Carousel], site: Server, tmp_path: Path
) -> None:
    carousel = start(site.url + "/slides.json", ca=trustme.CA().cert_pem.bytes().decode())
    assert carousel.line().startswith("the list: ")
    carousel.interrupt()
    assert (tmp_path / "nginx/access.log").read_text() == ""


def test_ctrl_c_ends_it_while_a_slide_stays(start: Callable[..., Carousel], site: Server) -> None:
    carousel = start(site.url + "/slides.json", ca=site.ca, dwell_ms=60000, rounds=0)
    assert names([carousel.line()]) == [(1, ORDER[0])]
    carousel.interrupt()


def test_the_app_has_fewer_than_60_lines_of_code() -> None:
    """Without blank lines, comments and docstrings."""
    no_code = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    lines: set[int] = set()
    with APP.open() as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type not in no_code and token.string and not token.string.startswith('"""'):
                lines.update(range(token.start[0], token.end[0] + 1))
    assert 30 < len(lines) < 60
