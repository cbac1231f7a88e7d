# SPDX-License-Identifier: MIT
"""Request: cancel(), wait() and its states: contract section 5."""

import pytest
from servers.wire import CLOSE, HOLD, WireFactory, head, reply
from support.program import Program


def test_cancel_is_true_while_pending_then_false(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        request = http.get_async(URL, show)
        show(request.cancel(), request.cancel(), request.cancel())
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == (True, False, False)


def test_cancelled_request_says_so_and_has_no_response(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        request = http.get_async(URL, show)
        request.cancel()
        show(request.status(), request.done(), request.response(), request.error())
        show(request.wait(), request.wait(1))
        """,
        URL=wire([HOLD]).url,
    )
    assert run.ok().lines == [("canceled", True, None, 0), (None, None)]


@pytest.mark.parametrize("moment", ["at once", "soon", "completed"])
def test_callback_never_runs_after_cancel(run_app: Program, wire: WireFactory, moment: str) -> None:
    """The same if the request had already completed in the background."""
    run = run_app(
        """
        requests = [http.get_async(URL, show) for _ in range(16)]
        if MOMENT == "soon":
            settle(0.01)
        elif MOMENT == "completed":
            finish(requests)
        show([request.cancel() for request in requests])
        show({request.status() for request in requests}, http.stats()["free"])
        http.get_async(URL, lambda r: show("idle"))
        """,
        URL=wire(reply()).url,
        MOMENT=moment,
    )
    assert run.ok().lines == [([True] * 16,), ({"canceled"}, 16), ("idle",)]


def test_cancel_before_the_request_was_sent_sends_nothing_more(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run = run_app(
        "for _ in range(200): http.get_async(URL, show).cancel()\nshow(http.get(URL).status_code())",
        URL=server.url,
    )
    assert run.shown == (200,)


def test_cancel_in_its_own_callback_is_false(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def done(r):
            show(request.done(), request.status(), request.cancel(), request.response() is r, r.status_code())

        request = http.get_async(URL, done)
        """,
        URL=wire(reply()).url,
    )
    assert run.shown == (True, "success", False, True, 200)


def test_callback_may_cancel_others_even_completed_ones(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [HOLD] if request.target == "/hold" else reply())
    run = run_app(
        """
        def done(r):
            show([request.cancel() for request in requests].count(True))

        requests = [http.get_async(URL, done) for _ in range(8)]
        finish(requests)
        requests += [http.get_async(URL + "/hold", done) for _ in range(8)]
        """,
        URL=server.url,
    )
    assert run.shown == (15,)


@pytest.mark.parametrize("question", ["wait()", "done()", "status()", "response()"])
def test_asked_request_is_no_longer_pending_but_cancel_still_stops_its_callback(
    run_app: Program, wire: WireFactory, question: str
) -> None:
    run = run_app(
        f"""
        request = http.get_async(URL, show)
        finish([request])
        request.{question}
        show(request.cancel(), request.status(), request.response().status_code())
        """,
        URL=wire(reply()).url,
    )
    assert run.shown == (False, "success", 200)


def test_pending_request_says_so(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        request = http.get_async(URL)
        show(request.status(), request.done(), request.response(), request.error())
        request.cancel()
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == ("pending", False, None, 0)


@pytest.mark.parametrize("status", [200, 302, 404, 500])
def test_any_http_response_is_success(run_app: Program, wire: WireFactory, status: int) -> None:
    run = run_app(
        """
        request = http.get_async(URL)
        show(request.wait().status_code(), request.status(), request.done(), request.error(),
             request.response() is request.response(), request.response().status_code())
        """,
        URL=wire(reply(status)).url,
    )
    assert run.shown == (status, "success", True, 0, True, status)


def test_failed_request_has_the_code_of_libcurl(
    run_app: Program, wire: WireFactory, refused_url: str
) -> None:
    truncated = wire([head(200, "Content-Length: 9") + b"abc", CLOSE])
    run = run_app(
        """
        for url in (REFUSED, TRUNCATED, "nonsense"):
            request = http.get_async(url)
            show(request.wait().status_code(), request.status(), request.error())
        """,
        REFUSED=refused_url,
        TRUNCATED=truncated.url,
    )
    assert run.ok().lines == [(code, "failed", code) for code in (7, 18, 3)]


def test_request_can_be_asked_until_it_is_done(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        request = http.get_async(URL)
        while not request.done():
            pass
        show(request.response().status_code())
        request = http.get_async(URL)
        while request.status() == "pending":
            pass
        show(request.response().status_code())
        request = http.get_async(URL)
        while request.response() is None:
            pass
        show(request.response().status_code())
        """,
        URL=wire([0.05, reply()]).url,
    )
    assert run.ok().lines == [(200,)] * 3


def test_wait_gives_the_response_and_again(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        request = http.get_async(URL)
        r = request.wait()
        show(r.status_code(), bytes(r.body()))
        show(request.wait() is r, request.wait(0) is r, request.response() is r)
        """,
        URL=wire([0.1, reply(200, b"body")]).url,
    )
    assert run.ok().lines == [(200, b"body"), (True, True, True)]


@pytest.mark.parametrize("timeout", [0, 0.2, 1])
def test_wait_gives_none_after_its_timeout_and_the_request_goes_on(
    run_app: Program, wire: WireFactory, timeout: float
) -> None:
    run = run_app(
        """
        request = http.get_async(URL, lambda r: show("callback", r.status_code()))
        start = time.ticks_ms()
        waited = request.wait(TIMEOUT)
        show(waited, time.ticks_diff(time.ticks_ms(), start) / 1000)
        show(request.status(), request.wait(timeout=5).status_code())
        """,
        URL=wire([1.3, reply()]).url,
        TIMEOUT=timeout,
    )
    first, second, third = run.ok().lines
    assert first[0] is None
    assert timeout * 0.9 <= first[1] < timeout + 0.3
    assert (second, third) == (("pending", 200), ("callback", 200))


@pytest.mark.parametrize(
    ("timeout", "error"), [("-1", "ValueError"), ("float('nan')", "ValueError"), ("'1'", "TypeError")]
)
def test_wrong_timeout_of_wait_raises(run_app: Program, wire: WireFactory, timeout: str, error: str) -> None:
    run = run_app(
        f"""
        request = http.get_async(URL)
        try:
            request.wait({timeout})
        except Exception as e:
            show(type(e).__name__)
        request.cancel()
        """,
        URL=wire([HOLD]).url,
    )
    assert run.shown == (error,)


def test_several_requests_are_waited_for_in_any_order(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [float(request.target[1:]), reply(200, request.target.encode())])
    run = run_app(
        """
        requests = [http.get_async(URL + "/0.%d" % n) for n in (3, 0, 2, 1)]
        show([r.wait().text() for r in reversed(requests)])
        """,
        URL=server.url,
    )
    assert run.shown == (["/0.1", "/0.2", "/0.0", "/0.3"],)


def test_wait_of_a_dropped_request_keeps_it_alive(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        "gc.collect(); show(http.get_async(URL, lambda r: gc.collect()).wait().status_code())",
        URL=wire([0.1, reply()]).url,
    )
    assert run.shown == (200,)


def test_request_shows_its_state_not_its_secrets(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        "show(repr(http.get_async(URL + '/?key=s3cret', None, {'X-Key': 's3cret'}))); http.cancel_all()",
        URL=wire([HOLD]).url,
    )
    assert "s3cret" not in run.shown[0]
