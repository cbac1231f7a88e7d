# SPDX-License-Identifier: MIT
"""What the channel changes in the stand-ins `dock` and `network`: host computer, monitors, addresses."""

import _channel
import dock
import network

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

_MOST_PIXELS = 4095  # twelve bits


def _drive_host(connected: bool) -> None:
    if not isinstance(connected, bool):
        raise ValueError("connected must be true or false")
    # An unplug ends a suspension.
    if connected and dock._host == dock.DockInfo.HOST_NOT_CONNECTED:
        dock._host = dock.DockInfo.HOST_CONNECTED
    elif not connected:
        dock._host = dock.DockInfo.HOST_NOT_CONNECTED


def _drive_monitors(outputs: list[Any]) -> None:
    if not isinstance(outputs, list) or len(outputs) > dock._OUTPUTS:
        raise ValueError("outputs must be a list of at most %d" % dock._OUTPUTS)
    edids = [b"" if output is None else _edid(**output) for output in outputs]
    dock._edids = edids + [b""] * (dock._OUTPUTS - len(edids))


def _edid(
    name: str = "Screen", width: int = 1920, height: int = 1080, serial: int = 7450, edid: str | None = None
) -> bytes | bytearray:
    if edid is not None:
        return bytes.fromhex(edid)
    if not 0 < width <= _MOST_PIXELS or not 0 < height <= _MOST_PIXELS:
        raise ValueError("width and height must be from 1 to %d" % _MOST_PIXELS)
    if len(name.encode()) > 13:
        raise ValueError("name must have at most 13 bytes")
    return dock._make_edid(name, width, height, serial)


def _drive_network(addresses: list[str] | None) -> None:
    if addresses is None:
        network._addresses = network._NO_ADDRESS
        return
    if len(addresses) != 4 or not all(network._is_address(address) for address in addresses):
        raise ValueError("addresses must be null or [ip, subnet, gateway, dns]")
    network._addresses = tuple(addresses)


def _suspended(suspend: bool) -> None:
    # dock.DockControl calls this.
    info = dock.DockInfo
    if dock._host != info.HOST_NOT_CONNECTED:
        dock._host = info.HOST_CONNECTION_SUSPENDED if suspend else info.HOST_CONNECTED
    _channel.tell("host", suspend=suspend, status=dock._host)


_channel.start()
