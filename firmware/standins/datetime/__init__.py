# SPDX-License-Identifier: MIT
"""Dates, times and the differences between them. Stand-in for the vendor's module `datetime`.

Source of the rules: the DL-7450 SDK documentation, "datetime" and its six classes. What they do not list,
such as datetime.strftime(), is not here either. Where they are silent, CPython is the model.

Without a time zone, now(), today() and fromtimestamp() give the dock's local time, which
DockControl.set_timezone() chooses.
"""

import math
import time as _time

from ._duration import _asked, _duration, _Ordered, _zone, timedelta, timezone, tzinfo
from ._numbers import (
    _clock,
    _clock_tuple,
    _DAY,
    _day,
    _EPOCH,
    _HOUR,
    _in_day,
    _int,
    _MAXORDINAL,
    _MINUTE,
    _ordinal,
    _parse_clock,
    _parse_date,
    _SECOND,
    _text,
    MAXYEAR,
    MINYEAR,
)

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any

    _tzinfo = tzinfo
    _Tuple = tuple[Any, ...]  # not the methods tuple()

_KEEP = object()  # replace(): this value stays


class _Day(_Ordered):
    # What a date and a datetime have in common. self._us: microseconds; 0001-01-01 begins after one day.
    _us: int

    @classmethod
    def fromordinal(cls, ordinal: int) -> Any:
        """The beginning of the day with this number; 0001-01-01 is 1."""
        return _made(cls, _int("ordinal", ordinal, 1, _MAXORDINAL) * _DAY)

    @property
    def year(self) -> int:
        """The year: 1..9999."""
        return _day(self._us)[0]

    @property
    def month(self) -> int:
        """The month: 1..12."""
        return _day(self._us)[1]

    @property
    def day(self) -> int:
        """The day of the month, from 1."""
        return _day(self._us)[2]

    def toordinal(self) -> int:
        """The number of the day; 0001-01-01 is 1."""
        return self._us // _DAY

    def weekday(self) -> int:
        """The day of the week; Monday is 0."""
        return (self._us // _DAY + 6) % 7

    def isoweekday(self) -> int:
        """The day of the week; Monday is 1, Sunday 7."""
        return self.weekday() + 1

    def _timetuple(self, dst: int) -> tuple[int, ...]:
        day = _day(self._us)
        yearday = (self._us - _ordinal(day[0], 1, 1) * _DAY) // _DAY + 1
        return day + _clock_tuple(self._us)[:3] + (self.weekday(), yearday, dst)


class _Clock(_Ordered):
    # What a time and a datetime have in common. self._asker: what tzinfo's methods are called with.
    _us: int
    _tz: _tzinfo | None
    _fold: int
    _base: Any
    _asker: Callable[[], Any]
    isoformat: Callable[..., str]

    @property
    def hour(self) -> int:
        """The hour: 0..23."""
        return self._us // _HOUR % 24

    @property
    def minute(self) -> int:
        """The minute: 0..59."""
        return self._us // _MINUTE % 60

    @property
    def second(self) -> int:
        """The second: 0..59."""
        return self._us // _SECOND % 60

    @property
    def microsecond(self) -> int:
        """The microsecond: 0..999999."""
        return self._us % _SECOND

    @property
    def tzinfo(self) -> _tzinfo | None:
        """The time zone, or None."""
        return self._tz

    @property
    def fold(self) -> int:
        """1 for the second one of two times that look alike, because clocks were set back; otherwise 0."""
        return self._fold

    def utcoffset(self) -> timedelta | None:
        """The difference to UTC: a timedelta, or None without a time zone."""
        return _asked(self._tz, "utcoffset", self._asker())

    def dst(self) -> timedelta | None:
        """The difference of daylight saving time: a timedelta, or None."""
        return _asked(self._tz, "dst", self._asker())

    def tzname(self) -> str | None:
        """The name of the time zone, or None."""
        return None if self._tz is None else self._tz.tzname(self._asker())

    def __str__(self) -> str:
        return self.isoformat()

    def _zone_text(self) -> str:
        return "" if self._tz is None else self._tz.isoformat(self._asker())

    def _key(self) -> int:
        offset = self.utcoffset()
        return self._us - offset._us if offset else self._us

    def _order(self, other: "_Clock") -> int | None:
        if type(self)._base is not getattr(other, "_base", None):
            return None
        if self._tz is other._tz:
            return self._us - other._us
        if (self.utcoffset() is None) != (other.utcoffset() is None):
            return None
        return self._key() - other._key()

    def _repr(self, day: tuple[int, ...]) -> str:
        parts = day + _clock_tuple(self._us)
        while len(parts) > len(day) + 2 and not parts[-1]:
            parts = parts[:-1]
        text = ", ".join(str(part) for part in parts)
        fold = ", fold=1" if self._fold else ""
        zone = "" if self._tz is None else ", tzinfo=%r" % self._tz
        return "datetime.%s(%s)" % (type(self).__name__, text + (fold + zone if day else zone + fold))


class date(_Day):
    """A day of the Gregorian calendar."""

    min: "_date"
    max: "_date"
    resolution: timedelta

    def __init__(self, year: int, month: int, day: int) -> None:
        self._us = _ordinal(year, month, day) * _DAY

    @classmethod
    def today(cls) -> Any:
        """Today, in local time."""
        return cls(*_time.localtime()[:3])

    @classmethod
    def fromtimestamp(cls, timestamp: float) -> Any:
        """The day in local time, so many seconds (int or float) after 1970-01-01 00:00 UTC."""
        return cls(*_time.localtime(timestamp)[:3])

    @classmethod
    def fromisoformat(cls, date_string: str) -> Any:
        """The day from YYYY-MM-DD or YYYYMMDD."""
        return cls(*_parse_date(date_string, date_string))

    def replace(self, year: int | None = None, month: int | None = None, day: int | None = None) -> Any:
        """The same day with another year, month or day."""
        return type(self)(*_replaced((year, month, day), self.tuple()))

    def tuple(self) -> _Tuple:
        """(year, month, day)"""
        return _day(self._us)

    def timetuple(self) -> _Tuple:
        """(year, month, day, 0, 0, 0, weekday, yearday, -1)"""
        return self._timetuple(-1)

    def isoformat(self) -> str:
        """YYYY-MM-DD"""
        return "%04d-%02d-%02d" % _day(self._us)

    def __str__(self) -> str:
        return self.isoformat()

    def __repr__(self) -> str:
        return "datetime.date(%d, %d, %d)" % _day(self._us)

    def _key(self) -> int:
        return self._us

    def _order(self, other: Any) -> int | None:
        return self._us - other._us if isinstance(other, date) else None

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, timedelta):
            return NotImplemented
        return _made(type(self), self._us + other.days * _DAY)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, date):
            return _duration(self._us - other._us)
        return self + timedelta(-other.days) if isinstance(other, timedelta) else NotImplemented


