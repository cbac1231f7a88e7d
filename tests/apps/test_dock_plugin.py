# SPDX-License-Identifier: MIT
"""The pytest plugin of tools/dock: tests of apps on a simulated dock."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from dock_tool.link import Link
from dock_tool.testing import Dock
from pytest_httpserver import HTTPServer
from servers.wire import WireFactory, reply
from werkzeug import Response

pytestmark = [pytest.mark.needs("preload", "trace"), pytest.mark.usefixtures("plugin_program")]

ROOT = Path(__file__).resolve().parent.parent.parent
CAROUSEL = ROOT / "firmware/apps/carousel.py"
Writer = Callable[[str], Path]
Inner = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Writes an app: write(code) returns its path."""

    def to_file(code: str) -> Path:
        path = tmp_path / "app.py"
        path.write_text(code)
        return path

    return to_file


@pytest.fixture
def pytest_in_folder(binary: Path, tmp_path: Path) -> Inner:
    """Runs tests in the app's folder: pytest_in_folder(code, *options) returns what pytest shows."""

    def run(code: str, *options: str) -> str:
        (tmp_path / "test_mine.py").write_text(code)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, "test_mine.py"],
            cwd=tmp_path,
            env={**os.environ, "DL7450_BINARY": str(binary), "COLUMNS": "120", "CI": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stdout
        return done.stdout

    return run


def _example(document: str, name: str) -> str:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / document).read_text(), re.S)
    return next(block for block in blocks if name in block)


# The example of the README, and what comes after it.
def test_keeps_the_slide_when_the_server_fails(
    dock: Dock, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = _example("README.md", "test_keeps_the_slide_when_the_server_fails")
    assert example.count("\n") == 10
    monkeypatch.chdir(ROOT)
    names: dict = {}
    exec(example, names)
    names["test_keeps_the_slide_when_the_server_fails"](dock, httpserver)
    (app,) = dock.apps
    assert {request.status for request in app.requests if request.failed} == {7}
    dock.network.online()
    shown = len(app.screen.drawings)
    app.clock.forward(minutes=2)
    assert len(app.screen.drawings) >= shown + 6
    assert app.requests[-1].status == 200


def test_says_why_there_is_no_picture(dock: Dock, write: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(_example("README.md", "Splashscreen()")).parent)
    names: dict = {}
    exec(_example("tools/dock/README.md", "test_says_why_there_is_no_picture"), names)
    names["test_says_why_there_is_no_picture"](dock)


_POLLER = """
import http
from datastore import KvStore
from splashscreen import Splashscreen
from wakeup import Timer

screen = Splashscreen()
count = 0

def poll():
    http.get_async(KvStore().get("url"), show, timeout=20)

def show(response):
    global count
    count += 1
    screen.add_text_box("%d: %d" % (count, response.status_code()))

timer = Timer(poll, 60000, 60000)
"""


def test_a_day_of_polling(dock: Dock, httpserver: HTTPServer, write: Writer) -> None:
    httpserver.expect_request("/").respond_with_data("fine")
    app = dock.run(write(_POLLER), kv={"url": httpserver.url_for("/")})
    assert (app.clock.seconds, app.requests) == (0, [])
    assert [(timer.task, timer.repeat_ms) for timer in app.timers] == [("poll", 60000)]
    app.clock.forward(days=1, seconds=1)
    assert len(app.requests) == 24 * 60
    assert {request.status for request in app.requests} == {200}
    assert app.screen.texts == ["1440: 200"]


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("refused", 7),
        ("no_answer", 28),
        ("cable_out", 7),
        ("reset", 56),
        ("no_names", 200),  # the server has an address
        ("online", 200),
    ],
)
def test_conditions(dock: Dock, httpserver: HTTPServer, write: Writer, condition: str, status: int) -> None:
    httpserver.expect_request("/").respond_with_data("fine")
    app = dock.run(write(_POLLER), kv={"url": f"http://127.0.0.1:{httpserver.port}/"})
    getattr(dock.network, condition)()
    app.screen.wait_for(text=f"1: {status}", seconds=90)
    (request,) = app.requests
    assert request.failed == (status < 100)
    assert 59 <= app.clock.seconds <= 81


