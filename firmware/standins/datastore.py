# SPDX-License-Identifier: MIT
"""The ROM store of the app. Host stand-in for the vendor's module `datastore`.

Source of the rules: the DL-7450 SDK documentation, "datastore", "class ImageStore" and "class
KvStore"; CodeStore is what the vendor's samples call. Only the ROM store exists, and apps only read it.

On the host the store is what the environment variable DL7450_ROM names: a folder, or an image of
one that tools/store.py made, which apps see at /rom. In it are

    main.py or main.mpy              the app, for `dl7450 FOLDER` or `dl7450 /rom`; CodeStore reads it
    images/TAG.png, .bmp, .jpeg      the images; the file name without its ending is the tag
    kv.json                          one JSON object, str to str

Without the variable, or without these files, the store is empty. It is read at each call. What the
documentation leaves open: lists are sorted, and an unknown image tag is a ValueError.
"""

import binascii
import os

import _store
import image
from _http import json as _json  # MicroPython's own takes what is no JSON

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

    _Names = list[str]  # not the method list()

_TYPES = ((".png", image.PNG), (".bmp", image.BMP), (".jpeg", image._JPEG))


class ImageStore:
    """The images of the ROM store."""

    def __init__(self) -> None:  # without it MicroPython takes any arguments
        pass

    def list(self) -> _Names:
        """The tags of all images: a list of str, sorted."""
        return sorted(_images())

    def get(self, image_tag: str) -> tuple[bytearray, int]:
        """The image named image_tag (str): (bytearray of the file, its type).

        The type is image.PNG, image.BMP, or for a JPEG a number that set_background() takes. An unknown
        tag raises ValueError, another type TypeError.
        """
        path, image_type = _find(image_tag)
        data = bytearray(os.stat(path)[6])  # readinto() avoids a second copy
        with open(path, "rb") as f:
            f.readinto(data)
        return data, image_type

    def get_token(self, image_tag: str) -> image.ImageToken:
        """An image.ImageToken of the image, for Splashscreen.set_background(); errors as get()."""
        path, image_type = _find(image_tag)
        return image._make_token(path, image_type)


class KvStore:
    """The key-value pairs of the ROM store."""

    def __init__(self) -> None:  # without it MicroPython takes any arguments
        pass

    def list(self) -> _Names:
        """The keys that have a value: a list of str, sorted."""
        return sorted(_pairs())

    def get(self, key: str) -> str:
        """The value (str) of key (str); '' when there is none. Another type raises TypeError."""
        if not isinstance(key, str):
            raise TypeError("key must be a str")
        return _pairs().get(key, "")


class CodeStore:
    """The app of the ROM store."""

    def info(self) -> dict[str, int]:
        """A dict with "checksum" (int): the CRC-32 of the app's code, 0 when the store has none.

        The number in the vendor's test of a dock is the CRC-32 of the vendor's own app for that dock.
        """
        folder = _store.folder
        code = b""
        for name in ("main.mpy", "main.py") if folder else ():
            try:
                with open("%s/%s" % (folder, name), "rb") as f:
                    code = f.read()
            except OSError:
                pass
        return {"checksum": binascii.crc32(code)}


def _images() -> dict[str, tuple[str, int]]:
    # Returns {tag: (path, type)}. If files have the same tag, the first type wins.
    folder: Any = _store.folder
    found: dict[str, tuple[str, int]] = {}
    try:
        names = os.listdir(folder + "/images") if folder else ()
    except OSError:
        names = ()
    for ending, image_type in _TYPES:
        for name in names:
            tag = name[: -len(ending)]
            if name.endswith(ending) and tag not in found:
                found[tag] = (folder + "/images/" + name, image_type)
    return found


def _find(tag: str) -> tuple[str, int]:
    if not isinstance(tag, str):
        raise TypeError("image_tag must be a str")
    try:
        return _images()[tag]
    except KeyError:
        raise ValueError(
            "image_tag: there is no image '%s' in %s"
            % (tag, _store.folder or "the store: DL7450_ROM names none")
        )


def _pairs() -> dict[str, str]:
    folder = _store.folder
    try:
        f = open(folder + "/kv.json", "rb") if folder else None
    except OSError:
        f = None
    if f is None:
        return {}
    with f:
        text = f.read()
    try:
        pairs = _json(text)
    except ValueError:
        pairs = None
    if not isinstance(pairs, dict) or not all(isinstance(v, str) for v in pairs.values()):
        raise ValueError("%s/kv.json must be one JSON object of strings" % folder)
    return pairs
