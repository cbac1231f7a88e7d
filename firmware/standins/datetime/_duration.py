# SPDX-License-Identifier: MIT
"""Durations: timedelta, and the time zones, which are durations that a datetime asks for."""

import math

from ._numbers import _clock, _DAY, _days, _HOUR, _MAXDAYS, _MINUTE, _SECOND, _sign_clock

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any


class _Ordered:
    # Comparisons: _order(other) is a number below, at or above 0, or None for what cannot be compared.
    _order: Callable[[Any], int | None]
    _key: Callable[[], int]

    def __eq__(self, other: object) -> bool:
        return self._order(other) == 0

    def __lt__(self, other: Any) -> bool:
        return self._sign(other) < 0

    def __le__(self, other: Any) -> bool:
        return self._sign(other) <= 0

    def __gt__(self, other: Any) -> bool:
        return self._sign(other) > 0

    def __ge__(self, other: Any) -> bool:
        return self._sign(other) >= 0

    def _sign(self, other: Any) -> int:
        order = self._order(other)
        if order is None:
            if type(self) is not type(other):
                raise TypeError("can't compare %s and %s" % (type(self).__name__, type(other).__name__))
            raise TypeError("can't compare a %s with a time zone and one without" % type(self).__name__)
        return order

    def __hash__(self) -> int:
        return hash(self._key())


class timedelta(_Ordered):
    """A duration. The arguments are ints or floats, and are added."""

    min: "timedelta"
    max: "timedelta"
    resolution: "timedelta"
    _us: int

    def __init__(
        self,
        days: float = 0,
        seconds: float = 0,
        microseconds: float = 0,
        milliseconds: float = 0,
        minutes: float = 0,
        hours: float = 0,
        weeks: float = 0,
    ) -> None:
        total = 0
        rest = 0.0  # of floats: less than a microsecond each
        for name, value, unit in (
            ("microseconds", microseconds, 1),
            ("milliseconds", milliseconds, 1000),
            ("seconds", seconds, _SECOND),
            ("minutes", minutes, _MINUTE),
            ("hours", hours, _HOUR),
            ("days", days, _DAY),
            ("weeks", weeks, 7 * _DAY),
        ):
            if isinstance(value, float):
                whole = int(value)  # of infinity and NaN: OverflowError and ValueError
                part = (value - whole) * unit
                total += whole * unit + int(part)
                rest += part - int(part)
            elif isinstance(value, (bool, int)):
                total += value * unit
            else:
                raise TypeError("%s must be an int or a float" % name)
        whole = math.floor(rest)
        rest -= whole
        total += whole
        if rest > 0.5 or rest == 0.5 and total % 2:
            total += 1
        self._set(total)

    def _set(self, us: int) -> None:
        if abs(us // _DAY) > _MAXDAYS:
            raise OverflowError("timedelta: more than %d days" % _MAXDAYS)
        self._us = us

    @property
    def days(self) -> int:
        """The days of the duration; negative in a negative one."""
        return self._us // _DAY

    @property
    def seconds(self) -> int:
        """The seconds beside the days: 0..86399."""
        return self._us % _DAY // _SECOND

    @property
    def microseconds(self) -> int:
        """The microseconds beside the seconds: 0..999999."""
        return self._us % _SECOND

    def total_seconds(self) -> float:
        """The whole duration in seconds, a float."""
        us = abs(self._us)
        seconds = us // _SECOND + us % _SECOND / _SECOND  # us alone may be more than a float holds
        return -seconds if self._us < 0 else seconds

    def isoformat(self) -> str:
        """The duration as [-][D day[s], ]HH:MM:SS[.ffffff].

        The documentation does not show it. This is what micropython-lib's datetime gives, which has the same
        methods beyond CPython's as the documented one.
        """
        us = abs(self._us)
        return ("-" if self._us < 0 else "") + _days(us // _DAY) + _clock(us % _DAY)

    def __str__(self) -> str:
        text = _days(self.days) + _clock(self._us % _DAY)
        at = text.find(":") - 2
        return text[:at] + text[at + 1 :] if text[at] == "0" else text

    def __repr__(self) -> str:
        parts = ("days", self.days), ("seconds", self.seconds), ("microseconds", self.microseconds)
        text = ", ".join("%s=%d" % part for part in parts if part[1])
        return "datetime.timedelta(%s)" % (text or "0")

    def _key(self) -> int:
        return self._us

    def _order(self, other: object) -> int | None:
        return self._us - other._us if isinstance(other, timedelta) else None

    def __bool__(self) -> bool:
        return self._us != 0

    def __add__(self, other: Any) -> Any:
        return _duration(self._us + other._us) if isinstance(other, timedelta) else NotImplemented

    def __sub__(self, other: Any) -> Any:
        return _duration(self._us - other._us) if isinstance(other, timedelta) else NotImplemented

    def __neg__(self) -> "timedelta":
        return _duration(-self._us)

    def __pos__(self) -> "timedelta":
        return self

    def __abs__(self) -> "timedelta":
        return _duration(abs(self._us))

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, (bool, int)):
            return _duration(self._us * other)
        if isinstance(other, float):
            numerator, denominator = _ratio(other)
            return _duration(_divided(self._us * numerator, denominator))
        return NotImplemented

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, timedelta):
            return self._us / other._us
        if isinstance(other, (bool, int)):
            return _duration(_divided(self._us, other))
        if isinstance(other, float):
            numerator, denominator = _ratio(other)
            return _duration(_divided(self._us * denominator, numerator))
        return NotImplemented

    def __floordiv__(self, other: Any) -> Any:
        if isinstance(other, timedelta):
            return self._us // other._us
        return _duration(self._us // other) if isinstance(other, (bool, int)) else NotImplemented

    def __mod__(self, other: Any) -> Any:
        return _duration(self._us % other._us) if isinstance(other, timedelta) else NotImplemented

    def __divmod__(self, other: Any) -> Any:
        if not isinstance(other, timedelta):
            return NotImplemented
        quotient, rest = divmod(self._us, other._us)
        return quotient, _duration(rest)


class tzinfo:
    """What a time zone answers about a datetime; dt is None when a time asks.

    Subclasses override utcoffset(), dst() and tzname().
    """

    def __init__(self) -> None:  # without it MicroPython takes any arguments
        pass

    def utcoffset(self, dt: Any) -> timedelta | None:
        """The difference to UTC: a timedelta, or None when it is not known."""
        raise NotImplementedError("a tzinfo must have utcoffset()")

    def dst(self, dt: Any) -> timedelta | None:
        """What of it is daylight saving time: a timedelta, or None when it is not known."""
        raise NotImplementedError("a tzinfo must have dst()")

    def tzname(self, dt: Any) -> str | None:
        """The name: a str, or None."""
        raise NotImplementedError("a tzinfo must have tzname()")

    def fromutc(self, dt: Any) -> Any:
        """The local time of dt, which is in UTC but has this tzinfo."""
        _check_own(self, dt)
        offset, dst = dt.utcoffset(), dt.dst()
        if offset is None or dst is None:
            raise ValueError("fromutc: utcoffset() and dst() must not be None")
        dt += offset - dst
        dst = dt.dst()
        if dst is None:
            raise ValueError("fromutc: dst() must not be None")
        return dt + dst

    def isoformat(self, dt: Any) -> str:
        """The difference to UTC as ISO 8601 has it: +HH:MM; "" when it is not known."""
        offset = _asked(self, "utcoffset", dt)
        return "" if offset is None else _sign_clock(offset._us)


class timezone(tzinfo):
    """A time zone with a fixed difference to UTC, a timedelta of less than a day."""

    utc: "timezone"

    def __init__(self, offset: timedelta, name: str | None = None) -> None:
        if not isinstance(offset, timedelta):
            raise TypeError("offset must be a timedelta")
        if abs(offset._us) >= _DAY:
            raise ValueError("offset must be less than a day")
        if name is not None and not isinstance(name, str):
            raise TypeError("name must be a str")
        self._offset = offset
        self._name = name

    def utcoffset(self, dt: Any) -> timedelta:
        """The difference to UTC."""
        return self._offset

    def dst(self, dt: Any) -> None:
        """None: nothing is known of daylight saving time."""
        return

    def tzname(self, dt: Any) -> str:
        """The name; without one, UTC or UTC+HH:MM."""
        if self._name is not None:
            return self._name
        return "UTC" + (_sign_clock(self._offset._us) if self._offset else "")

    def fromutc(self, dt: Any) -> Any:
        """The local time of dt, which is in UTC but has this tzinfo."""
        _check_own(self, dt)
        return dt + self._offset

    def __eq__(self, other: object) -> bool:
        return isinstance(other, timezone) and self._offset == other._offset

    def __hash__(self) -> int:
        return hash(self._offset)

    def __str__(self) -> str:
        return self.tzname(None)

    def __repr__(self) -> str:
        if not self._offset and self._name is None:
            return "datetime.timezone.utc"
        name = "" if self._name is None else ", %r" % self._name
        return "datetime.timezone(%r%s)" % (self._offset, name)


def _duration(us: int) -> timedelta:
    made = object.__new__(timedelta)
    made._set(us)
    return made


def _ratio(number: float) -> tuple[int, int]:
    # The float as an exact fraction of two ints.
    mantissa, exponent = math.frexp(number)
    exponent -= 53
    mantissa = int(mantissa * (1 << 53))
    return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)


