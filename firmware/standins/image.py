# SPDX-License-Identifier: MIT
"""Image formats. Host stand-in for the vendor's module `image`.

Source of the rules: the DL-7450 SDK documentation, "image". The values of the constants are this
stand-in's own; apps use the names. The store may hold JPEG images too, for which the documentation has no
constant: ImageStore.get() gives a type that Splashscreen.set_background() takes.
"""

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

NONE = 0
PNG = 1
BMP = 2
_JPEG = 3

_SIGNATURES = {PNG: b"\x89PNG\r\n\x1a\n", BMP: b"BM", _JPEG: b"\xff\xd8\xff"}
_NAMES = {PNG: "PNG", BMP: "BMP", _JPEG: "JPEG"}


class ImageToken:
    """Stands for an image of the datastore without copying it into Python's memory.

    Only ImageStore.get_token() makes one; calling the class is a TypeError.
    """

    _path: str
    _type: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("an ImageToken comes from ImageStore.get_token()")


def _make_token(path: str, image_type: int) -> ImageToken:
    token = object.__new__(ImageToken)
    token._path = path
    token._type = image_type
    return token


def _check(data: bytes | bytearray | memoryview, image_type: int) -> None:
    """Raise ValueError unless data (bytes-like) begins like a file of image_type."""
    signature = _SIGNATURES[image_type]
    if bytes(data[: len(signature)]) != signature:
        raise ValueError("background is no %s image" % _NAMES[image_type])
