# SPDX-License-Identifier: MIT
"""MemoryErrors while a request starts, ends or is handed over; `make torture` tries many more."""

from servers.wire import HOLD, WireFactory, reply
from support.program import Program

# attempt(k, act) calls act with at most k free blocks in the heap; returns its MemoryError or None. What
# fills the heap hangs on a list and not on each other: the garbage collector takes an old pointer on the C
# stack for a reference, and that must not keep all of it.
_ATTEMPT = """
gc.collect()
filling = [None] * (gc.mem_free() // 32)


def attempt(k, act):
    error = None
    blocks = 0
    gc.collect()
    try:
        while True:
            filling[blocks] = (blocks,)
            blocks += 1
    except MemoryError:
        pass
    for i in range(max(0, blocks - k), blocks):
        filling[i] = None
    try:
        act()
    except MemoryError as e:
        error = e
    for i in range(blocks):
        filling[i] = None
    return error


got = []
"""


def test_memoryerror_at_hand_over_frees_the_slot(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        _ATTEMPT
        + """
raised = 0
for k in range(40):
    request = http.get_async(URL, got.append)
    while not http._request._http.wait(request._id, 0):
        settle(0.001)
    if attempt(k, http.dispatch):
        raised += 1
        if http.stats()["free"] == 15:
            http.dispatch()  # the event itself is still there
    assert http.stats()["free"] == 16, k
    assert request.status() == ("success" if request.response() else "canceled"), k
show(raised > 0, len(got) > 0, bool(http._request._live))
""",
        URL=wire(reply(200, b"hello")).url,
        heap="64K",
    )
    assert run.shown == (True, True, False)


def test_memoryerror_while_a_request_starts_leaves_none_pending(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        _ATTEMPT
        + """
def start():
    for _ in range(16):
        http.get_async(URL)


raised = 0
for k in range(250):
    http._request._live.clear()  # that it has to grow, too
    before = http.stats()["submitted"]
    if attempt(k, start):
        raised += 1
    assert http.stats()["in_flight"] == len(http._request._live), k
    http.cancel_all()
    assert http.stats()["free"] == 16, k
show(raised > 0)
""",
        URL=wire([HOLD]).url,
        heap="64K",
    )
    assert run.shown == (True,)


def test_memoryerror_before_on_data_loses_no_byte(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        _ATTEMPT
        + """
count = [0]


def take(data):
    count[0] += len(data)


raised = 0
for k in range(40):
    count[0] = 0
    request = http.get_async(URL, on_data=take)
    while not http._request._http.wait(request._id, 0):
        settle(0.001)
    if attempt(k, request.wait):
        raised += 1
    assert request.wait().status_code() == 200, k
    assert count[0] == 5, k
show(raised > 0)
""",
        URL=wire(reply(200, b"hello")).url,
        heap="64K",
    )
    assert run.shown == (True,)


def test_memoryerror_in_done_does_not_lose_the_response(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        _ATTEMPT
        + """
raised = 0
for k in range(40):
    request = http.get_async(URL)
    while not http._request._http.wait(request._id, 0):
        settle(0.001)
    if attempt(k, request.done):
        raised += 1
    assert request.done(), k
    got.append(request.response().status_code())
    http.cancel_all()
show(raised > 0, set(got))
""",
        URL=wire(reply(200, b"hello")).url,
        heap="64K",
    )
    assert run.shown == (True, {200})


def test_cancel_all_needs_no_heap(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        _ATTEMPT
        + """
for _ in range(16):
    http.get_async(URL, got.append)
show(attempt(0, http.cancel_all), http.stats()["free"], bool(http._request._live))
""",
        URL=wire([HOLD]).url,
        heap="64K",
    )
    assert run.shown == (None, 16, False)


def test_jar_that_finds_no_heap_for_its_text_keeps_its_cookies(run_app: Program) -> None:
    run = run_app(
        _ATTEMPT
        + """
jar = http.Cookies()
jar.load("127.0.0.1\\tFALSE\\t/\\tFALSE\\t0\\tname\\t" + "x" * 3000)
text = jar.save()
raised = 0
for k in range(0, 1200, 40):
    if attempt(k, lambda: got.append(jar.save() == text)):
        raised += 1
show(raised > 0, set(got), jar.save() == text)
""",
        heap="64K",
    )
    assert run.shown == (True, {True}, True)
