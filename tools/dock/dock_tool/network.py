# SPDX-License-Identifier: MIT
"""The conditions of the network that a test sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dock_tool.testing import Dock

__tracebackhide__ = True  # as in testing.py


class Network:
    """The conditions of the network, for all apps. host: one host, or all ("*")."""

    def __init__(self, dock: Dock) -> None:
        self._dock = dock
        self.commands: list[str] = []

    def _set(self, command: str) -> None:
        self._dock.must_be_simulated("dock.network")
        self.commands.append(command)
        for app in self._dock.apps:
            app._program.command(command)

    def _set_for(self, host: str, condition: str) -> None:
        self._set(f"network {_checked(host)} {condition}")

    def online(self, host: str = "*") -> None:
        """Everything works."""
        self._set_for(host, "online")

    def cable_out(self) -> None:
        """No name has an address, no network can be reached, and on connections nothing moves."""
        self._set("network * cable-out")

    def no_names(self, host: str = "*") -> None:
        """Names do not exist."""
        self._set_for(host, "no-names")

    def resolver_hangs(self, host: str = "*", seconds: int = 30) -> None:
        """A name is looked up for so long, and then not found."""
        self._set_for(host, f"hang {seconds}")

    def refused(self, host: str = "*") -> None:
        """Nobody listens."""
        self._set_for(host, "refused")

    def no_answer(self, host: str = "*") -> None:
        """No answer comes, neither to a connection nor to a request."""
        self._set_for(host, "no-answer")

    def slow(self, host: str = "*", *, bytes_per_second: int = 0, delay_ms: int = 0) -> None:
        """So many bytes a second (0: all), the first ones after a delay."""
        self._set_for(host, f"slow {bytes_per_second} {delay_ms}")

    def reset(self, host: str = "*", *, after: int = 0) -> None:
        """Connections are reset when so many bytes have come."""
        self._set_for(host, f"reset {after}")

    def name(self, host: str, address: str = "127.0.0.1", port: int | None = None) -> None:
        """A host name has this address; port: where its requests go. host may be "NAME:PORT"."""
        if port is not None and not 0 < port < 65536:
            raise ValueError(f"port: {port} is none: 1 to 65535")
        self._set(f"name {_checked(host)} {address} {port or ''}".rstrip())


def _checked(host: str) -> str:
    # A condition of a host that no request can have would be none, and the test would not notice.
    if not isinstance(host, str) or not host or "/" in host or any(c.isspace() for c in host):
        raise ValueError(f"host: {host!r} is no host's name")
    return host
