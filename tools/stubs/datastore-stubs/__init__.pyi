# SPDX-License-Identifier: MIT
"""The ROM store: images, texts and the app itself, which apps can only read.

Source: the SDK of the DL-7450, "datastore", "class ImageStore" and "class KvStore"; the samples of the vendor
for CodeStore.
"""

import builtins
from typing import TypedDict

from image import ImageToken

class ImageStore:
    """The images of the ROM store."""

    def __init__(self) -> None: ...
    def list(self) -> builtins.list[str]:
        """Return the tags of all images, sorted."""

    def get(self, image_tag: str) -> tuple[bytearray, int]:
        """Read an image.

        Returns:
            (bytes of the file, its type). The type is image.PNG, image.BMP or a number that
            Splashscreen.set_background() takes.

        Raises:
            TypeError: image_tag is no str.
            ValueError: there is no such image.
        """

    def get_token(self, image_tag: str) -> ImageToken:
        """Return a token for the image, which needs no memory of Python's.

        Raises:
            TypeError: image_tag is no str.
            ValueError: there is no such image.
        """

class KvStore:
    """The pairs of key and value of the ROM store."""

    def __init__(self) -> None: ...
    def list(self) -> builtins.list[str]:
        """Return the keys that have a value, sorted."""

    def get(self, key: str) -> str:
        """Return the value of key; "" when there is none.

        Raises:
            TypeError: key is no str.
        """

class CodeInfo(TypedDict):
    """What CodeStore.info() gives. For type checkers only."""

    checksum: int
    """CRC-32 of the app's code; 0 when the store has none."""

class CodeStore:
    """The app of the ROM store."""

    def info(self) -> CodeInfo:
        """Return {"checksum": CRC-32 of the app's code}."""
