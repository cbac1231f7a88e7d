# SPDX-License-Identifier: MIT
"""Requests in asyncio: contract section 5."""

from servers.wire import HOLD, WireFactory, reply
from support.program import Program


def asyncio_app(body: str) -> str:
    """An app whose main part runs this body of a coroutine."""
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    return f"import asyncio\n\nasync def main():\n{indented}\n\nasyncio.run(main())\n"


def test_await_gives_the_response(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
r = await http.get_async(URL)
show(r.status_code(), bytes(r.body()))
request = http.post_async(URL, data=b"x")
show((await request) is request.response(), (await request) is request.response(), request.status())
"""
        ),
        URL=wire([0.1, reply(200, b"awaited")]).url,
    )
    assert run.ok().lines == [(200, b"awaited"), (True, True, "success")]


def test_await_of_a_failed_request_gives_its_response(run_app: Program, refused_url: str) -> None:
    run = run_app(
        asyncio_app(
            "r = await http.get_async(URL); show(r.status_code(), (await http.get_async('')).status_code())"
        ),
        URL=refused_url,
    )
    assert run.shown == (7, 3)


def test_await_of_the_17th_request_gives_89(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
requests = [http.get_async(URL) for _ in range(16)]
show((await http.get_async(URL)).status_code())
http.cancel_all()
"""
        ),
        URL=wire([HOLD]).url,
    )
    assert run.shown == (89,)


def test_cancel_of_an_awaited_request_whose_response_was_asked_for_wakes_the_task(
    run_app: Program, wire: WireFactory
) -> None:
    run = run_app(
        asyncio_app(
            """
async def wait_for_it(request):
    r = await request
    show(r.status_code(), request.status())

request = http.get_async(URL)
task = asyncio.create_task(wait_for_it(request))
await asyncio.sleep_ms(0)
while not request.done():  # without a turn for the loop, which would hand it over
    pass
show(request.cancel(), request.cancel())
await asyncio.wait_for(task, 5)
"""
        ),
        URL=wire([0.05, reply()]).url,
    )
    assert run.ok().lines == [(False, False), (200, "success")]


def test_tasks_run_while_requests_are_awaited(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
async def tick():
    while True:
        await asyncio.sleep_ms(20)
        ticks.append(1)

ticks = []
task = asyncio.create_task(tick())
start = time.ticks_ms()
responses = await asyncio.gather(*[fetch() for _ in range(16)])
show({r.status_code() for r in responses}, len(ticks) > 5, time.ticks_diff(time.ticks_ms(), start) < 2000)
task.cancel()
"""
        ).replace(
            "async def main", "async def fetch():\n    return await http.get_async(URL)\n\nasync def main"
        ),
        URL=wire([0.4, reply()]).url,
    )
    assert run.shown == ({200}, True, True)


def test_callbacks_of_other_requests_run_while_asyncio_is_idle(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [float(request.target[1:]), reply()])
    run = run_app(
        asyncio_app(
            """
http.get_async(URL + "/0.1", lambda r: show("callback while awaiting"))
await http.get_async(URL + "/0.4")
show("awaited")
http.get_async(URL + "/0.1", lambda r: show("callback while sleeping"))
await asyncio.sleep(0.5)
show("slept")
http.get_async(URL + "/0.2", lambda r: show("callback after asyncio"))
"""
        ),
        URL=server.url,
    )
    assert [line[0] for line in run.ok().lines] == [
        "callback while awaiting",
        "awaited",
        "callback while sleeping",
        "slept",
        "callback after asyncio",
    ]


def test_no_callback_while_a_task_computes(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
log = []
http.get_async(URL, log.append)
compute(0.3)
http.get(URL)
show(len(log))
while not log:
    await asyncio.sleep_ms(5)
show(len(log))
"""
        ),
        URL=wire(reply()).url,
    )
    assert run.ok().lines == [(0,), (1,)]


def test_callback_of_an_awaited_request_runs_once(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
r = await http.get_async(URL, lambda r: show("callback"))
await asyncio.sleep(0.1)
show(r.status_code())
"""
        ),
        URL=wire(reply()).url,
    )
    assert sorted(run.ok().lines, key=repr) == [("callback",), (200,)]


def test_exception_in_a_callback_during_asyncio_is_a_fault(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
def done(r):
    raise RuntimeError("broken callback")

http.get_async(URL, done)
await asyncio.sleep(5)
show("not reached")
"""
        ),
        URL=wire(reply()).url,
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.rstrip().endswith("RuntimeError: broken callback")
    assert run.seconds < 4


