# SPDX-License-Identifier: MIT
"""The trace of the host build: firmware/standins/TRACE.md."""

import base64
import json
import re
import socket
import stat
import threading
from pathlib import Path

import pytest
from servers.wire import WireFactory, reply
from support.program import Program, Run

pytestmark = pytest.mark.needs("trace")
ROOT = Path(__file__).resolve().parent.parent.parent


class Traced:
    """Runs apps, and reads what they told."""

    def __init__(self, run_app: Program, file: Path) -> None:
        self._run_app = run_app
        self.file = file
        self.run: Run

    def __call__(self, code: str, env: dict[str, str] | None = None, **names: object) -> "Traced":
        """Run an app to its end."""
        self.run = self._run_app(code, env={"DL7450_TRACE": str(self.file)} | (env or {}), **names)
        return self

    @property
    def lines(self) -> list[dict]:
        """All lines."""
        return [json.loads(line) for line in self.file.read_text().splitlines()]

    def of(self, event: str, **values: object) -> list[dict]:
        """The lines of an event, with these values."""
        return [
            line
            for line in self.lines
            if line["event"] == event and all(line.get(name) == value for name, value in values.items())
        ]

    def bytes(self, event: str, **values: object) -> bytes:
        """The bytes of all these lines together."""
        return b"".join(
            line["text"].encode() if "text" in line else base64.b64decode(line["base64"])
            for line in self.of(event, **values)
        )


@pytest.fixture
def traced(run_app: Program, tmp_path: Path) -> Traced:
    """Runs apps with a trace in a file."""
    return Traced(run_app, tmp_path / "trace.jsonl")


def test_one_request_has_all_that_was_on_the_wire(traced: Traced, wire: WireFactory) -> None:
    server = wire(reply(200, b"\xc3\xa9\xff", "X-A: b"))
    traced(
        "r = http.post(URL, data='sent', headers={'Authorization': 'key'})\nshow(bytes(r.body()))",
        URL=server.url,
    )
    assert traced.run.shown == (b"\xc3\xa9\xff",)
    assert [line["event"] for line in traced.lines if line["event"] not in ("app", "head")] == [
        *("trace", "request", "hop", "sent_head", "sent_body", "body", "hop_end", "done")
    ]
    (request,) = traced.of("request")
    assert (request["id"], request["slot"], request["method"], request["url"]) == (1, 0, "POST", server.url)
    sent = traced.bytes("sent_head")
    assert sent.startswith(b"POST / HTTP/1.1\r\n")
    assert b"Authorization: key\r\n" in sent
    assert sent.endswith(b"\r\n\r\n")
    assert traced.bytes("sent_body") == b"sent"
    head = traced.bytes("head")
    assert head.startswith(b"HTTP/1.1 200 Reason\r\n")
    assert b"X-A: b\r\n" in head
    assert traced.bytes("body") == b"\xc3\xa9\xff"
    (end,), (done,) = traced.of("hop_end"), traced.of("done")
    assert (end["status"], end["code"], end["reused"], end["address"]) == (200, 0, False, "127.0.0.1")
    assert (done["status"], done["kind"], done["error"], done["received"]) == (200, "", None, 3)
    times = done["times"]
    assert 0 < times["connect"] <= times["first_byte"] <= times["total"]
    assert "tls" not in times
    assert [line["t"] for line in traced.lines] == sorted(line["t"] for line in traced.lines)


def test_redirect_is_one_more_hop(traced: Traced, wire: WireFactory) -> None:
    last = wire(reply(body=b"there"))
    first = wire(reply(302, b"gone", f"Location: {last.url}"))
    traced("show(http.get(URL).text())", URL=first.url)
    assert [(line["hop"], line["url"]) for line in traced.of("hop")] == [
        (0, f"{first.url}/"),
        (1, f"{last.url}/"),
    ]
    assert [line["status"] for line in traced.of("hop_end")] == [302, 200]
    assert (traced.bytes("body", hop=0), traced.bytes("body", hop=1)) == (b"gone", b"there")
    assert len(traced.of("done")) == 1


def test_failed_refused_and_cancelled_ones(traced: Traced, wire: WireFactory, refused_url: str) -> None:
    held = wire([])
    traced(
        """
        held = [http.get_async(URL, print) for _ in range(15)]
        failed = http.get(REFUSED)
        held.append(http.get_async(URL, print))
        refused = http.get_async(URL, lambda r: http.cancel_all())
        """,
        URL=held.url,
        REFUSED=refused_url,
    )
    traced.run.ok()
    assert [(line["status"], line["kind"]) for line in traced.of("done")] == [(7, "refused"), (89, "slots")]
    (without_slot,) = traced.of("request", slot=None)
    assert traced.of("done", id=without_slot["id"], status=89)
    assert len({line["id"] for line in traced.of("cancelled")}) == 16


def test_words_are_those_of_kind() -> None:
    text = re.search(r"kinds\[\] = \{(.*?)\};", (ROOT / "firmware/trace.c").read_text(), re.S)
    python = re.search(r"_KINDS = \((.*?)\n\)", (ROOT / "modules/http/_response.py").read_text(), re.S)
    assert text
    assert python
    words = "".join(re.findall(r'"(.*)"', python[1])).split(" ")
    assert re.findall(r'"(\w*)"', text[1]) == words


