# SPDX-License-Identifier: MIT
"""Makes one picture of what an app drew: the background, and the text boxes on it.

The input is the folder that DL7450_SCREEN named (firmware/standins/splashscreen.py says what is
in it). Fonts and text colours are this tool's own; of Pango's markup it knows b, big, small, and
the size, weight and colour of span, and leaves out the rest.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont

TEXT_SIZE = 44  # pixels
LINE_HEIGHT = 1.3
MARGIN = 40
SMALLEST = 12
PAD = 20
SHADE = (0, 0, 0, 120)
PIXELS_PER_POINT = 96 / 72
STEP = 1.2  # between two of Pango's named sizes
SIZES = ["xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large"]
BOLD = ("semibold", "bold", "ultrabold", "heavy", "600", "700", "800", "900")
TAG = re.compile(r"<(/?)([a-z]+)([^<>]*)>")
ATTRIBUTE = re.compile(r"""([a-z_]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True)
class Style:
    """How a piece of text looks."""

    size: float = TEXT_SIZE
    bold: bool = False
    color: str = "white"


Line = list[tuple[str, Style]]


def parse(box: dict) -> list[Line]:
    """Return the lines of a text box, each as pieces of text with their styles."""
    text = "\n".join(box["lines"])
    if not box["markup"]:
        return [[(line, Style())] for line in text.split("\n")]
    lines: list[Line] = [[]]
    styles = [Style()]
    at = 0
    for tag in [*TAG.finditer(text), None]:
        piece = text[at : tag.start() if tag else len(text)]
        for i, part in enumerate(html.unescape(piece).split("\n")):
            if i:
                lines.append([])
            lines[-1].append((part, styles[-1]))
        if tag is None:
            break
        at = tag.end()
        if not tag[1]:
            styles.append(styled(styles[-1], tag[2], tag[3]))
        elif len(styles) > 1:
            styles.pop()
    return lines


def styled(style: Style, tag: str, attributes: str) -> Style:
    """Return the style of the text inside a tag."""
    if tag == "b":
        return replace(style, bold=True)
    if tag in ("big", "small"):
        return replace(style, size=style.size * STEP ** (1 if tag == "big" else -1))
    for name, double, single in ATTRIBUTE.findall(attributes) if tag == "span" else []:
        value = double or single
        if name in ("size", "font_size"):
            style = replace(style, size=size_of(value, style.size))
        elif name in ("weight", "font_weight"):
            style = replace(
                style, bold=value in ("bold", "ultrabold", "heavy") or value in ("700", "800", "900")
            )
        elif name in ("color", "foreground", "fgcolor"):
            style = replace(style, color=color_of(value, style.color))
    return style


def size_of(value: str, now: float) -> float:
    """Return a size of Pango in pixels. Pango has names, points with `pt`, and 1024ths of a point."""
    if value in SIZES:
        return TEXT_SIZE * STEP ** (SIZES.index(value) - SIZES.index("medium"))
    if value in ("smaller", "larger"):
        return now * STEP ** (1 if value == "larger" else -1)
    number = re.fullmatch(r"([0-9.]+)(pt)?", value)
    if number is None:
        return now
    return float(number[1]) * PIXELS_PER_POINT / (1 if number[2] else 1024)


def color_of(value: str, now: str) -> str:
    """Return a colour if Pillow knows it, or the current colour."""
    try:
        ImageColor.getrgb(value)
    except ValueError:
        return now
    return value


def font_of(style: Style, scale: float) -> ImageFont.FreeTypeFont:
    """Return the font for a style."""
    return ImageFont.load_default(max(SMALLEST, style.size * scale))


def measure(lines: list[Line], scale: float) -> list[tuple[float, float]]:
    """Return the width and the height of each line."""
    sizes = []
    for line in lines:
        width = sum(font_of(style, scale).getlength(text) for text, style in line)
        tallest = max(style.size for _, style in line)
        sizes.append((width, max(SMALLEST, tallest * scale) * LINE_HEIGHT))
    return sizes


def draw_box(draw: ImageDraw.ImageDraw, box: dict, screen: tuple[int, int]) -> None:
    """Draw one text box. A text that is larger than the screen is made smaller."""
    lines = parse(box)
    sizes = measure(lines, 1)
    wide = max(width for width, _ in sizes)
    high = sum(height for _, height in sizes)
    scale = min(1.0, (screen[0] - 2 * MARGIN) / max(wide, 1), (screen[1] - 2 * MARGIN) / high)
    if scale < 1:
        sizes = measure(lines, scale)
        wide = max(width for width, _ in sizes)
        high = sum(height for _, height in sizes)
    if wide == 0:
        return
    x, y = box["x"], box["y"]
    if x is None:  # the message area
        x, y = screen[0] / 2, (screen[1] - high) / 2
    part = {"left": 0, "middle": 0.5, "right": 1}[box["alignment"]]
    left = x - wide * part
    # White text on a dark, half transparent box is readable on every background.
    draw.rounded_rectangle((left - PAD, y - PAD / 2, left + wide + PAD, y + high + PAD / 2), PAD, SHADE)
    for line, (width, height) in zip(lines, sizes, strict=True):
        left = x - width * part
        base = y + height / LINE_HEIGHT
        for text, style in line:
            font = font_of(style, scale)
            bold = int(style.bold)
            draw.text((left, base), text, font=font, fill=style.color, anchor="ls", stroke_width=bold)
            left += font.getlength(text)
        y += height


def compose(folder: Path) -> Image.Image:
    """Return the picture of the screen in folder. Raises ValueError when its background is unreadable."""
    screen = json.loads((folder / "screen.json").read_text())
    size = (screen["width"], screen["height"])
    picture = Image.new("RGB", size)
    if screen["background"]:
        path = folder / screen["background"]
        try:
            with Image.open(path) as background:
                picture.paste(background.convert("RGB").resize(size))
        except (OSError, SyntaxError) as error:
            raise ValueError(f"{path} is not readable: {error}") from error
    draw = ImageDraw.Draw(picture, "RGBA")  # RGBA, for half transparent boxes
    for box in screen["boxes"]:
        draw_box(draw, box, size)
    return picture


def main() -> None:
    """Run the command line: screen.py FOLDER PICTURE."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("picture", type=Path)
    args = parser.parse_args()
    try:
        picture = compose(args.folder)
    except FileNotFoundError as error:
        sys.exit(f"screen: no app drew anything there: {error.filename} is missing")
    except (OSError, ValueError, LookupError, TypeError) as error:
        sys.exit(f"screen: {args.folder}/screen.json is no screen: {error}")
    try:
        picture.save(args.picture)
    except (OSError, ValueError) as error:
        sys.exit(f"screen: cannot write {args.picture}: {error}")


if __name__ == "__main__":
    main()
