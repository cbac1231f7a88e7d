# SPDX-License-Identifier: MIT
"""The sample apps that use feed, each for a simulated day against a server that has bad hours."""

import json
import textwrap
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from servers.wire import CLOSE, HOLD, Reply, Request, WireFactory, reply
from support.program import Run
from support.simulated_time import START, SimulatedProgram

APPS = Path(__file__).resolve().parents[2] / "firmware/apps"
HOUR = 3600
PNG = b"\x89PNG\r\n\x1a\n"

Day = Callable[..., Run]


def at(request: Request) -> float:
    """The simulated time at which a request was sent."""
    return float(request.header("X-Now") or "nan")


def is_bad(request: Request) -> bool:
    """Whether the server fails: hours 5 to 7, and each of the odd hours after 12 in its first quarter."""
    hour, rest = divmod(at(request), HOUR)
    return 5 <= hour < 8 or (hour > 12 and hour % 2 == 1 and rest < HOUR / 4)


def unless_bad(answer: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """The answer, or one of several failures."""
    # Few of them end the connection: the server takes only so many.
    statuses = reply(500, b"<html>error"), reply(503, b"", "Retry-After: 30"), reply(404)
    failures: list[Reply] = [*statuses * 10, [CLOSE], b"this is not HTTP\r\n\r\n"]
    return lambda request: failures[int(at(request)) % len(failures)] if is_bad(request) else answer(request)


@pytest.fixture
def day(simulated: SimulatedProgram, rom: Path, screen: Path) -> Day:
    """Runs an app for a day: day("name", code, setting=value)."""

    def run(name: str, code: str, **settings: object) -> Run:
        (rom / "kv.json").write_text(json.dumps({key: str(value) for key, value in settings.items()}))
        spy = """
        import splashscreen

        class Screen:
            def set_background(self, content, kind=None):
                note("picture", len(content), bytes(content[:8]))
            def add_text_box(self, text, attributes=None):
                note("text", text)

        splashscreen.Splashscreen = Screen
        """
        env = {"DL7450_ROM": str(rom), "DL7450_SCREEN": str(screen)}
        return simulated(
            textwrap.dedent(spy) + textwrap.dedent(code), env=env, APP=str(APPS / f"{name}.py")
        ).ok()

    return run


def test_picture_changes_and_says_when_it_is_old(day: Day, wire: WireFactory, tmp_path: Path) -> None:
    def answer(request: Request) -> Reply:
        tag = f'"{int(at(request) // (4 * HOUR))}"'
        if request.header("If-None-Match") == tag:
            return reply(304)
        return reply(200, PNG + b"x" * int(at(request) // (4 * HOUR)), f"ETag: {tag}")

    server = wire(unless_bad(answer))
    code = """
        start(APP)
        run(86400)
        show(*[entry for entry in log if entry[1:] != ("text", "")])
        """
    shown = day("picture", code, picture_url=server.url, picture_file=tmp_path / "kept").shown
    pictures = [(when, size - 8) for when, what, size, *_ in shown if what == "picture"]
    assert [size for _, size in pictures] == sorted(size for _, size in pictures)
    assert {size for _, size in pictures} == {0, 1, 2, 3, 4, 5}
    for when, size in pictures:
        assert size == when // (4 * HOUR)
    ((when, _, text),) = [entry for entry in shown if entry[1] == "text"]
    assert 5.9 * HOUR < when < 6.1 * HOUR
    assert text == "as of 60 minutes ago"
    assert (tmp_path / "kept").read_bytes().endswith(PNG + b"xxxxx")


def test_calendar_shows_what_is_on_and_what_comes_next(day: Day, wire: WireFactory) -> None:
    meetings = [
        {"title": "Budget & <plans>", "start": START + 9 * HOUR, "end": START + 10 * HOUR},
        {"title": "Early", "start": START + 6 * HOUR, "end": START + 6.5 * HOUR},
    ]
    late = {"title": "Late", "start": START + 20 * HOUR, "end": START + 21 * HOUR}

    def answer(request: Request) -> Reply:
        known = [*meetings, late] if at(request) > 12.5 * HOUR else meetings
        return reply(200, json.dumps({"room": "Rosewood", "meetings": known}).encode())

    code = "start(APP)\nrun(86400)\nshow(*log)"
    shown = day("calendar", code, calendar_url=wire(unless_bad(answer)).url).shown
    seen = [(when / HOUR, lines[1:]) for when, _, lines in shown]
    assert all(lines[0] == "Rosewood" for _, _, lines in shown)
    texts = [lines for _, lines in seen]
    assert texts[0] == ["free", "next: Early"]
    busy = [(when, lines[0]) for when, lines in seen if lines[0] != "free"]
    # Meetings begin in time, while the server fails too.
    assert {text for _, text in busy} == {"Early", "Budget &amp; &lt;plans&gt;", "Late"}
    for title, hour in (("Early", 6), ("Budget &amp; &lt;plans&gt;", 9), ("Late", 20)):
        assert abs(next(when for when, text in busy if text == title) - hour) < 2 / HOUR
    stale = [when for when, lines in seen if lines[-1] == "(the calendar does not answer)"]
    assert stale
    assert 5.3 < stale[0] < 5.7
    assert all(5 <= when < 8.2 for when in stale)


def test_calendar_that_is_none_is_not_shown(day: Day, wire: WireFactory) -> None:
    for body in (b"", b"[]", b'{"room": 5, "meetings": []}', b'{"room": "a", "meetings": [{"title": "b"}]}'):
        run = day("calendar", "start(APP)\nrun(100)\nshow(*log)", calendar_url=wire(reply(200, body)).url)
        assert run.shown == ()


def test_headlines_of_one_server_go_on_while_another_one_fails(day: Day, wire: WireFactory) -> None:
    def lines(name: str) -> Callable[[Request], Reply]:
        return lambda request: reply(
            200, json.dumps({"headlines": [f"{name} <{int(at(request) // HOUR)}>", f"{name} 2"]}).encode()
        )

    good, shaky, never = wire(lines("good")), wire(unless_bad(lines("shaky"))), wire(reply(500))
    code = """
        start(APP)
        run(86400)
        show(*[(int(when), text) for when, what, text in log if text])
        """
    urls = f"{good.url}/a {shaky.url}/b {never.url}/c {good.url}/d"
    shown = day("headlines", code, headlines_urls=urls).shown
    assert {text.split(" ")[0] for _, text in shown} == {"good", "shaky"}
    for when, text in shown:
        name, _, hour = text.partition(" ")
        if hour.startswith("&lt;") and name == "good":
            assert when // HOUR - int(hour[4:].removesuffix(">")) <= 1
    # Old ones stay while their server fails.
    assert "shaky &lt;4>" in {text for when, text in shown if when // HOUR == 7}


def test_headlines_older_than_a_day_go(day: Day, wire: WireFactory) -> None:
    server = wire(lambda request: reply(200, b'{"headlines": ["old"]}') if at(request) < 1 else reply(500))
    code = "start(APP)\nrun(2 * 86400)\nshow(max(when for when, _, text in log if text == 'old'), log[-1][2])"
    last, text = day("headlines", code, headlines_urls=server.url).shown
    assert 86300 < last < 86500
    assert text == ""


def test_telemetry_survives_outages_and_sends_nothing_twice_that_was_acknowledged(
    day: Day, wire: WireFactory
) -> None:
    got: list[dict] = []
    acknowledged: set[int] = set()

    def answer(request: Request) -> Reply:
        batch = json.loads(request.body)
        assert batch["batch"] not in acknowledged
        got.append(batch)
        if is_bad(request):
            # The server has it, but its acknowledgement does not arrive.
            return [[CLOSE], *[reply(500)] * 9][int(at(request)) % 10]
        acknowledged.add(batch["batch"])
        return reply(204)

    code = """
        names = start(APP)
        for hour in range(24):
            network.address = "" if hour in (9, 10) else "192.0.2.45"
            run(3600)
        sender = names["sender"]
        show(len(sender.waiting) + len(sender.batch), sender.dropped, http.stats()["free"])
        """
    left, dropped, free = day("telemetry", code, telemetry_url=wire(answer).url).shown
    assert (dropped, free) == (0, 16)
    batches: dict[int, list] = {}
    for batch in got:
        # What is sent again is the same.
        assert batches.setdefault(batch["batch"], batch["readings"]) == batch["readings"]
    times = [when for number in sorted(batches) for when, _ in batches[number]]
    assert times == [START + 60 * minute for minute in range(len(times))]
    assert len(times) + left >= 1440
    assert not [1 for number in sorted(batches) if not 0 < len(batches[number]) <= 100]


def test_telemetry_drops_the_oldest_and_counts_them(day: Day, wire: WireFactory) -> None:
    got: list[dict] = []

    def answer(request: Request) -> Reply:
        if at(request) < 20 * HOUR:
            return reply(500)
        got.append(json.loads(request.body))
        return reply(200)

    code = "names = start(APP)\nrun(86400)\nshow(names['sender'].dropped, len(names['sender'].waiting))"
    dropped, waiting = day("telemetry", code, telemetry_url=wire(answer).url).shown
    sent = [when for batch in got for when, _ in batch["readings"]]
    assert sent == sorted(set(sent))
    assert dropped > 100
    assert waiting <= 1
    assert len(sent) + dropped + waiting in (1440, 1441)
    assert got[-1]["dropped"] == dropped
    # The first batch was on its way: it is not dropped. After it, the newest thousand.
    assert sent[0] == START
    assert len([when for when in sent if START < when < START + 20 * HOUR]) <= 1000


def test_carousel_goes_on_for_a_day(day: Day, wire: WireFactory) -> None:
    def answer(request: Request) -> Reply:
        if request.target == "/slides.json":
            names = ("a.png", "b.png") if at(request) < 12 * HOUR else ("b.png", "c.png", "c.png")
            return reply(200, json.dumps({"slides": [{"image": n, "caption": n} for n in names]}).encode())
        size = ord(request.target[1])
        tag = f'"{size}"'
        return (
            reply(304)
            if request.header("If-None-Match") == tag
            else reply(200, PNG + bytes(size), f"ETag: {tag}")
        )

    server = wire(unless_bad(answer))
    code = """
        names = start(APP)
        run(86400)
        show(*[(int(when), size - 8) for when, what, size, *_ in log if what == "picture"])
        """
    run = day("carousel", code, carousel_url=f"{server.url}/slides.json", carousel_dwell_ms=60000)
    shown = [entry for line in run.lines for entry in line]
    # A slide a minute, whatever the server does; the list's change is seen within a round.
    assert len(shown) > 1380
    assert {size for when, size in shown if when < 12 * HOUR} == {ord("a"), ord("b")}
    assert {size for when, size in shown if when > 12 * HOUR + 300} == {ord("b"), ord("c")}
    assert max(after - before for (before, _), (after, _) in pairwise(shown)) <= 90


def test_carousel_waits_a_minute_at_most_for_its_list(day: Day, wire: WireFactory) -> None:
    server = wire(lambda request: reply(500) if len(server.requests) < 60 else [HOLD])
    code = "start(APP)\nrun(900)\nshow(len(log), log[0])"
    count, first = day("carousel", code, carousel_url=server.url, carousel_retry_ms=10000).shown
    assert (count, first[1:]) == (1, ("text", "Waiting for content"))
    times = [at(request) for request in server.requests]
    assert max(after - before for before, after in pairwise(times)) <= 60
    assert len(times) > 15


def test_carousel_waits_for_its_feeds_and_looks_at_nothing_meanwhile(day: Day, wire: WireFactory) -> None:
    """An hour without a list, then one of a slide that never comes: few timers are set."""
    listed = json.dumps({"slides": [{"image": "a.png", "caption": ""}]}).encode()

    def answer(request: Request) -> Reply:
        is_list = request.target == "/slides.json" and at(request) >= HOUR
        return reply(200, listed) if is_list else reply(404)

    server = wire(answer)
    run = day(
        "carousel",
        """
        class Counted(Timer):
            count = 0
            def __init__(self, *args):
                Counted.count += 1
                super().__init__(*args)
        wakeup.Timer = Counted
        import feed
        feed.Timer = Counted
        start(APP)
        run(2 * 3600)
        show(Counted.count)
        """,
        carousel_url=f"{server.url}/slides.json",
        carousel_retry_ms=60000,
        carousel_dwell_ms=600000,
    )
    ((timers,),) = run.lines
    assert len(server.requests) > 120
    assert timers < 4 * len(server.requests)
