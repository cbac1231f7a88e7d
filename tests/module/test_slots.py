# SPDX-License-Identifier: MIT
"""Sixteen requests at a time, the 17th fails at once with 89: contract section 4."""

from servers.wire import HOLD, WireFactory, reply
from support.program import Program


def test_17th_sync_request_is_89_at_once(run_app: Program, wire: WireFactory) -> None:
    server = wire([HOLD])
    run = run_app(
        """
        requests = [http.get_async(URL) for _ in range(16)]
        start = time.ticks_ms()
        for call in http.get, http.post:
            r = call(URL)
            show(r.status_code(), bytes(r.body()), r.headers(), r.ok(), bool(r.error()))
        show(time.ticks_diff(time.ticks_ms(), start) < 5000)
        show([request.status() for request in requests] == ["pending"] * 16)
        http.cancel_all()
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(89, b"", {}, False, True)] * 2 + [(True,)] * 2
    assert len(server.requests) <= 16


def test_17th_async_request_calls_back_with_89_at_idle(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def refused(r):
            show("callback", type(r).__name__, r.status_code())
            http.cancel_all()

        requests = [http.get_async(URL) for _ in range(16)]
        for call in http.get_async, http.post_async:
            request = call(URL, refused)
            show(type(request).__name__)
            compute(0.1)
        show("end of the main part")
        """,
        URL=wire([HOLD]).url,
    )
    lines = run.ok().lines
    assert lines[:3] == [("Request",), ("Request",), ("end of the main part",)]
    assert lines[3:] in ([("callback", "Response", 89)], [("callback", "Response", 89)] * 2)


def test_refused_request_says_so_when_asked(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        requests = [http.get_async(URL) for _ in range(16)]
        refused = http.get_async(URL)
        show(refused.wait().status_code(), refused.status(), refused.done(), refused.error(),
             refused.response().status_code(), refused.cancel())
        http.cancel_all()
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == (89, "failed", True, 89, 89, False)


def test_refused_request_can_be_cancelled_before_it_calls_back(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        requests = [http.get_async(URL) for _ in range(16)]
        show(http.get_async(URL, show).cancel())
        http.cancel_all()
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == (True,)


def test_many_refused_requests_each_call_back_once(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def refused(number, r):
            numbers.append((number, r.status_code()))
            if len(numbers) == 100:
                show(sorted(numbers) == [(number, 89) for number in range(100)])
                http.cancel_all()

        numbers = []
        for _ in range(16):
            http.get_async(URL)
        for number in range(100):
            http.get_async(URL, lambda r, number=number: refused(number, r))
        gc.collect()
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == (True,)


def test_nothing_queues_behind_the_limit(run_app: Program, wire: WireFactory) -> None:
    server = wire([0.3, reply()])
    run = run_app(
        """
        def done(r):
            codes.append(r.status_code())
            if len(codes) == 30:
                show(codes.count(200), codes.count(89))

        codes = []
        for _ in range(30):
            http.get_async(URL, done)
        """,
        URL=server.url,
    )
    assert run.shown == (16, 14)
    assert len(server.requests) == 16


def test_slot_is_free_inside_the_callback(run_app: Program, wire: WireFactory) -> None:
    """At full load, each callback starts the next request: a carousel never sees 89."""
    server = wire(reply())
    run = run_app(
        """
        def done(r):
            codes.append(r.status_code())
            free.append(http.stats()["free"])
            if len(codes) <= 84:
                http.get_async(URL, done)
            elif len(codes) == 100:
                show(set(codes), min(free) >= 1, len(codes))

        codes, free = [], []
        finish([http.get_async(URL, done) for _ in range(16)])
        """,
        URL=server.url,
    )
    assert run.shown == ({200}, True, 100)
    assert len(server.requests) == 100


def test_slot_is_free_inside_the_callback_for_a_sync_request(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def done(r):
            codes.append(http.get(URL).status_code())
            if len(codes) == 16:
                show(codes)

        codes = []
        finish([http.get_async(URL, done) for _ in range(16)])
        """,
        URL=wire(reply()).url,
    )
    assert run.shown == ([200] * 16,)


def test_completed_request_holds_its_slot_until_it_is_handed_over(
    run_app: Program, wire: WireFactory
) -> None:
    server = wire(reply())
    run = run_app(
        """
        requests = [http.get_async(URL) for _ in range(16)]
        finish(requests)
        show(http.get(URL).status_code())
        show(requests[0].wait().status_code(), http.get(URL).status_code())
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(89,), (200, 200)]
    assert len(server.requests) == 17


def test_slot_is_free_after_cancel_at_once(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [HOLD] if request.target == "/hold" else reply())
    run = run_app(
        """
        requests = [http.get_async(URL + "/hold") for _ in range(16)]
        show(http.get(URL).status_code())
        show(requests[7].cancel(), http.get(URL).status_code(), http.stats()["free"])
        for _ in range(100):  # cancelled at once, before or while it connects
            http.get_async(URL + "/hold", show).cancel()
        show(http.get(URL).status_code())
        http.cancel_all()
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(89,), (True, 200, 1), (200,)]


def test_slot_is_free_after_each_kind_of_end(run_app: Program, wire: WireFactory, refused_url: str) -> None:
    server = wire(lambda request: [HOLD] if request.target == "/hold" else reply())
    run = run_app(
        """
        for url, options in (
            (URL, {}), (REFUSED, {}), ("nonsense", {}), ("https" + URL[4:], {"cacert": ""}),
            (URL + "/hold", {"timeout": 0.01}),
        ):
            for _ in range(9):
                http.get(url, **options)
                http.get_async(url, **options).wait()
                show(url, http.stats()["free"], http.stats()["in_flight"])
        """,
        URL=server.url,
        REFUSED=refused_url,
    )
    assert {line[1:] for line in run.ok().lines} == {(16, 0)}


def test_sync_and_async_requests_count_together(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [HOLD] if request.target == "/hold" else reply())
    run = run_app(
        """
        requests = [http.get_async(URL + "/hold") for _ in range(15)]
        show(http.get(URL).status_code(), http.stats()["free"], http.stats()["in_flight"])
        requests.append(http.post_async(URL + "/hold"))
        show(http.get(URL).status_code(), http.stats()["free"], http.stats()["in_flight"])
        http.cancel_all()
        show(http.get(URL).status_code(), http.stats()["free"], http.stats()["in_flight"])
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(200, 1, 15), (89, 0, 16), (200, 16, 0)]


def test_cancel_all_cancels_everything_pending(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        requests = [http.get_async(URL, show) for _ in range(20)]
        http.cancel_all()
        show({request.status() for request in requests}, {request.response() for request in requests})
        http.cancel_all()
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == ({"canceled"}, {None})
