# SPDX-License-Identifier: MIT
"""Random expressions of the SDK's Python: dates, formats and digests. The same seed gives the same ones."""

from collections.abc import Callable
from random import Random

Case = Callable[[Random], str]

# Edges, where implementations differ.
_YEARS = (1, 2, 4, 100, 400, 1899, 1900, 1969, 1970, 1999, 2000, 2024, 2038, 2100, 9998, 9999)
_LENGTHS = (0, 1, 55, 56, 57, 63, 64, 65, 111, 112, 119, 120, 127, 128, 129, 200)
_FRACTIONS = (0, 0, 1, 999, 1000, 123000, 123456, 500000, 999999)


def _numbers(r: Random, year: int | None = None, wrong: float = 0.03) -> list[int]:
    """Year, month, day, hour, minute, second, microsecond; now and then one is out of range."""
    numbers = [
        year or (r.choice(_YEARS) if r.random() < 0.3 else r.randint(1, 9999)),
        r.randint(1, 12),
        r.randint(1, 28) if r.random() < 0.8 else r.randint(28, 31),
        r.choice((0, 1, 12, 23, r.randint(0, 23))),
        r.choice((0, 59, r.randint(0, 59))),
        r.choice((0, 59, r.randint(0, 59))),
        r.choice((*_FRACTIONS, r.randint(0, 999999))),
    ]
    if r.random() < wrong:
        numbers[r.randrange(7)] = r.choice((-1, 0, 13, 24, 32, 60, 10000, 1000000))
    return numbers


def _joined(values: list[int]) -> str:
    return ", ".join(map(str, values))


def _duration(r: Random) -> str:
    names = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
    arguments = []
    for name in r.sample(names, r.randint(0, 3)):
        value = r.choice((0, 1, -1, r.randint(-1000, 1000), r.randint(-100000, 100000), 0.5, -2.5, 1e-6))
        if r.random() < 0.3:
            value = r.randint(-(10**6), 10**6) / r.choice((2, 8, 10, 64, 1000))
        arguments.append(f"{name}={value!r}")
    return f"timedelta({', '.join(arguments)})"


def _zone(r: Random, absent: float = 0.3) -> str:
    if r.random() < absent:
        return "None"
    seconds = r.choice((3600, -3600, 19800, -12600, 50400, 86399, -86399, r.randint(-86400, 86400)))
    name = r.choice(("", "", ", 'Zone'"))
    return r.choice(("utc", f"timezone(timedelta(seconds={seconds}){name})"))


def _date(r: Random, wrong: float = 0.03) -> str:
    return f"date({_joined(_numbers(r, wrong=wrong)[:3])})"


def _clock(r: Random) -> str:
    fold = r.choice(("", "", ", fold=1"))
    return f"time({_joined(_numbers(r)[3:])}, tzinfo={_zone(r)}{fold})"


def _datetime(r: Random, absent: float = 0.5) -> str:
    fold = r.choice(("", "", ", fold=1"))
    return f"datetime({_joined(_numbers(r))}, tzinfo={_zone(r, absent)}{fold})"


def _compared(r: Random, kind: Case) -> str:
    one = kind(r)
    other = one if r.random() < 0.2 else kind(r)
    return f"({one}) {r.choice(('==', '!=', '<', '<=', '>', '>='))} ({other})"


def _iso_text(r: Random) -> str:
    """A text for fromisoformat(), right or almost so."""
    year, month, day, hour, minute, second, micro = _numbers(r, wrong=0)
    if r.random() < 0.05:
        month, hour = 13, 25
    colon = r.choice((":", ":", ""))
    clock = colon.join(f"{n:02d}" for n in (hour, minute, second)[: r.randint(1, 3)])
    if clock.count(":") == 2 or len(clock) == 6:
        clock += r.choice(("", f".{micro:06d}", f",{micro:06d}", f".{micro % 1000:03d}", ".1234567"))
    clock += r.choice(("", "", "Z", "+00:00", "+01:00", "-0330", "+05:30:15", "-23:59:59.999999", "+1"))
    day_text = r.choice((f"{year:04d}-{month:02d}-{day:02d}", f"{year:04d}{month:02d}{day:02d}"))
    kind = r.choice(("date", "time", "datetime", "datetime"))
    text = {"date": day_text, "time": clock, "datetime": day_text + r.choice("T ") + clock}[kind]
    if r.random() < 0.05:
        text = text[:-1]
    return f"{kind}.fromisoformat({text!r})"


