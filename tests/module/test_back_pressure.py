# SPDX-License-Identifier: MIT
"""Option on_data with an app that is slow: the transfer pauses, memory does not grow: contract section 6."""

from servers.wire import Step, WireFactory, head, numbered_bytes, reply
from support.program import Program
from support.usage_app import USAGE


class Sender:
    """Sends a body of 64 MiB and counts how much of it was sent."""

    PIECE = numbered_bytes(1 << 18)
    SIZE = 64 << 20

    def __init__(self) -> None:
        self.sent = 0

    def steps(self) -> list[Step]:
        """The reply."""
        piece: list[Step] = [self.PIECE, self._count]
        return [head(200, f"Content-Length: {self.SIZE}"), *piece * (self.SIZE // len(self.PIECE))]

    def _count(self) -> None:
        self.sent += len(self.PIECE)


def test_slow_app_makes_the_server_wait_and_no_memory_grow(run_app: Program, wire: WireFactory) -> None:
    """The buffers of the kernel hold a few MiB at most. The app takes 64 KiB at a time."""
    sender = Sender()
    server = wire(lambda request: sender.steps())
    run = run_app(
        USAGE
        + """
taken = []


def take(view):
    if not taken:
        gc.collect()
        before.extend((rss(), cpu()))
    taken.append(len(view))
    time.sleep(0.05)
    if len(taken) == 20:
        show(rss() - before[0] < 2 << 20, cpu() - before[1] < 20, max(taken) <= 64 << 10,
             sum(taken) > 1 << 20)
        request.cancel()


before = []
request = http.get_async(URL, show, on_data=take)
""",
        URL=server.url,
        heap="1M",
    )
    assert run.shown == (True, True, True, True)
    assert sender.sent < 16 << 20


def test_transfer_goes_on_after_each_pause(run_app: Program, wire: WireFactory) -> None:
    body = numbered_bytes(2 << 20)
    run = run_app(
        """
        def slow(view):
            got.extend(view)
            time.sleep(0.01)

        def done(r):
            correct = all(got[i:i + 4] == (i // 4).to_bytes(4, "big") for i in range(0, len(got), 4))
            show(r.status_code(), len(got), correct)

        got = bytearray()
        http.get_async(URL, done, on_data=slow)
        compute(0.3)
        """,
        URL=wire(reply(200, body)).url,
    )
    assert run.shown == (200, 2 << 20, True)


def test_stream_pauses_while_python_computes(run_app: Program, wire: WireFactory) -> None:
    sender = Sender()
    server = wire(lambda request: sender.steps())
    run = run_app(
        USAGE
        + """
def take(view):
    request.cancel()
    show("idle")


request = http.get_async(URL, show, on_data=take)
compute(0.2)
gc.collect()
before = cpu(), rss()
time.sleep(0.5)
show(request.status(), rss() - before[1] < 1 << 20, cpu() - before[0] < 10)
""",
        URL=server.url,
    )
    assert run.ok().lines == [("pending", True, True), ("idle",)]
    assert sender.sent < 16 << 20


def test_timeout_counts_while_a_stream_is_paused(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        def take(view):
            global size
            size += len(view)

        size = 0
        request = http.get_async(URL, lambda r: show(r.status_code(), size <= 64 << 10), on_data=take,
                                 timeout=0.3)
        compute(0.6)
        """,
        URL=wire(lambda request: Sender().steps()).url,
    )
    assert run.shown == (28, True)
