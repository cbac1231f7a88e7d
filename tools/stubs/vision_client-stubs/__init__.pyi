# SPDX-License-Identifier: MIT
"""Messages of the vendor's backend.

Source: the SDK of the DL-7450, "vision_client" and "class VisionClient".
"""

from collections.abc import Callable
from typing import NoReturn

class VisionClient:
    """Receives the messages that are sent to this dock."""

    def __init__(self) -> None: ...
    def on_message(self, callback: Callable[[bytearray], object]) -> None:
        """Call callback with each message, when Python is idle.

        Raises:
            TypeError: callback cannot be called.
        """

    def send_message(self, msg: object) -> NoReturn:
        """Not available in this generation of the SDK.

        Raises:
            NotImplementedError: always.
        """
