# SPDX-License-Identifier: MIT
"""The heap that a package takes when an app imports it."""

import pytest
from support.program import Program

# Bytes of MicroPython's heap.
MOST = {
    "import requests": 24 * 1024,
    "from kivy.network.urlrequest import UrlRequest": 5 * 1024,
    "from cefpython3 import cefpython": 8 * 1024,
}


@pytest.mark.parametrize("statement", MOST)
def test_import_takes_little_heap(run_app: Program, statement: str) -> None:
    app = f"""
        gc.collect()
        before = gc.mem_alloc()
        {statement}
        gc.collect()
        show(gc.mem_alloc() - before)
    """
    (heap,) = run_app(app).shown
    assert heap <= MOST[statement]
