# SPDX-License-Identifier: MIT
"""The module feed: when it asks, what it tells the app, and its state."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from servers.wire import CLOSE, Reply, Request, WireFactory, in_order, reply
from support.program import Program
from support.simulated_time import SimulatedProgram


def _at(request: Request) -> float:
    """The simulated time at which a request was sent."""
    return float(request.header("X-Now") or "nan")


def test_new_content_is_told_once_and_the_same_bytes_are_not(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    server = wire(in_order(reply(200, b"a"), reply(200, b"a"), reply(200, b"b"), reply(200, b"a")))
    run = simulated("Feed(URL, changed, every=10, jitter=0)\nrun(39)\nshow(log)", URL=server.url)
    assert run.shown == ([(0.0, "new", "a"), (20.0, "new", "b"), (30.0, "new", "a")],)
    assert [_at(request) for request in server.requests] == [0, 10, 20, 30]


def test_it_starts_at_idle_and_keeps_itself(simulated: SimulatedProgram, wire: WireFactory) -> None:
    run = simulated(
        "import gc\nFeed(URL, changed)\nshow(log)\ngc.collect()\nrun(0)\nshow(log)",
        URL=wire(reply(200, b"a")).url,
    )
    assert run.ok().lines == [([],), ([(0.0, "new", "a")],)]


def test_failures_keep_the_old_content_and_wait_longer_each_time(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    """Full jitter: each wait is between 0 and 5, 10, 20, ... 600 seconds."""
    server = wire(lambda request: reply(200, b"good") if len(server.requests) == 1 else reply(500, b"bad"))
    run = simulated(
        """
        news = Feed(URL, changed, every=60, jitter=0)
        run(60 + 6 * 3600)
        show(log, news.last().text(), news.state(), news.error())
        """,
        URL=server.url,
    )
    assert run.shown == ([(0.0, "new", "good")], "good", "good", "status 500")
    times = [_at(request) for request in server.requests]
    waits = [after - before for before, after in pairwise(times[1:])]
    most = [min(600, 5 * 2**number) for number in range(len(waits))]
    assert all(0 <= wait <= limit for wait, limit in zip(waits, most, strict=True))
    assert 200 < sum(waits[8:]) / len(waits[8:]) < 400  # the mean of a jitter over everything is the half
    assert max(waits) > 400
    assert min(waits[8:]) < 200


def test_back_off_begins_anew_after_an_answer(simulated: SimulatedProgram, wire: WireFactory) -> None:
    answers = [reply(500)] * 6 + [reply(200, b"a"), reply(500), reply(200, b"b")]
    server = wire(in_order(*answers))
    run = simulated(
        """
        news = Feed(URL, changed, every=1000, jitter=0, retry_first=1)
        run(1500)
        show(log, news.error())
        """,
        URL=server.url,
    )
    (log, error) = run.shown
    assert ([what for _, _, what in log], error) == (["a", "b"], "")
    times = [_at(request) for request in server.requests]
    assert round(times[7] - times[6], 3) == 1000
    assert times[8] - times[7] <= 1


def test_jitter_gives_each_dock_a_period_of_its_own(simulated: SimulatedProgram, wire: WireFactory) -> None:
    server = wire(reply(200, b"a"))
    periods = set()
    for number in range(8):
        code = "Feed(URL, changed, every=100, jitter=0.5)\nrun(1000)"
        simulated(code, mac=f"02:00:00:00:00:{number:02x}", URL=server.url).ok()
        times = [_at(request) for request in server.requests]
        server.requests.clear()
        waits = {round(after - before, 3) for before, after in pairwise(times)}
        assert len(waits) == 1
        periods |= waits
    assert len(periods) == 8
    assert 100 <= min(periods) < 110
    assert 140 < max(periods) <= 150


@pytest.mark.parametrize("status", [100 + 204, 400, 401, 404, 410, 429, 500, 503])
def test_status_that_is_no_success_is_a_failure(
    simulated: SimulatedProgram, wire: WireFactory, status: int
) -> None:
    """304 too, when nothing was asked conditionally."""
    run = simulated(
        "news = Feed(URL, changed)\nrun(0)\nshow(log, news.state(), news.error(), news.age())",
        URL=wire(reply(status)).url,
    )
    assert run.shown == ([], "waiting", f"status {status}", None)


def test_broken_transfer_is_a_failure_and_its_text_has_no_secrets(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    server = wire([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", CLOSE])
    url = server.url.replace("//", "//user:secret@") + "/?key=secret"
    run = simulated("news = Feed(URL, changed)\nrun(0)\nshow(log, news.last(), news.error())", URL=url)
    log, last, error = run.shown
    assert (log, last) == ([], None)
    assert error
    assert "secret" not in error
    assert "\n" not in error


def test_check_refuses_content_and_the_old_stays(simulated: SimulatedProgram, wire: WireFactory) -> None:
    portal = reply(200, b"<html>sign in", 'ETag: "portal"')
    server = wire(in_order(reply(200, b"{1}", 'ETag: "1"'), portal, reply(200, b"{2}", 'ETag: "2"')))
    run = simulated(
        """
        def check(response):
            if not response.text().startswith("{"):
                raise ValueError("no JSON\\nat all")

        news = Feed(URL, changed, every=100, jitter=0, check=check)
        run(100)
        show(log, news.error(), news.last().text(), news.age())
        run(5)
        show(log[1:], news.error())
        """,
        URL=server.url,
    )
    first, ((second,), error) = run.ok().lines
    assert first == ([(0.0, "new", "{1}")], "check: no JSON", "{1}", 100.0)
    assert (second[1:], error) == (("new", "{2}"), "")
    # The tag of what was refused is not asked for.
    assert [request.header("If-None-Match") for request in server.requests] == [None, '"1"', '"1"']


def test_on_stale_comes_once_and_then_on_change_when_it_is_good_again(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    def answer(request: Request) -> Reply:
        if 100 < _at(request) < 5000:
            return reply(500)
        return reply(304) if request.header("If-None-Match") else reply(200, b"a", 'ETag: "a"')

    run = simulated(
        """
        news = Feed(URL, changed, every=50, jitter=0, stale_after=200, on_stale=lambda s: note("stale", s))
        run(299)
        note(news.state())
        run(2)
        note(news.state())
        run(6000)
        show(log, news.state())
        """,
        URL=wire(answer).url,
    )
    log, state = run.shown
    assert log[:4] == [(0.0, "new", "a"), (299.0, "good"), (300.0, "stale", 200), (301.0, "stale")]
    assert [what for _, *what in log[4:]] == [["new", "a"]]
    assert 5000 <= log[4][0] <= 5600
    assert state == "good"


def test_on_stale_without_any_content_counts_from_the_start(
    simulated: SimulatedProgram, refused_url: str
) -> None:
    run = simulated(
        """
        news = Feed(URL, changed, stale_after=30, on_stale=lambda s: note("stale", s))
        run(100000)
        show(log, news.state())
        """,
        URL=refused_url,
    )
    assert run.shown == ([(30.0, "stale", 30)], "stale")


def test_on_error_comes_when_the_error_is_another_one(simulated: SimulatedProgram, wire: WireFactory) -> None:
    """The same failure again is not told, also when the feed tries again within the same second."""
    answers = [reply(500), reply(500), reply(404), reply(200, b"a"), reply(200, b"b"), *[reply(503)] * 9]
    run = simulated(
        """
        news = Feed(URL, changed, every=100, jitter=0, on_error=lambda text: note(text))
        while news.error() != "status 503":
            run(1)
        network.address = ""
        run(3600)
        show([what for _, *what in log])
        """,
        URL=wire(in_order(*answers)).url,
    )
    expected = [["status 500"], ["status 404"], [""], ["new", "a"], ["new", "b"], ["status 503"]]
    assert run.shown == ([*expected, ["no network"]],)


def test_on_error_may_stop_the_feed(simulated: SimulatedProgram, wire: WireFactory, refused_url: str) -> None:
    """Then neither on_change nor on_stale comes, and no timer is left."""
    run = simulated(
        """
        def stop(text):
            note(text != "")
            if text == "" or not_good:
                news.stop()
        for url, not_good in ((BAD, True), (GOOD, False)):
            news = Feed(url, changed, stale_after=1000, on_stale=note, on_error=stop)
            run(5000)
        show(log, len(Timer.timers), http.stats()["free"])
        """,
        BAD=refused_url,
        GOOD=wire(in_order(reply(500), reply(200, b"a"))).url,
    )
    log, *rest = run.shown
    assert [what for _, *what in log] == [[True], [True], [False]]
    assert rest == [0, 16]


def test_without_an_address_it_waits_and_then_goes_on_within_a_second(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    server = wire(reply(200, b"a"))
    run = simulated(
        """
        network.address = ""
        news = Feed(URL, changed, every=100, jitter=0)
        run(3600.3)
        note(news.state(), news.error(), http.stats()["in_flight"])
        network.address = "192.0.2.45"
        run(1)
        network.address = ""
        run(5000)
        note(news.state())
        network.address = "192.0.2.45"
        run(1)
        show(log)
        """,
        URL=server.url,
    )
    (log,) = run.shown
    assert log[0] == (3600.3, "waiting", "no network", 0)
    assert log[1][1:] == ("new", "a")
    first, second = (_at(request) for request in server.requests)
    assert 3600.3 <= first <= 3601.3
    assert 8601.3 <= second <= 8602.3


def test_request_that_fails_because_the_address_went_is_no_failure(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    """No back-off: it goes on within a second of the next address, again and again."""
    server = wire(lambda request: [CLOSE] if len(server.requests) < 9 else reply(200, b"a"))
    run = simulated(
        """
        network.address = ""
        def lost(sent, total):
            network.address = ""
        news = Feed(URL, changed, data=b"x", on_upload_progress=lost, retry_first=600)
        for i in range(20):
            network.address = "192.0.2.45"
            run(1)
        show(log, Clock.ms)
        """,
        URL=server.url,
    )
    ((at, *what),), _ = run.shown
    assert what == ["new", "a"]
    assert at <= 20


def test_refresh_asks_at_once_and_only_once(simulated: SimulatedProgram, wire: WireFactory) -> None:
    server = wire(in_order(reply(200, b"a"), reply(503, b"", "Retry-After: 5000"), reply(200, b"b")))
    run = simulated(
        """
        news = Feed(URL, changed, every=100, jitter=0)
        run(50)
        news.refresh(), news.refresh()
        run(10)
        note(news.error())
        news.refresh()
        run(0)
        show(log, news.error())
        """,
        URL=server.url,
    )
    assert run.shown == ([(0.0, "new", "a"), (60.0, "status 503"), (60.0, "new", "b")], "")
    assert [_at(request) for request in server.requests] == [0, 50, 60]


@pytest.mark.parametrize(
    "when", ["", "run(0)\n", "run(100)\n", "while news.state() != 'fetching': idle.step(); step()\n"]
)
def test_after_stop_nothing_comes(simulated: SimulatedProgram, wire: WireFactory, when: str) -> None:
    server = wire(reply(200, b"a"))
    run = simulated(
        "def step():\n    for timer in list(Timer.timers):\n        timer.cancel()\n        timer.task()\n"
        + "news = Feed(URL, changed, stale_after=100, on_stale=note)\n"
        + when
        + """
