# SPDX-License-Identifier: MIT
"""Streams in a poller, in asyncio and over time: contract sections 4, 5 and 8."""

import time
from threading import Semaphore

import pytest
from servers.nginx import Nginx
from servers.wire import CLOSE, HOLD, Step, WireFactory, by_path, head, numbered_bytes, reply
from support.program import Program
from support.usage_app import USAGE

_EVENTS = 4
_APART = 0.25


class Events:
    """Server-sent events that come one after the other. Notes when each was sent."""

    def __init__(self) -> None:
        self.sent: list[float] = []

    def steps(self) -> list[Step]:
        """The reply."""
        steps: list[Step] = [head(200, "Content-Type: text/event-stream")]
        for number in range(_EVENTS):
            steps += [_APART, lambda: self.sent.append(time.time()), b"data: %d\n\n" % number]
        return [*steps, CLOSE]


_READERS = {
    "sync": """
for line in http.get(URL, stream=True):
    note(line)
""",
    "asyncio": """
import asyncio

async def main():
    reader = asyncio.StreamReader(await http.get_async(URL, stream=True))
    while line := await reader.readline():
        note(line)

asyncio.run(main())
""",
    "poll": """
import select

poller = select.poll()
r = http.get(URL, stream=True)
poller.register(r, select.POLLIN)
while True:
    ((which, event),) = poller.poll()
    polls += 1
    line = r.readline()
    if line == b"":
        break
    assert which is r and line
    note(line)
show(polls <= 2 * EVENTS + 1)
""",
}


@pytest.mark.needs("background")
@pytest.mark.parametrize("reader", _READERS)
def test_events_are_there_at_once_and_nobody_polls(run_app: Program, wire: WireFactory, reader: str) -> None:
    """Without a thread select.poll asks each millisecond: the stream has no descriptor then."""
    events = Events()
    run = run_app(
        f"""{USAGE}
def note(line):
    if line != b"\\n":
        lines.append((line, time.time_ns()))

lines = []
polls = 0
before = cpu()
{_READERS[reader]}
show(cpu() - before <= 5)
for line in lines:
    show(*line)
show(http.stats()["free"])
""",
        URL=wire(lambda request: events.steps()).url,
        EVENTS=_EVENTS,
    )
    *checks, free = (line for line in run.ok().lines if len(line) == 1)
    assert (set(checks), free) == ({(True,)}, (16,))
    seen = [line for line in run.lines if len(line) == 2]
    assert [line for line, _ in seen] == [b"data: %d\n" % number for number in range(_EVENTS)]
    late = [at / 1e9 - sent for (_, at), sent in zip(seen, events.sent, strict=True)]
    assert sorted(late)[-2] < 0.01, late  # the machine may be busy once


def test_stream_that_is_polled_does_not_wait(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        import select
        r = http.get(URL, stream=True)
        poller = select.poll()
        poller.register(r, select.POLLIN)
        show(poller.poll(0), r.read(1), r.read(), r.readline(), r.readinto(bytearray(1)))
        http.get(URL + "/go")
        poller.poll()
        show(r.read(9), r.read(1))
        http.get(URL + "/go")
        show(list(r), poller.poll(0)[0][1], r.read(1), r.readline())
        """,
        URL=_two_steps(wire),
    )
    assert run.ok().lines == [([], None, None, None, None), (b"part", None), ([b"end"], 1, b"", b"")]


def _two_steps(wire: WireFactory) -> str:
    go = Semaphore(0)
    steps: list[Step] = [head(200), go.acquire, b"part", go.acquire, b"end", CLOSE]
    answers = {"/": steps, "/go": [go.release, reply(200)]}
    return wire(by_path(answers)).url


def test_asyncio_reads_many_at_a_time(run_app: Program, wire: WireFactory) -> None:
    body = numbered_bytes(200_000)
    answer: list[Step] = [head(200, f"Content-Length: {len(body)}")]
    answer += [step for i in range(0, len(body), 50_000) for step in (body[i : i + 50_000], 0.02)]
    run = run_app(
        """
        import asyncio

        async def fetch():
            reader = asyncio.StreamReader(await http.get_async(URL, stream=True))
            first = await reader.readexactly(4)
            return first + await reader.read()

        async def main():
            bodies = await asyncio.gather(*[fetch() for _ in range(5)])
            show({len(body) for body in bodies}, len(set(bodies)), bodies[0][-4:], http.stats()["free"])

        asyncio.run(main())
        """,
        URL=wire(lambda request: answer).url,
    )
    assert run.shown == ({len(body)}, 1, body[-4:], 16)


def test_failure_wakes_the_poller_and_is_raised(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        import asyncio

        async def main():
            reader = asyncio.StreamReader(await http.get_async(URL, stream=True))
            show(await reader.readline())
            try:
                await reader.readline()
            except OSError as e:
                show(e.errno, http.stats()["free"])

        asyncio.run(main())
        """,
        URL=wire([head(200, "Content-Length: 9"), 0.02, b"line\n", 0.02, CLOSE]).url,
    )
    assert run.ok().lines == [(b"line\n",), (18, 16)]


