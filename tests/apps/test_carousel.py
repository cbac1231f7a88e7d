# SPDX-License-Identifier: MIT
"""firmware/apps/carousel.py against a real nginx over HTTPS."""

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


def test_fetches_the_list_anew_for_each_round(start: Callable[..., Carousel], site: Server) -> None:
    """The list is asked for when the last slide of a round is shown."""
    carousel = start(site.url + "/slides.json", ca=site.ca, rounds=0)
    first = [carousel.line() for _ in ORDER]
    assert names(first) == [(1, name) for name in ORDER]
    (site.root / "slides.json").write_text('{"slides": [{"image": "chart.png", "caption": ""}]}')
    lines = iter(carousel.line, "")
    shown = [next(line for line in lines if "chart.png" in line)]
    shown += [line for line, _ in zip(lines, range(30), strict=False)]
    assert {name for _, name in names(shown[-5:])} == {"chart.png"}
    carousel.interrupt()


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://127.0.0.1:99999/"])
def test_why_there_is_no_list_is_in_the_log_once(start: Callable[..., Carousel], url: str) -> None:
    carousel = start(url, retry_ms=10)
    assert carousel.line().startswith("the list: ")
    assert carousel.drawn()["boxes"][0]["lines"] == ["Waiting for content"]
    carousel.interrupt()


def test_address_of_the_list_that_is_none_is_the_end(start: Callable[..., Carousel]) -> None:
    process = start("http://a\nb/").process
    _, errors = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 1
    assert errors.endswith("ValueError: url contains CR, LF or NUL\n")


@pytest.mark.parametrize("image", ["http://127.0.0.1:99999/a.png", "a\r\nb.png"])
def test_first_slide_whose_address_can_never_work_is_left_out_at_once(
    start: Callable[..., Carousel], site: Server, image: str
) -> None:
    listed = [{"image": name, "caption": ""} for name in (image, "night.png")]
    (site.root / "slides.json").write_text(json.dumps({"slides": listed}))
    lines = start(site.url + "/slides.json", ca=site.ca).wait()
    assert len(lines) == 2
    assert lines[0].startswith("slide 1: url contains CR" if "\n" in image else "a.png: ")
    assert lines[0].endswith(", leaving it out\n")
    assert names(lines[-1:]) == [(1, "night.png")]


def test_captions_are_text_and_no_markup(start: Callable[..., Carousel], site: Server) -> None:
    slide = {"image": site.url + "/chart.png?key=secret", "caption": "a <b> & c"}
    (site.root / "slides.json").write_text(json.dumps({"slides": [slide]}))
    carousel = start(site.url + "/slides.json", ca=site.ca)
    assert names(carousel.wait()) == [(1, "chart.png")]
    (message, caption) = carousel.drawn()["boxes"]
    assert (message["x"], message["lines"]) == (None, [""])
    shown = ['<span background="black"> a &lt;b&gt; &amp; c </span>']
    assert (caption["lines"], caption["markup"]) == (shown, True)


def test_waits_until_the_server_is_well(start: Callable[..., Carousel], site: Server) -> None:
    content = (site.root / "slides.json").read_text()
    (site.root / "slides.json").unlink()
    carousel = start(site.url + "/slides.json", ca=site.ca)
    assert carousel.line() == "the list: status 404\n"
    assert carousel.drawn()["boxes"][0]["lines"] == ["Waiting for content"]
    (site.root / "slides.json").write_text(content)
    assert names(carousel.wait()) == [(1, name) for name in ORDER]
    assert len(carousel.drawn()["boxes"]) == 2  # the caption, and the emptied message area


def test_what_came_once_stays_when_the_server_fails(start: Callable[..., Carousel], site: Server) -> None:
    carousel = start(site.url + "/slides.json", ca=site.ca, rounds=3, dwell_ms=50)
    first = [carousel.line() for _ in ORDER]
    for path in site.root.iterdir():
        path.unlink()
    lines = [*first, *carousel.wait()]
    assert names(lines) == [(number, name) for number in (1, 2, 3) for name in ORDER]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Sign in to the guest network</html>",
        b"\xff\xfe\x00",
        b"null",
        b"[1, 2]",
        b'{"images": []}',
        b'{"slides": 5}',
        b'{"slides": "abc"}',
        b'{"slides": [{"image": 1, "caption": ""}]}',
        b'{"slides": [{"image": "a.png", "caption": null}]}',
        b'{"slides": [{"image": "a.png", "caption": ""}',
    ],
)
def test_list_that_is_no_list_of_slides_is_tried_again(
    start: Callable[..., Carousel], site: Server, content: bytes
) -> None:
    (site.root / "slides.json").write_bytes(content)
    carousel = start(site.url + "/slides.json", ca=site.ca)
    assert carousel.line() == "the list: check: not a list of slides\n"
    (site.root / "slides.json").write_text('{"slides": [{"image": "chart.png", "caption": ""}]}')
    assert names(carousel.wait()) == [(1, "chart.png")]


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("missing.png", "status 404"),
        ("slides.json", "check: not a PNG image"),
        ("empty.png", "check: not a PNG image"),
        ("ftp://127.0.0.1/a.png", "Unsupported protocol"),
        ("http://127.0.0.1:1/a.png", "Failed to connect to 127.0.0.1 port 1"),
    ],
)
def test_slide_that_does_not_come_is_left_out(
    start: Callable[..., Carousel], site: Server, image: str, why: str
) -> None:
    (site.root / "empty.png").touch()
    listed = [{"image": name, "caption": ""} for name in ("chart.png", image, "night.png")]
    (site.root / "slides.json").write_text(json.dumps({"slides": listed}))
    carousel = start(site.url + "/slides.json", ca=site.ca)
    lines = carousel.wait()
    assert names([lines[0], lines[-1]]) == [(1, "chart.png"), (1, "night.png")]
    (failure,) = lines[1:-1]
    assert failure.startswith(f"{image.split('/')[-1]}: {why}")
    assert failure.endswith(", leaving it out\n")


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
