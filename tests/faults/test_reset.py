# SPDX-License-Identifier: MIT
"""A reply of 4 KiB, cut at each of its bytes: the connection is closed or reset there."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from servers.wire import CLOSE, RESET, Ending, chunked, head, numbered_bytes
from support.fault import LONG_DEADLINE, Fault
from support.program import Program

FAULTS = {
    "closed at each byte of the status line": Fault([], 52),
    "closed at each later byte": Fault([], 18),
    "reset at each byte": Fault([], 56),
}
_DEADLINE = 3 * LONG_DEADLINE  # seconds, for each of a thousand requests; all together take less
_COUNTED, _CHUNKED = "Content-Length", "chunks"
_BODY = numbered_bytes(4096)


def _replies() -> dict[str, tuple[bytes, bytes]]:
    """A reply of 4 KiB with this framing, and its body."""
    top = head(200, "Content-Length: 4040", "X-A: b")
    body = _BODY[:4040]
    chunks = [_BODY[start : start + 100] for start in range(0, 3800, 100)]
    coded = head(200, "Transfer-Encoding: chunked") + chunked(*chunks, trailer="X-Trailer: c\r\n")
    return {_COUNTED: (top + body, body), _CHUNKED: (coded, b"".join(chunks))}


@contextmanager
def cutter(whole: bytes, ending: Ending) -> Iterator[int]:
    """A port whose answer to /N is the first N bytes, and then the end of the connection."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def answer(conn: socket.socket) -> None:
        conn.settimeout(5)
        request = conn.recv(4096)  # the request is small and comes in one piece
        assert request.endswith(b"\r\n\r\n")
        conn.sendall(whole[: int(request.split()[1][1:])])
        if ending is RESET:
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def serve() -> None:
        while True:
            try:
                conn, _ = listener.accept()
            except OSError:
                return
            with conn:
                answer(conn)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


# Each position once, 16 requests at a time.
_APP = """
import idle
import os


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def done(position, r):
    body = bytes(r.body())
    outcomes[position].append((r.status_code(), len(body) if BODY.startswith(body) else "other bytes"))
    next_one()


def next_one():
    position = next(positions, None)
    if position is not None:
        http.get_async(URL % position, lambda r: done(position, r), timeout=TIMEOUT)


http.get(URL % 0)
before = descriptors()
started = time.ticks_ms()
positions = iter(range(SIZE))
outcomes = [[] for _ in range(SIZE)]
for _ in range(16):
    next_one()
idle.run()
left = descriptors() - before
seconds = time.ticks_diff(time.ticks_ms(), started) / 1000
for position in range(SIZE):
    show(position, *outcomes[position])
r = http.get(URL % SIZE)
show(r.status_code(), r.body() == BODY, http.stats()["in_flight"], left, seconds)
"""


def _test_cut(run_app: Program, framing: str, ending: Ending) -> list[tuple[int, int]]:
    """Cut the reply at each byte; returns status and body size for each."""
    whole, body = _replies()[framing]
    with cutter(whole, ending) as port:
        url = f"http://127.0.0.1:{port}/%d"
        run = run_app(_APP, URL=url, SIZE=len(whole), BODY=body, TIMEOUT=_DEADLINE, timeout=2 * _DEADLINE)
    *cuts, after = run.ok().lines
    assert [position for position, *_ in cuts] == list(range(len(whole)))
    assert after[:3] == (200, True, 0)
    assert after[3] <= 16  # connections that libcurl keeps: nothing looks wrong yet
    assert after[4] < _DEADLINE  # for all requests together: no request waited until its deadline
    outcomes = [outcome for _, outcome in cuts]  # one for each position
    for position, (_, length) in enumerate(outcomes):
        assert length <= max(0, position - whole.index(b"\r\n\r\n") - 4), position
    return outcomes


@pytest.mark.parametrize("framing", [_COUNTED, _CHUNKED])
def test_closed_at_each_byte(run_app: Program, framing: str) -> None:
    outcomes = _test_cut(run_app, framing, CLOSE)
    whole, body = _replies()[framing]
    statuses = [status for status, _ in outcomes]
    line = whole.index(b"\r\n") + 2
    assert set(statuses[:line]) == {FAULTS["closed at each byte of the status line"].status}
    assert set(statuses[line:-1]) == {FAULTS["closed at each later byte"].status}
    # libcurl does not need the last line feed after the last chunk.
    assert outcomes[-1] in [(18, len(body) - 1), (18, len(body)), (200, len(body))]


@pytest.mark.parametrize("framing", [_COUNTED, _CHUNKED])
def test_reset_at_each_byte(run_app: Program, framing: str) -> None:
    outcomes = _test_cut(run_app, framing, RESET)
    assert {status for status, _ in outcomes} == {FAULTS["reset at each byte"].status}