class time(_Clock):
    """A time of the day."""

    min: "_daytime"
    max: "_daytime"
    resolution: timedelta

    def __init__(
        self,
        hour: int = 0,
        minute: int = 0,
        second: int = 0,
        microsecond: int = 0,
        tzinfo: _tzinfo | None = None,
        *,
        fold: int = 0,
    ) -> None:
        self._us = _in_day(hour, minute, second, microsecond)
        self._tz = _zone("tzinfo", tzinfo)
        self._fold = _int("fold", fold, 0, 1)

    @classmethod
    def fromisoformat(cls, time_string: str) -> Any:
        """The time from HH[:MM[:SS[.ffffff]]], with or without colons, and perhaps Z or +HH:MM behind it."""
        return cls(*_parse_time(_text("time_string", time_string), time_string))

    def replace(
        self,
        hour: int | None = None,
        minute: int | None = None,
        second: int | None = None,
        microsecond: int | None = None,
        tzinfo: Any = _KEEP,
        *,
        fold: int | None = None,
    ) -> Any:
        """The same time with other parts."""
        parts = _replaced((hour, minute, second, microsecond), _clock_tuple(self._us))
        tzinfo = self._tz if tzinfo is _KEEP else tzinfo
        return type(self)(*parts, tzinfo, fold=self._fold if fold is None else fold)

    def isoformat(self, timespec: str = "auto") -> str:
        """HH:MM:SS[.ffffff][+HH:MM]; timespec: auto, hours, minutes, seconds, milliseconds, microseconds."""
        return _clock(self._us, timespec) + self._zone_text()

    def tuple(self) -> _Tuple:
        """(hour, minute, second, microsecond, tzinfo, fold)"""
        return _clock_tuple(self._us) + (self._tz, self._fold)

    def __repr__(self) -> str:
        return self._repr(())

    def _asker(self) -> None:
        return None