def test_names_and_slow_lines(dock: Dock, httpserver: HTTPServer, write: Writer) -> None:
    httpserver.expect_request("/").respond_with_data("x" * 5000)
    dock.network.name("shop.example:80", port=httpserver.port)
    dock.network.slow(bytes_per_second=1000, delay_ms=2000)
    app = dock.run(write(_POLLER), kv={"url": "http://shop.example/"})
    app.screen.wait_for(text="1: 200", seconds=90)
    assert 65 <= app.clock.seconds <= 72
    dock.network.resolver_hangs("shop.example", seconds=10)
    app.screen.wait_for(text="2: 6", seconds=90)
    app.kv["url"] = f"http://127.0.0.1:{httpserver.port}/"
    app.screen.wait_for(text="3: 200", seconds=90)


@pytest.mark.parametrize("host", ["", "a b", "a\nclock run", "http://shop.example/", 5])
def test_condition_of_what_is_no_host_is_refused_and_not_kept(dock: Dock, write: Writer, host: str) -> None:
    for condition in (dock.network.refused, dock.network.name):
        with pytest.raises(ValueError, match=f"host: {re.escape(repr(host))} is no host's name"):
            condition(host)
    with pytest.raises(ValueError, match="port: 65536 is none"):
        dock.network.name("shop.example", port=65536)
    assert dock.run(write("pass")).exit_code == 0


def test_requests_have_what_was_on_the_wire(dock: Dock, httpserver: HTTPServer, write: Writer) -> None:
    httpserver.expect_request("/a").respond_with_response(
        Response("there", status=302, headers={"Location": "/b"})
    )
    httpserver.expect_request("/b").respond_with_data("reply", headers={"X-A": "b"})
    app = dock.run(
        write(
            "import http, sys\nhttp.post(sys.argv[1], data='ask')\nhttp.get_async(sys.argv[1], print)\n"
            "http.cancel_all()\nprint('end')"
        ),
        httpserver.url_for("/a"),
    )
    posted, cancelled = app.requests
    assert (posted.method, posted.status, posted.sent_body, posted.body) == ("POST", 200, b"ask", b"reply")
    assert [hop.status for hop in posted.hops] == [302, 200]
    assert ("X-A", "b") in posted.headers
    assert ("User-Agent", "DL-7450") in posted.sent_headers
    assert (cancelled.cancelled, cancelled.status, cancelled.failed) == (True, None, False)
    assert app.log == "end\n"
    assert (app.runs, app.exit_code) == (False, 0)


def test_fault_and_exit_code(dock: Dock, write: Writer) -> None:
    app = dock.run(write("from wakeup import Timer\nTimer(lambda: 1 / 0, 5000)"))
    assert app.exit_code is None
    assert app.wait_for_end() == 1
    assert "ZeroDivisionError" in app.faults[0]
    assert "ZeroDivisionError" in app.log
    assert app.screen.texts[0].startswith("ZeroDivisionError")
    assert 4.9 <= app.clock.seconds < 6
    assert dock.run(write("import time, sys\ntime.sleep(3600)\nsys.exit(7)")).wait_for_end(seconds=4000) == 7
    app = dock.run(write("from wakeup import Timer\nTimer(print, 5000, 5000)"))
    assert app.stop() == 130


def test_what_does_not_come_is_told_with_what_is_there(dock: Dock, write: Writer) -> None:
    app = dock.run(write("print('hello')\nfrom wakeup import Timer\nTimer(print, 10000, 10000)"))
    with pytest.raises(AssertionError, match=r"(?s)the text 'Welcome': not within 30 s.*hello"):
        app.screen.wait_for(text="Welcome", seconds=30)
    app = dock.run(write("pass"))
    with pytest.raises(AssertionError, match=r"the text 'Welcome': the app has ended with exit code 0"):
        app.screen.wait_for(text="Welcome")