def _all(value: str, *names: str) -> str:
    return ", ".join(f"{value}.{name}" for name in names)


_ORDINALS = (0, 1, 3652059, 3652060)
_TIMESPECS = ("auto", "hours", "minutes", "seconds", "milliseconds", "microseconds", "days")

DATES: tuple[Case, ...] = (
    _date,
    _clock,
    _datetime,
    _duration,
    _iso_text,
    lambda r: f"str({r.choice((_date, _clock, _datetime, _duration, _zone))(r)})",
    lambda r: f"hash({_date(r)}) == hash({_date(r)})",
    lambda r: _compared(r, r.choice((_date, _clock, _datetime, _duration))),
    lambda r: f"{_date(r)} {r.choice('+-')} {_duration(r)}",
    lambda r: f"{_datetime(r)} {r.choice('+-')} {_duration(r)}",
    lambda r: f"{_duration(r)} + {r.choice((_date, _datetime, _duration))(r)}",
    lambda r: f"{_date(r)} - {_date(r)}",
    lambda r: f"{_datetime(r)} - {_datetime(r)}",
    lambda r: f"{_duration(r)} {r.choice(('+', '-', '//', '%'))} {_duration(r)}",
    lambda r: f"divmod({_duration(r)}, {_duration(r)})",
    lambda r: f"{_duration(r)} {r.choice('*/')} {r.choice((0, 1, -3, 7, 0.5, 2.5, -0.1, 1e-7, 12345.678))!r}",
    lambda r: f"{r.randint(-9, 9)} * {_duration(r)}, -{_duration(r)}, abs({_duration(r)})",
    lambda r: f"{_duration(r)} // {r.randint(-9, 9)}",
    lambda r: f"round({_duration(r)}.total_seconds() * 1e6), bool({_duration(r)})",
    lambda r: _all(_duration(r), "days", "seconds", "microseconds"),
    lambda r: _all(r.choice((_date, _datetime))(r), "weekday()", "isoweekday()", "toordinal()"),
    lambda r: f"tuple({r.choice((_date, _datetime))(r)}.timetuple())",
    lambda r: (
        f"{r.choice(('date', 'datetime'))}.fromordinal({r.choice((*_ORDINALS, r.randint(1, 3652059)))})"
    ),
    lambda r: _all(_datetime(r), "year", "month", "day", "hour", "minute", "second", "microsecond", "fold"),
    lambda r: f"{_date(r)}.replace({r.choice(('year=4', 'month=2', 'day=30', 'month=2, day=28', ''))})",
    lambda r: (
        f"{_clock(r)}.replace({r.choice(('hour=23', 'minute=60', 'tzinfo=None', 'tzinfo=utc, fold=1'))})"
    ),
    lambda r: f"{_datetime(r)}.replace({r.choice(('year=4', 'day=30', 'hour=5', 'tzinfo=utc', 'fold=1'))})",
    lambda r: f"{_clock(r)}.isoformat({r.choice(_TIMESPECS)!r})",
    lambda r: f"{_datetime(r)}.isoformat({r.choice((' ', 'T', '_'))!r}, {r.choice(_TIMESPECS)!r})",
    lambda r: _all(r.choice((_clock, _datetime))(r), "utcoffset()", "dst()", "tzname()"),
    lambda r: _all(_datetime(r), "date()", "time()", "timetz()"),
    lambda r: f"datetime.combine({_date(r)}, {_clock(r)}{r.choice(('', ', None', ', utc'))})",
    lambda r: f"{_datetime(r, 0)}.astimezone({_zone(r, 0)})",
)


