# SPDX-License-Identifier: MIT
"""Makes the ROM store that DL7450_ROM names readable for apps.

The variable names a folder, or an image of one: a ROMFS, which MicroPython reads in place
(tools/store.py makes it; extmod/vfs_rom.c of MicroPython describes the format). An image is mounted
at /rom, which only Python sees: the options file and files of http take paths of the system.
"""

import os

import _rom
import vfs

_MOUNTED_AT = "/rom"
_FILE_TYPE = 0xF000  # of st_mode
_IS_FOLDER = 0x4000

_HEADER = b"\xd2\xcd\x31"
_UNUSED = 0
_POINTER = 3
_FOLDER = 4
_FILE = 5
_MOST = 1 << 31  # the largest number in an image
_DAMAGED = "it is a damaged ROMFS image"

# The folder with the store's files; None without a store. The app runner sets it before the app runs:
# then an app that changes its environment cannot change the store.
folder: str | None = None


def mount() -> None:
    """Set folder; mounts an image at /rom.

    Raises OSError if the file or folder cannot be read, ValueError if it is no complete image.
    """
    global folder
    path = os.getenv("DL7450_ROM")
    if not path:
        return
    if is_folder(path):
        folder = path
        return
    image = _rom.map(path)
    _check(image)
    vfs.mount(vfs.VfsRom(image), _MOUNTED_AT)
    folder = _MOUNTED_AT


def is_folder(path: str) -> bool:
    """Whether path (str) is a folder; raises OSError if it does not exist."""
    return os.stat(path)[0] & _FILE_TYPE == _IS_FOLDER


def _check(image: memoryview) -> None:
    # VfsRom trusts every length in the image. A damaged image must not make it read outside of it.
    if bytes(image[: len(_HEADER)]) != _HEADER:
        raise ValueError("it is no ROMFS image")
    size, start = _number(image, len(_HEADER), len(image))
    missing = start + size - len(image)
    if missing > 0:
        raise ValueError("it is truncated: %d bytes are missing" % missing)
    todo = [(start, start + size)]
    while todo:
        at, end = todo.pop()
        while at < end:
            kind, at = _number(image, at, end)
            length, at = _number(image, at, end)
            record_end = at + length
            inside = kind != _UNUSED and record_end <= end
            if inside and kind in (_FOLDER, _FILE):
                name_length, at = _number(image, at, record_end)
                inside = at + name_length <= record_end
                todo.append((at + name_length, record_end))
            elif inside and kind == _POINTER:
                length, at = _number(image, at, record_end)
                offset, at = _number(image, at, record_end)
                inside = offset + length <= size
            if not inside:
                raise ValueError(_DAMAGED)
            at = record_end


def _number(image: memoryview, at: int, end: int) -> tuple[int, int]:
    # Returns the number that begins at `at`, seven bits a byte, and the position after it.
    value = 0
    while at < end:
        byte = image[at]
        value = value << 7 | byte & 0x7F
        at += 1
        if value >= _MOST:
            break
        if byte < 0x80:
            return value, at
    raise ValueError(_DAMAGED)