def test_app_that_ended_with_a_fault_is_not_waited_for(dock: Dock, write: Writer) -> None:
    app = dock.run(write("from wakeup import Timer\nTimer(lambda: 1 / 0, 5000)"))
    app.clock.forward(minutes=1)
    how = r"the app has ended with a fault \(exit code 1\): ZeroDivisionError: divide by zero\n"
    for wait in (
        lambda: app.clock.forward(seconds=1),
        app.clock.step,
        lambda: app.screen.wait_for(text="Welcome"),
        lambda: app.wait_until(lambda: app.requests, "a request"),
    ):
        with pytest.raises(AssertionError, match=how):
            wait()
    assert app.unseen_fault
    app.screen.wait_for(text="ZeroDivisionError")  # it is there
    app.wait_until(lambda: app.faults, "a fault")
    assert app.unseen_fault is None
    app = dock.run(write("pass"))
    app.clock.forward(seconds=1)
    app.clock.step()


_TESTS_OF_FAULTS = """
import pytest

def run(dock):
    app = dock.run("app.py")
    assert (app.faults, app.exit_code) == ([], None)
    app.clock.forward(seconds=%d)
    return app

def test_looks_at_nothing(dock):
    assert "divide by zero" in run(dock).log

def test_ends_it(dock):
    run(dock).wait_for_end()

@pytest.mark.xfail
def test_is_said_to_fail(dock):
    run(dock)

def test_looks_at_faults(dock):
    assert "ZeroDivisionError" in run(dock).faults[0]

def test_looks_at_the_exit_code(dock):
    assert run(dock).exit_code == 1

def test_ends_before_the_fault(dock):
    dock.run("app.py").stop()
"""


def test_fault_that_a_test_does_not_look_at_fails_it(pytest_in_folder: Inner, write: Writer) -> None:
    write("from wakeup import Timer\nTimer(lambda: 1 / 0, 5000)")
    shown = pytest_in_folder(_TESTS_OF_FAULTS % 6)
    assert "2 failed, 3 passed, 1 xfailed" in shown
    said = "app.py ended with a fault, and the test looks neither at app.faults nor at app.exit_code:\n"
    failures, _, summary = shown.partition("short test summary info")
    assert failures.count(said + "Traceback (most recent call last):\n") == 2
    assert failures.count("\nZeroDivisionError: divide by zero\n") >= 2
    assert "FAILED test_mine.py::test_looks_at_nothing - Failed: app.py ended with a fault" in summary


