# SPDX-License-Identifier: MIT
"""firmware/apps/events.py: it follows server-sent events and shows the last one."""

from pathlib import Path
from threading import Event

from dock_tool.testing import Dock
from servers.wire import CLOSE, RESET, Step, WireFactory, head, in_order, reply

APP = Path(__file__).resolve().parent.parent.parent / "firmware/apps/events.py"


def test_each_event_is_shown_when_it_comes_and_the_stream_goes_on(dock: Dock, wire: WireFactory) -> None:
    """Over three connections: one ends, one is reset amid an event, and the last says that no more come."""
    shown = Event()
    first: list[Step] = [
        head(200, "Content-Type: text/event-stream"),
        b"retry: 20\n\nid: 1\ndata: first\n",
        0.02,
        b"\n: comment\n\ndata: \xff\nda",
        b"ta: second\ndata:  line\nid: 2\n\n",
        lambda: shown.wait(10),
        CLOSE,
    ]
    second: list[Step] = [head(200, "Transfer-Encoding: chunked"), b"9\r\ndata: half\r\n", 0.05, RESET]
    server = wire(in_order(first, second, reply(204)))
    app = dock.run(APP, kv={"events_url": server.url, "events_retry_ms": "5000"})
    app.wait_until(lambda: app.log.count("\n") == 3, "two events")  # the connection is still there
    shown.set()
    assert app.wait_for_end() == 0
    assert app.log.splitlines() == [
        *("event 1: first", "event 2: second", " line"),
        *("events: status 200; again in 20 ms", "events: status 56; again in 20 ms"),
    ]
    assert [request.header("last-event-id") for request in server.requests] == [None, "2", "2"]
    (box,) = app.screen.boxes
    assert box["lines"] == ["second", " line"]
