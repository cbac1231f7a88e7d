# SPDX-License-Identifier: MIT
"""Messages of the vendor's development backend. Stand-in on the PC for the module `vision_client`.

Source of the rules: the DL-7450 SDK documentation, "vision_client" and "class VisionClient". There is no
backend here: messages come through the channel (README.md of firmware/standins). What the documentation
leaves open: a message that comes before on_message() is lost, and a second on_message() of the same object
replaces the first.
"""

import binascii

import _channel
import idle

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any, NoReturn

_clients: "list[VisionClient]" = []  # those that have a handler
_queue: list[bytes] = []  # messages that have not been delivered


class VisionClient:
    """Receives the messages that are sent to this dock."""

    def __init__(self) -> None:
        self._callback: Any = None

    def on_message(self, callback: Callable[[bytearray], object]) -> None:
        """Call callback(message), a bytearray, when Python is idle.

        It keeps the app running while messages may come.
        """
        if not callable(callback):
            raise TypeError("callback must be callable")
        self._callback = callback
        if self not in _clients:
            _clients.append(self)
        _channel.tell("vision", watched=True)

    def send_message(self, msg: object) -> NoReturn:
        """Not available: the documentation says so of the dock too."""
        raise NotImplementedError("VisionClient.send_message() is not available in this preview")

    def __repr__(self) -> str:
        return "<stand-in for a VisionClient>"


def _drive_vision(text: str | None = None, base64: Any = None) -> None:
    # A line of the channel: one message.
    if (text is None) == (base64 is None):
        raise ValueError("a message is either text or base64")
    message = binascii.a2b_base64(base64) if text is None else text.encode()
    if _clients:
        _queue.append(message)


def _step() -> bool:
    if not _queue:
        return False
    message = _queue.pop(0)
    for client in list(_clients):
        client._callback(bytearray(message))
    return True


def _due() -> int | None:
    if _queue:
        return 0
    return _channel.due() if _clients else None


def _stop() -> None:
    _queue.clear()
    _clients.clear()


idle.add(_step, _due, _stop)
_channel.start()
