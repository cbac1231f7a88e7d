# SPDX-License-Identifier: MIT
"""http.gather(): many URLs in asyncio, at most so many at a time."""

import threading

import pytest
from module.test_asyncio import asyncio_app
from servers.wire import HOLD, Request, Step, WireFactory, reply
from support.program import Program


class Crowd:
    """A server that counts how many requests are in flight. No request is answered before n are there."""

    def __init__(self, n: int) -> None:
        self.most = 0
        self._now = 0
        self._full = threading.Barrier(n, timeout=10)
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> list[Step]:
        """Return the reply: the request's target."""
        return [self._arrive, reply(200, request.target.encode())]

    def _arrive(self) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        self._full.wait()
        with self._lock:
            self._now -= 1


@pytest.mark.parametrize("limit", [1, 5, 16])
def test_forty_urls_with_at_most_so_many_in_flight_in_order(
    run_app: Program, wire: WireFactory, limit: int
) -> None:
    crowd = Crowd(limit)
    run = run_app(
        asyncio_app(
            """
urls = ["%s/%d" % (URL, i) for i in range(COUNT)]
responses = await http.gather(urls, limit=LIMIT, headers={"X-A": "b"})
show([r.body().decode() for r in responses] == ["/%d" % i for i in range(COUNT)])
show(http.stats()["submitted"], http.stats()["refused"], http.stats()["free"])
"""
        ),
        URL=wire(crowd).url,
        LIMIT=limit,
        COUNT=40 // limit * limit,
    )
    assert run.ok().lines == [(True,), (40 // limit * limit, 0, 16)]
    assert crowd.most == limit


def test_items_may_be_anything_that_can_be_awaited(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        asyncio_app(
            """
async def double(n):
    await asyncio.sleep_ms(n)
    return 2 * n

task = asyncio.create_task(double(4))
first, second, third, fourth = await http.gather(
    (item for item in (double(3), http.get_async(URL), task, URL)), limit=2)
show(first, second.status_code(), third, fourth.status_code())
show(await http.gather([]), await http.gather((), 1))
"""
        ),
        URL=wire(reply()).url,
    )
    assert run.ok().lines == [(6, 200, 8, 200), ([], [])]


def test_exceptions_are_as_with_asyncio_gather(run_app: Program) -> None:
    """The first one is raised at once. The others go on, and their exceptions are no faults of the app."""
    run = run_app(
        asyncio_app(
            """
async def item(n):
    log.append(n)
    await asyncio.sleep_ms(10 * n)
    if n < 10:
        log.append("failed %d" % n)
        raise ValueError(n)
    log.append("ended")
    ended.set()
    return n

def items():
    return [item(30), item(5), item(1)]

for gather in (lambda aws, **options: asyncio.gather(*aws, **options), http.gather):
    log = []
    ended = asyncio.Event()
    try:
        await gather(items())
    except ValueError as e:
        log.append(("raised", str(e)))
    await ended.wait()
    show(log)
    show([repr(r) for r in await gather(items(), return_exceptions=True)])
"""
        )
    )
    lines = run.ok().lines
    assert lines[0] == ([30, 5, 1, "failed 1", ("raised", "1"), "failed 5", "ended"],)
    assert lines[1] == (["30", "ValueError(5,)", "ValueError(1,)"],)
    assert lines[2:] == lines[:2]


def test_what_waits_for_its_turn_starts_although_as_many_as_the_limit_failed(run_app: Program) -> None:
    run = run_app(
        asyncio_app(
            """
async def item(n):
    if n < 2:
        raise ValueError(n)
    await asyncio.sleep_ms(0)
    log.append(n)
    if n == 4:
        ended.set()

log = []
ended = asyncio.Event()
try:
    await http.gather((item(n) for n in range(5)), limit=2)
except ValueError:
    show(log)
await ended.wait()
show(log)
"""
        )
    )
    assert run.ok().lines == [([],), ([2, 3, 4],)]


def test_item_that_is_cancelled_is_as_with_asyncio_gather(run_app: Program) -> None:
    run = run_app(
        asyncio_app(
            """
async def number(n):
    await asyncio.sleep_ms(n)
    log.append(n)
    return n

def items():
    log.clear()
    ended.clear()
    task = asyncio.create_task(number(100000))
    asyncio.create_task(cancel(task))
    return [task, number(2), number(3), end()]

async def cancel(task):
    await asyncio.sleep_ms(1)
    task.cancel()

async def end():
    ended.set()

log = []
ended = asyncio.Event()
for gather in (lambda aws, **options: asyncio.gather(*aws), lambda aws: http.gather(aws, limit=2)):
    try:
        await gather(items())
    except asyncio.CancelledError:
        await ended.wait()
        await asyncio.sleep_ms(5)
        show("cancelled", log)
show([repr(r) for r in await asyncio.gather(*items(), return_exceptions=True)], log)
show([repr(r) for r in await http.gather(items(), limit=2, return_exceptions=True)], log)
"""
        )
    )
    lines = run.ok().lines
    assert lines[0] == ("cancelled", [2, 3])
    assert lines[2] == (["CancelledError()", "2", "3", "None"], [2, 3])
    assert (lines[1], lines[3]) == (lines[0], lines[2])


@pytest.mark.parametrize("return_exceptions", [False, True])
def test_cancelled_gather_cancels_its_requests_and_starts_no_more(
    run_app: Program, wire: WireFactory, return_exceptions: bool
) -> None:
    server = wire([HOLD])
    run = run_app(
        asyncio_app(
            """
async def all_of_them():
    await http.gather([URL] * 10, limit=3, return_exceptions=RETURNED)

task = asyncio.create_task(all_of_them())
while http.stats()["in_flight"] < 3:
    await asyncio.sleep_ms(1)
task.cancel()
try:
    await task
except asyncio.CancelledError:
    show("cancelled")
await asyncio.sleep_ms(5)
show(http.stats()["submitted"], http.stats()["in_flight"])
"""
        ),
        URL=server.url,
        RETURNED=return_exceptions,
    )
    assert run.ok().lines == [("cancelled",), (3, 0)]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("http.gather(URL)", "TypeError: items must be a list of URLs or awaitables"),
        ("http.gather([], limit=0)", "ValueError: limit must be at least 1"),
        ("http.gather([], limit='2')", "TypeError: limit must be an int"),
        ("http.gather([5])", "TypeError: items: 5 is neither a URL nor can it be awaited"),
        ("http.gather([URL], timeout=-1)", "ValueError: timeout must not be negative or NaN"),
    ],
)
def test_wrong_arguments_are_named(run_app: Program, call: str, error: str) -> None:
    run = run_app(
        asyncio_app(
            f"""
try:
    await {call}
except (TypeError, ValueError) as e:
    show(type(e).__name__ + ": " + str(e), http.stats()["submitted"])
"""
        ),
        URL="http://127.0.0.1:1/",
    )
    assert run.shown == (error, 0)
