# SPDX-License-Identifier: MIT
"""feed for a simulated day against a real server: everything that can happen, and how many bytes it costs."""

from itertools import pairwise
from pathlib import Path

from servers.counting import Counting
from servers.nginx import Nginx
from servers.wire import CLOSE, RESET, Reply, Request, WireFactory, WireServer, redirect, reply
from support.simulated_time import SimulatedProgram

_HOUR = 3600
_EVERY = 60


def _at(request: Request) -> float:
    return float(request.header("X-Now") or "nan")


def _version(hour: int) -> bytes:
    """The content: it changes every second hour."""
    return b"content of hour %d" % (hour // 2 * 2)


def _answer(request: Request) -> Reply:
    """What the server does in each hour of the day."""
    hour = int(_at(request) // _HOUR)
    tag = f'"{hour // 2}"'
    good = (
        reply(304) if request.header("If-None-Match") == tag else reply(200, _version(hour), f"ETag: {tag}")
    )
    trouble: dict[int, Reply] = {
        3: reply(500, b"<html>error"),
        5: reply(503, b"", "Retry-After: 1200"),
        6: reply(
            429, b"", "Retry-After: Thu, 01 Jan 2026 07:30:00 GMT", "Date: Thu, 01 Jan 2026 07:00:00 GMT"
        ),
        9: [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", CLOSE],
        10: [RESET],
        12: reply(200, b"<html>sign in to the guest network", 'ETag: "portal"'),
        13: b"this is not HTTP\r\n\r\n",
        15: reply(404),
        17: redirect(302, "/elsewhere") if request.target == "/" else good,
        19: reply(200, _version(hour), f"ETag: {tag}", "Cache-Control: max-age=900"),
        20: reply(401, b"", 'WWW-Authenticate: Basic realm="x"'),
    }
    return trouble.get(hour, good)


_APP = """
shown = []

def check(response):
    if not response.text().startswith("content"):
        raise ValueError("no content")

def show_it(response):
    shown.append((Clock.ms / 1000, response.text()))

news = Feed(URL + "/", show_it, check=check, stale_after=1800, on_stale=lambda s: note("stale", s), file=FILE)
for quarter in range(4 * 24):
    network.address = "" if quarter // 4 == 22 else "192.0.2.45"
    run(900)
show(shown)
show(log)
gc.collect()
show(news.state(), news.error(), news.last().text(), news.age(),
    http.stats()["free"], gc.mem_alloc() < 1 << 20)
"""


def _run(simulated: SimulatedProgram, server: WireServer, file: str) -> tuple[list, list, tuple]:
    run = simulated("import gc\n" + _APP, URL=server.url, FILE=file)
    (shown,), (stale,), end = run.ok().lines
    return shown, stale, end


def test_a_day_with_all_that_can_happen(simulated: SimulatedProgram, wire: WireFactory) -> None:
    server = wire(_answer)
    shown, stale, end = _run(simulated, server, str(simulated.program.folder / "kept"))
    # Only content was shown, each version once, and once more when it was good again.
    texts = [text for _, text in shown]
    assert all(text.startswith("content of hour ") for text in texts)
    hours = [int(text.rpartition(" ")[2]) for text in texts]
    assert hours == sorted(hours)
    assert {0, 2, 4, 8, 14, 16, 18, 22} <= set(hours)
    for (at, text), hour in zip(shown, hours, strict=True):
        assert text.encode() == _version(int(at // _HOUR)), (at, hour)
    # An hour of trouble is stale once each.
    assert {int(at // _HOUR) for at, *_ in stale} >= {3, 5, 9, 10, 12, 13, 15, 22} - {10, 13}
    assert end[:3] == ("good", "", "content of hour 22")
    assert end[3] <= _EVERY * 1.1
    assert end[4:] == (16, True)
    times = [_at(request) for request in server.requests if request.target == "/"]
    waits = [(before, after - before) for before, after in pairwise(times)]
    for hour in range(24):
        count = sum(hour * _HOUR <= at < (hour + 1) * _HOUR for at in times)
        assert count <= 62, (hour, count)
    # Retry-After, and a lifetime, were waited for.
    assert all(wait >= 1200 for before, wait in waits if before // _HOUR == 5)
    assert all(wait >= 1800 for before, wait in waits if before // _HOUR == 6)
    assert all(wait >= 900 for before, wait in waits if before // _HOUR == 19)
    # No question without an address, and one within a second of it.
    assert not [at for at in times if 22 * _HOUR < at < 23 * _HOUR]
    assert [at for at in times if 23 * _HOUR <= at <= 23 * _HOUR + 1]


def test_unchanged_picture_costs_under_400_kb_a_day(simulated: SimulatedProgram, web: Nginx) -> None:
    """1 MiB, asked for each minute: the bytes on the wire in both directions, without the first 1 MiB."""
    with Counting(int(web.http.rpartition(":")[2])) as relay:
        run = simulated(
            """
            http.get_async = get_async  # without the field X-Now of these tests
            news = Feed(URL, lambda response: note(len(response.body())), every=60, jitter=0)
            run(86400)
            show(log, http.stats()["submitted"])
            """,
            URL=f"{relay.url}/1m",
        )
    log, submitted = run.shown
    assert log == [(0.0, 1 << 20)]
    assert submitted >= 1441
    received, sent = relay.received - (1 << 20), relay.sent
    assert 0 < received + sent < 400 << 10
    # What the page says: two thirds are the server's answers.
    page = (Path(__file__).resolve().parents[2] / "modules/feed/README.md").read_text()
    assert f"{round(received / 1000)} kB from the server and {round(sent / 1000)} kB to it" in page
