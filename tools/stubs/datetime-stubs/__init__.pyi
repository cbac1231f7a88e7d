# SPDX-License-Identifier: MIT
"""Dates, times, and the differences between them.

Without a time zone, now(), today() and fromtimestamp() give the dock's local time, which
DockControl.set_timezone() chooses. There is no strftime(): `time` has it.

Source: the SDK of the DL-7450, "datetime" and its six classes; where they are silent, CPython.
"""

import builtins
from typing import ClassVar, Final, Literal, Self, TypeAlias, overload

MINYEAR: Final[int]
MAXYEAR: Final[int]

Timespec: TypeAlias = Literal["auto", "hours", "minutes", "seconds", "milliseconds", "microseconds"]
"""For type checkers only."""

class timedelta:
    """A duration. The arguments are ints or floats, and are added.

    Raises:
        TypeError: an argument is no number.
        OverflowError: it is more than 999999999 days.
    """

    min: ClassVar[timedelta]
    max: ClassVar[timedelta]
    resolution: ClassVar[timedelta]

    def __init__(
        self,
        days: float = 0,
        seconds: float = 0,
        microseconds: float = 0,
        milliseconds: float = 0,
        minutes: float = 0,
        hours: float = 0,
        weeks: float = 0,
    ) -> None: ...
    @property
    def days(self) -> int:
        """The days; negative in a negative duration."""

    @property
    def seconds(self) -> int:
        """The seconds beside the days: 0 to 86399."""

    @property
    def microseconds(self) -> int:
        """The microseconds beside the seconds: 0 to 999999."""

    def total_seconds(self) -> float:
        """Return the whole duration in seconds."""

    def isoformat(self) -> str:
        """Return the duration as [-][D day[s], ]HH:MM:SS[.ffffff]."""

    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __lt__(self, other: timedelta) -> bool: ...
    def __le__(self, other: timedelta) -> bool: ...
    def __gt__(self, other: timedelta) -> bool: ...
    def __ge__(self, other: timedelta) -> bool: ...
    def __bool__(self) -> bool: ...
    def __add__(self, other: timedelta) -> timedelta: ...
    def __sub__(self, other: timedelta) -> timedelta: ...
    def __neg__(self) -> timedelta: ...
    def __pos__(self) -> timedelta: ...
    def __abs__(self) -> timedelta: ...
    def __mul__(self, other: float) -> timedelta: ...
    def __rmul__(self, other: float) -> timedelta: ...
    @overload
    def __truediv__(self, other: timedelta) -> float: ...
    @overload
    def __truediv__(self, other: float) -> timedelta: ...
    @overload
    def __floordiv__(self, other: timedelta) -> int: ...
    @overload
    def __floordiv__(self, other: int) -> timedelta: ...
    def __mod__(self, other: timedelta) -> timedelta: ...
    def __divmod__(self, other: timedelta) -> tuple[int, timedelta]: ...

class tzinfo:
    """What a time zone answers about a datetime. Subclasses override utcoffset(), dst() and tzname()."""

    def __init__(self) -> None: ...
    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        """Return the difference to UTC; None when it is not known.

        Args:
            dt: the datetime; None when a time asks.

        Raises:
            NotImplementedError: a subclass has not overridden it.
        """

    def dst(self, dt: datetime | None) -> timedelta | None:
        """Return what of it is daylight saving time; None when it is not known.

        Raises:
            NotImplementedError: a subclass has not overridden it.
        """

    def tzname(self, dt: datetime | None) -> str | None:
        """Return the name, or None.

        Raises:
            NotImplementedError: a subclass has not overridden it.
        """

    def fromutc(self, dt: datetime) -> datetime:
        """Return the local time of dt, which is in UTC but has this tzinfo.

        Raises:
            TypeError: dt is no datetime.
            ValueError: dt has another tzinfo.
        """

    def isoformat(self, dt: datetime | None) -> str:
        """Return the difference to UTC as +HH:MM; "" when it is not known.

        Raises:
            NotImplementedError: a subclass has not overridden utcoffset().
        """

_tzinfo: TypeAlias = tzinfo

class timezone(tzinfo):
    """A time zone with a fixed difference to UTC.

    Args:
        offset: less than a day.
        name: None: UTC or UTC+HH:MM.

    Raises:
        TypeError: a wrong type.
        ValueError: offset is a day or more.
    """

    utc: ClassVar[timezone]

    def __init__(self, offset: timedelta, name: str | None = None) -> None: ...
    def utcoffset(self, dt: datetime | None) -> timedelta:
        """Return the difference to UTC."""

    def dst(self, dt: datetime | None) -> None:
        """Return None: nothing is known of daylight saving time."""

    def tzname(self, dt: datetime | None) -> str:
        """Return the name."""

    def fromutc(self, dt: datetime) -> datetime:
        """Return the local time of dt, which is in UTC but has this tzinfo.

        Raises:
            TypeError: dt is no datetime.
            ValueError: dt has another tzinfo.
        """

    def isoformat(self, dt: datetime | None) -> str:
        """Return the difference to UTC as +HH:MM."""

    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

