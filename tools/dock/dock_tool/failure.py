# SPDX-License-Identifier: MIT
"""What can go wrong between this machine and a board: one line for people, and an exit code."""

from __future__ import annotations

import errno
import socket
from enum import IntEnum
from pathlib import Path
from urllib.parse import urlsplit

import serial


class Exit(IntEnum):
    """Exit codes of `dock`; see `dock --help`."""

    FAULT = 1
    USAGE = 2
    NO_PORT = 10
    REFUSED = 11
    IN_USE = 12
    NO_ANSWER = 13
    BUSY = 14
    LOST = 15
    NO_LOCAL_FILE = 16
    NO_REMOTE_FILE = 17
    DISK_FULL = 18
    OTHER = 19
    NOT_RECORDED = 20
    INTERRUPTED = 130


class Failure(Exception):
    """Ends the command. code is its exit code, the text is its line on stderr."""

    def __init__(self, code: Exit, text: str) -> None:
        super().__init__(text)
        self.code = code


def missing(name: str | None, part: str) -> Failure:
    """Return what to do when a Python package is missing that only a part of this one needs."""
    # pip finds neither this package nor the stubs by name: it needs both folders of the checkout.
    tools = Path(__file__).resolve().parents[2]
    how = f"pip install -e '{tools / 'stubs'}' -e '{tools / 'dock'}[{part}]'"
    return Failure(Exit.OTHER, f"{name} is missing: {how}")


def check_port(port: str) -> None:
    """Raise Failure when the name of a port over TCP is incomplete. pyserial would give another error."""
    try:
        parts = urlsplit(port)
        if parts.scheme not in ("socket", "rfc2217") or (parts.hostname and parts.port):
            return
    except ValueError:  # no number, or too large
        pass
    raise Failure(Exit.USAGE, f"{port} names no port: socket://HOST:PORT, with a PORT from 1 to 65535")


def open_port(port: str, timeout: float) -> serial.SerialBase:
    """Open a serial port for this program alone. Raises Failure when that is impossible."""
    check_port(port)
    try:
        return serial.serial_for_url(port, baudrate=115200, timeout=timeout, exclusive=True)
    except (OSError, ValueError) as error:
        raise port_failure(port, error) from error


def port_failure(port: str, error: Exception) -> Failure:
    """Return why a port could not be opened."""
    if isinstance(error, ValueError):
        return Failure(Exit.USAGE, f"{port} names no port: {error}")
    # pyserial wraps errors of sockets and of termios, and drops their number
    causes = [cause for cause in (error, error.__context__) if cause]
    numbers = {cause.args[0] for cause in causes if cause.args}
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Failure(Exit.NO_PORT, f"there is no port {port}: no such host")
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return Failure(Exit.NO_ANSWER, f"no answer from {port}: the connection was not taken")
    if numbers & {errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ENOTTY}:
        return Failure(Exit.NO_PORT, f"there is no serial port {port}")
    if errno.ECONNREFUSED in numbers:
        return Failure(
            Exit.REFUSED, f"{port} refused the connection: is the board (or its emulator) running?"
        )
    if numbers & {errno.EAGAIN, errno.EBUSY}:
        return Failure(Exit.IN_USE, f"{port} is in use by another program")
    return Failure(Exit.OTHER, f"cannot open {port}: {error}")


def file_failure(error: OSError, board: bool) -> Failure:
    """Return why a file could not be read or written, on the board or here."""
    name = error.filename or (error.args[1] if len(error.args) > 1 else "?")
    where = "on the board" if board else "here"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        code = Exit.NO_REMOTE_FILE if board else Exit.NO_LOCAL_FILE
        return Failure(code, f"no such file or folder {where}: {name}")
    if error.errno == errno.ENOSPC and board:
        return Failure(Exit.DISK_FULL, f"the board's disk is full: {name} was not written")
    reason = errno.errorcode.get(error.errno or 0, str(error))
    return Failure(Exit.OTHER, f"{name} {where}: {reason}")
