# SPDX-License-Identifier: MIT
"""The recipes of the reference: each is an app, and does what its text says."""

import json
import re
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import typecheck
from dock_tool.testing import App, Dock
from servers.certs import Certs
from servers.wire import WireFactory, by_path, chunked, head, in_order, reply

RECIPES = Path(__file__).resolve().parent.parent.parent / "tools/docs/recipes.rst"
PNG = b"\x89PNG\r\n\x1a\n"
URL = re.compile("https?://dock\\.example")

Cook = Callable[..., App]


def _recipe(name: str) -> str:
    text = RECIPES.read_text()
    line = text[: text.index(f"\n{name}\n----")].count("\n")
    return next(code for start, code in typecheck.examples(RECIPES) if start > line)


@pytest.fixture
def cook(dock: Dock, tmp_path: Path) -> Cook:
    """Starts a recipe against a server.

    changes: old to new. sooner: also, but only where time is real.
    """

    def run(
        name: str,
        url: str,
        kv: Mapping[str, str] | None = None,
        changes: Mapping[str, str] | None = None,
        sooner: Mapping[str, str] | None = None,
    ) -> App:
        code = URL.sub(url, _recipe(name))
        for old, new in {**(changes or {}), **((sooner or {}) if dock.is_real else {})}.items():
            assert old in code
            code = code.replace(old, new)
        path = tmp_path / "recipe.py"
        path.write_text(code)
        return dock.run(path, kv=kv)

    return run


def test_poll(cook: Cook, wire: WireFactory) -> None:
    server = wire(lambda _: reply(503) if len(server.requests) == 1 else reply(200, b"hello"))
    app = cook("Poll a server", server.url, sooner={"60000": "1"})
    app.screen.wait_for(text="hello", seconds=61)
    assert app.screen.texts == ["hello"]
    assert {request.target for request in server.requests} == {"/message"}


def test_example_of_the_page_of_http(dock: Dock, wire: WireFactory, tmp_path: Path) -> None:
    ((_, code),) = typecheck.examples(RECIPES.with_name("http.inc"))
    server = wire(in_order(reply(200, PNG), reply(404, b"none")))
    app = tmp_path / "example.py"
    app.write_text(code.replace("https://intranet.example", server.url))
    shown = dock.run(app)
    assert shown.wait_for_end() == 0
    assert (shown.screen.background, shown.screen.texts) == (PNG, [])
    failed = dock.run(app)
    assert failed.wait_for_end() == 0
    assert failed.screen.texts == ["404"]
    assert [request.target for request in server.requests] == ["/welcome.png"] * 2


def test_many_urls(cook: Cook, wire: WireFactory) -> None:
    server = wire(lambda request: reply(404 if request.target.endswith("7") else 200))
    app = cook("Many URLs, a few at a time", server.url)
    assert (app.wait_for_end(), app.log) == (0, "36 of 40\n")
    assert len({request.target for request in server.requests}) == 40
    assert server.connections <= 8


def test_a_reading_is_sent_again_until_the_server_has_it(cook: Cook, wire: WireFactory) -> None:
    server = wire(lambda _: reply(503) if len(server.requests) == 1 else reply(200))
    app = cook("A queue of telemetry", server.url, sooner={"30000": "5", "10000": "40"})
    app.wait_until(lambda: len(server.requests) >= 4, "four readings", seconds=31)
    assert [json.loads(request.body)["id"] for request in server.requests[:4]] == [1, 1, 2, 3]


def test_progress(cook: Cook, wire: WireFactory, tmp_path: Path) -> None:
    server = wire(reply(200, bytes(300000)))
    film = tmp_path / "film"
    app = cook("Show the progress of a download", server.url, changes={"/tmp/film.png": str(film)})
    assert (app.wait_for_end(), app.log) == (0, "")
    assert app.screen.texts == ["done"]
    assert film.read_bytes() == bytes(300000)


@pytest.mark.parametrize(
    ("pin", "text"), [("ca", "200\n"), ("stranger", "not our server:"), ("", "no usable")]
)
def test_pins(cook: Cook, wire: WireFactory, certs: Certs, tls: ssl.SSLContext, pin: str, text: str) -> None:
    server = wire(reply(200), tls=tls)
    pem = {"ca": certs.ca_pem, "stranger": certs.other_ca_pem, "": ""}[pin]
    app = cook("A private authority, and a new certificate", server.url, kv={"next_pin": pem})
    assert app.wait_for_end() == 0
    assert text in app.log


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (reply(200, b"ok"), "online\n"),
        (reply(302, b"", "Location: http://hotel.example/"), "a portal: http://hotel.example/\n"),
        (reply(200, b"<html>"), "a portal: it shows a page of its own\n"),
    ],
)
def test_portal(cook: Cook, wire: WireFactory, answer: bytes, text: str) -> None:
    app = cook("A captive portal", wire(answer).url)
    assert (app.wait_for_end(), app.log) == (0, text)


def test_no_network_is_no_portal(cook: Cook, refused_port: int) -> None:
    app = cook("A captive portal", f"http://127.0.0.1:{refused_port}")
    assert app.wait_for_end() == 0
    assert app.log.startswith("no network: ")


def test_stream(cook: Cook, wire: WireFactory) -> None:
    server = wire(head(200, "Transfer-Encoding: chunked") + chunked(b'{"a":', b' 1}\n{"a": 2}', b"\n"))
    app = cook("Read a stream", server.url)
    assert (app.wait_for_end(), app.log) == (0, "{'a': 1}\n{'a': 2}\n")


@pytest.mark.parametrize(
    ("answer", "code"), [(reply(200, b"x", "Content-Type: text/plain"), 0), (reply(404), 1)]
)
def test_a_test_of_an_app_passes_and_fails(cook: Cook, wire: WireFactory, answer: bytes, code: int) -> None:
    app = cook("Test an app", wire(by_path({"/message": answer})).url)
    app.wait_for_end()
    assert app.exit_code == code
    assert (app.log == "right\n") is (code == 0)


def test_every_recipe_is_tested() -> None:
    titles = re.findall(r"\n([^\n]+)\n-{4,}\n", RECIPES.read_text())
    assert len(titles) == len(typecheck.examples(RECIPES)) == 8
    assert [title for title in titles if f'"{title}"' not in Path(__file__).read_text()] == []
