# SPDX-License-Identifier: MIT
"""Draws the slides that `make run` serves: real PNG files of 1920 x 1080, and their list."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = (1920, 1080)
WHITE = (255, 255, 255)
CAPTION_TOP = 960  # the app writes the caption below this line; the slides have no details there

Color = tuple[int, int, int]


def gradient(top: Color, bottom: Color) -> Image.Image:
    """Return a picture whose colour changes from top to bottom."""
    column = Image.new("RGB", (1, SIZE[1]))
    for y in range(SIZE[1]):
        part = y / (SIZE[1] - 1)
        column.putpixel((0, y), tuple(round(a + (b - a) * part) for a, b in zip(top, bottom, strict=True)))
    return column.resize(SIZE)


def write(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    size: int,
    fill: Color = WHITE,
    anchor: str = "la",
) -> None:
    """Draw one line of text."""
    draw.text(at, text, font=ImageFont.load_default(size), fill=fill, anchor=anchor)


def welcome() -> Image.Image:
    """A greeting for a visitor."""
    picture = gradient((14, 42, 84), (24, 120, 160))
    draw = ImageDraw.Draw(picture)
    for step in range(7):
        radius = 160 + step * 110
        shade = (40 + step * 6, 120 + step * 8, 170 + step * 6)
        draw.circle((1520, 420), radius, outline=shade, width=6)
    draw.circle((1520, 420), 110, fill=(255, 196, 87))
    write(draw, (140, 250), "Welcome", 190)
    write(draw, (150, 500), "Dr. Amara Okafor", 92, (255, 214, 130))
    write(draw, (150, 640), "Your host: Jonas Lindqvist, 4th floor", 54, (205, 230, 245))
    return picture


def meetings() -> Image.Image:
    """The panel of a meeting room."""
    picture = gradient((24, 26, 34), (38, 42, 56))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 36, SIZE[1]), fill=(46, 180, 110))
    write(draw, (110, 80), "Room Baltic", 110)
    write(draw, (110, 230), "free until 10:30", 64, (90, 220, 150))
    rows = [
        ("09:00", "Stand-up, dock team", 0),
        ("10:30", "Design review: splash screens", 1),
        ("13:00", "Interview", 0),
        ("15:30", "Quarterly planning", 2),
    ]
    colors = [(70, 110, 190), (200, 120, 60), (130, 90, 190)]
    for row, (hour, title, color) in enumerate(rows):
        y = 370 + row * 140
        draw.rounded_rectangle((110, y, 1810, y + 116), 18, fill=(52, 57, 76))
        draw.rounded_rectangle((110, y, 134, y + 116), 10, fill=colors[color])
        write(draw, (180, y + 58), hour, 56, (170, 180, 205), "lm")
        write(draw, (400, y + 58), title, 56, WHITE, "lm")
    return picture


def safety() -> Image.Image:
    """A safety notice."""
    picture = Image.new("RGB", SIZE, (250, 204, 21))
    draw = ImageDraw.Draw(picture)
    for x in range(-200, SIZE[0] + 200, 160):
        draw.polygon([(x, 0), (x + 80, 0), (x + 20, 60), (x - 60, 60)], fill=(20, 20, 20))
    draw.polygon([(400, 250), (700, 770), (100, 770)], fill=(20, 20, 20))
    draw.polygon([(400, 340), (622, 725), (178, 725)], fill=(250, 204, 21))
    draw.rounded_rectangle((375, 440, 425, 620), 20, fill=(20, 20, 20))
    draw.circle((400, 670), 28, fill=(20, 20, 20))
    write(draw, (800, 270), "Fire drill", 170, (20, 20, 20))
    write(draw, (806, 500), "Thursday, 11:00", 96, (20, 20, 20))
    write(draw, (806, 640), "Meet at the bicycle stands.", 62, (60, 50, 10))
    write(draw, (806, 730), "Leave the docks switched on.", 62, (60, 50, 10))
    return picture


def chart() -> Image.Image:
    """A chart of four quarters."""
    picture = gradient((248, 250, 252), (226, 232, 240))
    draw = ImageDraw.Draw(picture)
    write(draw, (140, 90), "Docks in service", 100, (30, 41, 59))
    values = [420, 610, 880, 1240]
    base, scale = 880, 0.47
    for line in range(0, 1300, 250):
        y = base - line * scale
        draw.line((140, y, 1780, y), fill=(203, 213, 225), width=3)
        write(draw, (126, int(y)), str(line), 34, (100, 116, 139), "rm")
    for i, value in enumerate(values):
        x = 260 + i * 390
        y = int(base - value * scale)
        draw.rounded_rectangle((x, y, x + 230, base), 14, fill=(37 + i * 20, 99 + i * 22, 235))
        write(draw, (x + 115, y - 16), str(value), 52, (30, 41, 59), "mb")
        write(draw, (x + 115, base + 14), f"Q{i + 1}", 46, (71, 85, 105), "ma")
    return picture


def night() -> Image.Image:
    """Hills at night, without information."""
    picture = gradient((10, 12, 40), (88, 60, 130))
    draw = ImageDraw.Draw(picture)
    for i in range(180):  # stars, always at the same places
        x, y = (i * 7919) % SIZE[0], (i * 104729) % 560
        if not (120 < x < 1000 and 150 < y < 430):  # not where the text is
            draw.circle((x, y), 1 + i % 3, fill=(220, 220, 255))
    draw.circle((1500, 240), 95, fill=(250, 244, 210))
    for layer, color in enumerate([(60, 44, 104), (42, 32, 82), (24, 20, 56)]):
        top, width = 700 + layer * 90, 260 - layer * 40
        points = [(x, top + 70 * math.sin(x / width + layer * 2)) for x in range(0, SIZE[0] + 20, 20)]
        draw.polygon([(0, SIZE[1]), *points, (SIZE[0], SIZE[1])], fill=color)
    write(draw, (140, 160), "Good evening", 140)
    write(draw, (146, 340), "The building closes at 21:00", 60, (220, 215, 245))
    return picture


SLIDES: list[tuple[str, str, Callable[[], Image.Image]]] = [
    ("meetings.png", "Room Baltic <4.12>, 8 seats & a whiteboard", meetings),
    ("safety.png", "Questions? Ask Facilities, extension 112", safety),
    ("chart.png", "Figures of the fleet service", chart),
    ("night.png", "Have a good trip home", night),
    ("welcome.png", "Reception: please take a visitor's badge", welcome),
]


def make_slides(folder: Path, count: int = len(SLIDES)) -> list[str]:
    """Draw the first count slides and slides.json into folder. Gives the file names of the slides."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = []
    for name, caption, draw in SLIDES[:count]:
        draw().save(folder / name)
        listed.append({"image": name, "caption": caption})
    (folder / "slides.json").write_text(json.dumps({"slides": listed}, indent=2) + "\n")
    return [name for name, _, _ in SLIDES[:count]]


def main() -> None:
    """Run the command line: slides.py FOLDER."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print("\n".join(make_slides(parser.parse_args().folder)))


if __name__ == "__main__":
    main()
