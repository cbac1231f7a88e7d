# SPDX-License-Identifier: MIT
"""time, datetime, hashlib and hmac against CPython: random expressions give the same in both."""

import hashlib
import hmac
import subprocess
import sys
from pathlib import Path

import pytest
from support import sdk_cases, sdk_oracle
from support.program import Program, clean_environment

ROOT = Path(__file__).resolve().parents[2]
ZONES = (
    "UTC0",
    "CET-1CEST,M3.5.0,M10.5.0/3",
    "PST8PDT,M3.2.0,M11.1.0",
    "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "<+0530>-5:30",
)


def different(run_app: Program, expressions: list[str], zone: str = "UTC0") -> list[tuple[str, str, str]]:
    """Return what differs: expression, result of CPython, result of the program."""
    path = run_app.folder / "expressions"
    path.write_text("\n".join(expressions) + "\n")
    env = {"TZ": zone}
    run = run_app(sdk_oracle.PROGRAM + f"\nevaluate({str(path)!r})\n", preamble=False, env=env, timeout=120)
    oracle = subprocess.run(
        [sys.executable, sdk_oracle.__file__, path],
        check=True,
        capture_output=True,
        text=True,
        env=clean_environment(env),
    )
    ours, theirs = (text.splitlines() for text in (run.ok().stdout, oracle.stdout))
    assert len(ours) == len(theirs) == len(expressions)
    return [row for row in zip(expressions, theirs, ours, strict=True) if row[1] != row[2]]


def test_ten_thousand_dates_are_those_of_cpython(run_app: Program) -> None:
    assert different(run_app, sdk_cases.expressions(sdk_cases.DATES, 10_000, seed=1)) == []


@pytest.mark.parametrize("zone", ZONES)
def test_ten_thousand_local_times_are_those_of_cpython(run_app: Program, zone: str) -> None:
    assert different(run_app, sdk_cases.expressions(sdk_cases.LOCAL, 2000, seed=2), zone) == []


def test_ten_thousand_formats_are_those_of_cpython(run_app: Program) -> None:
    assert different(run_app, sdk_cases.expressions(sdk_cases.FORMATS, 10_000, seed=3)) == []


def test_ten_thousand_digests_are_those_of_cpython(run_app: Program) -> None:
    assert different(run_app, sdk_cases.expressions(sdk_cases.DIGESTS, 10_000, seed=4)) == []


def test_kibibytes_and_every_kind_of_buffer_are_hashed(run_app: Program) -> None:
    run = run_app("""
        import binascii, hashlib, hmac
        content = bytes(range(256)) * 4096
        for name in ("md5", "sha1", "sha256"):
            constructor = getattr(hashlib, name)
            h = constructor()
            for kind in (bytes, bytearray, memoryview):
                h.update(kind(content))
            h.update("é")
            show(name, h.digest(), hmac.new("key", "é", name).hexdigest())
        """)
    content = bytes(range(256)) * 4096 * 3 + "é".encode()
    assert run.ok().lines == [
        (name, hashlib.new(name, content).digest(), hmac.new(b"key", "é".encode(), name).hexdigest())
        for name in ("md5", "sha1", "sha256")
    ]


def outcomes(run_app: Program, setup: str, calls: list[str]) -> dict[str, str]:
    """Return what each call raises, type and text, or the repr of what it gives."""
    code = "".join(
        f"try:\n    result = {call}\n    show({call!r}, repr(result))\n"
        f"except Exception as e:\n    show({call!r}, type(e).__name__ + ': ' + str(e))\n"
        for call in calls
    )
    return dict(run_app(setup + "\n" + code).ok().lines)


def test_hashes_are_final_after_the_digest(run_app: Program) -> None:
    setup = "import hashlib, hmac\nh = hashlib.md5(b'a'); h.digest()\nm = hmac.new(b'k', b'm'); m.digest()"
    expected = dict.fromkeys(
        ("h.update(b'')", "h.digest()", "m.update(b'')", "m.digest()", "m.hexdigest()"),
        "ValueError: hash is final",
    )
    expected["hasattr(h, 'hexdigest')"] = "False"
    expected["m.copy()"] = "NotImplementedError: copy: the hash has none"
    expected["m.block_size"] = "64"
    expected["m.digest_size"] = "None"
    assert outcomes(run_app, setup, list(expected)) == expected


def test_hmac_takes_other_hashes(run_app: Program) -> None:
    run = run_app("""
        import hashlib, hmac
        class Copied:
            block_size = 64
            digest_size = 16
            def __init__(self, data=b''):
                self.data = data
            def update(self, data):
                self.data += data
            def digest(self):
                return hashlib.md5(self.data).digest()
            def copy(self):
                return Copied(self.data)
        m = hmac.HMAC(bytearray(b'key'), digestmod=Copied)
        other = m.copy()
        m.update(b'hello, world')
        show(m.hexdigest(), m.digest_size, other.hexdigest(), other.block_size)
        """)
    codes = [hmac.new(b"key", message, "md5").hexdigest() for message in (b"hello, world", b"")]
    assert run.shown == (codes[0], 16, codes[1], 64)


