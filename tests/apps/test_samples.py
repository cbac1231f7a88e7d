# SPDX-License-Identifier: MIT
"""The sample apps that use feed, tested as the developer of an app does: the cable is out for an hour.

What a whole day does to them stands in test_day_of_samples.py.
"""

import json
from pathlib import Path

import pytest
from dock_tool.testing import App, Dock
from servers.wire import WireFactory, WireServer, reply

pytestmark = pytest.mark.needs("preload", "trace")

APPS = Path(__file__).resolve().parents[2] / "firmware/apps"
NOW = 1_800_000_000
PNG = b"\x89PNG\r\n\x1a\n"


def _hour_without_network(dock: Dock, app: App, server: WireServer) -> None:
    before = len(server.requests)
    dock.network.cable_out()
    app.clock.forward(minutes=61)
    assert len(server.requests) == before
    assert {request.kind for request in app.requests if request.failed} <= {"unreachable", "name", "timeout"}
    assert any(request.failed for request in app.requests)


def test_picture_says_how_old_it_is(dock: Dock, wire: WireFactory) -> None:
    server = wire(reply(200, PNG))
    app = dock.run(APPS / "picture.py", kv={"picture_url": server.url})
    app.screen.wait_for(background=PNG)
    _hour_without_network(dock, app, server)
    assert app.screen.has(text="as of 60 minutes ago", background=PNG)
    dock.network.online()
    app.wait_until(lambda: not app.screen.has(text="as of"), "no note any more", seconds=3600)


def test_headlines_stay(dock: Dock, wire: WireFactory) -> None:
    server = wire(reply(200, json.dumps({"headlines": ["a < b", "second"]}).encode()))
    app = dock.run(APPS / "headlines.py", kv={"headlines_urls": server.url})
    app.screen.wait_for(text="a &lt; b")
    app.screen.wait_for(text="second")
    _hour_without_network(dock, app, server)
    assert app.screen.texts[0] in ("a &lt; b", "second")


def test_calendar_says_that_it_is_old(dock: Dock, wire: WireFactory) -> None:
    meeting = {"title": "Budget", "start": NOW + 600, "end": NOW + 1200}
    server = wire(reply(200, json.dumps({"room": "Rosewood", "meetings": [meeting]}).encode()))
    app = dock.run(APPS / "calendar.py", kv={"calendar_url": server.url})
    app.screen.wait_for(text="Rosewood")
    app.clock.set_time_of_day(NOW)
    app.screen.wait_for(text="next: Budget")
    dock.network.cable_out()  # a meeting begins without the server
    app.wait_until(lambda: not app.screen.has(text="next:"), "the meeting", seconds=601)
    assert app.screen.has(text="Budget")
    _hour_without_network(dock, app, server)
    assert app.screen.has(text="free")
    assert app.screen.has(text="(the calendar does not answer)")


def test_telemetry_keeps_its_readings(dock: Dock, wire: WireFactory) -> None:
    server = wire(reply(204))
    app = dock.run(APPS / "telemetry.py", kv={"telemetry_url": server.url})
    app.wait_until(lambda: len(server.requests) == 2, "the second reading", seconds=120)
    _hour_without_network(dock, app, server)
    dock.network.online()
    app.wait_until(lambda: len(server.requests) >= 3, "what has waited", seconds=700)
    app.clock.forward(minutes=2)
    readings = [reading for request in server.requests for reading in json.loads(request.body)["readings"]]
    times = [when for when, _ in readings]
    assert sorted(set(times)) == times  # none is lost, none comes twice
    assert len(times) >= 62
