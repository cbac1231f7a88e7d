# SPDX-License-Identifier: MIT
"""firmware/apps/carousel.py on a simulated dock: its rounds, and what it does without good content.

Slides stay for ten seconds, and a server is asked again after a minute, in no time.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from apps.test_carousel import APP, ORDER, SHOWN, names
from dock_tool.testing import App, Dock
from pytest_httpserver import HTTPServer

pytestmark = pytest.mark.needs("preload", "trace")

HOUR = 3600


class Site:
    """A server with the slides: what it has can change."""

    def __init__(self, server: HTTPServer, slides: Path) -> None:
        self._server = server
        self.url = server.url_for("/slides.json")
        for path in slides.iterdir():
            self.put(path.name, path.read_bytes())

    def put(self, name: str, content: bytes) -> None:
        """Serve a file."""
        self.remove(name)
        self._server.expect_request(f"/{name}").respond_with_data(content)

    def put_list(self, *images: str, caption: str = "") -> None:
        """Serve a list of slides."""
        listed = [{"image": image, "caption": caption} for image in images]
        self.put("slides.json", json.dumps({"slides": listed}).encode())

    def remove(self, name: str) -> None:
        """Serve it no longer: 404."""
        for handler in list(self._server.handlers):
            if handler.matcher.uri == f"/{name}":
                self._server.handlers.remove(handler)


@pytest.fixture
def site(httpserver: HTTPServer, slides: Path) -> Site:
    """A server that has the slides of `make run`."""
    httpserver.no_handler_status_code = 404
    return Site(httpserver, slides)


@pytest.fixture
def start(dock: Dock) -> Callable[..., App]:
    """Starts the carousel: start(url, rounds=1)."""

    def run(url: str, **settings: object) -> App:
        pairs = {"url": url, "rounds": 1} | settings
        return dock.run(APP, kv={f"carousel_{key}": str(value) for key, value in pairs.items()})

    return run


def ends(app: App) -> None:
    """Let it come to its end."""
    assert app.wait_for_end(seconds=HOUR) == 0, app.log


def test_fetches_the_list_anew_for_each_round(start: Callable[..., App], site: Site, slides: Path) -> None:
    app = start(site.url, rounds=2)
    app.screen.wait_for(background=(slides / ORDER[0]).read_bytes())
    site.put_list("chart.png")
    ends(app)
    assert names(app) == [*((1, name) for name in ORDER), (2, "chart.png")]
    assert 60 <= app.clock.seconds < 62  # six slides
    assert len(app.screen.drawings) <= 1 + 6  # "Waiting for content", and a slide each time


@pytest.mark.parametrize("url", ["nonsense", "http://", "http://127.0.0.1:99999/"])
def test_why_there_is_no_list_is_in_the_log_once(start: Callable[..., App], url: str) -> None:
    app = start(url)
    app.clock.forward(minutes=10)
    assert app.log.startswith("the list: ")
    assert app.log.count("\n") == 1
    assert app.screen.texts == ["Waiting for content"]
    assert app.stop() == 130


def test_address_of_the_list_that_is_none_is_the_end(start: Callable[..., App]) -> None:
    app = start("http://a\nb/")
    assert app.wait_for_end() == 1
    assert app.faults[0].endswith("ValueError: url contains CR, LF or NUL\n")


@pytest.mark.parametrize("image", ["http://127.0.0.1:99999/a.png", "a\r\nb.png"])
def test_first_slide_whose_address_can_never_work_is_left_out_at_once(
    start: Callable[..., App], site: Site, image: str
) -> None:
    site.put_list(image, "night.png")
    app = start(site.url)
    ends(app)
    first = app.log.splitlines()[0]
    assert first.startswith("slide 1: url contains CR" if "\n" in image else "a.png: ")
    assert first.endswith(", leaving it out")
    assert names(app, 1) == [(1, "night.png")]


def test_captions_are_text_and_no_markup(start: Callable[..., App], site: Site) -> None:
    site.put_list(site.url.replace("slides.json", "chart.png?key=secret"), caption="a <b> & c")
    app = start(site.url)
    ends(app)
    assert names(app) == [(1, "chart.png")]
    (message, caption) = app.screen.boxes
    assert (message["x"], message["lines"]) == (None, [""])
    shown = ['<span background="black"> a &lt;b&gt; &amp; c </span>']
    assert (caption["lines"], caption["markup"]) == (shown, True)


def test_waits_until_the_server_is_well(start: Callable[..., App], site: Site) -> None:
    site.remove("slides.json")
    app = start(site.url)
    app.clock.forward(minutes=5)
    assert app.log == "the list: status 404\n"
    assert app.screen.texts == ["Waiting for content"]
    site.put_list(*ORDER, caption="x")
    ends(app)
    assert names(app, 1) == [(1, name) for name in ORDER]
    assert len(app.screen.boxes) == 2  # the caption, and the emptied message area


def test_what_came_once_stays_when_the_server_fails(
    start: Callable[..., App], site: Site, dock: Dock
) -> None:
    app = start(site.url, rounds=3)
    app.wait_until(lambda: len(app.log.splitlines()) == len(ORDER), "all slides")
    dock.network.refused()
    ends(app)
    assert names(app) == [(number, name) for number in (1, 2, 3) for name in ORDER]
    assert {request.status for request in app.requests if request.failed} == {7}


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
    start: Callable[..., App], site: Site, content: bytes
) -> None:
    site.put("slides.json", content)
    app = start(site.url)
    app.clock.forward(minutes=5)
    assert app.log == "the list: check: not a list of slides\n"
    site.put_list("chart.png")
    ends(app)
    assert names(app, 1) == [(1, "chart.png")]


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
    start: Callable[..., App], site: Site, image: str, why: str
) -> None:
    site.put("empty.png", b"")
    site.put_list("chart.png", image, "night.png")
    app = start(site.url)
    ends(app)
    lines = app.log.splitlines()
    assert [SHOWN.fullmatch(line)[2] for line in (lines[0], lines[-1])] == ["chart.png", "night.png"]
    (failure,) = lines[1:-1]
    assert failure.startswith(f"{image.split('/')[-1]}: {why}")
    assert failure.endswith(", leaving it out")
