# SPDX-License-Identifier: MIT
"""The dock itself.

Source: the SDK of the DL-7450, "class DockInfo" and "class DockControl".
"""

from typing import Final, Literal, TypeAlias

from monitor import Monitor

Timezone: TypeAlias = Literal[
    "CET", "CST6CDT", "EET", "EST", "GB", "GMT", "HST", "Hongkong", "Israel", "Japan", "MET", "MST", "MST7MDT", "NZ",
    "PRC", "PST8PDT", "ROC", "ROK", "Singapore", "UCT", "UTC", "W-SU", "WET",
]  # fmt: skip
"""The names that set_timezone() takes. For type checkers only."""

class DockInfo:
    """What the dock knows about itself."""

    HOST_NOT_CONNECTED: Final[int]
    HOST_CONNECTED: Final[int]
    HOST_CONNECTION_SUSPENDED: Final[int]

    def __init__(self) -> None: ...
    def dock_id(self) -> str:
        """Return the identifier of this dock."""

    def monitors(self) -> list[Monitor]:
        """Return one Monitor an output. That of an unused output is not valid()."""

    def host_status(self) -> int:
        """Tell whether a computer is connected: one of the three values HOST_*."""

class DockControl:
    """What an app can set."""

    def __init__(self) -> None: ...
    def set_timezone(self, timezone: Timezone) -> None:
        """Use this time zone for local times.

        Raises:
            TypeError: timezone is no str.
            ValueError: it is not one of the names that the documentation lists.
        """

    def suspend_host_connection(self, suspend: bool) -> None:
        """Suspend (True) or resume (False) the connection of the host computer.

        Raises:
            TypeError: suspend is no bool.
        """
