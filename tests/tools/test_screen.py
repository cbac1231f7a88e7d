# SPDX-License-Identifier: MIT
"""tools/screen.py."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from screen import MARGIN, TEXT_SIZE, Style, compose, parse

TOOL = Path(__file__).resolve().parents[2] / "tools/screen.py"
SIZE = (1920, 1080)
RED = (200, 30, 40)


def box(*lines: str, x: int | None = None, y: int | None = None, **more: object) -> dict:
    return {"x": x, "y": y, "alignment": "middle", "lines": list(lines), "markup": False} | more


def write(folder: Path, *boxes: dict, background: str | None = None) -> Path:
    content = {"width": SIZE[0], "height": SIZE[1], "background": background, "boxes": boxes}
    (folder / "screen.json").write_text(json.dumps(content))
    return folder


def ink(picture: Image.Image, ground: tuple[int, int, int] = (0, 0, 0)) -> tuple[int, int, int, int] | None:
    """Return the rectangle in which the picture differs from a plain background."""
    return ImageChops.difference(picture, Image.new("RGB", SIZE, ground)).getbbox()


@pytest.mark.parametrize("name", ["background.png", "background.bmp"])
def test_background_is_shown_pixel_for_pixel(tmp_path: Path, name: str) -> None:
    background = Image.effect_mandelbrot(SIZE, (-2, -1, 1, 1), 20).convert("RGB")
    background.save(tmp_path / name)
    picture = compose(write(tmp_path, background=name))
    assert ImageChops.difference(picture, background).getbbox() is None


def test_smaller_background_fills_the_screen(tmp_path: Path) -> None:
    Image.new("RGB", (96, 54), RED).save(tmp_path / "background.png")
    assert ink(compose(write(tmp_path, background="background.png")), RED) is None


def test_screen_is_black_without_background_and_text(tmp_path: Path) -> None:
    assert ink(compose(write(tmp_path, box("")))) is None


@pytest.mark.parametrize(("alignment", "part"), [("left", 0), ("middle", 0.5), ("right", 1)])
def test_text_lies_at_its_place(tmp_path: Path, alignment: str, part: float) -> None:
    found = ink(compose(write(tmp_path, box("HHHHH", x=900, y=300, alignment=alignment))))
    assert found
    left, top, right, bottom = found
    assert abs(left + (right - left) * part - 900) < 8
    assert 300 <= top < bottom <= 300 + 1.5 * TEXT_SIZE


def test_text_without_a_place_is_in_the_middle(tmp_path: Path) -> None:
    found = ink(compose(write(tmp_path, box("HHH", "HHH", "HHH"))))
    assert found
    assert abs((found[0] + found[2]) / 2 - SIZE[0] / 2) < 8
    assert abs((found[1] + found[3]) / 2 - SIZE[1] / 2) < TEXT_SIZE / 2


def test_text_that_is_too_large_is_made_smaller(tmp_path: Path) -> None:
    lines = ["x" * 120] * 60
    found = ink(compose(write(tmp_path, box(*lines, x=MARGIN, y=MARGIN, alignment="left"))))
    assert found
    assert found[2] <= SIZE[0]
    assert found[3] <= SIZE[1]


def test_markup_gives_style_and_never_shows_its_tags() -> None:
    lines = parse(
        box('<span size="x-large" color="red">Big', "still</span> <b>bold &lt;&amp;&gt;</b>", markup=True)
    )
    pieces = [[(text, style) for text, style in line if text] for line in lines]
    big = Style(size=TEXT_SIZE * 1.2**2, color="red")
    assert pieces == [[("Big", big)], [("still", big), (" ", Style()), ("bold <&>", Style(bold=True))]]


def test_plain_text_is_shown_as_it_is() -> None:
    assert parse(box("a <b> &amp;")) == [[("a <b> &amp;", Style())]]


@pytest.mark.parametrize(
    "text",
    ["</b>", "<b", "<span size='huge' color='no such'>x", "<i><u>x</i></u></u>", '<span color="red>x</span>'],
)
def test_odd_markup_does_no_harm(tmp_path: Path, text: str) -> None:
    assert compose(write(tmp_path, box(text, markup=True))).size == SIZE


def test_background_that_is_no_image_is_reported(tmp_path: Path) -> None:
    (tmp_path / "background.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(ValueError, match=r"background\.png is not readable"):
        compose(write(tmp_path, background="background.png"))


def command(*args: str | Path) -> str:
    """Check that the command failed with one line; return that line."""
    done = subprocess.run([sys.executable, TOOL, *args], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr.rstrip("\n")


def test_folder_without_a_drawing_is_one_line(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nothing"):
        said = f"screen: no app drew anything there: {folder}/screen.json is missing"
        assert command(folder, tmp_path / "out.png") == said


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"width": 1, "height": 1, "background": null}', "null"])
def test_drawing_that_is_none_is_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "screen.json").write_text(content)
    assert command(tmp_path, tmp_path / "out.png").startswith(
        f"screen: {tmp_path}/screen.json is no screen: "
    )


@pytest.mark.parametrize("picture", ["out", "out.nothing", "no folder/out.png"])
def test_picture_that_cannot_be_written_is_one_line(tmp_path: Path, picture: str) -> None:
    write(tmp_path)
    assert command(tmp_path, tmp_path / picture).startswith(f"screen: cannot write {tmp_path / picture}: ")


def test_command_writes_the_picture(tmp_path: Path) -> None:
    write(tmp_path, box("x"))
    subprocess.run([sys.executable, TOOL, tmp_path, tmp_path / "out.png"], check=True, timeout=60)
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.size == SIZE