def _divided(numerator: int, denominator: int) -> int:
    # Rounded to the nearest int; a half goes to the even one.
    quotient, rest = divmod(numerator, denominator)
    rest, denominator = 2 * abs(rest), abs(denominator)
    return quotient + (rest > denominator or (rest == denominator and quotient % 2))


def _zone(name: str, value: tzinfo | None) -> tzinfo | None:
    if value is not None and not isinstance(value, tzinfo):
        raise TypeError("%s must be a tzinfo" % name)
    return value


def _asked(zone: tzinfo | None, method: str, dt: Any) -> timedelta | None:
    # What the time zone answers, a timedelta of less than a day or None.
    answer = None if zone is None else getattr(zone, method)(dt)
    if answer is not None:
        if not isinstance(answer, timedelta):
            raise TypeError("%s() must return a timedelta or None" % method)
        if abs(answer._us) >= _DAY:
            raise ValueError("%s() must return less than a day" % method)
    return answer


def _check_own(zone: tzinfo, dt: Any) -> None:
    if not hasattr(dt, "_tz"):
        raise TypeError("dt must be a datetime")
    if dt._tz is not zone:
        raise ValueError("dt must have this tzinfo")


timedelta.min = timedelta(-_MAXDAYS)
timedelta.max = timedelta(_MAXDAYS, 86399, 999999)
timedelta.resolution = timedelta(microseconds=1)
timezone.utc = timezone(timedelta(0))
