# SPDX-License-Identifier: MIT
"""A poll of a server that goes on as long as the app runs.

modules/feed/README.md says how it behaves: when it asks, what it does after failures, and what a server may ask of it.

Source: this project; RFC 9110 and RFC 9111.
"""

import http
from collections.abc import Callable
from typing import Literal, Self, TypeAlias

from http._options import Headers, Options
from typing_extensions import Unpack

State: TypeAlias = Literal["waiting", "fetching", "good", "stale", "stopped"]
"""What Feed.state() gives. For type checkers only."""

class _Options(Options, total=False):
    headers: Headers | None
    on_head: Callable[[http.Response], object] | None
    on_progress: Callable[[int, int], object] | None

class Feed:
    """Asks a server again and again, and tells the app what is new.

    Args:
        url: http:// or https://.
        on_change: called with the Response when Python is idle, with new content only.
        every: seconds from an answer to the next question. What the server says may lengthen it.
        on_stale: called once with the seconds, when nothing good came for stale_after. It needs stale_after.
        on_error: called when error() has another text, also with "" when all is well again.
        stale_after: seconds.
        file: path in which the last good content survives a restart.
        check: called with the Response; it refuses the content with a ValueError.
        jitter: each dock waits longer than every by its own part of this share of it.
        first_within: seconds; the first question comes at a place within them.
        retry_first: seconds: the longest wait after one failure.
        retry_most: seconds: the longest wait after many failures.
        options: those of http.get(), without stream and on_data.

    Raises:
        TypeError: a wrong type, or an unknown option.
        ValueError: a number that is not positive, or on_stale without stale_after.
    """

    def __init__(
        self,
        url: str,
        on_change: Callable[[http.Response], object] | None = None,
        every: float = 60,
        *,
        on_stale: Callable[[float], object] | None = None,
        on_error: Callable[[str], object] | None = None,
        stale_after: float | None = None,
        file: str | None = None,
        check: Callable[[http.Response], object] | None = None,
        jitter: float | None = 0.1,
        first_within: float | None = None,
        retry_first: float = 5,
        retry_most: float = 600,
        **options: Unpack[_Options],
    ) -> None: ...
    def __aiter__(self) -> Self: ...
    async def __anext__(self) -> http.Response: ...
    def refresh(self) -> None:
        """Ask now."""

    def stop(self) -> None:
        """End it. No callback runs afterwards."""

    def last(self) -> http.Response | None:
        """Return the last good Response, or None."""

    def age(self) -> float | None:
        """Return the seconds since the content was known to be good; None if there is none."""

    def state(self) -> State:
        """Tell what it does: "waiting", "fetching", "good", "stale" or "stopped"."""

    def error(self) -> str:
        """Return why there is nothing newer, in one line; "" if all is well."""
