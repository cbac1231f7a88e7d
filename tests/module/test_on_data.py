# SPDX-License-Identifier: MIT
"""Option on_data: the body piece by piece, at idle: contract sections 5 and 6."""

import pytest
from servers.nginx import Nginx
from servers.wire import (
    CLOSE,
    HOLD,
    RESET,
    Reply,
    WireFactory,
    chunked,
    head,
    redirect,
    reply,
)
from support.program import Program

# Both ways to get a Response.
_HOW = ["http.get(URL, on_data=take{})", "http.get_async(URL, on_data=take{}).wait()"]

_TAKE = """
got = bytearray()


def take(view):
    got.extend(view)


"""


@pytest.mark.parametrize("option", ["", ", max_size=0"])  # with the latter, libcurl reads more at a time
@pytest.mark.parametrize("how", _HOW)
def test_all_bytes_come_in_order_and_body_is_empty(
    run_app: Program, web: Nginx, how: str, option: str
) -> None:
    run = run_app(
        f"""
        class Check:
            size = 0
            kinds = set()
            largest = 0

            def __call__(self, view):
                with open(FILE, "rb") as f:
                    f.seek(self.size)
                    if f.read(len(view)) != view:
                        show("different", self.size)
                self.size += len(view)
                self.largest = max(self.largest, len(view))
                self.kinds.add(type(view).__name__)

        take = Check()
        r = {how.format(option)}
        show(r.status_code(), take.size, take.kinds, 0 < take.largest <= 64 << 10, bytes(r.body()),
             r.timings()["received"], http.stats()["free"])
        """,
        heap="1M",
        URL=f"{web.http}/12m",
        FILE=str(web.root / "12m"),
    )
    assert run.shown == (200, 12 << 20, {"memoryview"}, True, b"", 12 << 20, 16)


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (reply(200, b"counted"), b"counted"),
        ([head(200) + b"until", 0.05, b" close", CLOSE], b"until close"),
        (head(200, "Transfer-Encoding: chunked") + chunked(b"in", b" ", b"chunks"), b"in chunks"),
        (reply(404, b"not found"), b"not found"),
    ],
    ids=["Content-Length", "no Content-Length", "chunked", "404"],
)
def test_data_is_whole_however_it_is_framed(
    run_app: Program, wire: WireFactory, how: str, answer: Reply, body: bytes
) -> None:
    run = run_app(
        f"{_TAKE}r = {how.format('')}\nshow(bytes(got), bytes(r.body()), r.error(), http.stats()['free'])",
        URL=wire(answer).url,
    )
    assert run.shown == (body, b"", "", 16)


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize("answer", [reply(200), head(204), reply(404)], ids=["200", "204", "404"])
def test_empty_body_calls_nothing(run_app: Program, wire: WireFactory, how: str, answer: Reply) -> None:
    run = run_app(f"take = show\nr = {how.format('')}\nshow(bytes(r.body()))", URL=wire(answer).url)
    assert run.shown == (b"",)


def test_body_of_a_redirect_is_not_data(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: redirect(302, "/end") if request.target == "/" else reply(200, b"end"))
    run = run_app("http.get(URL, on_data=lambda view: show(bytes(view)))", URL=server.url)
    assert run.shown == (b"end",)


def test_memoryview_is_the_apps_to_keep(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        views = []
        http.get(URL + "/1m", on_data=views.append)
        gc.collect()
        http.get(URL + "/1m", on_data=lambda view: gc.collect())
        with open(FILE, "rb") as f:
            show(all(f.read(len(view)) == view for view in views), len(views) > 1, f.read())
        """,
        URL=web.http,
        FILE=str(web.root / "1m"),
    )
    assert run.shown == (True, True, b"")


def test_data_comes_before_completion(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        size = 0

        def take(view):
            global size
            gc.collect()
            size += len(view)

        http.get_async(URL, lambda r: show(r.status_code(), size, bytes(r.body()), len(r.headers()) > 2),
                       on_data=take)
        request = http.get_async(URL, lambda r: show(r.status_code()), on_data=lambda view: request.done())
        compute(0.2)
        """,
        URL=f"{web.http}/1m",
    )
    assert sorted(run.ok().lines, key=len) == [(200,), (200, 1 << 20, b"", True)]


