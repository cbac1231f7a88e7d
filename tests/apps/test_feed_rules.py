# SPDX-License-Identifier: MIT
"""What feed honours of RFC 9110 and RFC 9111: each row of the table in its README.md names its test."""

import re
from pathlib import Path

import pytest
from servers.wire import Reply, Request, WireFactory, in_order, redirect, reply
from support.simulated_time import START, SimulatedProgram

# The server's clock is 100 days ahead of the dock's.
_AHEAD = 100 * 86400
_MODIFIED = "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"
_DATE = "Date: Thu, 01 Jan 2026 00:00:00 GMT"


def _times(requests: list[Request]) -> list[float]:
    """When they were sent, in simulated seconds."""
    return [float(request.header("X-Now") or "nan") for request in requests]


def _second(simulated: SimulatedProgram, wire: WireFactory, first: Reply, **options: object) -> float:
    """The time of the second question after this answer to the first one; every=60."""
    server = wire(lambda request: first if len(server.requests) == 1 else reply(200, b"b"))
    code = "Feed(URL, changed, jitter=0, retry_first=1, **OPTIONS)\nrun(90000)"
    simulated(code, URL=server.url, OPTIONS=options).ok()
    return _times(server.requests)[1]


@pytest.mark.parametrize("tag", ['"a"', 'W/"a"', '""', '"a, b"', "unquoted"])
def test_entity_tag_is_asked_for(simulated: SimulatedProgram, wire: WireFactory, tag: str) -> None:
    """RFC 9110 13.1.2, weak tags too; and 304 changes nothing."""
    server = wire(in_order(reply(200, b"a", f"ETag: {tag}"), reply(304, b"", f"ETag: {tag}"), reply(304)))
    run = simulated(
        "news = Feed(URL, changed, jitter=0)\nrun(130)\nshow(log, news.age(), news.last().text())",
        URL=server.url,
    )
    assert run.shown == ([(0.0, "new", "a")], 10.0, "a")
    assert [request.header("If-None-Match") for request in server.requests] == [None, tag, tag]


def test_last_modified_is_asked_for(simulated: SimulatedProgram, wire: WireFactory) -> None:
    """RFC 9110 13.1.3."""
    server = wire(in_order(reply(200, b"a", _MODIFIED), reply(304), reply(200, b"b"), reply(200, b"c")))
    simulated("Feed(URL, changed, jitter=0)\nrun(180)", URL=server.url).ok()
    dates = [request.header("If-Modified-Since") for request in server.requests]
    date = _MODIFIED.partition(": ")[2]
    assert dates == [None, date, date, None]


def test_tag_is_sent_without_the_date(simulated: SimulatedProgram, wire: WireFactory) -> None:
    """RFC 9110 13.1.3: a recipient must ignore the date beside it."""
    server = wire(in_order(reply(200, b"a", _MODIFIED, 'ETag: "1"'), reply(304)))
    simulated("Feed(URL, changed, jitter=0)\nrun(60)", URL=server.url).ok()
    assert server.requests[1].header("If-None-Match") == '"1"'
    assert server.requests[1].header("If-Modified-Since") is None


@pytest.mark.parametrize("name", ["If-None-Match", "if-modified-since", "IF-MATCH"])
@pytest.mark.parametrize("form", ["{%r: 'mine'}", "[(%r, 'mine')]"])
def test_apps_own_condition_is_the_only_one(
    simulated: SimulatedProgram, wire: WireFactory, name: str, form: str
) -> None:
    server = wire(in_order(reply(200, b"a", _MODIFIED, 'ETag: "1"'), reply(304), reply(200, b"b")))
    run = simulated(
        f"""
        news = Feed(URL, changed, jitter=0, headers={form % name})
        run(60)
        note(news.error())
        run(60)
        show(log)
        """,
        URL=server.url,
    )
    assert run.shown == ([(0.0, "new", "a"), (60.0, ""), (120.0, "new", "b")],)
    for request in server.requests:
        assert [value for key, value in request.headers if key.lower().startswith("if-")] == ["mine"]


