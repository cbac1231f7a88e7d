# SPDX-License-Identifier: MIT
"""Callbacks run only at idle, requests progress all the time: contract section 5."""

import threading

import pytest
from servers.wire import HOLD, WireFactory, head, numbered_bytes, reply
from support.program import Program

_LOG = """
log = []


def done(name):
    return lambda r: log.append(name)


"""


def test_there_is_one_python_thread(run_app: Program) -> None:
    run = run_app(
        """
        try:
            import _thread
        except ImportError:
            show("no _thread")
        """
    )
    assert run.shown == ("no _thread",)


@pytest.mark.needs("background")
def test_no_callback_while_python_computes_for_2_seconds_though_the_transfer_finishes(
    run_app: Program, wire: WireFactory
) -> None:
    """8 MiB do not fit into the socket buffers: the server can finish only if the client reads."""
    sent = threading.Event()
    server = wire([head(200, f"Content-Length: {8 << 20}"), numbered_bytes(8 << 20), sent.set])
    run = run_app(
        """
        request = http.get_async(URL, lambda r: show("callback", len(r.body()), r.timings()["total"] < 1.9))
        compute(2)
        show("computed", request.status())
        """,
        URL=server.url,
    )
    assert run.ok().lines == [("computed", "success"), ("callback", 8 << 20, True)]
    assert sent.is_set()


@pytest.mark.needs("background")
def test_requests_make_progress_while_python_sleeps(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(200, bytes(4 << 20)))
    run = run_app(
        """
        request = http.get_async(URL, lambda r: show("callback", r.timings()["total"] < 0.9))
        time.sleep(1)
        show("slept")
        """,
        URL=server.url,
    )
    assert run.ok().lines == [("slept",), ("callback", True)]


@pytest.mark.needs("background")
def test_request_makes_progress_while_the_app_is_busy_with_its_jar(
    run_app: Program, wire: WireFactory
) -> None:
    """The garbage collector is off, so it makes no pause. The loop has its own time limit."""
    run = run_app(
        """
        import gc, time

        jar = http.Cookies()
        gc.collect()
        gc.disable()
        start = time.ticks_ms()
        request = http.get_async(URL, cookies=jar)
        while not request.done() and time.ticks_diff(time.ticks_ms(), start) < 10_000:
            jar.clear()
        show(request.done())
        http.cancel_all()
        """,
        URL=wire([0.1, reply()]).url,
    )
    assert run.shown == (True,)


@pytest.mark.needs("background")
def test_redirects_are_followed_while_python_computes(run_app: Program, wire: WireFactory) -> None:
    server = wire(
        lambda request: reply(302, b"", "Location: /end") if request.target == "/" else reply(200, b"end")
    )
    run = run_app(
        """
        request = http.get_async(URL)
        compute(0.5)
        show(request.status(), bytes(request.response().body()), request.response().timings()["total"] < 0.45)
        """,
        URL=server.url,
    )
    assert run.shown == ("success", b"end", True)


def test_no_callback_while_a_sync_request_waits(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [0.5, reply()] if request.target == "/slow" else reply())
    run = run_app(
        _LOG
        + """
for _ in range(5):
    http.get_async(URL, done("callback"))
status = http.get(URL + "/slow").status_code()
show(status, log)
""",
        URL=server.url,
    )
    assert run.shown == (200, [])


def test_no_callback_inside_wait(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [0.3, reply()] if request.target == "/slow" else reply())
    run = run_app(
        _LOG
        + """
http.get_async(URL, done("other"))
slow = http.get_async(URL + "/slow", done("slow"))
show(slow.wait().status_code(), log)
show(http.get_async(URL + "/slow").wait(0.1), log)
""",
        URL=server.url,
    )
    assert run.ok().lines == [(200, []), (None, [])]


def test_no_callback_inside_async_functions_cancel_or_questions(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [HOLD] if request.target == "/hold" else reply())
    run = run_app(
        _LOG
        + """
completed = [http.get_async(URL, done("completed")) for _ in range(5)]
finish(completed)
others = [http.get_async(URL + "/hold", done("other")) for _ in range(5)]
http.get_async("nonsense", done("nonsense"))
show([request.cancel() for request in others], [request.status() for request in completed])
show([request.response().status_code() for request in completed], log)
gc.collect()
time.sleep(0.05)
show(log)
""",
        URL=server.url,
    )
    assert run.ok().lines == [([True] * 5, ["success"] * 5), ([200] * 5, []), ([],)]


def test_no_callback_inside_another(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [0.2, reply()] if request.target == "/slow" else reply())
    run = run_app(
        """
        def done(r):
            depth.append(1)
            deepest.append(len(depth))
            http.get(URL + "/slow")
            http.get_async("nonsense", other)
            compute(0.05)
            depth.pop()
            if len(deepest) == 3:
                show(max(deepest))

        def other(r):
            deepest.append(len(depth) + 1)

        depth, deepest = [], []
        for _ in range(3):
            http.get_async(URL, done)
        """,
        URL=server.url,
    )
    assert all(line == (1,) for line in run.ok().lines)
    assert run.lines