@pytest.mark.parametrize(("env", "limit"), [({}, 1 << 20), ({"DL7450_TRACE_BODIES": "7"}, 7)])
def test_a_large_body_is_told_up_to_a_limit(
    traced: Traced, wire: WireFactory, env: dict[str, str], limit: int
) -> None:
    size = limit + 5
    traced("show(len(http.get(URL).body()))", env=env, URL=wire(reply(body=b"x" * size)).url)
    assert traced.run.shown == (size,)
    assert len(traced.bytes("body")) == limit
    assert traced.of("done")[0]["received_left_out"] == 5


@pytest.mark.parametrize("limit", ["many", "-1", "5 MiB"])
def test_limit_that_is_no_number(traced: Traced, limit: str) -> None:
    run = traced("print('runs')", env={"DL7450_TRACE_BODIES": limit}).run
    said = f"dl7450: DL7450_TRACE_BODIES={limit}: it must be a number of bytes\n"
    assert (run.returncode, run.stdout, run.stderr) == (2, "", said)


def test_state_of_an_app(traced: Traced) -> None:
    traced("raise ValueError('no good')")
    assert traced.run.returncode == 1
    states = traced.of("app")
    assert [line["state"] for line in states] == ["running", "fault", "over"]
    assert "ValueError: no good" in states[1]["traceback"]
    assert states[1]["traceback"] == traced.run.stderr
    assert states[2]["code"] == 1
    traced("import sys\nfrom wakeup import Timer\nt = Timer(lambda: sys.exit(7), 1)")
    states = traced.of("app")[3:]
    assert [line["state"] for line in states] == ["running", "idle", "over"]
    assert states[0]["args"][0].endswith("app.py")
    assert states[1]["heap_used"] > 0 < states[1]["heap_free"]
    assert states[2]["code"] == 7
    assert len(traced.of("trace")) == 2  # the second one was appended


def test_drawings_timers_and_settings(traced: Traced, rom: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n rest"
    (rom / "kv.json").write_text('{"name": "\\u00e9"}')
    traced(
        """
        from datastore import KvStore
        from splashscreen import Splashscreen
        from wakeup import Timer

        screen = Splashscreen()

        def first():
            screen.add_text_box(KvStore().get("name"), {"x": 1, "y": 2})
            again.cancel()
            again.cancel()

        screen.set_background(PNG)
        timer = Timer(first, 1)
        again = Timer(print, 5000, 5000)
        """,
        env={"DL7450_ROM": str(rom)},
        PNG=png,
    )
    traced.run.ok()
    first, second = traced.of("drawing")
    assert (first["background"], base64.b64decode(first["base64"]), first["boxes"]) == ("png", png, [])
    assert (second["background"], second.get("base64")) == ("png", None)
    assert second["boxes"][0]["lines"] == ["é"]
    timers = [(line["timer"], line["what"], line["task"]) for line in traced.of("timer")]
    assert timers[0] == (1, "set", "first")
    assert [timer[:2] for timer in timers[1:]] == [(2, "set"), (1, "fired"), (2, "cancelled")]
    assert traced.of("timer")[1]["repeat_ms"] == 5000
    assert [(line["key"], line["value"]) for line in traced.of("setting")] == [("name", "é")]


def test_file_is_for_its_user_only(traced: Traced) -> None:
    traced.file.touch(mode=0o644)
    traced("pass").run.ok()
    assert stat.S_IMODE(traced.file.stat().st_mode) == 0o600


@pytest.mark.parametrize("path", ["/nowhere/at/all", "/dev/null", "/"])
def test_trace_that_cannot_be_opened(run_app: Program, path: str) -> None:
    run = run_app("print('runs')", env={"DL7450_TRACE": path})
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"dl7450: DL7450_TRACE={path}: ")


def listener(path: Path) -> socket.socket:
    """A Unix socket that listens."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()
    server.settimeout(20)
    return server


_FLOOD = """
from splashscreen import Splashscreen
screen = Splashscreen()
for n in range(4):
    screen.set_background(b"\\x89PNG\\r\\n\\x1a\\n" + bytes(1 << 20))
    __import__("splashscreen")._draw()
"""


def test_reader_that_does_not_read_stops_the_app_for_a_second(
    run_app: Program, tmp_path: Path, wire: WireFactory
) -> None:
    lines: list[dict] = []

    def read() -> None:
        conn, _ = server.accept()
        with conn, conn.makefile() as file:
            assert drawn.wait(20)
            lines.extend(json.loads(line) for line in file)

    drawn = threading.Event()
    answered = wire([drawn.set, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
    with listener(tmp_path / "socket") as server:
        thread = threading.Thread(target=read)
        thread.start()
        run = run_app(
            _FLOOD + "show(http.get(URL).status_code())",
            URL=answered.url,
            env={"DL7450_TRACE": str(tmp_path / "socket")},
        )
        thread.join()
    assert run.shown == (200,)
    assert 1 <= run.seconds < 5
    assert sum(line["count"] for line in lines if line["event"] == "dropped") >= 3  # drawings
    assert 1 <= sum(line["event"] == "drawing" for line in lines) < 4


def test_reader_that_goes_away_does_not_matter(run_app: Program, tmp_path: Path) -> None:
    with listener(tmp_path / "socket") as server:
        thread = threading.Thread(target=lambda: server.accept()[0].close())
        thread.start()
        run_app(_FLOOD + "show(1)", env={"DL7450_TRACE": str(tmp_path / "socket")}).ok()
        thread.join()
