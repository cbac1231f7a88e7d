# SPDX-License-Identifier: MIT
"""The time of day, waiting, and measuring.

Times are whole seconds since 1970-01-01 00:00 UTC. A time tuple has eight ints: year, month (1 to 12), day of the
month (1 to 31), hour, minute, second, weekday (0 is Monday), day of the year (1 to 366).

Source: the SDK of the DL-7450, "time"; where it is silent, CPython.
"""

from collections.abc import Sequence
from typing import TypeAlias

TimeTuple: TypeAlias = tuple[int, int, int, int, int, int, int, int]
"""What the functions give. They take other tuples and lists of eight or nine ints too. For type checkers only."""

def time() -> int:
    """Return the seconds since 1970, a whole number."""

def time_ns() -> int:
    """Return the nanoseconds since 1970."""

def gmtime(secs: float | None = None, /) -> TimeTuple:
    """Return the time tuple of a time in UTC.

    Args:
        secs: seconds since 1970; None: now.

    Raises:
        TypeError: secs is no number.
        OverflowError: secs is out of range.
    """

def localtime(secs: float | None = None, /) -> TimeTuple:
    """Return the time tuple of a time in the time zone of DockControl.set_timezone(); for the rest as gmtime()."""

def mktime(time_tuple: Sequence[int], /) -> int:
    """Return the seconds since 1970 of a local time.

    Raises:
        TypeError: it has not eight or nine entries, or they are no ints.
        OverflowError: it is out of range.
    """

def strftime(fmt_string: str, time_tuple: Sequence[int] = ..., /) -> str:
    """Return a time as text, by a format as that of C.

    Args:
        fmt_string: `%Y-%m-%d %H:%M:%S`, for example.
        time_tuple: a local time; without it: now.

    Raises:
        TypeError: another type.
        ValueError: a number is out of range, or the format gives no text.
    """

def strptime(time_string: str, format: str = ..., /) -> TimeTuple:
    """Read a time from a text, by a format as that of C.

    Args:
        time_string: the text.
        format: without it `%a %b %d %H:%M:%S %Y`.

    Raises:
        TypeError: another type.
        ValueError: the text does not match, or there is no such day.
    """

def sleep(seconds: float, /) -> None:
    """Wait. No callback runs meanwhile: a wakeup.Timer is better."""

def sleep_ms(ms: int, /) -> None:
    """Wait for milliseconds, as sleep()."""

def sleep_us(us: int, /) -> None:
    """Wait for microseconds, as sleep()."""

def ticks_ms() -> int:
    """Return a number of milliseconds that counts up and wraps. Compare with ticks_diff()."""

def ticks_us() -> int:
    """Return a number of microseconds that counts up and wraps."""

def ticks_cpu() -> int:
    """Return a number of the finest resolution that counts up and wraps."""

def ticks_add(ticks: int, delta: int, /) -> int:
    """Return the ticks so many later, or earlier when delta is negative.

    Raises:
        OverflowError: delta is at least half of the range.
    """

def ticks_diff(ticks1: int, ticks2: int, /) -> int:
    """Return ticks1 - ticks2, also when the counter has wrapped in between."""
