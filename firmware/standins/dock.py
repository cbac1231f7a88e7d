# SPDX-License-Identifier: MIT
"""The dock itself. Host stand-in for the vendor's module `dock`.

Source of the rules: the DL-7450 SDK documentation, "class DockInfo" and "class DockControl". The
values are made up: one monitor of 1920 x 1080 at the first of four outputs, and no host computer. On
the PC the channel changes them (README.md of firmware/standins). What the documentation leaves open:
suspend_host_connection() takes effect at once, and does nothing while there is no host.
"""

import os

from monitor import Monitor

_OUTPUTS = 4
_WIDTH, _HEIGHT = 1920, 1080
# The time zones that the documentation lists, with today's rules in the form of POSIX. The names are
# old; newer time zone databases do not have all of them.
_TIMEZONES = {
    "CET": "CET-1CEST,M3.5.0,M10.5.0/3",
    "CST6CDT": "CST6CDT,M3.2.0,M11.1.0",
    "EET": "EET-2EEST,M3.5.0/3,M10.5.0/4",
    "EST": "EST5",
    "GB": "GMT0BST,M3.5.0/1,M10.5.0",
    "GMT": "GMT0",
    "HST": "HST10",
    "Hongkong": "HKT-8",
    "Israel": "IST-2IDT,M3.4.4/26,M10.5.0",
    "Japan": "JST-9",
    "MET": "MET-1MEST,M3.5.0,M10.5.0/3",
    "MST": "MST7",
    "MST7MDT": "MST7MDT,M3.2.0,M11.1.0",
    "NZ": "NZST-12NZDT,M9.5.0,M4.1.0/3",
    "PRC": "CST-8",
    "PST8PDT": "PST8PDT,M3.2.0,M11.1.0",
    "ROC": "CST-8",
    "ROK": "KST-9",
    "Singapore": "<+08>-8",
    "UCT": "UTC0",
    "UTC": "UTC0",
    "W-SU": "MSK-3",
    "WET": "WET0WEST,M3.5.0/1,M10.5.0",
}


class DockInfo:
    """What the dock knows about itself."""

    HOST_NOT_CONNECTED = 0
    HOST_CONNECTED = 1
    HOST_CONNECTION_SUSPENDED = 2

    def __init__(self) -> None:  # without it MicroPython takes any arguments
        pass

    def dock_id(self) -> str:
        """The dock's own identifier, a str; DL7450_DOCK_ID in the environment changes it."""
        return os.getenv("DL7450_DOCK_ID") or "host-0000-7450"

    def monitors(self) -> list[Monitor]:
        """A list of monitor.Monitor, one an output; an unused output has one that is not valid()."""
        return [Monitor(edid) for edid in _edids]

    def host_status(self) -> int:
        """Whether a computer is connected to the dock: one of the three values above."""
        return _host

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("DockInfo: '%s' is read-only" % name)


# The attributes are read-only in the class, too: its __dict__ is a copy that cannot be changed.
DockInfo = type("DockInfo", (), DockInfo.__dict__)


class DockControl:
    """What an app can set."""

    def __init__(self) -> None:  # without it MicroPython takes any arguments
        pass

    def set_timezone(self, timezone: str) -> None:
        """Use timezone (str, a name that the documentation lists) for local times.

        An unknown name raises ValueError, another type TypeError. On the host this changes the
        variable TZ of the process, and time.localtime() follows.
        """
        if not isinstance(timezone, str):
            raise TypeError("timezone must be a str")
        if timezone not in _TIMEZONES:
            raise ValueError("timezone: '%s' is not supported" % timezone)
        os.putenv("TZ", _TIMEZONES[timezone])

    def suspend_host_connection(self, suspend: bool) -> None:
        """Suspend (True) or resume (False) the host computer's connection."""
        if not isinstance(suspend, bool):
            raise TypeError("suspend must be a bool")
        if _driver:
            _driver._suspended(suspend)


def _make_edid(name: str, width: int, height: int, serial: int) -> bytearray:
    edid = bytearray(128)
    edid[0:8] = b"\x00\xff\xff\xff\xff\xff\xff\x00"
    edid[12:16] = serial.to_bytes(4, "little")
    edid[54:72] = b"\x02\x3a\x80\x18\x71\x38\x2d\x40\x58\x2c\x45\x00\x00\x00\x00\x00\x00\x1e"
    edid[56] = width & 0xFF
    edid[58] = (width >> 8) << 4
    edid[59] = height & 0xFF
    edid[61] = (height >> 8) << 4
    edid[72:90] = (b"\x00\x00\x00\xfc\x00" + name.encode() + b"\n" + b" " * 13)[:18]
    edid[127] = -sum(edid) % 256
    return edid


_host = DockInfo.HOST_NOT_CONNECTED
_edids = [_make_edid("Host screen", _WIDTH, _HEIGHT, 7450)] + [b""] * (_OUTPUTS - 1)

try:
    import _dock as _driver
except ImportError:  # a board without the channel
    _driver = None