def test_awaited_request_can_be_cancelled_by_another_task(run_app: Program, wire: WireFactory) -> None:
    """The awaiting task does not hang; it sees None or CancelledError."""
    run = run_app(
        asyncio_app(
            """
async def fetch():
    try:
        return await request
    except asyncio.CancelledError:
        return None

request = http.get_async(URL, show)
task = asyncio.create_task(fetch())
await asyncio.sleep_ms(0)  # the task's turn: now it awaits
canceled = request.cancel()
show(canceled, await asyncio.wait_for(task, 2), request.status())
"""
        ),
        URL=wire([HOLD]).url,
    )
    assert run.shown == (True, None, "canceled")


def test_await_can_be_given_up(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [HOLD] if request.target == "/hold" else reply())
    run = run_app(
        asyncio_app(
            """
async def fetch():
    return await request

request = http.get_async(URL + "/hold")
try:
    await asyncio.wait_for(fetch(), 0.2)
except asyncio.TimeoutError:
    show("gave up")
request.cancel()
show((await http.get_async(URL)).status_code(), http.stats()["free"])
"""
        ),
        URL=server.url,
    )
    assert run.ok().lines == [("gave up",), (200, 16)]


def test_gather_and_wait_for_take_requests_themselves(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
responses = await asyncio.gather(http.get_async(URL), http.get_async(URL))
show([r.status_code() for r in responses], (await asyncio.wait_for(http.get_async(URL), 2)).status_code())
"""
        ),
        URL=wire(reply()).url,
    )
    assert run.shown == ([200, 200], 200)


def test_cancelling_the_task_that_awaits_cancels_the_request(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
async def fetch():
    await request

request = http.get_async(URL, show)
task = asyncio.create_task(fetch())
await asyncio.sleep_ms(0)  # the task's turn: now it awaits
task.cancel()
try:
    await asyncio.wait_for(task, 5)
except asyncio.CancelledError:
    show(request.status(), http.stats()["free"])
"""
        ),
        URL=wire([HOLD]).url,
    )
    assert run.shown == ("canceled", 16)


def test_asyncio_run_works_a_second_time(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        import asyncio

        async def fetch():
            return (await http.get_async(URL)).status_code()

        show(asyncio.run(fetch()), asyncio.run(fetch()))
        asyncio.new_event_loop()
        show(asyncio.run(fetch()), asyncio.run(fetch()))
        http.get_async(URL, lambda r: show("callback", asyncio.run(fetch())))
        """,
        URL=wire([0.05, reply()]).url,
    )
    assert run.ok().lines == [(200, 200), (200, 200), ("callback", 200)]


def test_several_tasks_may_await_one_request(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
async def fetch():
    return (await request).status_code()

request = http.get_async(URL)
show(await asyncio.gather(fetch(), fetch(), fetch()))
"""
        ),
        URL=wire([0.1, reply()]).url,
    )
    assert run.shown == ([200] * 3,)


def test_several_tasks_may_be_made_of_one_request(run_app: Program, wire: WireFactory) -> None:
    """gather(), wait_for() and create_task() make a task of the request itself."""
    run = run_app(
        asyncio_app(
            """
request = http.get_async(URL)
responses = await asyncio.gather(request, request, asyncio.wait_for(request, 5))
responses.append(await asyncio.wait_for(request, 5))
show([r is request.response() for r in responses], request.status())
"""
        ),
        URL=wire([0.1, reply()]).url,
    )
    assert run.shown == ([True] * 4, "success")


def test_task_of_a_request_is_cancelled_before_its_first_turn(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
request = http.get_async(URL)
task = asyncio.create_task(request)
task.cancel()
try:
    await task
except asyncio.CancelledError:
    show(request.status(), http.stats()["free"])
"""
        ),
        URL=wire([HOLD]).url,
    )
    assert run.shown == ("canceled", 16)


def test_waiting_in_asyncio_burns_no_time(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
def cpu():
    with open("/proc/self/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])

before = cpu()
await http.get_async(URL)
show(cpu() - before)
"""
        ),
        URL=wire([1.0, reply()]).url,
    )
    assert run.shown[0] <= 20  # hundredths of a second
