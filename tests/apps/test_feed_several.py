# SPDX-License-Identifier: MIT
"""Several feeds in one app: how many ask at a time, and what those of one URL share."""

import threading

from servers.wire import Reply, Request, WireFactory, in_order, reply
from support.simulated_time import SimulatedProgram


def _at(request: Request) -> float:
    """The simulated time at which a request was sent."""
    return float(request.header("X-Now") or "nan")


def test_at_most_four_ask_at_the_same_time_and_all_get_their_turn(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    four = threading.Barrier(4)
    lock = threading.Lock()
    now = [0, 0]

    def answer(request: Request) -> Reply:
        with lock:
            now[0] += 1
            now[1] = max(now)

        def leave() -> None:
            with lock:
                now[0] -= 1

        return [lambda: four.wait(10), leave, reply(200, request.target.encode())]

    run = simulated(
        """
        most = 0

        def counted(function):
            def call(*args, **options):
                global most
                request = function(*args, **options)
                most = max(most, http.stats()["in_flight"])
                return request
            return call

        for i in range(12):
            Feed("%s/%d" % (URL, i), changed)
        http.get_async = counted(http.get_async)
        while len(log) < 12:
            run(0)
        show(most, sorted(what for _, _, what in log))
        """,
        URL=wire(answer).url,
    )
    assert run.shown == (4, sorted(f"/{number}" for number in range(12)))
    assert now[1] == 4


def test_same_url_is_asked_once_for_all(simulated: SimulatedProgram, wire: WireFactory) -> None:
    server = wire(
        in_order(reply(200, b"a", 'ETag: "1"'), reply(304), reply(200, b"b", 'ETag: "2"'), reply(304))
    )
    run = simulated(
        """
        one = Feed(URL, lambda r: note("one", r.text()), every=100, jitter=0)
        two = Feed(URL, lambda r: note("two", r.text()), every=150, jitter=0)
        run(200)
        one.stop()
        show(log)
        run(150)
        """,
        URL=server.url,
    )
    assert run.shown == ([(0.0, "one", "a"), (0.0, "two", "a"), (200.0, "one", "b"), (200.0, "two", "b")],)
    assert [_at(request) for request in server.requests] == [0, 100, 200, 350]


def test_feed_that_comes_later_gets_the_content_too(simulated: SimulatedProgram, wire: WireFactory) -> None:
    """The answer to the other's question is 304: it asks for itself."""

    def answer(request: Request) -> Reply:
        if request.header("If-None-Match"):
            return reply(304)
        return reply(200, b"a", 'ETag: "1"')

    run = simulated(
        """
        one = Feed(URL, lambda r: note("one", r.text()), every=100, jitter=0)
        run(50)
        two = Feed(URL, lambda r: note("two", r.text()), every=100, jitter=0, first_within=1000000)
        run(60)
        show(log)
        """,
        URL=wire(answer).url,
    )
    assert run.shown == ([(0.0, "one", "a"), (100.0, "two", "a")],)


def test_stop_of_one_leaves_the_request_to_the_other(simulated: SimulatedProgram, wire: WireFactory) -> None:
    server = wire(reply(200, b"a"))
    run = simulated(
        """
        one, two = Feed(URL, lambda r: note("one")), Feed(URL, lambda r: note("two"))
        for timer in list(Timer.timers):
            timer.cancel()
            timer.task()
        show(one.state(), two.state())
        one.stop()
        run(0)
        show(log, one.state(), two.state())
        """,
        URL=server.url,
    )
    assert run.ok().lines == [("fetching", "fetching"), ([(0.0, "two")], "stopped", "good")]
    assert len(server.requests) == 1


def test_callback_may_stop_a_feed_that_waits_for_the_same_answer(
    simulated: SimulatedProgram, wire: WireFactory
) -> None:
    run = simulated(
        """
        def stop(response):
            note("one")
            two.stop()

        one, two = Feed(URL, stop), Feed(URL, lambda r: note("two"))
        run(0)
        show(log, two.state())
        """,
        URL=wire(reply(200, b"a")).url,
    )
    assert run.shown == ([(0.0, "one")], "stopped")


def test_other_options_are_another_question(simulated: SimulatedProgram, wire: WireFactory) -> None:
    server = wire(reply(200, b"a"))
    run = simulated(
        "Feed(URL, changed, headers={'A': '1'})\nFeed(URL, changed)\nrun(0)\nshow(len(log))",
        URL=server.url,
    )
    assert run.shown == (2,)
    assert sorted(request.header("A") or "" for request in server.requests) == ["", "1"]


def test_cancel_all_ends_no_feed(simulated: SimulatedProgram, wire: WireFactory) -> None:
    """It calls nobody back. The four that were asking ask again within a minute; refresh() asks at once."""
    run = simulated(
        """
        feeds = [Feed(URL, note, headers={"X-Own": str(i)}) for i in range(5)]
        for timer in list(Timer.timers):
            timer.cancel()
            timer.task()
        show([feed.state() for feed in feeds])
        http.cancel_all()
        feeds[0].refresh()
        run(0)
        show(len(log), feeds[0].state(), http.stats()["free"])
        run(60)
        show(len(log), [feed.state() for feed in feeds])
        """,
        URL=wire(reply(200, b"a")).url,
    )
    assert run.ok().lines == [
        (["fetching"] * 4 + ["waiting"],),
        (2, "good", 16),
        (5, ["good"] * 5),
    ]