def test_no_data_while_a_sync_call_of_another_request_waits(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [0.3, reply()] if request.target == "/slow" else reply(200, bytes(300_000)))
    run = run_app(
        """
        log = []
        request = http.get_async(URL, on_data=lambda view: log.append(len(view)))
        show(http.get(URL + "/slow").status_code(), log)
        show(http.get(URL + "/slow", on_data=log.append).status_code(), log)
        show(http.get_async(URL + "/slow").wait().status_code(), log)
        compute(0.1)
        http.post_async(URL, on_data=print).cancel()
        show(request.status(), log)
        request.wait()
        show(sum(log))
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(200, [])] * 3 + [("pending", []), (300_000,)]


def test_callbacks_never_run_inside_each_other(run_app: Program, wire: WireFactory) -> None:
    server = wire(
        lambda request: [0.05, reply()] if request.target == "/slow" else reply(200, bytes(200_000))
    )
    run = run_app(
        """
        import idle

        def guarded(*args):
            global depth, deepest, calls
            depth += 1
            calls += 1
            deepest = max(depth, deepest)
            http.get(URL + "/slow")
            http.get_async("nonsense", other)
            compute(0.01)
            gc.collect()
            depth -= 1

        def other(r):
            global deepest
            deepest = max(depth + 1, deepest)

        depth = deepest = calls = 0
        for _ in range(3):
            http.get_async(URL, guarded, on_data=guarded, on_progress=guarded)
        idle.run()
        show(deepest, calls >= 15, http.stats()["free"])
        """,
        URL=server.url,
    )
    assert run.shown == (1, True, 16)


def test_exception_is_raised_from_a_sync_call(run_app: Program, wire: WireFactory) -> None:
    server = wire([head(200, "Content-Length: 100") + b"some", HOLD])
    run = run_app(
        """
        def take(view):
            raise ValueError("broken")

        for _ in range(17):
            try:
                http.get(URL, on_data=take)
            except ValueError as e:
                text = str(e)
        show(text, http.stats()["free"])
        """,
        URL=server.url,
    )
    assert run.shown == ("broken", 16)


def test_exception_of_an_async_request_is_a_fault(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def inner(view):
            show(bytes(view))
            raise RuntimeError("broken callback")

        http.get_async(URL, show, on_data=inner)
        http.get_async(URL, show, on_data=inner)
        """,
        URL=wire([head(200, "Content-Length: 100") + b"some", HOLD]).url,
    )
    assert run.returncode == 1
    assert run.lines == [(b"some",)]
    assert run.stderr.startswith("Traceback")
    assert run.stderr.rstrip().endswith("RuntimeError: broken callback")
    assert "in inner" in run.stderr


def test_exception_comes_out_of_wait_and_the_request_goes_on(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        def take(view):
            sizes.append(len(view))
            if len(sizes) == 2:
                raise ValueError("broken")

        sizes = []
        request = http.get_async(URL, on_data=take)
        try:
            request.wait()
        except ValueError as e:
            show(str(e), request.status(), len(sizes))
        show(request.wait().status_code(), sum(sizes), http.stats()["free"])
        """,
        URL=f"{web.http}/1m",
    )
    assert run.ok().lines == [("broken", "pending", 2), (200, 1 << 20, 16)]


def test_nothing_comes_after_cancel_in_on_data(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        import idle

        def take(view):
            show("data", request.cancel(), http.stats()["free"])
            compute(0.1)

        request = http.get_async(URL, show, on_data=take, on_progress=None)
        compute(0.2)
        idle.run()
        show(request.status(), request.response(), request.wait(), request.cancel())
        """,
        URL=f"{web.http}/1m",
    )
    assert run.ok().lines == [("data", True, 16), ("canceled", None, None, False)]


