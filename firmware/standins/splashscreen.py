# SPDX-License-Identifier: MIT
"""The splash screen. Host stand-in for the vendor's module `splashscreen`.

Source of the rules: the DL-7450 SDK documentation, "splashscreen" and "class Splashscreen".

The screen has 1920 x 1080 pixels. Nothing is drawn while Python runs: what an app sets up takes
effect together, the next time Python is idle. There is one screen, whatever number of Splashscreen
objects an app makes.

On the host a drawing is a pair of files in the folder that the environment variable DL7450_SCREEN
names (it is made if it is missing; without the variable nothing is written):

    background.png, .bmp or .jpeg      the image as the app gave it; none of them without a background
    screen.json                        width, height, background (file name or null), drawing (the
                                       number of this drawing, from 1) and boxes: a list of x, y (null
                                       in the message area), alignment, lines, markup (whether the
                                       lines are Pango markup)

Each file is replaced as a whole. `tools/screen.py` makes one picture of them.
"""

import json
import os
import re
import sys

import idle
import image

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from typing import Any

_WIDTH = 1920
_HEIGHT = 1080
_FAULT_MARGIN = 40
_MARKUP = re.compile("</?[a-zA-Z]|&#?[a-zA-Z0-9]+;")


class Alignment:
    """Where the text of a box lies: to the right of its x, to the left of it, or around it."""

    LEFT = 0
    RIGHT = 1
    MIDDLE = 2


_ALIGNMENTS = {Alignment.LEFT: "left", Alignment.RIGHT: "right", Alignment.MIDDLE: "middle"}
_EXTENSIONS = {image.PNG: "png", image.BMP: "bmp", image._JPEG: "jpeg"}
_MESSAGE_AREA = (None, None)


class Splashscreen:
    """Controls what the screen shows."""

    def __init__(self) -> None:  # without it MicroPython takes any arguments
        pass

    def set_background(self, background: Any, image_type: int = image.PNG) -> None:
        """Show an image behind the text.

        background: bytes, bytearray or memoryview of an image file, copied at the call; or an
            image.ImageToken, which knows its format itself.
        image_type: image.PNG or image.BMP, or the type that ImageStore.get() gave.

        Another type raises TypeError; data that is not of image_type raises ValueError.
        """
        if isinstance(background, image.ImageToken):
            with open(background._path, "rb") as f:
                image._check(f.read(8), background._type)
            _screen.background = background
            _screen.background_type = background._type
        else:
            if not isinstance(background, (bytes, bytearray, memoryview)):
                raise TypeError("background must be bytes-like or an ImageToken")
            if not isinstance(image_type, int):
                raise TypeError("image_type must be image.PNG or image.BMP")
            if image_type not in _EXTENSIONS:
                raise ValueError("image_type must be image.PNG or image.BMP")
            image._check(background, image_type)
            _screen.background = bytes(background)
            _screen.background_type = image_type
        _screen.background_changed = True
        _screen.changed = True

    def add_text_box(self, text: str | list[str], attributes: dict[str, int] | None = None) -> None:
        """Show text: a box of its own at (x, y), or the message area in the middle of the screen.

        text: str, or list of str, one a line; plain, or Pango markup.
        attributes: None or a dict. "x" and "y" are ints, pixels from the upper left corner, where
            the box's upper edge is; "alignment" is one of Alignment. Without x and y the text goes
            to the message area. What the documentation leaves open: the default is MIDDLE.

        A second text at the same place replaces the first. Another type raises TypeError; an
        unknown attribute, an unknown alignment, or x without y raises ValueError.
        """
        lines = _lines(text)
        position, alignment = _place(attributes)
        _screen.boxes[position] = {
            "x": position[0],
            "y": position[1],
            "alignment": _ALIGNMENTS[alignment],
            "lines": lines,
            "markup": _MARKUP.search("\n".join(lines)) is not None,
        }
        _screen.changed = True

    def remove_text_box(self, x: int, y: int) -> None:
        """Remove the box that was added at (x, y), ints; where there is none, nothing happens."""
        _check_int("x", x)
        _check_int("y", y)
        if _screen.boxes.pop((x, y), None):
            _screen.changed = True


