# SPDX-License-Identifier: MIT
"""Rows about requests: what it costs beside `http`, and beside the original."""

import subprocess
from collections.abc import Iterator

from bench.clients import HERE, cpython
from bench.context import Bench
from bench.table import Goal, Row
from bench.web import KIB
from support.program import clean_environment

_HEAP_GOAL = Goal(24 * 1024, form=",.0f", unit=" bytes")


def requests(bench: Bench) -> Iterator[Row]:
    """requests.get() of 1 KiB beside http.get() and requests on CPython; the heap after the import."""
    url = bench.web.body(KIB)
    count = bench.measure.instructions
    for clients in bench.both[:1]:
        module = count(lambda n, c=clients: c.module("sync", url, n, 0), 100, 1100)
        here = count(lambda n, c=clients: c.module("compat_requests", url, n), 100, 600)
        session = count(lambda n, c=clients: c.module("compat_session", url, n), 100, 600)
        original = count(lambda n: cpython("requests_get", url, n), 20, 120, runs=1)
        figures = {"module": f"{here / 1000:,.1f} k", "requests": f"{original / 1000:,.1f} k"}
        yield Row("requests.get() of 1 KiB: instructions / http.get()", here / module, Goal(2.50), figures)
        yield Row(
            "requests.get() of 1 KiB: instructions / CPython's requests", here / original, Goal(0.10), figures
        )
        figures = {"module": f"{session / 1000:,.1f} k"}
        yield Row(
            "Session.get() of 1 KiB: instructions / http.get()",
            session / module,
            Goal(0),
            figures,
            judged=False,
        )
    command = [bench.machine.program, HERE / "apps/compat_heap.py"]
    run = subprocess.run(command, check=True, capture_output=True, text=True, env=clean_environment())
    yield Row("import requests: heap", float(run.stdout), _HEAP_GOAL)