before = len(log)
news.stop()
news.stop()
news.refresh()
run(100000)
show(len(log) - before, news.state(), len(Timer.timers), http.stats()["free"])
""",
        URL=server.url,
    )
    assert run.shown == (0, "stopped", 0, 16)
    assert len(server.requests) <= 2


def test_callback_may_stop_its_feed_and_start_another(simulated: SimulatedProgram, wire: WireFactory) -> None:
    run = simulated(
        """
        def once(response):
            note("once")
            news.stop()
            Feed(URL, changed)

        news = Feed(URL, once)
        run(1)
        show(log, news.state())
        """,
        URL=wire(reply(200, b"a")).url,
    )
    assert run.shown == ([(0.0, "once"), (0.0, "new", "a")], "stopped")


def test_first_question_is_at_the_place_of_the_mac_address(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    server = wire(reply(200, b"a"))
    for mac in ("02:00:00:00:74:50", "02:00:00:00:74:50", "02:00:00:00:74:51", "02:00:00:00:74:52"):
        code = "Feed(URL, changed, every=9999, first_within=1000)\nrun(1000)"
        simulated(code, mac=mac, URL=server.url).ok()
    times = [_at(request) for request in server.requests]
    assert times[0] == times[1]
    assert len(set(times)) == 3
    assert max(times) - min(times) > 300  # neighbours are far apart


def test_asyncio_iterates_over_new_content(run_app: Program, wire: WireFactory) -> None:
    server = wire(
        in_order(reply(200, b"a"), reply(200, b"a"), reply(500), reply(200, b"b"), reply(200, b"c"))
    )
    run = run_app(
        """
        import asyncio
        from feed import Feed

        async def main():
            news = Feed(URL, every=0.01, retry_first=0.01)
            async for response in news:
                show(response.text())
                if response.text() == "c":
                    news.stop()
            show("end")

        asyncio.run(main())
        """,
        URL=server.url,
    )
    assert run.ok().lines == [("a",), ("b",), ("c",), ("end",)]


def test_real_timers_drive_it_too_and_the_app_lives_as_long_as_the_feed(
    run_app: Program, wire: WireFactory
) -> None:
    run = run_app(
        """
        from feed import Feed

        def changed(response):
            show(response.text())
            if response.text() == "b":
                news.stop()

        news = Feed(URL, changed, every=0.01)
        """,
        URL=wire(in_order(reply(200, b"a"), reply(200, b"b"))).url,
    )
    assert run.ok().lines == [("a",), ("b",)]


def test_exception_in_a_callback_is_an_app_fault(run_app: Program, wire: WireFactory) -> None:
    run = run_app("from feed import Feed\nFeed(URL, lambda response: 1 / 0)", URL=wire(reply()).url)
    assert run.returncode == 1
    assert "ZeroDivisionError" in run.stderr


@pytest.mark.parametrize("ticks", [0x3FFFFFFF - 30_000, 0x1FFFFFFF - 30_000])
def test_months_pass_and_the_ticks_wrap(simulated: SimulatedProgram, wire: WireFactory, ticks: int) -> None:
    """ticks_ms() wraps after 12 days, and ticks_diff() after 6."""
    server = wire(reply(200, b"a"))
    run = simulated(
        "news = Feed(URL, changed, every=700000, jitter=0)\nrun(100 * 86400)\nshow(log, news.age())",
        ticks=ticks,
        URL=server.url,
    )
    assert run.shown == ([(0.0, "new", "a")], 100 * 86400 % 700000)
    assert [_at(request) for request in server.requests] == [700000.0 * i for i in range(13)]


def test_clock_that_jumps_changes_nothing(simulated: SimulatedProgram, wire: WireFactory) -> None:
    server = wire(reply(200, b"a"))
    run = simulated(
        """
        news = Feed(URL, changed, every=100, jitter=0, stale_after=150, on_stale=note)
        for date in (0, START + 10**8, 1, START):
            Clock.date = date
            run(100)
        show(log, news.age())
        """,
        URL=server.url,
    )
    assert run.shown == ([(0.0, "new", "a")], 0.0)
    assert [_at(request) for request in server.requests] == [0, 100, 200, 300, 400]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("5", "TypeError url must be a str"),
        ("'http://a\\nb/'", "ValueError url contains CR, LF or NUL"),
        ("URL, 5", "TypeError on_change"),
        ("URL, print, 0", "ValueError every"),
        ("URL, print, None", "TypeError every"),
        ("URL, print, float('nan')", "ValueError every"),
        ("URL, print, float('inf')", "ValueError every"),
        ("URL, every='1'", "TypeError every"),
        ("URL, jitter=-0.1", "ValueError jitter"),
        ("URL, first_within=-1", "ValueError first_within"),
        ("URL, retry_first=0", "ValueError retry_first"),
        ("URL, retry_most=-1", "ValueError retry_most"),
        ("URL, stale_after=0", "ValueError stale_after"),
        ("URL, on_stale=print", "ValueError stale_after"),
        ("URL, on_stale=1, stale_after=1", "TypeError on_stale"),
        ("URL, check=1", "TypeError check"),
        ("URL, file=b'x'", "TypeError file"),
        ("URL, stream=True", "TypeError stream"),
        ("URL, on_data=print", "TypeError on_data"),
        ("URL, on_response=print", "TypeError on_response"),
        ("URL, unknown=1", "TypeError unknown"),
        ("URL, timeout=-1", "ValueError timeout"),
        ("URL, headers={'A': 'b\\r\\nc'}", "ValueError header"),
        ("URL + '\\n'", "ValueError url contains CR, LF or NUL"),
        ("URL, json=1, data=b''", "TypeError data, json"),
        ("URL, on_error=1", "TypeError on_error"),
        ("1", "TypeError url"),
    ],
)
def test_wrong_argument_is_named_at_once(
    simulated: SimulatedProgram, wire: WireFactory, arguments: str, error: str
) -> None:
    server = wire(reply(200, b"a"))
    run = simulated(
        f"""
        try:
            Feed({arguments})
        except (TypeError, ValueError) as e:
            note(type(e).__name__, str(e))
        run(100)
        show(log, http.stats()["free"])
        """,
        URL=server.url,
    )
    ((_, kind, text),), free = run.shown
    kinds, _, name = error.partition(" ")
    assert (kind, free) == (kinds, 16)
    assert name in text
    assert server.requests == []


def test_options_are_those_of_get(simulated: SimulatedProgram, wire: WireFactory) -> None:
    server = wire(reply(200, b"12345"))
    run = simulated(
        """
        Feed(URL, on_progress=lambda *values: note(*values), params={"a": "b"}, headers=[("X-A", "c")])
        run(0)
        show(log[-1][1:], http.stats()["free"])
        """,
        URL=server.url,
    )
    assert run.shown == ((5, 5), 16)
    assert (server.request.target, server.request.all("x-a")) == ("/?a=b", ["c"])


def test_question_has_no_field_that_says_nothing(simulated: SimulatedProgram, wire: WireFactory) -> None:
    """What the app gives goes with it."""
    server = wire(reply(200, b"a"))
    code = """
        Feed(URL)
        Feed(URL, headers={"accept": "image/png", "User-Agent": None})
        Feed(URL, data=b"")
        Feed(URL, data=b"12")
        Feed(URL, json=[])
        run(0)
    """
    simulated(code, URL=server.url).ok()
    sent = [sorted(name.lower() for name, _ in request.headers[1:]) for request in server.requests]
    agent, now = "user-agent", "x-now"
    assert sorted(sent) == sorted(
        [
            [agent, now],
            ["accept", now],
            ["content-length", agent, now],
            ["content-length", agent, now],
            ["content-length", "content-type", agent, now],
        ]
    )


def test_example_of_the_page(simulated: SimulatedProgram, wire: WireFactory) -> None:
    page = (Path(__file__).resolve().parents[2] / "modules/feed/README.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    server = wire(reply(200, b"12345"))
    code = code.replace("http://127.0.0.1:8000", server.url)
    run = simulated(code + "run(0)")
    assert run.ok().stdout == "200 5\n"
    assert [_at(request) for request in server.requests] == [0]