def test_304_to_an_apps_own_condition_is_good_without_content(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    run = simulated(
        """
        news = Feed(URL, changed, stale_after=100, on_stale=note, headers={"If-None-Match": '"old"'})
        run(1000)
        show(log, news.state(), news.last(), news.error())
        """,
        URL=wire(reply(304)).url,
    )
    assert run.shown == ([], "good", None, "")


@pytest.mark.parametrize(("first", "second"), [('W/"1"', '"1"'), ('"1"', 'W/"1"'), ('"1"', '"1"')])
def test_tags_are_compared_weakly(
    simulated: SimulatedProgram, wire: WireFactory, first: str, second: str
) -> None:
    """RFC 9110 8.8.3.2: a 200 with the same tag has nothing new, whatever its bytes are."""
    server = wire(in_order(reply(200, b"a", f"ETag: {first}"), reply(200, b"A", f"ETag: {second}")))
    run = simulated("Feed(URL, changed, jitter=0)\nrun(60)\nshow(log)", URL=server.url)
    assert run.shown == ([(0.0, "new", "a")],)


def test_another_tag_is_new_content_with_the_same_bytes_too(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    server = wire(in_order(reply(200, b"a", 'ETag: "1"'), reply(200, b"a", 'ETag: "2"')))
    run = simulated("Feed(URL, changed, jitter=0)\nrun(60)\nshow(len(log))", URL=server.url)
    assert run.shown == (2,)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        (["Cache-Control: max-age=300"], 300),
        (["Cache-Control: public, MAX-AGE=300, x=1"], 300),
        (['Cache-Control: max-age="300"'], 300),
        (["Cache-Control: max-age=300", "Age: 100"], 200),  # RFC 9111 4.2.3
        (["Cache-Control: max-age=10"], 60),  # never shorter than every
        (["Cache-Control: max-age=300, max-age=900"], 300),  # RFC 9111 4.2.1: the first
        (["Cache-Control: max-age=300", "Expires: Thu, 01 Jan 2026 01:00:00 GMT", _DATE], 300),
        (["Cache-Control: max-age=nonsense"], 60),
        (["Cache-Control: max-age=-5"], 60),
        (["Cache-Control: max-age=99999999999999999999"], 86400),  # a day at most
        (["Cache-Control: max-age=300, no-cache"], 60),
        (["Cache-Control: no-store, max-age=300"], 60),
        (["Cache-Control: s-maxage=300"], 60),  # for shared caches
        (["Cache-Control: private, must-revalidate, max-age=300"], 300),
        (["Expires: Thu, 01 Jan 2026 00:05:00 GMT", _DATE], 300),
        (["Expires: Thu, 01 Jan 2026 00:05:00 GMT"], 300),  # the dock's clock, without a Date
        (["Expires: Thursday, 01-Jan-26 00:05:00 GMT", _DATE], 300),  # RFC 9110 5.6.7: the old forms
        (["Expires: Thu Jan  1 00:05:00 2026", _DATE], 300),
        (["Expires: 0", _DATE], 60),  # RFC 9111 5.3: expired
        (["Expires: 300", _DATE], 60),
        (["Expires: -1"], 60),
        (["Expires: "], 60),
        (["Expires: Wed, 31 Dec 2025 23:00:00 GMT", _DATE], 60),
        (["Expires: Thu, 01 Jan 2027 00:00:00 GMT", _DATE], 86400),
    ],
)
def test_lifetime_lengthens_the_wait(
    simulated: SimulatedProgram, wire: WireFactory, fields: list[str], seconds: int
) -> None:
    assert _second(simulated, wire, reply(200, b"a", *fields)) == seconds


def test_expires_counts_by_the_servers_clock(simulated: SimulatedProgram, wire: WireFactory) -> None:
    fields = ("Date: Sat, 11 Apr 2026 00:00:00 GMT", "Expires: Sat, 11 Apr 2026 00:10:00 GMT")
    assert _second(simulated, wire, reply(200, b"a", *fields)) == 600


@pytest.mark.parametrize(("field", "wait"), [([], 300), (["Cache-Control: max-age=120"], 120)])
def test_304_renews_the_lifetime(
    simulated: SimulatedProgram, wire: WireFactory, field: list[str], wait: int
) -> None:
    """RFC 9111 4.3.4: with its own fields, or else as it was."""
    first = reply(200, b"a", 'ETag: "1"', "Cache-Control: max-age=300")
    server = wire(lambda request: first if len(server.requests) == 1 else reply(304, b"", *field))
    simulated("Feed(URL, changed, jitter=0)\nrun(900)", URL=server.url).ok()
    assert _times(server.requests)[:3] == [0, 300, 300 + wait]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        (["Retry-After: 1000"], 1000),
        (["Retry-After: Thu, 01 Jan 2026 00:16:40 GMT", _DATE], 1000),
        (["Retry-After: Thu, 01 Jan 2026 00:16:40 GMT"], 1000),
        (["Retry-After: Sat, 11 Apr 2026 00:16:40 GMT", "Date: Sat, 11 Apr 2026 00:00:00 GMT"], 1000),
        (["Retry-After: 9999999999999999999999"], 86400),
        (["Retry-After: Thu, 01 Jan 2099 00:00:00 GMT", _DATE], 86400),
    ],
)
def test_retry_after_is_honoured_up_to_a_day(
    simulated: SimulatedProgram, wire: WireFactory, status: int, fields: list[str], seconds: int
) -> None:
    """RFC 9110 10.2.3. The next question is at a place in the period after it, so that docks spread."""
    assert seconds <= _second(simulated, wire, reply(status, b"", *fields)) <= seconds + 60


