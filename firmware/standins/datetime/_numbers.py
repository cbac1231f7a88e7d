# SPDX-License-Identifier: MIT
"""The numbers behind dates and times: days and microseconds, what they are in a calendar, and as text."""

MINYEAR = 1
MAXYEAR = 9999

_SECOND = 1000000  # all durations are microseconds
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_MAXDAYS = 999999999
_MAXORDINAL = 3652059  # 9999-12-31
_EPOCH = 719163  # 1970-01-01
_DAYS_BEFORE = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365)
# The length of the text HH:MM:SS.ffffff that is shown.
_TIMESPECS = {"hours": 2, "minutes": 5, "seconds": 8, "milliseconds": 12, "microseconds": 15}


def _int(name: str, value: int, least: int, most: int) -> int:
    if not isinstance(value, (bool, int)):
        raise TypeError("%s must be an int" % name)
    if not least <= value <= most:
        raise ValueError("%s must be in %d..%d" % (name, least, most))
    return int(value)


def _text(name: str, value: str) -> str:
    if not isinstance(value, str):
        raise TypeError("%s must be a str" % name)
    return value


def _days_before(year: int, month: int) -> int:
    # The days of the year before the month; 13 is the next year's first.
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _DAYS_BEFORE[month - 1] + (leap and month > 2)


def _ordinal(year: int, month: int, day: int) -> int:
    _int("year", year, MINYEAR, MAXYEAR)
    before = _days_before(year, _int("month", month, 1, 12))
    _int("day", day, 1, _days_before(year, month + 1) - before)
    year -= 1
    return year * 365 + year // 4 - year // 100 + year // 400 + before + day


def _day(us: int) -> tuple[int, int, int]:
    # (year, month, day). The years of four centuries have the same lengths as those of the next four.
    n400, n = divmod(us // _DAY - 1, 146097)
    n100 = min(n // 36524, 3)
    n -= n100 * 36524
    n4, n = divmod(n, 1461)
    n1 = min(n // 365, 3)
    n -= n1 * 365
    year = n400 * 400 + n100 * 100 + n4 * 4 + n1 + 1
    month = n // 32 + 1
    if n >= _days_before(year, month + 1):
        month += 1
    return year, month, n - _days_before(year, month) + 1


def _in_day(hour: int, minute: int, second: int, microsecond: int) -> int:
    _int("hour", hour, 0, 23)
    _int("minute", minute, 0, 59)
    _int("second", second, 0, 59)
    _int("microsecond", microsecond, 0, 999999)
    return hour * _HOUR + minute * _MINUTE + second * _SECOND + microsecond


def _clock_tuple(us: int) -> tuple[int, int, int, int]:
    return us // _HOUR % 24, us // _MINUTE % 60, us // _SECOND % 60, us % _SECOND


def _clock(us: int, timespec: str = "auto") -> str:
    if timespec == "auto":
        timespec = "microseconds" if us % _SECOND else "seconds"
    if timespec not in _TIMESPECS:
        raise ValueError("timespec: '%s' is none of auto, %s" % (timespec, ", ".join(sorted(_TIMESPECS))))
    return ("%02d:%02d:%02d.%06d" % _clock_tuple(us))[: _TIMESPECS[timespec]]


def _sign_clock(us: int) -> str:
    # A difference to UTC: +HH:MM, with seconds only if there are any.
    text = _clock(abs(us))
    return ("-" if us < 0 else "+") + (text if us % _MINUTE else text[:5])


def _days(days: int) -> str:
    return "%d day%s, " % (days, "" if abs(days) == 1 else "s") if days else ""


def _parse_date(text: str, whole: str) -> tuple[int, int, int]:
    _text("date_string", text)
    if len(text) == 10 and text[4] == text[7] == "-":
        text = text[:4] + text[5:7] + text[8:]
    if len(text) != 8 or not text.isdigit():
        raise ValueError("'%s' is no date as in ISO 8601" % whole)
    return int(text[:4]), int(text[4:6]), int(text[6:])


def _parse_clock(text: str, whole: str) -> tuple[int, int, int, int]:
    at = max(text.find("."), text.find(","))
    fraction = text[at + 1 :] if at >= 0 else "0"
    if at >= 0:
        text = text[:at]
    parts = text.split(":") if ":" in text else [text[i : i + 2] for i in range(0, len(text), 2)]
    if (
        not 1 <= len(parts) <= 3
        or not all(len(part) == 2 and part.isdigit() for part in parts)
        or not fraction.isdigit()
        or (at >= 0 and len(parts) < 3)
    ):
        raise ValueError("'%s' is no time as in ISO 8601" % whole)
    hour, minute, second = (int(part) for part in parts + ["0", "0"][: 3 - len(parts)])
    return hour, minute, second, int((fraction + "00000")[:6])
