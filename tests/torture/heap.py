# SPDX-License-Identifier: MIT
"""Torture of MicroPython's heap: runs the module with only k free blocks in the heap, for k = 0, 1, ...

An app fills the heap, does one step, and frees the heap again. Then all slots must be free and the
next request must work.
"""

import subprocess
import tempfile
import time
from pathlib import Path

from support.program import Program

# One run: {setup} with heap, {act} without heap, {check} with heap again.
_APP = """
import idle

got = []


def keep(r):
    got.append(r.status_code())


def use(r):
    keep(r)
    r.body()
    r.headers()
    r.text()
    r.url()
    r.timings()


def on_data(chunk):
    pass


def on_progress(received, total):
    pass


{define}


def squeeze(k):
    # Without a new name, for that would need heap: everything here is a local.
    {setup}
    error = None
    chain = None
    link = None
    gc.collect()
    try:
        while True:
            chain = (chain,)
    except MemoryError:
        pass
    while k:
        chain = chain[0]
        k -= 1
    try:
        {act}
    except BaseException as e:
        error = e
    chain = None
    gc.collect()
    return error


failed = 0
fine = 0
k = 0
while fine < 20:
    error = squeeze(k)
    if error is None:
        fine += 1
    elif isinstance(error, (MemoryError, idle.Fault)):
        failed += 1
        fine = 0
    else:
        show("WRONG", k, repr(error))
        sys.exit(3)
    {clean}
    error = None
    try:
        idle.run()
    except MemoryError:
        show("MemoryError with an empty heap", k)
        sys.exit(3)
    gc.collect()
    if http.stats()["free"] != 16:
        show("slots", k, http.stats())
        sys.exit(3)
    r = http.get(URL)
    if r.status_code() != 200 or r.body() != b"hello":
        show("next request", k, r.status_code(), r.error())
        sys.exit(3)
    k += 1
    if k > 2000:
        show("no end")
        sys.exit(3)
show(k, failed)
"""

_OPTIONS = 'headers={"X-A": "b"}, data=b"data", timeout=5, auth=("user", "password")'
_ASYNCIO = """
import asyncio


async def several():
    a = http.get_async(URL)
    b = http.get_async(URL, keep)
    await a
    await b
"""

# name: (define, setup, act, clean)
SCENARIOS = {
    "arguments, sync": ("", "pass", f"http.post(URL, {_OPTIONS})", "pass"),
    "arguments, params and form": (
        "",
        "pass",
        'http.post(URL, params={"a": "b", "c": "d"}, form={"e": "f"})',
        "pass",
    ),
    "arguments, files": ("", "pass", 'http.post(URL, files={"a": ("name", b"content")})', "pass"),
    "arguments, json": ("", "pass", 'http.post(URL, json={"a": [1, 2, None]})', "pass"),
    "arguments, async": ("", "pass", f"http.post_async(URL, keep, {_OPTIONS})", "pass"),
    "sixteen async": ("", "pass", "for _ in range(16): http.get_async(URL, keep)", "pass"),
    "the Response, sync": ("", "pass", "use(http.get(URL))", "pass"),
    "the Response, wait()": ("", "request = http.get_async(URL)", "use(request.wait())", "request = None"),
    "the Response, polled": (
        "",
        "request = http.get_async(URL)\n"
        "    while not http._request._http.wait(request._id, 0):\n"
        "        settle(0.001)",
        "request.done(); request.status(); request.response()",
        "request = None",
    ),
    "hand-over": ("", "http.get_async(URL, keep)", "idle.run()", "pass"),
    "hand-over of sixteen": (
        "",
        "[http.get_async(URL, keep) for _ in range(16)]",
        "idle.run()",
        "pass",
    ),
    "inside the callback": ("", "http.get_async(URL, use)", "idle.run()", "pass"),
    "data and progress": (
        "",
        "pass",
        "http.get(URL, on_data=on_data, on_progress=on_progress)",
        "pass",
    ),
    "data and progress, async": (
        "",
        "http.get_async(URL, keep, on_data=on_data, on_progress=on_progress)",
        "idle.run()",
        "pass",
    ),
    "iterator": (
        "def pieces():\n    for piece in PIECES:\n        yield piece\n\n\nPIECES = b'a', 'b', b'', b'c'",
        "data = pieces()",
        "http.post(URL, data=data, on_upload_progress=on_progress)",
        "pass",
    ),
    "iterator, async": (
        "",
        "http.post_async(URL, keep, data=iter(['a', b'b']), on_upload_progress=on_progress)",
        "idle.run()",
        "pass",
    ),
    "headers of a server and of a proxy": (
        "",
        "pass",
        'http.get(URL, [("X-A", "b"), ("X-A", "c")], proxy_headers={"X-P": "q"}, stall_timeout=5)',
        "pass",
    ),
    "stream": (
        "",
        "pass",
        "r = http.get(URL, stream=True); r.read(1); r.readline(); r.read(); r.history(); r.reason()",
        "r = None",
    ),
    "stream into memory": ("", "pass", "use(http.get(URL, stream=True))", "pass"),
    "head": ("", "pass", "http.get(URL, on_head=keep)", "pass"),
    "head, async": ("", "http.get_async(URL, keep, on_head=keep)", "idle.run()", "pass"),
    "cookies": (
        "jar = http.Cookies()",
        "jar.clear()",
        "http.get(URL, cookies=jar); jar.load(jar.save()); jar.list()",
        "pass",
    ),
    "cancel_all": (
        "",
        "http.get_async(HOLD, keep); http.get_async(URL, keep)",
        "http.get_async(HOLD, keep); http.cancel_all()",  # cancel_all() needs no heap
        "http.cancel_all()",
    ),
    "asyncio": (_ASYNCIO, "loop = asyncio.new_event_loop()", "asyncio.run(several())", "http.cancel_all()"),
}


def torture_heap(binary: Path, site: str, name: str) -> tuple[int, int, float, str]:
    """Run one scenario; return the runs, the failed allocations, the seconds, and the fault if any."""
    define, setup, act, clean = SCENARIOS[name]
    code = _APP.format(define=define, setup=setup, act=act, clean=clean)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(binary, Path(folder))
        try:
            run = program(code, heap="64K", timeout=120, URL=f"{site}/cookies", HOLD=f"{site}/hold/heap")
        except (AssertionError, subprocess.SubprocessError) as error:
            return 0, 0, time.monotonic() - start, f"  {error}\n"
    seconds = time.monotonic() - start
    if run.returncode != 0 or not run.lines or len(run.lines[-1]) != 2:
        return 0, 0, seconds, f"  exit code {run.returncode}\n{run.stdout[-1000:]}{run.stderr[-1500:]}\n"
    runs, failed = run.lines[-1]
    return runs, failed, seconds, ""
