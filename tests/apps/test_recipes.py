# SPDX-License-Identifier: MIT
"""The recipes of the reference: each is an app, and does what its text says."""

import json
import re
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import typecheck
from servers.certs import Certs
from servers.wire import WireFactory, by_path, chunked, head, in_order, reply
from support.program import Program, Run

RECIPES = Path(__file__).resolve().parent.parent.parent / "tools/docs/recipes.rst"
PNG = b"\x89PNG\r\n\x1a\n"
URL = re.compile("https?://dock\\.example")


def _recipe(name: str) -> str:
    text = RECIPES.read_text()
    line = text[: text.index(f"\n{name}\n----")].count("\n")
    return next(code for start, code in typecheck.examples(RECIPES) if start > line)


@pytest.fixture
def cook(run_app: Program, screen: Path, rom: Path) -> Callable[..., Run]:
    """Run a recipe against a server; more is code behind it."""

    def run(name: str, url: str, more: str = "", **changes: str) -> Run:
        code = URL.sub(url, _recipe(name))
        for old, new in changes.values():
            assert old in code
            code = code.replace(old, new)
        env = {"DL7450_SCREEN": str(screen), "DL7450_ROM": str(rom)}
        return run_app(code + more, env=env, preamble=False)

    return run


def _shown(screen: Path) -> list[str]:
    return [
        line for box in json.loads((screen / "screen.json").read_text())["boxes"] for line in box["lines"]
    ]


def test_poll(cook: Callable[..., Run], wire: WireFactory, screen: Path) -> None:
    server = wire(in_order(reply(503), reply(200, b"hello")))
    again = "\n_show = show\ndef show(r):\n    _show(r)\n    if r.ok():\n        timer.cancel()\n"
    cook("Poll a server", server.url, again, interval=("60000", "1")).ok()
    assert _shown(screen) == ["hello"]
    assert [request.target for request in server.requests] == ["/message"] * 2


def test_example_of_the_page_of_http(run_app: Program, wire: WireFactory, screen: Path) -> None:
    ((_, code),) = typecheck.examples(RECIPES.with_name("http.inc"))
    server = wire(in_order(reply(200, PNG), reply(404, b"none")))
    code = code.replace("https://intranet.example", server.url)
    env = {"DL7450_SCREEN": str(screen)}
    run_app(code, env=env, preamble=False).ok()
    assert (screen / "background.png").read_bytes() == PNG
    run_app(code, env=env, preamble=False).ok()
    assert _shown(screen) == ["404"]
    assert [request.target for request in server.requests] == ["/welcome.png"] * 2


def test_many_urls(cook: Callable[..., Run], wire: WireFactory) -> None:
    server = wire(lambda request: reply(404 if request.target.endswith("7") else 200))
    assert cook("Many URLs, a few at a time", server.url).ok().stdout == "36 of 40\n"
    assert len({request.target for request in server.requests}) == 40
    assert server.connections <= 8


def test_a_reading_is_sent_again_until_the_server_has_it(cook: Callable[..., Run], wire: WireFactory) -> None:
    server = wire(in_order(reply(503), reply(200), reply(200), reply(200)))
    more = "\n_sent = sent\ndef sent(r):\n    _sent(r)\n"
    more += "    if number > 2 and not queue:\n        timer.cancel()\n"
    more += (
        "_measure = measure\ndef measure():\n    if number == 2:\n        timer.cancel()\n    _measure()\n"
    )
    times = {"retry": ("30000", "5"), "every": ("Timer(measure, 0, 10000)", "Timer(lambda: measure(), 0, 1)")}
    cook("A queue of telemetry", server.url, more, **times).ok()
    assert [json.loads(request.body)["id"] for request in server.requests] == [1, 1, 2, 3]


def test_progress(cook: Callable[..., Run], wire: WireFactory, screen: Path, tmp_path: Path) -> None:
    server = wire(reply(200, bytes(300000)))
    cook("Show the progress of a download", server.url, path=("/tmp/film.png", str(tmp_path / "film"))).ok()
    assert _shown(screen) == ["done"]
    assert (tmp_path / "film").read_bytes() == bytes(300000)


@pytest.mark.parametrize(
    ("pin", "text"), [("ca", "200\n"), ("stranger", "not our server:"), ("", "no usable")]
)
def test_pins(
    cook: Callable[..., Run],
    wire: WireFactory,
    certs: Certs,
    tls: ssl.SSLContext,
    rom: Path,
    pin: str,
    text: str,
) -> None:
    server = wire(reply(200), tls=tls)
    pem = {"ca": certs.ca_pem, "stranger": certs.other_ca_pem, "": ""}[pin]
    (rom / "kv.json").write_text(json.dumps({"next_pin": pem}))
    run = cook("A private authority, and a new certificate", server.url)
    assert text in run.ok().stdout


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (reply(200, b"ok"), "online\n"),
        (reply(302, b"", "Location: http://hotel.example/"), "a portal: http://hotel.example/\n"),
        (reply(200, b"<html>"), "a portal: it shows a page of its own\n"),
    ],
)
def test_portal(cook: Callable[..., Run], wire: WireFactory, answer: bytes, text: str) -> None:
    assert cook("A captive portal", wire(answer).url).ok().stdout == text


def test_no_network_is_no_portal(cook: Callable[..., Run], refused_port: int) -> None:
    assert cook("A captive portal", f"http://127.0.0.1:{refused_port}").ok().stdout.startswith("no network: ")


def test_stream(cook: Callable[..., Run], wire: WireFactory) -> None:
    server = wire(head(200, "Transfer-Encoding: chunked") + chunked(b'{"a":', b' 1}\n{"a": 2}', b"\n"))
    assert cook("Read a stream", server.url).ok().stdout == "{'a': 1}\n{'a': 2}\n"


@pytest.mark.parametrize(
    ("answer", "code"), [(reply(200, b"x", "Content-Type: text/plain"), 0), (reply(404), 1)]
)
def test_a_test_of_an_app_passes_and_fails(
    cook: Callable[..., Run], wire: WireFactory, answer: bytes, code: int
) -> None:
    run = cook("Test an app", wire(by_path({"/message": answer})).url)
    assert run.returncode == code
    assert (run.stdout == "right\n") is (code == 0)


def test_every_recipe_is_tested() -> None:
    titles = re.findall(r"\n([^\n]+)\n-{4,}\n", RECIPES.read_text())
    assert len(titles) == len(typecheck.examples(RECIPES)) == 8
    assert [title for title in titles if f'"{title}"' not in Path(__file__).read_text()] == []
