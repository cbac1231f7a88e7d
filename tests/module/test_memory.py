# SPDX-License-Identifier: MIT
"""Memory: large bodies, small heaps, nothing leaks; and pitfall 47 under valgrind."""

import pytest
from servers.nginx import Nginx
from servers.wire import CLOSE, HOLD, WireFactory, head, in_order, numbered_bytes, reply
from support.program import Program

_RSS = """
def rss():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096


"""


def test_12_mib_body_needs_no_option(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        r = http.get(URL + "/12m")
        expected = bytearray(12 << 20)
        with open(ROOT + "/12m", "rb") as f:
            f.readinto(expected)
        show(r.status_code(), len(r.body()), r.body() == expected)
        """,
        URL=web.http,
        ROOT=str(web.root),
    )
    assert run.shown == (200, 12 << 20, True)


@pytest.mark.parametrize("how", ["http.get(URL + '/1m')", "http.get_async(URL + '/1m').wait()"])
def test_memoryerror_for_the_body_leaves_the_engine_usable(run_app: Program, web: Nginx, how: str) -> None:
    run = run_app(
        f"""
        r = {how}
        show(r.status_code(), r.header("content-length"))
        for _ in range(2):
            try:
                r.body()
            except MemoryError:
                show("MemoryError")
        r = None
        for _ in range(3):
            r = http.get(URL + "/1k")
            show(r.status_code(), len(r.body()), http.stats()["free"])
        """,
        URL=web.http,
        heap="256K",
    )
    assert run.ok().lines == [
        (200, str(1 << 20)),
        ("MemoryError",),
        ("MemoryError",),
        *[(200, 1 << 10, 16)] * 3,
    ]


def test_memoryerror_in_a_callback_is_an_app_fault(run_app: Program, web: Nginx) -> None:
    run = run_app("http.get_async(URL + '/1m', lambda r: r.body())", URL=web.http, heap="256K")
    assert run.returncode == 1
    assert "MemoryError" in run.stderr


def test_memoryerror_for_the_data_takes_no_slot(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        blocks = []
        _ = None  # a new name later would need heap
        try:
            while True:
                blocks.append(bytes(100))
        except MemoryError:
            pass
        for _ in range(40):
            try:
                http.get_async(URL + "/1k", data=b"x" * 50)
            except MemoryError:
                pass
        blocks = None
        http.cancel_all()
        gc.collect()
        show(http.get(URL + "/1k").status_code(), http.stats()["free"])
        """,
        URL=web.http,
        heap="256K",
    )
    assert run.shown == (200, 16)