ERRORS = {
    # time
    "gmtime('x')": "TypeError: secs must be an int or a float",
    "localtime(1e300)": "OverflowError: secs is out of range",
    "gmtime(float('nan'))": "OverflowError: secs is out of range",
    "mktime((2024, 1, 1))": "TypeError: time_tuple must have 8 or 9 entries",
    "mktime((1 << 40, 1, 1, 0, 0, 0, 0, 0))": "OverflowError: time_tuple: a number is out of range",
    "strftime('%Y', (2024, 13, 1, 0, 0, 0, 0, 1))": "ValueError: time_tuple: month is out of range",
    "strftime('%Y', (2024, 1, 1, 0, 0, 62, 0, 1))": "ValueError: time_tuple: second is out of range",
    "strftime('a\\0b')": "ValueError: fmt_string has a NUL in it",
    "strptime('May', '%m')": "ValueError: time_string 'May' does not match format '%m'",
    "strptime('12x', '%m')": "ValueError: time_string: 'x' is more than format '%m'",
    "strptime('30.02.2024', '%d.%m.%Y')": "ValueError: time_string: there is no such day as '30.02.2024'",
    "strptime('1\\0', '%m')": "ValueError: time_string has a NUL in it",
    # datetime
    "date(2023, 2, 29)": "ValueError: day must be in 1..28",
    "date(2023, 13, 1)": "ValueError: month must be in 1..12",
    "date(2023.0, 1, 1)": "TypeError: year must be an int",
    "date.fromordinal(0)": "ValueError: ordinal must be in 1..3652059",
    "date.fromisoformat(1)": "TypeError: date_string must be a str",
    "date.fromisoformat('2024-1-1')": "ValueError: '2024-1-1' is no date as in ISO 8601",
    "date.max + timedelta(1)": "OverflowError: the date is not in the years 1..9999",
    "date(2024, 1, 1) < datetime(2024, 1, 1)": "TypeError: can't compare date and datetime",
    "dt.time(24)": "ValueError: hour must be in 0..23",
    "dt.time(fold=2)": "ValueError: fold must be in 0..1",
    "dt.time(tzinfo=1)": "TypeError: tzinfo must be a tzinfo",
    "dt.time.fromisoformat('1:2')": "ValueError: '1:2' is no time as in ISO 8601",
    "dt.time().isoformat('days')": (
        "ValueError: timespec: 'days' is none of auto, hours, microseconds, milliseconds, minutes, seconds"
    ),
    "naive < datetime.EPOCH": "TypeError: can't compare a datetime with a time zone and one without",
    "naive - datetime.EPOCH": "TypeError: can't compare a datetime with a time zone and one without",
    "naive.astimezone(utc)": "NotImplementedError: astimezone: the datetime has no time zone",
    "datetime.EPOCH.astimezone(1)": "TypeError: tz must be a tzinfo",
    "datetime.fromtimestamp('1')": "TypeError: timestamp must be an int or a float",
    "datetime.fromtimestamp(1e15)": "ValueError: year must be in 1..9999",
    "datetime.combine(naive, dt.time())": "TypeError: date must be a date",
    "datetime.combine(date.min, 1)": "TypeError: time must be a time",
    "timedelta('1')": "TypeError: days must be an int or a float",
    "timedelta(1000000000)": "OverflowError: timedelta: more than 999999999 days",
    "timedelta(1) / 0": "ZeroDivisionError: divide by zero",
    "timezone(1)": "TypeError: offset must be a timedelta",
    "timezone(timedelta(1))": "ValueError: offset must be less than a day",
    "timezone(timedelta(0), 1)": "TypeError: name must be a str",
    "utc.fromutc(1)": "TypeError: dt must be a datetime",
    "utc.fromutc(naive)": "ValueError: dt must have this tzinfo",
    "tzinfo().utcoffset(None)": "NotImplementedError: a tzinfo must have utcoffset()",
    "dt.time(tzinfo=Wrong()).utcoffset()": "TypeError: utcoffset() must return a timedelta or None",
    "dt.time(tzinfo=Wrong()).dst()": "ValueError: dst() must return less than a day",
    # hmac
    "hmac.new(1)": "TypeError: key must be bytes-like or a str",
    "hmac.new(b'', 1)": "TypeError: msg must be bytes-like or a str",
    "hmac.new(b'', b'', 'sha3')": "ValueError: digestmod: there is no hash 'sha3'",
    "hmac.new(b'', b'', 1)": "TypeError: digestmod must be a constructor of hashlib",
}


