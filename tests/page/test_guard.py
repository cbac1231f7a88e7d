# SPDX-License-Identifier: MIT
"""Nobody but its own page may read the simulator or steer it."""

import http.client
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.simulator import Simulator, running

pytestmark = pytest.mark.needs("preload", "trace")

_SECRET = "the-app-and-its-secret"


@pytest.fixture
def simulator(simulate: Callable[..., Simulator]) -> Simulator:
    return simulate(f"from wakeup import Timer\nprint({_SECRET!r})\nTimer(print, 60000)\n")


def ask(simulator: Simulator, method: str, path: str, **fields: str) -> tuple[int, bytes]:
    """Send exactly this path and these fields."""
    conn = http.client.HTTPConnection("127.0.0.1", simulator.port, timeout=20)
    conn.putrequest(method, path, skip_host=True)
    for name, value in ({"Host": f"127.0.0.1:{simulator.port}"} | fields).items():
        conn.putheader(name.replace("_", "-"), value)
    conn.putheader("Content-Length", "0")
    conn.endheaders()
    answer = conn.getresponse()
    body = b"" if answer.headers.get_content_type() == "text/event-stream" else answer.read()
    conn.close()
    return answer.status, body


PATHS = ["", "main.js", "events", "drawings/1.png", "requests/1-1/0", "requests.har"]


def test_who_may_not(simulator: Simulator) -> None:
    own = f"/{simulator.token}/"
    origin = f"http://127.0.0.1:{simulator.port}"
    assert ask(simulator, "GET", own)[0] == 200
    assert ask(simulator, "GET", own, Host=f"localhost:{simulator.port}")[0] == 200
    for path in PATHS:
        for host in ("evil.example", f"evil.example:{simulator.port}", "127.0.0.1", "127.0.0.1:1", ""):
            assert ask(simulator, "GET", own + path, Host=host)[0] == 403, (path, host)
        for foreign in (
            "http://evil.example",
            "null",
            f"https://127.0.0.1:{simulator.port}",
            "http://127.0.0.1:1",
        ):
            assert ask(simulator, "GET", own + path, Origin=foreign)[0] == 403, (path, foreign)
        assert ask(simulator, "GET", own + path, Sec_Fetch_Site="cross-site")[0] == 403
        for token in (
            "",
            "/x",
            f"/{simulator.token[:-1]}",
            f"/{simulator.token}x",
            f"/{simulator.token.lower()}",
            "/%C3%A9",
        ):
            status, body = ask(simulator, "GET", f"{token}/{path}")
            assert status == 403, (path, token)
            assert simulator.token.encode() not in body
    for command in ("restart", "stop", "setting", "network", "clock", "step", "devices", "press"):
        assert ask(simulator, "POST", f"{own}do/{command}")[0] == 403, "without Origin"
        assert ask(simulator, "POST", f"{own}do/{command}", Origin="http://evil.example")[0] == 403
        assert ask(simulator, "POST", f"/do/{command}", Origin=origin)[0] == 403
        assert ask(simulator, "GET", f"{own}do/{command}")[0] == 404
    assert ask(simulator, "POST", f"{own}do/restart", Origin=origin)[0] == 200
    simulator.wait_for(f"(?s){_SECRET}.*{_SECRET}")


def test_no_path_leads_out_of_the_page(simulator: Simulator) -> None:
    up = [
        "../server.py",
        "..%2fserver.py",
        "%2e%2e/server.py",
        "./../server.py",
        "..\\server.py",
        "/etc/passwd",
        "....//server.py",
        "%00",
        "main.js%00.png",
        "page/../../cli.py",
        "%252e%252e%252fserver.py",
        "static//etc/passwd",
    ]
    for way in up:
        for place in (
            "",
            "drawings/",
            "drawings/1.png/",
            "requests/",
            "requests/1-1/",
            "do/",
            "events/",
            "requests.har/",
        ):
            status, body = ask(simulator, "GET", f"/{simulator.token}/{place}{way}")
            assert status in (403, 404, 405), (place, way)
            assert b"import" not in body
            assert b"root:" not in body
    for number in ("-1", "1" * 400, "x", "1.5"):
        for path in (
            f"drawings/{number}.png",
            f"requests/{number}/0",
            f"requests/1-{number}/0",
            f"requests/1-1/{number}",
        ):
            assert ask(simulator, "GET", f"/{simulator.token}/{path}")[0] == 404


@pytest.mark.parametrize(
    ("command", "values", "words"),
    [
        ("network", {"host": "*", "condition": "on fire"}, "no condition"),
        ("network", {"host": "a b", "condition": "refused"}, "no host"),
        ("network", {"host": "*\nwall", "condition": "refused"}, "no host"),
        ("network", {"host": "*", "condition": "slow 1\nwall 5"}, "no condition"),
        ("network", {}, "missing a required argument"),
        ("clock", {"rate": 0}, "the rate must be"),
        ("clock", {"rate": "fast"}, "not supported"),
        ("devices", {"monitors": 5}, "0 to 4 monitors"),
        ("devices", {"usb": {}}, "must be a list of at most 32"),
        ("devices", {"usb": [[1, 2, "x"]] * 33}, "must be a list of at most 32"),
        ("devices", {"usb": [[1, 65536, "x"]]}, "is no device"),
        ("devices", {"usb": [[1, 2]]}, "is no device"),
        ("devices", {"celsius": 126}, "from -40 to 125"),
        ("devices", {"celsius": "warm"}, "from -40 to 125"),
        ("message", {"text": 5}, "a message is a text"),
        ("message", {"text": "x"}, "the app has no handler for messages"),
        ("press", {"pin": "SIDE", "active": True}, "no direction"),
        ("setting", {"key": "", "value": "x"}, "must be texts"),
        ("setting", {"key": "a", "value": 1}, "must be texts"),
        ("restart", {"unknown": 1}, "unexpected keyword"),
    ],
)
def test_wrong_command_is_named(shared: Simulator, command: str, values: dict, words: str) -> None:
    answer = shared.do(command, **values)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


@pytest.fixture(scope="module")
def shared(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    app = tmp_path_factory.mktemp("shared") / "app.py"
    app.write_text("from wakeup import Timer\nTimer(print, 60000)\n")
    dock = Path(sys.executable).with_name("dock")
    with running([dock, "simulate", "--no-browser", "--port", "0", "--program", binary, app]) as simulator:
        yield simulator


def test_page_may_not_be_framed_or_load_from_elsewhere(shared: Simulator) -> None:
    answer = shared.get("")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