def _moment(r: Random) -> int | float:
    """Seconds since 1970, no less: glibc applies the rules of a TZ from then on.

    Half of them are near the change of clocks of some year.
    """
    if r.random() < 0.5:
        march = 1711846800 + r.randint(-50, 20) * 31557600
        return march + r.choice((0, 18316800)) + r.randint(-200000, 200000)
    return r.choice((r.randint(10**5, 4 * 10**9), r.randint(10**5, 2**31) + r.choice((0.5, 0.25, 0.999999))))


def _clear(r: Random) -> int:
    """As _moment(), but in hours of the day in which no zone changes its clocks."""
    return r.randint(10, 40000) * 86400 + r.randint(17 * 3600, 20 * 3600)


LOCAL: tuple[Case, ...] = (
    lambda r: f"date.fromtimestamp({_moment(r)!r})",
    lambda r: f"datetime.fromtimestamp({_moment(r)!r})",
    lambda r: f"datetime.fromtimestamp({_moment(r)!r}, {_zone(r, 0)})",
    lambda r: _all(f"datetime.fromtimestamp({_moment(r)!r}, utc).astimezone()", "isoformat()", "tzname()"),
    lambda r: f"localtime({_moment(r)!r})",
    lambda r: f"gmtime({r.randint(-(6 * 10**10), 2 * 10**11)})",
    lambda r: f"mktime(localtime({_clear(r)}))",
    lambda r: f"mktime({(*_numbers(r, r.randint(1971, 2090), wrong=0)[:6], 0, 1)!r})",
    lambda r: f"local_strftime('%d %H:%M:%S %z %Z', {_clear(r)})",
)

# What glibc and musl have, and CPython's strptime() too.
_PARSED = (
    "%Y-%m-%d",
    "%d.%m.%y",
    "%j %Y",
    "%d %b %Y",
    "%B %d, %Y",
    "%a %b %d %H:%M:%S %Y",
    "%A %d %B %Y",
    "%m/%d/%y",
)
_PARSED_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M:%S %p", "%H%M%S", "%S")
_WRITTEN = (*"aAbBcCdDeFgGhHIjmMnprRStTuUVwWxXyY", "%")


def _entries(r: Random, wrong: float) -> str:
    # Four digits: glibc writes smaller years with fewer.
    _, month, day, hour, minute, second, _ = _numbers(r, wrong=wrong)
    year = r.randint(1000, 9999)
    weekday, yearday = r.randint(0, 6), r.randint(1, 366)
    return repr((year, month, day, hour, minute, second, weekday, yearday))


def _written(r: Random) -> str:
    text = r.choice(("", " ", "é ", "at ")).join(f"%{r.choice(_WRITTEN)}" for _ in range(r.randint(0, 6)))
    return f"strftime({text!r}, {_entries(r, wrong=0.03)})"


def _parsed(r: Random) -> str:
    form = r.choice((r.choice(_PARSED), r.choice(_PARSED_CLOCKS)))
    if r.random() < 0.4 and "%S" not in form and "%M" not in form:
        form += r.choice((" ", "T")) + r.choice(_PARSED_CLOCKS)
    moment = r.randint(-5 * 10**8, 3 * 10**9)
    text = f"strftime({form!r}, gmtime({moment}))"
    if r.random() < 0.05:
        text = r.choice((f"{text} + ' '", f"{text} + 'x'", f"'x' + {text}"))
    return f"strptime({text}, {form!r})"


FORMATS: tuple[Case, ...] = (_written, _parsed)


def _pieces(r: Random) -> str:
    lengths = [r.choice((*_LENGTHS, r.randint(0, 300))) for _ in range(r.randint(1, 3))]
    return ", ".join(f"data({r.randint(1, 10**6)}, {length})" for length in lengths)


_HASHES = ("md5", "sha1", "sha256")
DIGESTS: tuple[Case, ...] = (
    lambda r: f"digest({r.choice(_HASHES)!r}, {_pieces(r)})",
    lambda r: f"mac({r.choice(_HASHES)!r}, data({r.randint(1, 10**6)}, {r.choice(_LENGTHS)}), {_pieces(r)})",
)


def expressions(cases: tuple[Case, ...], number: int, seed: int) -> list[str]:
    """Return so many expressions, of each kind the same number."""
    r = Random(seed)
    return [cases[i % len(cases)](r) for i in range(number)]