def test_errors_name_the_argument(run_app: Program) -> None:
    setup = """
import datetime as dt, hmac
from datetime import date, datetime, timedelta, timezone, tzinfo
from time import gmtime, localtime, mktime, strftime, strptime
utc = timezone.utc
naive = datetime(2024, 1, 1)
class Wrong(tzinfo):
    def utcoffset(self, dt):
        return 1
    def dst(self, dt):
        return timedelta(1)
"""
    found = outcomes(run_app, setup, list(ERRORS))
    assert {call: found[call] for call in found if not found[call].startswith(ERRORS[call])} == {}


def test_what_the_sdk_has_beyond_cpython(run_app: Program) -> None:
    setup = """
from datetime import date, datetime, time, timedelta, timezone
utc = timezone.utc
west = timezone(timedelta(hours=-5), "West")
"""
    expected = {
        "date(2024, 2, 29).tuple()": "(2024, 2, 29)",
        "time(1, 2, 3, 4, fold=1).tuple()": "(1, 2, 3, 4, None, 1)",
        "datetime(1, 2, 3, 4, 5, 6, 7, utc).tuple()": "(1, 2, 3, 4, 5, 6, 7, datetime.timezone.utc, 0)",
        "datetime.EPOCH": "datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)",
        "timedelta(days=1, hours=2).isoformat()": "'1 day, 02:00:00'",
        "timedelta(days=-2, microseconds=-1).isoformat()": "'-2 days, 00:00:00.000001'",
        "timedelta(minutes=-1).isoformat()": "'-00:01:00'",
        "west.isoformat(None)": "'-05:00'",
        "timezone(timedelta(seconds=-1)).isoformat(None)": "'-00:00:01'",
        "timezone(timedelta(0), None).tzname(None)": "'UTC'",
        "hasattr(datetime, 'strftime') or hasattr(datetime, 'timestamp')": "False",
        "isinstance(datetime.EPOCH, date)": "False",
    }
    assert outcomes(run_app, setup, list(expected)) == expected


def test_time_counts_whole_seconds(run_app: Program) -> None:
    run = run_app("""
        from datetime import datetime, timezone
        now, ns, after = time.time(), time.time_ns(), time.time()
        show(type(now) is int, now <= ns // 10**9 <= after)
        show(len(time.gmtime(None)), time.mktime(time.localtime()) - now < 2, hasattr(time, 'clock'))
        late = datetime.now(timezone.utc) - datetime.EPOCH
        show(0 <= late.total_seconds() - now < 2)
        """)
    assert run.ok().lines == [(True, True), (8, True, False), (True,)]


def test_time_zone_of_the_dock_is_that_of_datetime(run_app: Program) -> None:
    run = run_app("""
        from datetime import datetime, timezone
        from dock import DockControl
        summer = datetime(2026, 7, 1, 12, tzinfo=timezone.utc)
        for name in ('PST8PDT', 'NZ', 'UTC'):
            DockControl().set_timezone(name)
            local = summer.astimezone()
            now = 1782907200
            zone = time.strftime('%Z', time.localtime(now))
            show(str(local), local.tzname(), str(datetime.fromtimestamp(now)), zone)
        """)
    assert run.ok().lines == [
        ("2026-07-01 05:00:00-07:00", "PDT", "2026-07-01 05:00:00", "PDT"),
        ("2026-07-02 00:00:00+12:00", "NZST", "2026-07-02 00:00:00", "NZST"),
        ("2026-07-01 12:00:00+00:00", "UTC", "2026-07-01 12:00:00", "UTC"),
    ]


def test_time_zone_of_an_app(run_app: Program) -> None:
    run = run_app("""
        from datetime import datetime, timedelta, timezone, tzinfo
        class Summer(tzinfo):
            def utcoffset(self, dt):
                return timedelta(hours=1) + self.dst(dt)
            def dst(self, dt):
                return timedelta(hours=1 if 4 <= dt.month <= 10 else 0)
            def tzname(self, dt):
                return 'CEST' if self.dst(dt) else 'CET'
        zone = Summer()
        for month in (1, 7):
            noon = datetime(2024, month, 1, 12, tzinfo=timezone.utc)
            dt = noon.astimezone(zone)
            show(str(dt), dt.tzname(), dt.timetuple()[8], dt == noon)
        """)
    assert run.ok().lines == [
        ("2024-01-01 13:00:00+01:00", "CET", 0, True),
        ("2024-07-01 14:00:00+02:00", "CEST", 1, True),
    ]


def test_example_of_the_document_runs(run_app: Program) -> None:
    section = (ROOT / "modules/README.md").read_text().partition("## The SDK's Python")[2]
    example = section.partition("```python\n")[2].partition("```")[0]
    assert run_app(example + "\nprint('ended')\n", preamble=False).ok().stdout == "ended\n"
