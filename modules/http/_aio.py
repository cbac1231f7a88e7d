# SPDX-License-Identifier: MIT
"""Support for asyncio. This module does not import asyncio: only apps that use it need its memory."""

import sys

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Iterable
    from typing import Any


def new_event() -> Any:
    __import__("_loop").attach()
    return __import__("asyncio.event").Event()


def cancelled_error() -> Any:
    return sys.modules["asyncio.core"].CancelledError


async def gather(
    items: Iterable[Any], limit: int = 8, return_exceptions: bool = False, **options: Any
) -> list[Any]:
    """Await many things, at most `limit` at a time. Returns the list of results, in the order of items.

    items: iterable of URLs (str), each of which is get_async(url, **options), or of what can be awaited.
    limit: int, at least 1. The app's other requests count too: the 17th at a time is status 89.
    return_exceptions: as that of asyncio.gather(): False raises the first exception at once, while the
        others go on; True puts exceptions into the list. Cancelling gather() cancels what is awaited, and
        starts no more.
    """
    if isinstance(items, str):
        raise TypeError("items must be a list of URLs or awaitables")
    if not isinstance(limit, int):
        raise TypeError("limit must be an int")
    if limit < 1:
        raise ValueError("limit must be at least 1")
    results = list(items)
    for item in results:
        if not isinstance(item, str) and not hasattr(item, "send") and not hasattr(item, "coro"):
            raise TypeError("items: %r is neither a URL nor can it be awaited" % (item,))
    todo = iter(range(len(results)))
    failed = False

    async def work() -> None:
        nonlocal failed
        for i in todo:
            try:
                item = results[i]
                results[i] = await (http.get_async(item, **options) if isinstance(item, str) else item)
            except (Exception, asyncio.CancelledError) as e:
                if not return_exceptions:
                    if failed:
                        continue  # as asyncio.gather(), which raises only the first one
                    failed = True
                    raise
                results[i] = e

    http = sys.modules["http"]
    asyncio = __import__("asyncio")
    workers = [work() for _ in range(min(limit, len(results)))]
    try:
        await asyncio.gather(*workers)
    except asyncio.CancelledError:
        if not failed:  # it is gather() that is cancelled, not an item
            for _ in todo:
                pass
        raise
    return results