class datetime(_Day, _Clock):
    """A day and a time of it, perhaps in a time zone."""

    EPOCH: "datetime"

    def __init__(
        self,
        year: int,
        month: int,
        day: int,
        hour: int = 0,
        minute: int = 0,
        second: int = 0,
        microsecond: int = 0,
        tzinfo: _tzinfo | None = None,
        *,
        fold: int = 0,
    ) -> None:
        self._us = _ordinal(year, month, day) * _DAY + _in_day(hour, minute, second, microsecond)
        self._tz = _zone("tzinfo", tzinfo)
        self._fold = _int("fold", fold, 0, 1)

    @classmethod
    def now(cls, tz: _tzinfo | None = None) -> Any:
        """The current time, in tz or in local time."""
        return _from_epoch(cls, _time.time_ns() // 1000, tz)

    @classmethod
    def fromtimestamp(cls, timestamp: float, tz: _tzinfo | None = None) -> Any:
        """The time so many seconds (int or float) after 1970-01-01 00:00 UTC, in tz or in local time."""
        if not isinstance(timestamp, (int, float)):
            raise TypeError("timestamp must be an int or a float")
        whole = math.floor(timestamp)
        return _from_epoch(cls, whole * _SECOND + round((timestamp - whole) * _SECOND), tz)

    @classmethod
    def fromisoformat(cls, date_string: str) -> Any:
        """The time from a date, and perhaps any character and a time: the forms of date and time."""
        text = _text("date_string", date_string)
        at = 10 if text[4:5] == "-" else 8
        day = _parse_date(text[:at], text)
        return cls(*day, *(_parse_time(text[at + 1 :], text) if text[at:] else ()))

    @classmethod
    def combine(cls, date: Any, time: Any, tzinfo: Any = _KEEP) -> Any:
        """The time of a day: a date and a time. Without tzinfo, the time zone is that of the time."""
        if not isinstance(date, _date):
            raise TypeError("date must be a date")
        if not isinstance(time, _daytime):
            raise TypeError("time must be a time")
        zone = time._tz if tzinfo is _KEEP else _zone("tzinfo", tzinfo)
        return _made(cls, date._us + time._us, zone, time._fold)

    def replace(
        self,
        year: int | None = None,
        month: int | None = None,
        day: int | None = None,
        hour: int | None = None,
        minute: int | None = None,
        second: int | None = None,
        microsecond: int | None = None,
        tzinfo: Any = _KEEP,
        *,
        fold: int | None = None,
    ) -> Any:
        """The same time with other parts."""
        parts = _replaced((year, month, day, hour, minute, second, microsecond), self.tuple())
        tzinfo = self._tz if tzinfo is _KEEP else tzinfo
        return type(self)(*parts, tzinfo, fold=self._fold if fold is None else fold)

    def tuple(self) -> _Tuple:
        """(year, month, day, hour, minute, second, microsecond, tzinfo, fold)"""
        return _day(self._us) + _clock_tuple(self._us) + (self._tz, self._fold)

    def astimezone(self, tz: Any = None) -> Any:
        """The same moment in tz, or in local time with its fixed difference to UTC.

        NotImplementedError when the datetime has no time zone.
        """
        offset = self.utcoffset()
        if offset is None:
            raise NotImplementedError("astimezone: the datetime has no time zone")
        us = self._us - offset._us
        if tz is None:
            tz = _local_zone(us)
        elif _zone("tz", tz) is self._tz:
            return self
        return tz.fromutc(_made(type(self), us, tz))

    def date(self) -> Any:
        """The day: a date."""
        return _made(_date, self._us // _DAY * _DAY)

    def time(self) -> Any:
        """The time of the day, without a time zone: a time."""
        return _made(_daytime, self._us % _DAY, None, self._fold)

    def timetz(self) -> Any:
        """The time of the day, in the same time zone: a time."""
        return _made(_daytime, self._us % _DAY, self._tz, self._fold)

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        """YYYY-MM-DD, sep, and what time.isoformat() gives."""
        return "%04d-%02d-%02d%s" % (_day(self._us) + (sep,)) + _clock(self._us, timespec) + self._zone_text()

    def timetuple(self) -> _Tuple:
        """(year, month, day, hour, minute, second, weekday, yearday, dst); dst: 1, 0, or -1: not known."""
        dst = self.dst()
        return self._timetuple(-1 if dst is None else int(bool(dst)))

    def __str__(self) -> str:
        return self.isoformat(" ")

    def __repr__(self) -> str:
        return self._repr(_day(self._us))

    def _asker(self) -> Any:
        return self

    def __add__(self, other: Any) -> Any:
        if not isinstance(other, timedelta):
            return NotImplemented
        return _made(type(self), self._us + other._us, self._tz)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, timedelta):
            return _made(type(self), self._us - other._us, self._tz)
        return _duration(self._sign(other)) if isinstance(other, datetime) else NotImplemented


_date = date
_daytime = time  # datetime.combine() has arguments with the names of the classes
time._base = time
datetime._base = datetime


def _made(cls: type, us: int, tz: _tzinfo | None = None, fold: int = 0) -> Any:
    # An object of a class with microseconds; those of a time are less than a day.
    if not (_DAY <= us < (_MAXORDINAL + 1) * _DAY or issubclass(cls, _daytime)):
        raise OverflowError("the date is not in the years 1..9999")
    made: Any = object.__new__(cls)
    made._us = us
    made._tz = tz
    made._fold = fold
    return made


def _replaced(new: _Tuple, old: _Tuple) -> _Tuple:
    return tuple(o if n is None else n for n, o in zip(new, old))


def _local_offset(us: int) -> int:
    # Microseconds from UTC to local time, at a moment in UTC.
    seconds = us // _SECOND
    local = _time.localtime(seconds - _EPOCH * 86400)
    return _ordinal(*local[:3]) * _DAY + _in_day(*local[3:6], 0) - seconds * _SECOND


def _from_epoch(cls: type, us: int, tz: Any) -> Any:
    us += _EPOCH * _DAY
    if _zone("tz", tz) is not None:
        return tz.fromutc(_made(cls, us, tz))
    offset = _local_offset(us)
    # If clocks were set back in the day before, the same local time may have been there already.
    back = offset - _local_offset(us - _DAY)
    fold = int(back < 0 and _local_offset(us + back) == offset - back)
    return _made(cls, us + offset, None, fold)


def _local_zone(us: int) -> timezone:
    # Local time at a moment in UTC, with the difference to UTC that it has then.
    offset = _local_offset(us)
    seconds = us // _SECOND - _EPOCH * 86400
    local = _time.localtime(seconds)
    dst = int(
        _time.mktime(local + (1,)) == seconds
    )  # when clocks are set back, only dst says which time it is
    return timezone(_duration(offset), _time.strftime("%Z", local + (dst,)))


def _parse_time(text: str, whole: str) -> _Tuple:
    # (hour, minute, second, microsecond, tzinfo)
    at = 0
    while at < len(text) and text[at] not in "+-Z":
        at += 1
    clock, zone = _parse_clock(text[:at], whole), text[at:]
    if not zone or zone == "Z":
        return clock + (timezone.utc if zone else None,)
    us = _in_day(*_parse_clock(zone[1:], whole))
    offset = _duration(-us if zone[0] == "-" else us)
    return clock + (timezone(offset) if offset else timezone.utc,)


date.min = date(MINYEAR, 1, 1)
date.max = date(MAXYEAR, 12, 31)
date.resolution = timedelta(1)
time.min = time()
time.max = time(23, 59, 59, 999999)
time.resolution = timedelta.resolution
datetime.EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
