# SPDX-License-Identifier: MIT
"""The channel that drives the stand-ins of devices from outside.

README.md of firmware/standins describes it. The environment variable DL7450_DEVICES names a file with
lines of JSON, or a Unix socket that the program connects to. Without it the devices stay as they are.
"""

import errno
import json
import os
import socket
import sys
from time import ticks_add, ticks_diff, ticks_ms

import _http
import _watch
import idle

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

VERSION = 1
_READY_SECONDS = 10
_MOST_BYTES = 32 << 20  # of a line, and of what the peer has not read yet
_FOR_EVER_MS = 1 << 29
# What a line that is wrong raises in a stand-in.
_WRONG = (AttributeError, ImportError, TypeError, ValueError)
_NOT_READY = "DL7450_DEVICES: the peer did not send a line with ready"

# The stand-in that a line is for. It is imported when its first line comes.
_MODULES = {
    "gpio": "gpio",
    "host": "_dock",
    "i2c": "i2c",
    "monitors": "_dock",
    "network": "_dock",
    "route": "_tcp",
    "usb": "usb",
    "vision": "vision_client",
}

_channel: "_File | _Socket | None" = None
_opened = False


class _File:
    # The lines of a file; {"after": ms} waits.
    def __init__(self, path: str) -> None:
        self._path = path
        with open(path, "rb") as f:
            self._lines = [(n + 1, line) for n, line in enumerate(f.read().split(b"\n")) if line.strip()]
        self._at = ticks_ms()

    def start(self) -> None:
        while self.step():
            pass

    # One line at a time: its callbacks come before the next line.
    def step(self) -> bool:
        if not self._lines or ticks_diff(self._at, ticks_ms()) > 0:
            return False
        number, text = self._lines.pop(0)
        try:
            line = _parse(text)
            if "after" in line:
                self._at = ticks_add(self._at, _ms(line))
            else:
                _apply(line)
        except _WRONG as e:
            raise ValueError("DL7450_DEVICES: %s:%d: %s" % (self._path, number, e))
        return True

    def due(self) -> int | None:
        return max(0, ticks_diff(self._at, ticks_ms())) if self._lines else None

    def tell(self, event: dict[str, Any]) -> None:
        pass


class _Socket:
    # Lines in both directions. A line that is wrong is answered, and changes nothing.
    def __init__(self, path: str) -> None:
        self._lines: list[bytes] = []  # those that have come and are not applied yet
        self._input = b""
        self._output = b""
        self._ready = False
        self._socket: Any = socket.socket(socket.AF_UNIX)
        self._socket.connect((1).to_bytes(2, sys.byteorder) + path.encode())  # struct sockaddr_un

    def start(self) -> None:
        self._socket.settimeout(_READY_SECONDS)
        self.tell({"version": VERSION})
        while not self._ready:
            if not self._lines and not self._receive():
                raise OSError(errno.ECONNRESET, _NOT_READY)
            self._apply_first()
        self._socket.setblocking(False)
        watch(self._socket)

    # One line at a time: its callbacks come before the next line.
    def step(self) -> bool:
        self._send()
        received = not self._lines and self._receive()
        return self._apply_first() or received

    # False: the peer has closed the channel, or has sent nothing.
    def _receive(self) -> bool:
        try:
            data = self._socket.recv(1 << 16) if self._socket else b""
        except OSError as e:
            if not self._ready:
                raise OSError(e.errno, _NOT_READY)
            if e.errno == errno.EAGAIN:
                return False
            data = b""
        *self._lines, self._input = (self._input + data).split(b"\n")
        if not data or len(self._input) > _MOST_BYTES:
            self._close()
        return bool(data)

    def _apply_first(self) -> bool:
        if not self._lines:
            return False
        text = self._lines.pop(0)
        try:
            line = _parse(text)
            if "ready" in line:
                self._ready = True
            else:
                _apply(line)
        except _WRONG as e:
            self.tell({"error": str(e), "line": str(text, "utf-8")})
        return True

    def due(self) -> int | None:
        return 0 if self._lines else _FOR_EVER_MS if self._socket else None

    def tell(self, event: dict[str, Any]) -> None:
        if self._socket:
            self._output += json.dumps(event).encode() + b"\n"
            self._send()

    def _send(self) -> None:
        try:
            while self._output and self._socket:
                self._output = self._output[self._socket.send(self._output) :]
        except OSError as e:
            if e.errno != errno.EAGAIN:
                self._output = b""  # the peer is gone; what it has sent before is still read
            elif len(self._output) > _MOST_BYTES:
                self._close()

    def _close(self) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None


def _parse(text: bytes) -> dict[str, Any]:
    try:
        line = _http.json(text)  # strict, unlike the module json
    except ValueError:
        line = None
    if not isinstance(line, dict):
        raise ValueError("a line must be one JSON object")
    return line


def _ms(line: dict[str, Any]) -> int:
    ms = line["after"]
    if not isinstance(ms, int) or ms < 0:
        raise ValueError("after must be milliseconds")
    return ms


def _apply(line: dict[str, Any]) -> None:
    device = line.pop("device", None)
    if device not in _MODULES:
        raise ValueError("device must be one of " + ", ".join(sorted(_MODULES)))
    getattr(__import__(_MODULES[device]), "_drive_" + device)(**line)


def start() -> None:
    """Open the channel. Every stand-in calls this at the end of its import; the first call opens it.

    It returns when the lines that describe the devices at first have been applied.
    """
    global _channel, _opened
    path = os.getenv("DL7450_DEVICES")
    if _opened or not path:
        return
    _opened = True
    try:
        is_socket = os.stat(path)[0] & 0xF000 == 0xC000
        _channel = _Socket(path) if is_socket else _File(path)
    except OSError as e:
        raise OSError(e.errno, "DL7450_DEVICES: cannot open '%s'" % path)
    _channel.start()


def watch(sock: Any) -> None:
    """Let what happens at a socket end the wait of the idle loop."""
    _watch.add(sock.fileno())
    idle.watched = True


def tell(device: str, **event: Any) -> None:
    """Say what the app did with a device."""
    if _channel:
        event["device"] = device
        _channel.tell(event)


def due() -> int | None:
    """Until something may come, in ms, for a stand-in that waits for it; None: nothing will come any more."""
    return _channel.due() if _channel else None


def _step() -> bool:
    return _channel.step() if _channel else False


# By itself the channel keeps no app alive: a stand-in with a callback does.
idle.add(_step, lambda: None)