class date:
    """A day of the Gregorian calendar.

    Raises:
        TypeError: an argument is no int.
        ValueError: there is no such day.
    """

    min: ClassVar[date]
    max: ClassVar[date]
    resolution: ClassVar[timedelta]

    def __init__(self, year: int, month: int, day: int) -> None: ...
    @property
    def year(self) -> int:
        """The year: 1 to 9999."""

    @property
    def month(self) -> int:
        """The month: 1 to 12."""

    @property
    def day(self) -> int:
        """The day of the month, from 1."""

    @classmethod
    def fromordinal(cls, ordinal: int) -> Self:
        """Return the day with this number; 0001-01-01 is 1.

        Raises:
            ValueError: there is no such day.
        """

    def toordinal(self) -> int:
        """Return the number of the day; 0001-01-01 is 1."""

    def weekday(self) -> int:
        """Return the day of the week; Monday is 0."""

    def isoweekday(self) -> int:
        """Return the day of the week; Monday is 1, Sunday 7."""

    @classmethod
    def today(cls) -> Self:
        """Return today, in local time."""

    @classmethod
    def fromtimestamp(cls, timestamp: float) -> Self:
        """Return the day in local time, so many seconds after 1970-01-01 00:00 UTC."""

    @classmethod
    def fromisoformat(cls, date_string: str) -> Self:
        """Read YYYY-MM-DD or YYYYMMDD.

        Raises:
            TypeError: it is no str.
            ValueError: it is no date.
        """

    def replace(self, year: int | None = None, month: int | None = None, day: int | None = None) -> Self:
        """Return the day with another year, month or day."""

    def tuple(self) -> builtins.tuple[int, int, int]:
        """Return (year, month, day)."""

    def timetuple(self) -> builtins.tuple[int, int, int, int, int, int, int, int, int]:
        """Return (year, month, day, 0, 0, 0, weekday, yearday, -1)."""

    def isoformat(self) -> str:
        """Return YYYY-MM-DD."""

    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __lt__(self, other: date) -> bool: ...
    def __le__(self, other: date) -> bool: ...
    def __gt__(self, other: date) -> bool: ...
    def __ge__(self, other: date) -> bool: ...
    def __add__(self, other: timedelta) -> Self: ...
    def __radd__(self, other: timedelta) -> Self: ...
    @overload
    def __sub__(self, other: date) -> timedelta: ...
    @overload
    def __sub__(self, other: timedelta) -> Self: ...

_date: TypeAlias = date

class time:
    """A time of the day.

    Raises:
        TypeError: a wrong type.
        ValueError: a number is out of range.
    """

    min: ClassVar[time]
    max: ClassVar[time]
    resolution: ClassVar[timedelta]

    def __init__(
        self,
        hour: int = 0,
        minute: int = 0,
        second: int = 0,
        microsecond: int = 0,
        tzinfo: _tzinfo | None = None,
        *,
        fold: int = 0,
    ) -> None: ...
    @property
    def hour(self) -> int:
        """The hour: 0 to 23."""

    @property
    def minute(self) -> int:
        """The minute: 0 to 59."""

    @property
    def second(self) -> int:
        """The second: 0 to 59."""

    @property
    def microsecond(self) -> int:
        """The microsecond: 0 to 999999."""

    @property
    def tzinfo(self) -> _tzinfo | None:
        """The time zone, or None."""

    @property
    def fold(self) -> int:
        """1 for the second of two times that look alike, because clocks were set back; otherwise 0."""

    def utcoffset(self) -> timedelta | None:
        """Return the difference to UTC; None without a time zone."""

    def dst(self) -> timedelta | None:
        """Return the difference of daylight saving time, or None."""

    def tzname(self) -> str | None:
        """Return the name of the time zone, or None."""

    @classmethod
    def fromisoformat(cls, time_string: str) -> Self:
        """Read HH[:MM[:SS[.ffffff]]], and perhaps Z or +HH:MM behind it.

        Raises:
            TypeError: it is no str.
            ValueError: it is no time.
        """

    def replace(
        self,
        hour: int | None = None,
        minute: int | None = None,
        second: int | None = None,
        microsecond: int | None = None,
        tzinfo: _tzinfo | None = ...,
        *,
        fold: int | None = None,
    ) -> Self:
        """Return the time with other parts."""

    def isoformat(self, timespec: Timespec = "auto") -> str:
        """Return HH:MM:SS[.ffffff][+HH:MM].

        Raises:
            ValueError: there is no such timespec.
        """

    def tuple(self) -> builtins.tuple[int, int, int, int, _tzinfo | None, int]:
        """Return (hour, minute, second, microsecond, tzinfo, fold)."""

    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __lt__(self, other: time) -> bool: ...
    def __le__(self, other: time) -> bool: ...
    def __gt__(self, other: time) -> bool: ...
    def __ge__(self, other: time) -> bool: ...