def test_bodies_stay_out_of_the_heap_until_the_app_asks(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        responses = [http.get(URL + "/1m") for _ in range(8)]
        show({r.status_code() for r in responses}, gc.mem_free() > 0)
        """,
        URL=web.http,
        heap="256K",
    )
    assert run.shown == ({200}, True)


def test_16_pending_bodies_with_a_heap_of_256_kib(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(200, numbered_bytes(50_000)))
    run = run_app(
        """
        def done(r):
            lengths.append(len(r.body()))
            if len(lengths) == 64:
                show(set(lengths))
            elif len(lengths) <= 48:
                http.get_async(URL, done)

        lengths = []
        for _ in range(16):
            http.get_async(URL, done)
        """,
        URL=server.url,
        heap="256K",
    )
    assert run.shown == ({50_000},)


@pytest.mark.needs("memory")
@pytest.mark.parametrize("use", ["pass", "r.body()", "r.headers()"])
def test_dropped_responses_give_their_memory_back(run_app: Program, web: Nginx, use: str) -> None:
    """300 MiB of bodies: the collector must run, although it does not own their memory."""
    run = run_app(
        _RSS
        + f"""
for _ in range(300):
    r = http.get(URL + "/1m")
    {use}
show(rss() >> 20)
""",
        URL=web.http,
    )
    assert run.shown[0] < 120


@pytest.mark.needs("memory")
def test_cancelled_requests_give_their_memory_back(run_app: Program, wire: WireFactory) -> None:
    server = wire([head(200), bytes(1 << 20), HOLD])
    run = run_app(
        _RSS
        + """
for _ in range(100):
    request = http.get_async(URL, None, {"X-A": "b" * 1000}, bytes(100000))
    request.wait(0.01)
    request.cancel()
show(rss() >> 20, http.stats()["free"])
""",
        URL=server.url,
    )
    used, free = run.shown
    assert used < 120
    assert free == 16


@pytest.mark.needs("memory")
def test_3000_requests_leak_no_file_descriptor_and_no_memory(run_app: Program, web: Nginx) -> None:
    run = run_app(
        _RSS
        + """
import os


def fds():
    return len(os.listdir("/proc/self/fd"))


def done(r):
    global left
    if r.status_code() != 200:
        show(r.status_code())
    if left:
        left -= 1
        http.get_async(URL + "/1k", done, {"X-A": "b"})
    else:
        finished.append(1)
        if len(finished) == 16:
            show(fds() - before[0] <= 32, (rss() - before[1]) >> 20)


def round():
    global left, finished
    finished = []
    left = ROUND - 16
    for _ in range(16):
        http.get_async(URL + "/1k", done)


import idle
ROUND = 1500  # requests, until the heap was full once
before = fds(), 1 << 40
round()
idle.run()
gc.collect()
before = fds(), rss()
ROUND = 1500
round()
""",
        URL=web.http,
    )
    first, second = run.ok().lines
    assert first[0]
    assert second[0]
    assert second[1] <= 8  # MiB; an emulator that runs the program counts too


def test_requests_over_new_connections_leak_no_file_descriptor(
    run_app: Program, wire: WireFactory, refused_url: str
) -> None:
    server = wire([head(200) + b"x", CLOSE])
    run = run_app(
        """
        import os
        http.get(URL)
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(60):
            http.get(URL)
            http.get_async(URL).wait()
            http.get(REFUSED)
            http.get_async(URL).cancel()
        show(len(os.listdir("/proc/self/fd")) - before)
        """,
        URL=server.url,
        REFUSED=refused_url,
    )
    assert run.shown[0] <= 8


# MicroPython's collector reads uninitialised memory on purpose: only invalid reads and writes count.
_VALGRIND = ("valgrind", "-q", "--error-exitcode=99", "--undef-value-errors=no")


@pytest.mark.needs("valgrind")
@pytest.mark.parametrize("how", ["http.get(URL)", "http.get_async(URL).wait()"])
def test_reply_that_starts_with_a_fold_after_one_with_headers_reads_no_freed_memory(
    run_app: Program, wire: WireFactory, how: str
) -> None:
    """libcurl before 8.1.0 kept a pointer to the last header of the handle's previous transfer."""
    fold = b"HTTP/1.1 200 OK\r\n folded: first\r\nContent-Length: 0\r\n\r\n"
    server = wire(in_order(reply(200, b"", "X-A: 1", "X-B: 2"), fold, reply(200, b"", "X-C: 3")))
    run = run_app(
        f"""
        codes = []
        for _ in range(3):
            codes.append(({how}).status_code())
        show(codes)
        """,
        URL=server.url,
        wrapper=_VALGRIND,
        timeout=100,
    )
    (codes,) = run.shown
    assert (codes[0], codes[2]) == (200, 200)
    assert codes[1] < 100 or codes[1] == 200  # versions of libcurl differ


@pytest.mark.needs("valgrind")
def test_busy_app_reads_and_writes_no_freed_memory(run_app: Program, wire: WireFactory) -> None:
    server = wire(
        lambda request: {
            "/hop": reply(302, b"hop", "Location: /"),
            "/cut": [head(200, "Content-Length: 9", "X-A: 1") + b"abc", CLOSE],
        }.get(request.target, reply(200, bytes(5000), "X-A: 1", " folded", "X-a: 2"))
    )
    run = run_app(
        """
        def done(r):
            gc.collect()
            results.append((r.status_code(), len(r.body()), len(r.headers())))

        results = []
        for path in ("/", "/hop", "/cut") * 6:
            http.post_async(URL + path, done, {"X-A": "b"}, b"x" * 5000)
        http.get_async(URL, show).cancel()
        http.get_async(URL + "/hop").wait(0.05)
        for path in "/", "/hop", "/cut":
            http.get(URL + path).text()
        import idle
        idle.run()
        show(len(results))
        raise RuntimeError
        """,
        URL=server.url,
        wrapper=_VALGRIND,
        timeout=100,
    )
    assert run.returncode == 1
    assert run.lines == [(18,)]
    assert "Invalid" not in run.stderr


def test_request_that_was_waited_for_is_not_kept_until_python_is_idle(
    run_app: Program, wire: WireFactory
) -> None:
    """Its callback, if it has one, is. Twenty bodies are 1 MB; the collector looks at the C stack
    word by word, so a stale pointer there may keep one or two of them."""
    run = run_app(
        """
        def heap():
            gc.collect()
            return gc.mem_alloc()


        http.get_async(URL).wait().body()
        before = heap()
        for _ in range(20):
            size = len(http.get_async(URL).wait().body())
        show(size, heap() - before < 200_000)
        http.get_async(URL, lambda r: show(r.status_code())).wait()
        show(http.stats()["free"])
        """,
        URL=wire(lambda request: reply(200, b"x" * 50_000)).url,
    )
    assert run.ok().lines == [(50_000, True), (16,), (200,)]
