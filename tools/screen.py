# SPDX-License-Identifier: MIT
"""Draws what an app has on the screen: the background, and the text boxes on it.

The input is the folder that DL7450_SCREEN named; firmware/standins/splashscreen.py says what is in it. Pango
draws the text with the dock's font, see pango.py beside this file. What reaches beyond the screen is cut.

    screen.py FOLDER PICTURE        writes PICTURE, and says on stderr which text is cut or has no glyphs

Other tools call draw(). It returns the picture, and the text boxes with the areas that they fill.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pango import Area, Canvas, Layout, MarkupError
from PIL import Image


@dataclass(frozen=True)
class TextBox:
    """A text box as it was drawn."""

    x: int | None  # as the app gave it; None in the message area
    y: int | None
    alignment: str  # left, middle or right
    text: str  # without its markup
    area: Area  # from the first line's top to the last one's bottom, as wide as the longest line
    ink: Area  # the part of the screen on which something is drawn
    unknown: int  # how many of its characters no font has


@dataclass(frozen=True)
class Screen:
    """A screen as it was drawn."""

    picture: Image.Image
    boxes: list[TextBox]

    def notes(self) -> Iterator[str]:
        """Give a line for each text box that cannot be read as a whole."""
        width, height = self.picture.size
        for box in self.boxes:
            left, top, right, bottom = box.ink
            if box.ink.right > box.ink.left and (left < 0 or top < 0 or right > width or bottom > height):
                yield f"the text {place(box.x, box.y)} is cut: it reaches from {left, top} to {right, bottom}"
            if box.unknown:
                yield f"the text {place(box.x, box.y)} has {box.unknown} characters that no font here has"


def place(x: int | None, y: int | None) -> str:
    """Return where a text box is, in words."""
    return "in the message area" if x is None else f"at {x, y}"


def draw(folder: Path) -> Screen:
    """Draw the screen in folder.

    Raises FileNotFoundError when no app has drawn anything there or the fonts are missing, MarkupError for a
    text that Pango refuses, and ValueError, LookupError or TypeError for files that are no screen.
    """
    screen = json.loads((folder / "screen.json").read_text())
    size = (screen["width"], screen["height"])
    if screen["background"]:
        pixels = background(folder / screen["background"], size)
    else:
        pixels = bytearray(4 * size[0] * size[1])
    canvas = Canvas(size, pixels)
    boxes = [draw_box(canvas, box, size) for box in screen["boxes"]]
    return Screen(Image.frombytes("RGB", size, bytes(pixels), "raw", "BGRX"), boxes)


def background(path: Path, size: tuple[int, int]) -> bytearray:
    """Return the pixels of an image for a Canvas. An image of another size is stretched to the screen's."""
    try:
        with Image.open(path) as image:
            return bytearray(image.convert("RGB").resize(size).convert("RGBA").tobytes("raw", "BGRA"))
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{path} is not readable: {error}") from error


def draw_box(canvas: Canvas, box: dict, size: tuple[int, int]) -> TextBox:
    """Draw a text box as screen.json has it."""
    x, y, alignment = box["x"], box["y"], box["alignment"]
    try:
        layout = Layout(canvas, "\n".join(box["lines"]), markup=box["markup"], alignment=alignment)
    except MarkupError as error:
        # The text may come from a server, and be no markup at all.
        advice = "if it is no markup, write &lt; for < and &amp; for &"
        raise MarkupError(
            f"Pango refuses the markup of the text {place(x, y)}: {error} ({advice})"
        ) from error
    area, _ = layout.areas(0, 0)
    if x is None:
        left, top = (size[0] - area.right) // 2, (size[1] - area.bottom) // 2
    else:
        left, top = x - {"left": 0, "middle": area.right // 2, "right": area.right}[alignment], y
    layout.draw(left, top)
    return TextBox(x, y, alignment, layout.text, *layout.areas(left, top), layout.unknown())


def main() -> None:
    """Run the command line: screen.py FOLDER PICTURE."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("picture", type=Path)
    args = parser.parse_args()
    if not (args.folder / "screen.json").is_file():
        sys.exit(f"screen: no app drew anything there: {args.folder / 'screen.json'} is missing")
    try:
        screen = draw(args.folder)
    except (FileNotFoundError, MarkupError) as error:
        sys.exit(f"screen: {error}")
    except (OSError, ValueError, LookupError, TypeError) as error:
        sys.exit(f"screen: {args.folder}/screen.json is no screen: {error}")
    for note in screen.notes():
        print(f"screen: {note}", file=sys.stderr)
    try:
        screen.picture.save(args.picture)
    except (OSError, ValueError) as error:
        sys.exit(f"screen: cannot write {args.picture}: {error}")


if __name__ == "__main__":
    main()
