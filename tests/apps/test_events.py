# SPDX-License-Identifier: MIT
"""firmware/apps/events.py: it follows server-sent events and shows the last one."""

import json
import subprocess
from pathlib import Path
from threading import Event, Timer

from servers.wire import CLOSE, RESET, Step, WireFactory, head, in_order, reply
from support.program import Program, clean_environment

APP = Path(__file__).resolve().parent.parent.parent / "firmware/apps/events.py"


def test_each_event_is_shown_when_it_comes_and_the_stream_goes_on(
    run_app: Program, wire: WireFactory, rom: Path, screen: Path
) -> None:
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
    settings = {"events_url": server.url, "events_retry_ms": "5000"}
    (rom / "kv.json").write_text(json.dumps(settings))
    with subprocess.Popen(
        [run_app.binary, APP],
        stdout=subprocess.PIPE,
        text=True,
        env=clean_environment({"DL7450_SCREEN": str(screen), "DL7450_ROM": str(rom)}),
    ) as process:
        watchdog = Timer(20, process.kill)
        watchdog.start()
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]  # the connection is still there
        shown.set()
        rest = process.stdout.read()
        watchdog.cancel()
    assert lines == ["event 1: first\n", "event 2: second\n", " line\n"]
    assert rest.splitlines() == ["events: status 200; again in 20 ms", "events: status 56; again in 20 ms"]
    assert process.returncode == 0
    assert [request.header("last-event-id") for request in server.requests] == [None, "2", "2"]
    (box,) = json.loads((screen / "screen.json").read_text())["boxes"]
    assert box["lines"] == ["second", " line"]