def test_callbacks_run_in_order_of_completion_each_once(run_app: Program, wire: WireFactory) -> None:
    """Started in one order, answered in another, while Python computes."""
    order = [3, 0, 4, 1, 2]
    server = wire(lambda request: [0.1 + 0.12 * order.index(int(request.target[1:])), reply()])
    run = run_app(
        _LOG
        + """
finish([http.get_async(URL + "/%d" % number, done(number)) for number in range(5)])
http.get_async("nonsense", lambda r: show(log))
""",
        URL=server.url,
    )
    assert run.shown == (order,)


def test_callbacks_at_idle_come_as_responses_arrive(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [float(request.target[1:]), reply()])
    run = run_app(
        """
        start = time.ticks_ms()
        for seconds in (0.6, 0.0, 0.3):
            http.get_async(URL + "/%s" % seconds,
                           lambda r, s=seconds: show(s, time.ticks_diff(time.ticks_ms(), start) / 1000))
        """,
        URL=server.url,
    )
    lines = run.ok().lines
    assert [seconds for seconds, _ in lines] == [0.0, 0.3, 0.6]
    assert all(at >= seconds - 0.02 for seconds, at in lines)
    assert lines[0][1] < 0.6  # it did not wait for the last one


def test_callback_gets_the_response_as_its_only_argument(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        "http.get_async(URL, lambda *args: show(len(args), args[0].status_code(), bytes(args[0].body())))",
        URL=wire(reply(404, b"gone")).url,
    )
    assert run.shown == (1, 404, b"gone")


def test_callback_may_be_any_callable(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        class App:
            def start(self):
                http.get_async(URL, self.done)
                http.get_async(URL, self)

            def done(self, r):
                show("method")

            def __call__(self, r):
                show("object")

        App().start()
        gc.collect()
        """,
        URL=wire(reply()).url,
    )
    assert sorted(run.ok().lines) == [("method",), ("object",)]


@pytest.mark.parametrize("question", ["wait()", "done()", "status()", "response()"])
def test_callback_runs_though_the_app_asked_before(
    run_app: Program, wire: WireFactory, question: str
) -> None:
    run = run_app(
        f"""
        request = http.get_async(URL, lambda r: show("callback", r is request.response()))
        finish([request])
        request.{question}
        settle(0.1)
        show("main")
        """,
        URL=wire(reply()).url,
    )
    assert run.ok().lines == [("main",), ("callback", True)]


def test_callback_may_start_wait_and_cancel(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [HOLD] if request.target == "/hold" else reply())
    run = run_app(
        """
        def first(r):
            hold.cancel()
            waited = http.get_async(URL, second)
            show("first", waited.wait().status_code(), http.post(URL).status_code())

        def second(r):
            show("second", r.status_code())

        hold = http.get_async(URL + "/hold", show)
        http.get_async(URL, first)
        """,
        URL=server.url,
    )
    assert run.ok().lines == [("first", 200, 200), ("second", 200)]


def test_dropped_requests_keep_callback_and_data_through_collections(
    run_app: Program, wire: WireFactory
) -> None:
    server = wire(lambda request: [0.05, reply(200, request.body)])
    run = run_app(
        """
        import idle

        def start(number):
            def done(r):
                results.append((number, r.status_code(), r.body() == data(number)))

            http.post_async(URL, done, {"X-Number": str(number)}, data(number))

        def data(number):
            return str(number).encode() * 1000

        results = []
        for number in range(16):
            start(number)
        for _ in range(200):
            gc.collect()
            rubbish = [bytearray(b"\\x55" * 300) for _ in range(20)]
        idle.run()
        show(sorted(results))
        """,
        heap="512K",
        URL=server.url,
    )
    assert run.shown == ([(number, 200, True) for number in range(16)],)


def test_collecting_in_a_loop_while_dropped_requests_complete(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(200, numbered_bytes(20_000), "X-A: b"))
    run = run_app(
        """
        import idle

        def done(r):
            gc.collect()
            results.append((r.status_code(), len(r.body()), r.header("x-a")))

        results = []
        for _ in range(20):
            for _ in range(16):
                http.get_async(URL, done)
                gc.collect()
            idle.run()
            gc.collect()
        show(set(results), len(results))
        """,
        heap="1M",
        URL=server.url,
    )
    assert run.shown == ({(200, 20_000, "b")}, 320)


def test_program_ends_when_nothing_is_pending(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        "http.get_async(URL, lambda r: show(r.status_code())); show('main')", URL=wire([0.3, reply()]).url
    )
    assert run.ok().lines == [("main",), (200,)]
    assert 0.3 <= run.seconds < 3


def test_idle_loop_waits_without_burning_time(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def cpu():
            with open("/proc/self/stat") as f:
                fields = f.read().rpartition(")")[2].split()
            return int(fields[11]) + int(fields[12])

        before = cpu()
        http.get_async(URL, lambda r: show(cpu() - before))
        """,
        URL=wire([1.0, reply()]).url,
    )
    assert run.shown[0] <= 20  # hundredths of a second