def test_on_data_may_cancel_another_request(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        def take(view):
            first = not log
            log.append(1)
            if first:
                show([request.cancel() for request in requests].count(True), http.stats()["free"])

        log = []
        requests = [http.get_async(URL, show, on_data=take) for _ in range(16)]
        compute(0.2)
        """,
        URL=f"{web.http}/1m",
    )
    assert run.shown == (16, 16)


def test_on_data_may_cancel_the_request_that_is_waited_for(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        request = http.get_async(URL, show, on_data=lambda view: request.cancel())
        show(request.wait(), request.status(), http.stats()["free"])
        """,
        URL=f"{web.http}/1m",
        timeout=10,
    )
    assert run.shown == (None, "canceled", 16)


@pytest.mark.parametrize(
    "options",
    [
        "on_data=lambda view: http.cancel_all()",
        "on_head=lambda r: http.cancel_all()",
        "data=(http.cancel_all() or 'piece' for _ in range(2))",
    ],
    ids=["on_data", "on_head", "iterator"],
)
def test_cancel_all_in_a_callback_ends_its_sync_call_with_42(
    run_app: Program, web: Nginx, options: str
) -> None:
    run = run_app(
        f"""
        r = http.get(URL, {options})
        show(isinstance(r, http.Response), r.status_code(), r.ok(), r.kind(), bytes(r.body()), repr(r))
        show(http.stats()["free"], http.get(URL).status_code())
        """,
        URL=f"{web.http}/1m",
        timeout=5,
    )
    shown = True, 42, False, "other", b"", "<Response 42: canceled in a callback>"
    assert run.ok().lines == [shown, (16, 200)]


def test_on_data_may_start_and_wait(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        def take(view):
            if not codes:
                codes.append(http.get(URL + "/1k").status_code())
                codes.append(http.get_async(URL + "/1k", lambda r: show("inner")).wait().status_code())
            sizes.append(len(view))

        codes, sizes = [], []
        http.get_async(URL + "/1m", lambda r: show("outer", codes, sum(sizes)), on_data=take)
        """,
        URL=web.http,
    )
    assert sorted(run.ok().lines) == [("inner",), ("outer", [200, 200], 1 << 20)]


def test_wait_delivers_meanwhile(run_app: Program, web: Nginx) -> None:
    """The body is larger than the buffer: without delivery this would wait for ever."""
    run = run_app(
        _TAKE
        + """
request = http.get_async(URL, lambda r: show("callback", len(got)), on_data=take)
compute(0.1)
show(request.wait().status_code(), len(got), request.status())
""",
        URL=f"{web.http}/1m",
        timeout=10,
    )
    assert run.ok().lines == [(200, 1 << 20, "success"), ("callback", 1 << 20)]


def test_wait_with_a_timeout_delivers_and_gives_up(run_app: Program, wire: WireFactory) -> None:
    server = wire([head(200, "Content-Length: 20"), *[b"x", 0.05] * 20])
    run = run_app(
        _TAKE
        + """
request = http.get_async(URL, on_data=take)
start = time.ticks_ms()
show(request.wait(0.3), 250 < time.ticks_diff(time.ticks_ms(), start) < 900, 0 < len(got) < 20)
show(request.wait().status_code(), len(got))
""",
        URL=server.url,
    )
    assert run.ok().lines == [(None, True, True), (200, 20)]


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize(
    ("answer", "options", "status"),
    [
        ([head(200, "Content-Length: 10") + b"some", CLOSE], "", 18),
        ([head(200, "Transfer-Encoding: chunked") + b"4\r\nsome\r\n", CLOSE], "", 18),
        ([head(200, "Content-Length: 10") + b"some", HOLD], ", timeout=0.3", 28),
        ([head(200, "Content-Length: 10") + b"some", 0.1, RESET], "", 56),
        (reply(200, b"somewhat"), ", max_size=4", 63),
    ],
    ids=["truncated", "truncated chunks", "timeout", "reset", "max_size"],
)
def test_failure_in_the_middle_comes_after_what_had_arrived(
    run_app: Program, wire: WireFactory, how: str, answer: Reply, options: str, status: int
) -> None:
    run = run_app(
        f"""{_TAKE}
r = {how.format(options)}
show(bytes(got), r.status_code(), bytes(r.body()), bool(r.error()), http.stats()["free"])
""",
        URL=wire(answer).url,
    )
    assert run.shown == (b"some", status, b"", True, 16)


def test_16_streams_at_once(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        def taker(number):
            def take(view):
                sizes[number] += len(view)

            return take

        def done(r):
            codes.append(r.status_code())
            if len(codes) == 16:
                show(set(codes), set(sizes), http.stats()["free"])

        codes, sizes = [], [0] * 16
        for number in range(16):
            http.get_async(URL, done, on_data=taker(number))
        show(http.get(URL, on_data=print).status_code())
        """,
        heap="3M",
        URL=f"{web.http}/1m",
    )
    assert run.ok().lines == [(89,), ({200}, {1 << 20}, 16)]