@pytest.mark.needs("background", "memory")
def test_reader_that_stops_makes_the_server_wait(run_app: Program, wire: WireFactory, web: Nginx) -> None:
    """16 MiB: the buffers of the kernel hold a few MiB at most. Other requests go on."""
    piece = numbered_bytes(1 << 18)
    sent = 0

    def count() -> None:
        nonlocal sent
        sent += len(piece)

    steps: list[Step] = [head(200, f"Content-Length: {16 << 20}"), *[piece, count] * 64]
    run = run_app(
        USAGE
        + """
r = http.get(URL, stream=True)
r.read(1)
compute(0.2)
gc.collect()
before = cpu(), rss()
time.sleep(0.3)
show(http.get(OTHER).status_code(), rss() - before[1] < 1 << 20, cpu() - before[0] < 10)
size = 1
buffer = bytearray(1 << 16)
while n := r.readinto(buffer):
    size += n
    highest = rss()
show(size, highest - before[1] < 1 << 20, http.stats()["free"])
""",
        URL=wire(lambda request: steps).url,
        OTHER=f"{web.http}/1k",
        heap="1M",
    )
    assert run.ok().lines == [(200, True, True), (16 << 20, True, 16)]
    assert sent == 16 << 20


@pytest.mark.needs("memory")
def test_lines_of_a_large_body_need_no_memory(run_app: Program, wire: WireFactory) -> None:
    """100 MB of NDJSON in a heap of 128 KiB: the engine holds 64 KiB."""
    line = b'{"number": 1234567, "text": "' + b"x" * 960 + b'"}\n'
    count = 100_000_000 // len(line)
    run = run_app(
        USAGE
        + """
import json
r = http.get(URL, stream=True)
json.loads(r.readline())
before = rss()
show(1 + sum(len(line) == SIZE for line in r), rss() - before < 1 << 20)
""",
        URL=wire(reply(200, line * count)).url,
        SIZE=len(line),
        heap="128K",
    )
    assert run.shown == (count, True)


def test_streams_hold_slots_until_nobody_has_them(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        streams = [http.get(URL, stream=True) for _ in range(16)]
        show(http.get(URL, stream=True).status_code(), http.get_async(URL).wait().status_code())
        streams[3] = None
        show(http.get(URL + "/whole").status_code())
        streams[5].close()
        show(http.get(URL, stream=True).status_code())
        streams.clear()
        show({http.get(URL, stream=True).status_code() for _ in range(40)})
        gc.collect()
        """,
        URL=wire(by_path({"/": [head(200), b"x", HOLD], "/whole": reply(200)})).url,
    )
    assert run.ok().lines == [(89, 89), (200,), (200,), ({200},)]


@pytest.mark.parametrize("end", ["pass", "sys.exit(3)", "1 / 0"])
def test_app_ends_with_open_streams(run_app: Program, wire: WireFactory, end: str) -> None:
    server = wire([head(200), b"x", HOLD])
    run = run_app(
        f"""
        streams = [http.get(URL, stream=True) for _ in range(4)]
        requests = [http.get_async(URL, print, stream=True) for _ in range(4)]
        show([request.wait().read(1) for request in requests])
        {end}
        """,
        URL=server.url,
        timeout=5,
    )
    assert run.lines == [([b"x"] * 4,)]
    server.wait_ended(8)


def test_cancel_closes_a_stream(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        request = http.get_async(URL, show, stream=True)
        r = request.wait()
        show(request.cancel(), http.stats()["free"])
        try:
            r.read(1)
        except ValueError:
            show("closed")
        """,
        URL=wire([head(200), b"x", HOLD]).url,
    )
    assert run.ok().lines == [(False, 16), ("closed",)]


def test_callback_comes_though_its_stream_is_over(run_app: Program, wire: WireFactory) -> None:
    """wait() hands the Response over, and the app is done with it before Python is idle."""
    run = run_app(
        """
        requests = []
        for end in (lambda r: r.read(), lambda r: r.close()):
            request = http.get_async(URL, lambda r: show(r.status_code(), len(requests)), stream=True)
            requests.append(request)
            end(request.wait())
        show("main", http.stats()["free"])
        """,
        URL=wire(reply(200, b"body")).url,
    )
    assert run.ok().lines == [("main", 16), (200, 2), (200, 2)]


def test_ctrl_c_ends_a_read(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        r = http.get(URL, stream=True)
        print("reading")
        try:
            r.read(2)
        except KeyboardInterrupt:
            show(http.stats()["free"])
            r.close()
            show(http.stats()["free"])
        """,
        URL=wire([head(200), b"x", HOLD]).url,
        interrupt_at="reading",
    )
    assert run.ok().lines == [(15,), (16,)]


def test_poller_s_descriptors_come_back(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        import os
        import select

        def descriptors():
            return len(os.listdir("/proc/self/fd"))

        def use(end):
            r = http.get(URL, stream=True)
            poller = select.poll()
            poller.register(r, select.POLLIN)
            poller.poll()
            poller.unregister(r)
            end(r)

        use(lambda r: r.close())
        before = descriptors()
        for end in (lambda r: r.close(), lambda r: r.body(), lambda r: None):
            for _ in range(20):
                use(end)
        gc.collect()
        show(descriptors() - before <= 1)
        """,
        URL=wire(reply(200, b"body")).url,
    )
    assert run.shown == (True,)
