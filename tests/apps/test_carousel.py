# SPDX-License-Identifier: MIT
"""firmware/apps/carousel.py against a real nginx over HTTPS."""

import json
import re
import shutil
import signal
import subprocess
import threading
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
    assert carousel.drawn()["drawing"] == len(lines)


def test_fetches_the_list_anew_for_each_round(start: Callable[..., Carousel], site: Server) -> None:
    carousel = start(site.url + "/slides.json", ca=site.ca, rounds=2, dwell_ms=100)
    first = carousel.line()
    (site.root / "slides.json").write_text('{"slides": [{"image": "chart.png", "caption": ""}]}')
    assert names([first, *carousel.wait()]) == [*((1, name) for name in ORDER), (2, "chart.png")]


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://127.0.0.1:99999/", "http://a\nb/"])
def test_a_list_whose_address_can_never_work_ends_it_at_once(
    start: Callable[..., Carousel], url: str
) -> None:
    carousel = start(url, retry_ms=60000, rounds=0)
    output, errors = carousel.process.communicate(timeout=LIMIT_S)
    assert (carousel.process.returncode, errors) == (1, "")
    assert len(output.splitlines()) == 1
    assert "nothing can come from carousel_url" in output
    assert carousel.drawn()["boxes"][0]["lines"] == ["carousel_url is no address"]


@pytest.mark.parametrize("image", ["http://127.0.0.1:99999/a.png", "a\r\nb.png"])
def test_first_slide_whose_address_can_never_work_is_left_out_at_once(
    start: Callable[..., Carousel], site: Server, image: str
) -> None:
    listed = [{"image": name, "caption": ""} for name in (image, "night.png")]
    (site.root / "slides.json").write_text(json.dumps({"slides": listed}))
    lines = start(site.url + "/slides.json", ca=site.ca).wait()
    assert re.findall(r", leaving it out; going on in (\d+) ms\n", "".join(lines)) == ["50"]
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


def test_waits_twice_as_long_after_each_failure_until_the_server_is_well(
    start: Callable[..., Carousel], site: Server
) -> None:
    content = (site.root / "slides.json").read_text()
    (site.root / "slides.json").unlink()
    carousel = start(site.url + "/slides.json", ca=site.ca)
    for wait_ms in (50, 100, 200):
        assert carousel.line() == f"the list: status 404; going on in {wait_ms} ms\n"
    assert carousel.drawn()["boxes"][0]["lines"] == ["Waiting for content"]
    (site.root / "slides.json").write_text(content)
    assert names(carousel.wait()) == [(1, name) for name in ORDER]
    assert len(carousel.drawn()["boxes"]) == 2  # the caption, and the emptied message area


def test_waits_a_minute_at_most(
    start: Callable[..., Carousel], refused_url: str, fast_clock: dict[str, str]
) -> None:
    carousel = start(refused_url, fast_clock, retry_ms=10000)
    for wait_s in (10, 20, 40, 60, 60):
        assert carousel.line() == f"the list: status 7; going on in {wait_s}000 ms\n"
    carousel.interrupt()


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
    for wait_ms in (50, 100):
        assert carousel.line() == f"the list: not a list of slides; going on in {wait_ms} ms\n"
    (site.root / "slides.json").write_text('{"slides": [{"image": "chart.png", "caption": ""}]}')
    assert names(carousel.wait()) == [(1, "chart.png")]


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("missing.png", "status 404"),
        ("slides.json", "not a PNG image"),
        ("empty.png", "not a PNG image"),
        ("ftp://127.0.0.1/a.png", "status 1"),
        ("http://127.0.0.1:1/a.png", "status 7"),
    ],
)
def test_slide_that_keeps_failing_is_left_out(
    start: Callable[..., Carousel], site: Server, image: str, why: str
) -> None:
    (site.root / "empty.png").touch()
    listed = [{"image": name, "caption": ""} for name in ("chart.png", image, "night.png")]
    (site.root / "slides.json").write_text(json.dumps({"slides": listed}))
    carousel = start(site.url + "/slides.json", ca=site.ca)
    lines = carousel.wait()
    assert names([lines[0], lines[-1]]) == [(1, "chart.png"), (1, "night.png")]
    failures = "".join(lines[1:-1])
    assert [int(ms) for ms in re.findall(r"going on in (\d+) ms\n", failures)] == [50, 100, 200]
    assert failures.count(", leaving it out;") == 1
    assert failures.count(f"{image.split('/')[-1]}: {why}") == 3


def test_server_of_another_ca_is_not_talked_to(
    start: Callable[..., Carousel], site: Server, tmp_path: Path
) -> None:
    carousel = start(site.url + "/slides.json", ca=trustme.CA().cert_pem.bytes().decode())
    for wait_ms in (50, 100):
        assert carousel.line() == f"the list: status 60; going on in {wait_ms} ms\n"
    carousel.interrupt()
    assert (tmp_path / "nginx/access.log").read_text() == ""


def test_ctrl_c_ends_it_while_a_slide_stays(start: Callable[..., Carousel], site: Server) -> None:
    carousel = start(site.url + "/slides.json", ca=site.ca, dwell_ms=60000, rounds=0)
    assert names([carousel.line()]) == [(1, ORDER[0])]
    carousel.interrupt()
