# SPDX-License-Identifier: MIT
"""What the simulator keeps of an app that runs for hours: all of it is bounded."""

import base64
import json
import re
from pathlib import Path

import pytest
from dock_tool.simulator import history as module
from dock_tool.simulator.history import History, Run
from dock_tool.simulator.names import CURL_NAMES
from dock_tool.simulator.store import Store

ROOT = Path(__file__).resolve().parent.parent.parent


def feed(history: History, run: Run, event: str, **values: object) -> None:
    history.take(run, {"event": event, "t": 1.0} | values)


@pytest.fixture
def history() -> History:
    """One whose app has started."""
    history = History()
    feed(history, history.begin(), "trace", version=1, time=1_700_000_000, program="0.2.0", pid=1, slots=16)
    return history


def request(history: History, number: int, body: bytes = b"") -> None:
    """A request from its start to its end."""
    run = history.run
    url = "http://user:secret@host.example/"
    feed(history, run, "request", id=number, slot=0, method="GET", url=url)
    feed(history, run, "hop", id=number, hop=0, method="GET", url="http://host.example/")
    feed(history, run, "body", id=number, hop=0, base64=base64.b64encode(body).decode())
    feed(
        history,
        run,
        "done",
        id=number,
        status=200,
        kind="",
        error=None,
        url=url,
        received=len(body),
        times={},
    )


def test_requests(history: History) -> None:
    for number in range(1, module.MOST_REQUESTS + 11):
        request(history, number)
    assert len(history.entries) == len(history.run.trace.requests) == module.MOST_REQUESTS
    assert (1, 11) in history.entries
    assert (1, 10) not in history.entries
    assert history.left_out == 10
    assert "secret" not in json.dumps(list(history.rows(-1)))


def test_one_that_is_pending_is_kept(history: History) -> None:
    feed(history, history.run, "request", id=1, slot=0, method="GET", url="http://host.example/")
    for number in range(2, module.MOST_REQUESTS + 2):
        request(history, number)
    assert (1, 1) in history.entries


def test_bodies(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BODIES", 1000)
    for number in range(1, 6):
        request(history, number, bytes(300))
    kept = [len(entry.request.body) for entry in history.entries.values()]
    assert kept == [0, 0, 300, 300, 300]
    assert [entry.without_bodies for entry in history.entries.values()] == [True, True, False, False, False]
    assert [row["key"] for row in history.rows(-1)] == [f"1-{n}" for n in range(1, 6)]


def test_drawings(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = {"width": 10, "height": 10, "boxes": []}
    for _ in range(60):
        feed(history, history.run, "drawing", background=None, **screen)
    assert [history.drawings[0].number, len(history.drawings)] == [11, 50]
    assert len(history.run.trace.drawings) == 1
    monkeypatch.setattr(module, "MOST_IMAGES", 1000)
    for _ in range(5):
        feed(
            history,
            history.run,
            "drawing",
            background="png",
            base64=base64.b64encode(bytes(300)).decode(),
            **screen,
        )
    assert sum(len(shown.drawing.image or b"") for shown in history.drawings) <= 1000


def test_log(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    for number in range(module.LINES_A_SECOND + 7):
        history.write("stdout", str(number))
    now[0] += 1
    history.write("stdout", "later")
    texts = [line.text for line in history.log]
    assert texts[-3] == str(module.LINES_A_SECOND - 1)
    assert texts[-2].startswith("7 lines are left out")
    assert texts[-1] == "later"
    history.write("stdout", "x" * 100_000)
    assert len(history.log[-1].text) < 5000
    for _ in range(10):
        now[0] += 1
        for number in range(module.LINES_A_SECOND):
            history.write("stdout", str(number))
    assert len(history.log) == module.MOST_LINES


def test_end_of_the_app_ends_what_was_pending(history: History) -> None:
    feed(history, history.run, "request", id=1, slot=0, method="GET", url="http://host.example/")
    before = history.revision
    history.end_run()
    (row,) = history.rows(before)
    assert row["lost"]


def test_run_after_one_whose_clock_was_fast_comes_later_on_the_time_line(history: History) -> None:
    request(history, 1)
    feed(history, history.run, "timer", timer=1, what="fired", ms=None, t=3_600_000.0)
    began = {"version": 1, "time": 1_700_000_060, "program": "0.2.0", "pid": 2, "slots": 16}
    feed(history, history.begin(), "trace", t=0.0, **began)
    request(history, 1)
    starts = [row["start"] for row in history.rows(-1)]
    assert starts[1] - starts[0] == 3_600_000
    began["time"] = 1_700_100_000  # and a pause stays one
    feed(history, history.begin(), "trace", t=0.0, **began)
    request(history, 1)
    assert [row["start"] for row in history.rows(-1)][2] == 1_700_100_000_001


def test_clock_of_the_app_at_each_speed(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(module.time, "time", lambda: now[0])
    history.run.settle(10)  # nothing has come from the app: its clock is not known
    feed(history, history.run, "timer", timer=1, what="set", task="go", ms=5000, repeat_ms=0, t=40.0)
    now[0] += 2
    history.run.settle(1)
    assert history.run.clock == (2040.0, 1_002_000.0)
    now[0] += 2
    history.run.settle(10)
    assert history.run.clock[0] == 22040.0
    now[0] += 2
    history.run.settle(0)
    assert history.run.clock[0] == 22040.0


def test_names_are_libcurls() -> None:
    (header, *_) = sorted(ROOT.glob("build/curl-*/include/curl/curl.h"))
    names = dict(re.findall(r"^  CURLE_(\w+),\s*/\* (\d+) ", header.read_text(), re.M))
    numbers = {int(number): name for name, number in names.items()}
    assert {code: numbers.get(code) for code in CURL_NAMES} == CURL_NAMES


def test_store_leaves_its_source_alone(tmp_path: Path) -> None:
    source = tmp_path / "rom"
    (source / "images").mkdir(parents=True)
    (source / "images/a.png").write_bytes(b"picture")
    (source / "kv.json").write_text('{"a": "1", "b": "2"}')
    store = Store(source, tmp_path / "copy")
    store.change("a", "3")
    store.change("b", None)
    assert store.pairs() == json.loads((tmp_path / "copy/kv.json").read_text()) == {"a": "3"}
    assert (tmp_path / "copy/images/a.png").read_bytes() == b"picture"
    (source / "kv.json").write_text('{"a": "1", "c": "4"}')
    store.read()
    assert store.pairs() == {"a": "3", "c": "4"}
    image = tmp_path / "store.romfs"
    image.write_bytes(b"")
    with pytest.raises(ValueError, match="cannot be changed"):
        Store(image, tmp_path / "other").change("a", "1")