@pytest.mark.parametrize(
    "fields",
    [
        ["Retry-After: 0"],
        ["Retry-After: soon"],
        ["Retry-After: -5"],
        ["Retry-After: 1.5"],
        ["Retry-After: 32 Jan"],
        ["Retry-After: Wed, 31 Dec 2025 23:00:00 GMT", _DATE],
        ["Retry-After: Thu, 01 Jan 2026 aa:00:00 GMT", _DATE],
        ["Retry-After: Thu, 01 Foo 2026 00:00:00 GMT", _DATE],
    ],
)
def test_retry_after_that_says_nothing_is_no_retry_after(
    simulated: SimulatedProgram, wire: WireFactory, fields: list[str]
) -> None:
    assert _second(simulated, wire, reply(503, b"", *fields)) <= 1  # retry_first


def test_retry_after_of_other_statuses_is_not_read(simulated: SimulatedProgram, wire: WireFactory) -> None:
    assert _second(simulated, wire, reply(200, b"a", "Retry-After: 1000")) == 60
    assert _second(simulated, wire, reply(500, b"", "Retry-After: 1000")) <= 1


def test_retry_after_of_a_redirect_is_honoured(simulated: SimulatedProgram, wire: WireFactory) -> None:
    """The redirect itself is followed at once; the next question waits."""
    answers = {"/": redirect(302, "/new", "Retry-After: 1000"), "/new": reply(200, b"a")}
    server = wire(lambda request: answers[request.target])
    run = simulated("Feed(URL + '/', changed, jitter=0)\nrun(1060)\nshow(log)", URL=server.url)
    assert run.shown == ([(0.0, "new", "a")],)
    assert 1000 <= _times(server.requests)[2] <= 1060
    answer = reply(302, b"", "Location: /new", "Retry-After: 1000")
    assert 1000 <= _second(simulated, wire, answer, allow_redirects=False) <= 1060


def test_redirect_is_asked_conditionally_at_its_end(simulated: SimulatedProgram, wire: WireFactory) -> None:
    def answer(request: Request) -> Reply:
        if request.target == "/":
            return redirect(301, "/new")
        return reply(304) if request.header("If-None-Match") == '"1"' else reply(200, b"a", 'ETag: "1"')

    server = wire(answer)
    run = simulated(
        "news = Feed(URL + '/', changed, jitter=0)\nrun(60)\nshow(log, news.age())", URL=server.url
    )
    assert run.shown == ([(0.0, "new", "a")], 0.0)
    # 301 is not remembered: each question goes to the address that the app gave.
    assert [request.target for request in server.requests] == ["/", "/new", "/", "/new"]


def test_condition_is_not_shown_to_another_origin(simulated: SimulatedProgram, wire: WireFactory) -> None:
    """The content is then fetched anew each time. It is told once."""
    other = wire(reply(200, b"a", 'ETag: "1"'))
    server = wire(redirect(302, other.url + "/"))
    run = simulated("Feed(URL, changed, jitter=0)\nrun(60)\nshow(log)", URL=server.url)
    assert run.shown == ([(0.0, "new", "a")],)
    assert [request.header("If-None-Match") for request in other.requests] == [None, None]


def test_dates_of_all_years_are_read(simulated: SimulatedProgram) -> None:
    """Compared with the C library's calendar, over a leap day, a century and the end of 32 bits."""
    run = simulated("""
        from feed import _date
        bad = []
        for day in range(0, 60000):
            text = real_time.strftime("%a, %d %b %Y %H:%M:%S GMT", real_time.gmtime(day * 86400 + 86399))
            if _date(text) != day * 86400 + 86399:
                bad.append(text)
        show(bad[:3], real_time.gmtime(59999 * 86400)[0])
    """)
    assert run.shown == ([], 2134)


def test_the_start_of_simulated_time_is_what_these_tests_say() -> None:
    assert START == 1767225600


def test_table_of_rules_names_tests_that_are_there() -> None:
    root = Path(__file__).resolve().parents[2]
    page = (root / "modules/feed/README.md").read_text()
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_feed*.py"))
    named = re.findall(r"`(test_\w+)` \|$", page, re.MULTILINE)
    assert len(named) > 10
    assert [name for name in named if f"def {name}(" not in tests] == []


def test_number_without_end_is_not_read_to_its_end(simulated: SimulatedProgram) -> None:
    """int() of 90,000 digits takes seconds, and longer on the dock."""
    run = simulated(
        """
        import feed

        digits = "9" * 90000
        date = "Sun, 06 Nov %s 08:49:37 GMT"
        show(feed._number(digits), feed._until(date % digits, http.Response()))
        """
    )
    assert run.shown == (999_999_999_999, 0)
