# SPDX-License-Identifier: MIT
"""What the tests of iterators as data share: four ways to wait for a Response r, and iterators."""

import pytest
from servers.wire import Request, reply

HOW = pytest.mark.parametrize(
    "how",
    [
        "r = http.post(URL, {})",
        "r = http.post_async(URL, None, {}).wait()",
        "rs = []; http.post_async(URL, rs.append, {}); import idle; idle.run(); r, = rs",
        "r = wait_in_a_task(http.post_async(URL, None, {}))",
    ],
    ids=["sync", "wait", "idle", "task"],
)

APP = """
import asyncio


def wait_in_a_task(request):
    async def main():
        return await request

    return asyncio.run(main())


def count(n, size=3):
    for i in range(n):
        gc.collect()
        yield b"%d" % i * size


class Iterator:
    def __init__(self, *pieces):
        self.pieces = list(pieces)

    def __next__(self):
        if not self.pieces:
            raise StopIteration
        return self.pieces.pop(0)


class Iterable:
    def __init__(self, *pieces):
        self.pieces = pieces

    def __iter__(self):
        return iter(self.pieces)


"""


def ok(request: Request) -> bytes:
    """The reply to any request."""
    return reply(200, b"ok")