def test_program_that_is_refused_does_not_go_on(
    dock: Dock, write: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = []

    def refuse(link: Link, text: str) -> None:
        refused.append(link)
        raise ValueError(text)

    monkeypatch.setattr("dock_tool.link._SIMULATION_VERSION", 99)
    monkeypatch.setattr(Link, "refuse", refuse)
    with pytest.raises(ValueError, match="make host builds the program anew"):
        dock.run(write("from wakeup import Timer\nTimer(print, 90000)"))
    (link,) = refused
    assert link.process.returncode == -signal.SIGKILL


_TESTS_OF_CRASHES = """
import signal

def crash(dock):
    app = dock.run("app.py")
    app._program.process.send_signal(signal.SIGABRT)  # the sanitizers leave it alone
    app._program.process.wait()
    app.clock.forward(seconds=1)
    return app

def test_looks_at_nothing(dock):
    crash(dock)

def test_looks_at_the_exit_code(dock):
    assert crash(dock).exit_code == -signal.SIGABRT
"""


def test_crash_that_a_test_does_not_look_at_fails_it(pytest_in_folder: Inner, write: Writer) -> None:
    write("from wakeup import Timer\nTimer(print, 5000)")
    shown = pytest_in_folder(_TESTS_OF_CRASHES)
    assert "1 failed, 1 passed" in shown
    assert "signal 6 has ended the program: Aborted" in shown


def test_devices(dock: Dock, write: Writer) -> None:
    dock.monitors({"name": "Left", "width": 1920, "height": 1080, "serial": 1})
    app = dock.run(
        write(
            "from dock import DockInfo\nfrom wakeup import Timer\n"
            "def show():\n    print([m.name() for m in DockInfo().monitors() if m.valid()])\n"
            "show()\nTimer(show, 1000)"
        )
    )
    dock.monitors()
    app.wait_for_end()
    assert app.log == "['Left']\n[]\n"


def test_store_that_is_wrong(dock: Dock) -> None:
    with pytest.raises(TypeError, match="kv: 'n': 5"):
        dock.run(CAROUSEL, kv={"n": 5})
    with pytest.raises(ValueError, match="images: logo is no PNG"):
        dock.run(CAROUSEL, images={"logo": b"GIF"})
    for tag in ("", "../../logo", "a/b"):
        with pytest.raises(ValueError, match=f"images: {tag!r} is no tag"):
            dock.run(CAROUSEL, images={tag: b"\x89PNG"})
    with pytest.raises(FileNotFoundError, match=r"there is no app .*none\.py"):
        dock.run("none.py")


def test_picture(dock: Dock, write: Writer, tmp_path: Path) -> None:
    code = "from splashscreen import Splashscreen\nSplashscreen().add_text_box(%r)"
    app = dock.run(write(code % "Hello"))
    golden = tmp_path / "golden.png"
    with pytest.raises(AssertionError, match="did not exist"):
        app.screen.assert_looks_like(golden)
    app.screen.assert_looks_like(golden)
    with pytest.raises(AssertionError, match="of the pixels differ"):
        dock.run(write(code % "Other")).screen.assert_looks_like(golden)
    assert golden.with_suffix(".seen.png").exists()


def test_why_there_is_no_picture_is_one_line(dock: Dock, write: Writer, tmp_path: Path) -> None:
    show = "from splashscreen import Splashscreen\nSplashscreen().%s"
    no_image = b"\x89PNG\r\n\x1a\n and no more"
    begin = f"background is no image that can be drawn: 20 bytes that begin with {no_image[:16]!r}"
    screens = {
        dock.run(write(show % f"set_background({no_image!r})")).screen: begin,
        dock.run(write(show % "add_text_box('<b')")).screen: "of the text in the message area: ",
        dock.run(write("pass")).screen: "the app has drawn nothing",
    }
    for screen, why in screens.items():
        for ask in (screen.picture, lambda screen=screen: screen.assert_looks_like(tmp_path / "golden.png")):
            with pytest.raises(AssertionError) as raised:
                ask()
            assert why in str(raised.value)
            assert "\n" not in str(raised.value)
            assert raised.value.__cause__ is None
            assert raised.value.__suppress_context__ or raised.value.__context__ is None
    assert not (tmp_path / "golden.png").exists()
    (tmp_path / "golden.png").write_bytes(no_image)
    screen = dock.run(write(show % "add_text_box('Hello')")).screen
    with pytest.raises(AssertionError, match=r"golden\.png is no image$"):
        screen.assert_looks_like(tmp_path / "golden.png")


_TESTS_THAT_FAIL = """
def test_waits(dock):
    app = dock.run("app.py")
    app.screen.wait_for(text="Welcome", seconds=65)

def test_asserts(dock):
    app = dock.run("app.py")
    app.clock.forward(seconds=5)
    assert app.screen.has(text="Welcome")

def test_waits_after_the_end(dock):
    dock.run("app.py", "end").screen.wait_for(text="Welcome")

def test_has_no_replay(dock):
    dock.replay("no/such")

def test_has_no_app(dock):
    dock.run("none.py")

def test_goes_back(dock):
    dock.run("app.py").clock.forward(seconds=-1)
"""


def test_failing_test_shows_the_app_once_and_nothing_of_the_kit(
    pytest_in_folder: Inner, write: Writer
) -> None:
    write(
        "import sys\nfrom splashscreen import Splashscreen\nfrom wakeup import Timer\n"
        "Splashscreen().add_text_box('Hello')\nSplashscreen().add_text_box('There', {'x': 5, 'y': 6})\n"
        "print('here it is')\nTimer(lambda: sys.exit(3), 1000 if sys.argv[1:] else 3600000)\n"
    )
    report, _, summary = pytest_in_folder(_TESTS_THAT_FAIL).partition("short test summary info")
    assert "6 failed" in summary
    parts = re.split(r"^_+ (test_\w+) _+$", report, flags=re.MULTILINE)
    shown = dict(zip(parts[1::2], parts[2::2], strict=True))
    for name, time in {
        "test_waits": r"65\.000 s, the app runs",
        "test_asserts": r"5\.000 s, the app runs",
        "test_waits_after_the_end": r"1\.\d\d\d s, the app has ended with exit code 3",
    }.items():
        assert len(re.findall(f"time: {time}", shown[name])) == 1
        for text in ("message area: ['Hello']", "5,6: ['There']", "here it is", "requests of 0"):
            assert shown[name].count(text) == 1, (name, text)
    assert "the text 'Welcome': not within 65 s" in shown["test_waits"]
    assert "the text 'Welcome': the app has ended with exit code 3" in shown["test_waits_after_the_end"]
    assert "/no/such/recording.json (pytest --dock-record makes one)\n" in shown["test_has_no_replay"]
    assert "None" not in report
    assert "dock_tool/" not in report
    assert [line for line in report.splitlines() if re.match(r"\w+\.py:\d+: ", line)] == [
        f"test_mine.py:{n}: {error}"
        for n, error in (
            (4, "NotReached"),
            (9, "AssertionError"),
            (12, "NotReached"),
            (15, "Failure"),
            (18, "FileNotFoundError"),
            (21, "ValueError"),
        )
    ]


_FOLDER_OF_ONES_OWN = """
def test_fails(dock, httpserver):
    httpserver.expect_request("/").respond_with_data("body", headers={"Set-Cookie": "a=secret"})
    app = dock.run("app.py", httpserver.url_for("/?q=1"))
    assert app.screen.has(text="Welcome")
"""


def test_failing_test_shows_the_app_and_its_requests_become_a_har(
    pytest_in_folder: Inner, write: Writer, tmp_path: Path
) -> None:
    write(
        "import http, sys\nfrom splashscreen import Splashscreen\n"
        "r = http.get(sys.argv[1].replace('//', '//me:pw@'), headers={'Authorization': 'key'})\n"
        "print('status', r.status_code())\nSplashscreen().add_text_box('Hello')\n"
    )
    report = pytest_in_folder(_FOLDER_OF_ONES_OWN, "--dock-har", "har")
    for shown in ("['Hello']", "status 200", "200 GET http://", "1 failed"):
        assert shown in report
    (path,) = (tmp_path / "har").iterdir()
    text = path.read_text()
    assert "secret" not in text
    assert "pw" not in text
    assert '"key"' not in text
    (entry,) = json.loads(text)["log"]["entries"]
    assert entry["response"]["content"]["text"] == "body"
    assert entry["request"]["queryString"] == [{"name": "q", "value": "1"}]
    assert entry["time"] == pytest.approx(
        sum(ms for phase, ms in entry["timings"].items() if ms > 0 and phase != "ssl")
    )


def test_server_that_was_just_told_to_answer_is_waited_for(
    dock: Dock, wire: WireFactory, write: Writer
) -> None:
    told = Event()
    server = wire([lambda: told.wait(30), 0.1, reply(200)])
    code = f"import http\nhttp.get_async({server.url!r}, lambda r: print(r.status_code()), timeout=600)\n"
    app = dock.run(write(code))
    app.clock.forward(seconds=1)  # for a second of real time the server is silent: the clock goes on
    told.set()
    app.wait_until(lambda: app.log == "200\n", "the answer")
    assert app.clock.seconds < 60


def test_run_with_a_trace(binary: Path, write: Writer, tmp_path: Path) -> None:
    main = "from dock_tool.cli import main; main()"
    app = write("import sys; sys.exit(len(sys.argv))")
    run = subprocess.run(
        [sys.executable, "-c", main, "run", "--trace", tmp_path / "t.jsonl", app, "a", "b"],
        env={**os.environ, "DL7450_BINARY": str(binary)},
        check=False,
    )
    assert run.returncode == 3
    lines = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert (lines[0]["event"], lines[-1]["code"]) == ("trace", 3)