class _Screen:
    # What the next drawing shows.
    def __init__(self) -> None:
        self.background: Any = None  # bytes, an ImageToken or None
        self.background_type = image.NONE
        self.background_changed = True  # at first: a former run may have left files
        self.boxes: dict[tuple[int | None, int | None], dict[str, Any]] = {}  # by position
        self.changed = False
        self.drawing = 0


_screen = _Screen()


def _lines(text: str | list[str]) -> list[str]:
    if isinstance(text, str):
        return text.split("\n")
    if not isinstance(text, list) or not all(isinstance(line, str) for line in text):
        raise TypeError("text must be a str or a list of str")
    return "\n".join(text).split("\n")


def _place(attributes: dict[str, int] | None) -> tuple[tuple[int | None, int | None], int]:
    if attributes is None:
        attributes = {}
    if not isinstance(attributes, dict):
        raise TypeError("attributes must be a dict")
    for key in attributes:
        if key not in ("x", "y", "alignment"):
            raise ValueError("attributes: unknown key '%s'" % key)
    alignment = attributes.get("alignment", Alignment.MIDDLE)
    _check_int("alignment", alignment)
    if alignment not in _ALIGNMENTS:
        raise ValueError("alignment must be LEFT, RIGHT or MIDDLE of Alignment")
    if "x" not in attributes and "y" not in attributes:
        return _MESSAGE_AREA, alignment
    for key in ("x", "y"):
        if key not in attributes:
            raise ValueError("attributes: x and y belong together, %s is missing" % key)
        _check_int(key, attributes[key])
    return (attributes["x"], attributes["y"]), alignment


def _check_int(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("%s must be an int" % name)


def _draw() -> bool:
    # The idle loop calls this: it draws if something has changed.
    if not _screen.changed:
        return False
    _screen.changed = False
    folder = os.getenv("DL7450_SCREEN")
    if folder:
        try:
            _write_screen(folder)
        except OSError as e:
            raise OSError(e.errno, "DL7450_SCREEN: cannot write to '%s'" % folder)
    return True


def _write_screen(folder: str) -> None:
    _make_folders(folder)
    name = None
    if _screen.background is not None:
        name = "background." + _EXTENSIONS[_screen.background_type]
    if name and _screen.background_changed:
        _replace(folder + "/" + name, _image_data())
    _screen.drawing += 1
    boxes = sorted(_screen.boxes.values(), key=_reading_order)
    content = {
        "width": _WIDTH,
        "height": _HEIGHT,
        "background": name,
        "drawing": _screen.drawing,
        "boxes": boxes,
    }
    _replace(folder + "/screen.json", json.dumps(content).encode())
    # This comes last: the former screen.json may have named the other background.
    if _screen.background_changed:
        for extension in _EXTENSIONS.values():
            if name != "background." + extension:
                _remove(folder + "/background." + extension)
    _screen.background_changed = False


def _reading_order(box: dict[str, Any]) -> tuple[int, int]:
    if box["y"] is None:
        return (_HEIGHT // 2, -1)
    return (box["y"], box["x"])


def _image_data() -> Any:
    background = _screen.background
    if not isinstance(background, image.ImageToken):
        return background
    with open(background._path, "rb") as f:
        return f.read()


def _make_folders(path: str) -> None:
    at = 0
    while at >= 0:
        at = path.find("/", at + 1)
        try:
            os.mkdir(path if at < 0 else path[:at])
        except OSError:
            pass  # it exists; otherwise opening the first file will say why


def _replace(path: str, data: bytes) -> None:
    beside = path + ".part"
    with open(beside, "wb") as f:
        f.write(data)
    os.rename(beside, path)


def _remove(path: str) -> None:
    try:
        os.remove(path)
    except OSError:
        pass  # it did not exist


def _show_fault(lines: list[str]) -> None:
    """Draw lines, the text of an app fault, at once: after a fault the idle loop does not run."""
    _screen.background = None
    _screen.background_changed = True
    _screen.boxes = {
        _MESSAGE_AREA: {
            "x": _FAULT_MARGIN,
            "y": _FAULT_MARGIN,
            "alignment": "left",
            "lines": lines,
            "markup": False,
        }
    }
    _screen.changed = True
    try:
        _draw()
    except OSError as e:
        print("splashscreen: the fault could not be drawn: %s" % e, file=sys.stderr)


# No drawing is ever due by itself: only Python code makes one necessary.
idle.add(_draw, lambda: None)
