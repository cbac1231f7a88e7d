# SPDX-License-Identifier: MIT
"""firmware/apps/carousel.py against a real nginx over HTTPS: without much time, on every program.

What fails and comes again takes time: test_carousel_rounds.py has it, in simulated time.
"""

import re
import shutil
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from dock_tool.testing import App, Dock
from server import Server, serve
from servers.nginx import find_nginx

APP = Path(__file__).resolve().parents[2] / "firmware/apps/carousel.py"
ORDER = ["meetings.png", "safety.png", "chart.png", "night.png", "welcome.png"]
SHOWN = re.compile(r"round (\d+): (\S+), (\d+) bytes, \d+ ms")


@pytest.fixture
def site(tmp_path: Path, slides: Path) -> Iterator[Server]:
    """A separate nginx that serves a copy of the slides."""
    www = tmp_path / "www"
    shutil.copytree(slides, www)
    program = find_nginx()
    with serve(program, tmp_path / "nginx", www) as server:
        yield server


@pytest.fixture
def start(dock: Dock, site: Server) -> Callable[..., App]:
    """Starts the carousel with the site's list: start(rounds=1, ...)."""

    def run(**settings: object) -> App:
        url = f"{site.url}/slides.json"
        pairs = {"url": url, "ca": site.ca, "rounds": 1, "dwell_ms": 20, "retry_ms": 50} | settings
        return dock.run(APP, kv={f"carousel_{key}": str(value) for key, value in pairs.items()})

    return run


def names(app: App, first: int = 0) -> list[tuple[int, str]]:
    """The round and the name of each slide that was shown; from that line of the log on there is no other."""
    found = [SHOWN.fullmatch(line) for line in app.log.splitlines()[first:]]
    assert all(found), app.log
    return [(int(match[1]), match[2]) for match in found if match]


def test_shows_all_slides_of_each_round_and_leaves_the_last(start: Callable[..., App], slides: Path) -> None:
    app = start(rounds=2)
    assert app.wait_for_end() == 0
    assert names(app) == [(number, name) for number in (1, 2) for name in ORDER]
    for line, name in zip(app.log.splitlines(), ORDER * 2, strict=True):
        assert f" {(slides / name).stat().st_size} bytes" in line
    assert app.screen.background == (slides / "welcome.png").read_bytes()


def test_server_of_another_ca_is_not_talked_to(start: Callable[..., App], tmp_path: Path) -> None:
    app = start(ca=trustme.CA().cert_pem.bytes().decode())
    app.wait_until(lambda: "\n" in app.log, "why there is no list")
    assert app.log.startswith("the list: ")
    app.stop()
    assert (tmp_path / "nginx/access.log").read_text() == ""


def test_ctrl_c_ends_it_while_a_slide_stays(start: Callable[..., App]) -> None:
    app = start(dwell_ms=60000, rounds=0)
    app.wait_until(lambda: "\n" in app.log, "a slide")
    assert names(app) == [(1, ORDER[0])]
    assert app.stop() == 130
    errors = app.log.partition("\n")[2]  # a traceback only if the app was not idle
    assert errors == "" or errors.endswith("\nKeyboardInterrupt: \n")


def test_the_app_has_fewer_than_60_lines_of_code() -> None:
    """Without blank lines, comments and docstrings."""
    no_code = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    lines: set[int] = set()
    with APP.open() as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type not in no_code and token.string and not token.string.startswith('"""'):
                lines.update(range(token.start[0], token.end[0] + 1))
    assert 30 < len(lines) < 60