def asyncio_app(body: str) -> str:
    """An app whose main part runs this body of a coroutine."""
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    return f"import asyncio\n\nasync def main():\n{indented}\n\nasyncio.run(main())\n"


def test_asyncio_delivers_while_a_request_is_awaited(run_app: Program, web: Nginx) -> None:
    run = run_app(
        asyncio_app(
            """
got = bytearray()
r = await http.get_async(URL, on_data=got.extend)
show(r.status_code(), len(got), http.stats()["free"])
"""
        ),
        URL=f"{web.http}/1m",
    )
    assert run.shown == (200, 1 << 20, 16)


def test_await_of_a_completed_request_delivers_its_data_first(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
log = []
request = http.get_async(URL, on_data=lambda view: log.append(bytes(view)))
finish([request])
show((await request).status_code(), log)
show((await request).status_code(), log)
"""
        ),
        URL=wire(reply(200, b"body")).url,
    )
    assert run.ok().lines == [(200, [b"body"])] * 2


def test_asyncio_tasks_run_between_the_data(run_app: Program, wire: WireFactory) -> None:
    server = wire([head(200, "Content-Length: 10"), *[b"x", 0.04] * 10])
    run = run_app(
        asyncio_app(
            """
async def tick():
    while True:
        await asyncio.sleep_ms(10)
        log.append("tick")

log = []
task = asyncio.create_task(tick())
await http.get_async(URL, on_data=lambda view: log.append("data"))
task.cancel()
show(log.count("data") >= 5, log.count("tick") >= 10, "tick" in log[log.index("data"):])
"""
        ),
        URL=server.url,
    )
    assert run.shown == (True, True, True)


def test_exception_during_asyncio_is_a_fault(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
def take(view):
    raise RuntimeError("broken callback")

await http.get_async(URL, on_data=take)
show("not reached")
"""
        ),
        URL=wire(reply(200, b"body")).url,
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.rstrip().endswith("RuntimeError: broken callback")


def test_on_data_none_is_none(run_app: Program, wire: WireFactory) -> None:
    run = run_app("show(bytes(http.get(URL, on_data=None).body()))", URL=wire(reply(200, b"body")).url)
    assert run.shown == (b"body",)


def test_wait_ends_with_its_timeout_though_data_keeps_coming(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        request = http.get_async(URL + "/12m", on_data=lambda view: time.sleep(0.05))
        start = time.ticks_ms()
        response = request.wait(0.3)
        ms = time.ticks_diff(time.ticks_ms(), start)
        show(response, 300 <= ms < 3000, request.status(), request.cancel(), http.stats()["free"])
        """,
        URL=web.http,
    )
    assert run.shown == (None, True, "pending", True, 16)