_time: TypeAlias = time

class datetime:
    """A day and a time of it, perhaps in a time zone. It is no subclass of date.

    Raises:
        TypeError: a wrong type.
        ValueError: there is no such day or time.
    """

    EPOCH: ClassVar[datetime]
    """1970-01-01 00:00 UTC."""

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
    ) -> None: ...
    @property
    def year(self) -> int:
        """The year: 1 to 9999."""

    @property
    def month(self) -> int:
        """The month: 1 to 12."""

    @property
    def day(self) -> int:
        """The day of the month, from 1."""

    @classmethod
    def fromordinal(cls, ordinal: int) -> Self:
        """Return the day with this number; 0001-01-01 is 1.

        Raises:
            ValueError: there is no such day.
        """

    def toordinal(self) -> int:
        """Return the number of the day; 0001-01-01 is 1."""

    def weekday(self) -> int:
        """Return the day of the week; Monday is 0."""

    def isoweekday(self) -> int:
        """Return the day of the week; Monday is 1, Sunday 7."""

    @property
    def hour(self) -> int:
        """The hour: 0 to 23."""

    @property
    def minute(self) -> int:
        """The minute: 0 to 59."""

    @property
    def second(self) -> int:
        """The second: 0 to 59."""

    @property
    def microsecond(self) -> int:
        """The microsecond: 0 to 999999."""

    @property
    def tzinfo(self) -> _tzinfo | None:
        """The time zone, or None."""

    @property
    def fold(self) -> int:
        """1 for the second of two times that look alike, because clocks were set back; otherwise 0."""

    def utcoffset(self) -> timedelta | None:
        """Return the difference to UTC; None without a time zone."""

    def dst(self) -> timedelta | None:
        """Return the difference of daylight saving time, or None."""

    def tzname(self) -> str | None:
        """Return the name of the time zone, or None."""

    @classmethod
    def now(cls, tz: _tzinfo | None = None) -> Self:
        """Return the current time, in tz or in local time."""

    @classmethod
    def fromtimestamp(cls, timestamp: float, tz: _tzinfo | None = None) -> Self:
        """Return the time so many seconds after 1970-01-01 00:00 UTC, in tz or in local time.

        Raises:
            TypeError: a wrong type.
        """

    @classmethod
    def fromisoformat(cls, date_string: str) -> Self:
        """Read a date, and perhaps any character and a time.

        Raises:
            TypeError: it is no str.
            ValueError: it is no date and time.
        """

    @classmethod
    def combine(cls, date: _date, time: _time, tzinfo: _tzinfo | None = ...) -> Self:
        """Return the time of a day. Without tzinfo, the time zone is that of the time."""

    def replace(
        self,
        year: int | None = None,
        month: int | None = None,
        day: int | None = None,
        hour: int | None = None,
        minute: int | None = None,
        second: int | None = None,
        microsecond: int | None = None,
        tzinfo: _tzinfo | None = ...,
        *,
        fold: int | None = None,
    ) -> Self:
        """Return the time with other parts."""

    def tuple(self) -> builtins.tuple[int, int, int, int, int, int, int, _tzinfo | None, int]:
        """Return (year, month, day, hour, minute, second, microsecond, tzinfo, fold)."""

    def astimezone(self, tz: _tzinfo | None = None) -> Self:
        """Return the same moment in tz, or in local time.

        Raises:
            NotImplementedError: the datetime has no time zone.
        """

    def date(self) -> _date:
        """Return the day."""

    def time(self) -> _time:
        """Return the time of the day, without a time zone."""

    def timetz(self) -> _time:
        """Return the time of the day, in the same time zone."""

    def isoformat(self, sep: str = "T", timespec: Timespec = "auto") -> str:
        """Return YYYY-MM-DD, sep, and what time.isoformat() gives."""

    def timetuple(self) -> builtins.tuple[int, int, int, int, int, int, int, int, int]:
        """Return (year, month, day, hour, minute, second, weekday, yearday, dst)."""

    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
    def __lt__(self, other: datetime) -> bool: ...
    def __le__(self, other: datetime) -> bool: ...
    def __gt__(self, other: datetime) -> bool: ...
    def __ge__(self, other: datetime) -> bool: ...
    def __add__(self, other: timedelta) -> Self: ...
    def __radd__(self, other: timedelta) -> Self: ...
    @overload
    def __sub__(self, other: datetime) -> timedelta: ...
    @overload
    def __sub__(self, other: timedelta) -> Self: ...
