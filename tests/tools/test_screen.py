# SPDX-License-Identifier: MIT
"""tools/screen.py.

screens/ has drawings of all kinds with their pictures. To make a picture anew, after a look at it:

    build/venv/bin/python tools/screen.py tests/tools/screens/NAME tests/tools/screens/NAME/picture.png
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pango import MarkupError
from PIL import Image, ImageChops
from screen import draw

TOOL = Path(__file__).resolve().parents[2] / "tools/screen.py"
SCREENS = Path(__file__).with_name("screens")
SIZE = (1920, 1080)
RED = (200, 30, 40)
# From Debian 12 to 13 the edges of bold glyphs change by 16 at most. Where a glyph is missing, another
# one, or a pixel beside its place, the difference is 255.
TOLERANCE = 32


def box(*lines: str, x: int | None = None, y: int | None = None, **more: object) -> dict:
    return {"x": x, "y": y, "alignment": "middle", "lines": list(lines), "markup": False} | more


def write(folder: Path, *boxes: dict, background: str | None = None) -> Path:
    content = {"width": SIZE[0], "height": SIZE[1], "background": background, "boxes": boxes}
    (folder / "screen.json").write_text(json.dumps(content))
    return folder


def ink(picture: Image.Image, ground: tuple[int, int, int] = (0, 0, 0)) -> tuple[int, int, int, int] | None:
    """Return the rectangle in which the picture differs from a plain background."""
    return ImageChops.difference(picture, Image.new("RGB", SIZE, ground)).getbbox()


def largest_difference(picture: Image.Image, name: str) -> int:
    """Return how much a pixel differs at most from the picture in screens/name, of 255."""
    with Image.open(SCREENS / name / "picture.png") as golden:
        return max(high for _, high in ImageChops.difference(picture, golden.convert("RGB")).getextrema())


@pytest.mark.parametrize("name", sorted(folder.name for folder in SCREENS.iterdir()))
def test_screen_looks_as_ever(name: str) -> None:
    assert largest_difference(draw(SCREENS / name).picture, name) <= TOLERANCE


@pytest.mark.parametrize(("old", "new"), [("über", "uber"), ("é", "e"), ('"y": 700', '"y": 701'), ("€", "")])
def test_picture_with_another_glyph_or_place_does_not_pass(tmp_path: Path, old: str, new: str) -> None:
    text = (SCREENS / "scripts/screen.json").read_text()
    assert old in text
    (tmp_path / "screen.json").write_text(text.replace(old, new))
    assert largest_difference(draw(tmp_path).picture, "scripts") > 4 * TOLERANCE


def test_text_has_the_font_and_the_place_that_it_has_on_the_dock(tmp_path: Path) -> None:
    """Measured on the picture of a dock's screen in the vendor's documentation."""
    two_lines = box("Dock: RW01-012", "IP Address: 10.250.130.37", x=960, y=850)
    _, sample = draw(write(tmp_path, box("<b>SDK</b>", x=1340, y=80, markup=True), two_lines)).boxes
    assert sample.area == (673, 850, 1247, 984)
    assert sample.ink == (674, 865, 1246, 969)


def test_text_of_any_script_has_glyphs(tmp_path: Path) -> None:
    texts = ["é ü € Łódź İ ş", "Съешь ещё", "Ελληνικά", "你好世界", "日本語のテキスト", "한국어", "繁體"]
    drawn = draw(write(tmp_path, *(box(text, x=960, y=80 * n) for n, text in enumerate(texts))))
    assert [drawn_box.unknown for drawn_box in drawn.boxes] == [0] * len(texts)
    assert list(drawn.notes()) == []


def test_machines_fonts_are_not_used(tmp_path: Path) -> None:
    """For a font that may be on this machine there is the dock's: so all machines draw the same."""
    plain, other = (
        draw(write(tmp_path, box(f"<span{font}>Text</span>", x=960, y=100, markup=True))).picture
        for font in ("", ' font_family="DejaVu Serif, monospace"')
    )
    assert ImageChops.difference(plain, other).getbbox() is None


@pytest.mark.parametrize("name", ["background.png", "background.bmp"])
def test_background_is_shown_pixel_for_pixel(tmp_path: Path, name: str) -> None:
    background = Image.effect_mandelbrot(SIZE, (-2, -1, 1, 1), 20).convert("RGB")
    background.paste(RED, (100, 100, 200, 200))
    background.save(tmp_path / name)
    picture = draw(write(tmp_path, background=name)).picture
    assert ImageChops.difference(picture, background).getbbox() is None


def test_jpeg_is_shown(tmp_path: Path) -> None:
    Image.new("RGB", SIZE, RED).save(tmp_path / "background.jpeg", quality=95)
    picture = draw(write(tmp_path, background="background.jpeg")).picture
    difference = ImageChops.difference(picture, Image.new("RGB", SIZE, RED))
    assert max(high for _, high in difference.getextrema()) < 4


def test_smaller_background_fills_the_screen(tmp_path: Path) -> None:
    Image.new("RGB", (96, 54), RED).save(tmp_path / "background.png")
    assert ink(draw(write(tmp_path, background="background.png")).picture, RED) is None


def test_screen_is_black_without_background_and_text(tmp_path: Path) -> None:
    assert ink(draw(write(tmp_path, box(""))).picture) is None


@pytest.mark.parametrize(("alignment", "part"), [("left", 0), ("middle", 0.5), ("right", 1)])
def test_text_lies_at_its_place(tmp_path: Path, alignment: str, part: float) -> None:
    drawn = draw(write(tmp_path, box("HHHHH", "H", x=900, y=300, alignment=alignment)))
    (one,) = drawn.boxes
    assert (one.x, one.y, one.alignment, one.text) == (900, 300, alignment, "HHHHH\nH")
    left, top, right, bottom = one.area
    assert abs(left + (right - left) * part - 900) <= 0.5
    assert (top, bottom) == (300, 434)
    assert ink(drawn.picture) == one.ink
    second = ink(drawn.picture.crop((0, 367, *SIZE)).crop((0, 0, *SIZE)))
    assert abs(second[0] + (second[2] - second[0]) * part - 900) < 8


def test_text_without_a_place_is_in_the_middle(tmp_path: Path) -> None:
    (one,) = draw(write(tmp_path, box("HHH", "HHH", "HHH"))).boxes
    assert abs(one.area.left + one.area.right - SIZE[0]) <= 1
    assert abs(one.area.top + one.area.bottom - SIZE[1]) <= 1


@pytest.mark.parametrize(
    ("x", "y", "alignment", "cut"),
    [
        (0, 0, "left", False),
        (1920, 1013, "right", False),
        (1700, 500, "left", True),
        (200, 500, "right", True),
        (100, 500, "middle", True),
        (960, 1040, "middle", True),
        (960, -30, "middle", True),
    ],
)
def test_text_that_is_cut_is_named(tmp_path: Path, x: int, y: int, alignment: str, cut: bool) -> None:
    drawn = draw(write(tmp_path, box("a longer text", x=x, y=y, alignment=alignment), box("", x=-9, y=-9)))
    (line,) = list(drawn.notes()) if cut else [None]
    assert line is None or line.startswith(f"the text at ({x}, {y}) is cut: it reaches from (")


def test_characters_that_no_font_has_are_named(tmp_path: Path) -> None:
    drawn = draw(write(tmp_path, box("\U0001f600\U0001f601 x")))
    assert list(drawn.notes()) == ["the text in the message area has 2 characters that no font here has"]


def test_markup_gives_style_and_never_shows_its_tags(tmp_path: Path) -> None:
    lines = ['<span size="x-large" color="red">Big', "still</span> <b>bold &lt;&amp;&gt;</b>"]
    drawn = draw(write(tmp_path, box(*lines, x=0, y=0, alignment="left", markup=True)))
    assert drawn.boxes[0].text == "Big\nstill bold <&>"
    first_line = drawn.picture.crop((0, 0, 1920, 90))
    assert [high for _, high in first_line.getextrema()] == [255, 0, 0]


@pytest.mark.parametrize("tag", ["u", "s", "sub", "sup", "i", "b", "tt", "big", "small"])
def test_each_tag_of_pango_is_taken(tmp_path: Path, tag: str) -> None:
    plain, tagged = (
        draw(write(tmp_path, box(text, x=900, y=300, markup=True)))
        for text in ("wide", f"<{tag}>wide</{tag}>")
    )
    assert tagged.boxes[0].text == "wide"
    # The font has one face, which is not monospaced.
    assert (ImageChops.difference(plain.picture, tagged.picture).getbbox() is None) == (tag == "tt")


def test_plain_text_is_shown_as_it_is(tmp_path: Path) -> None:
    (one,) = draw(write(tmp_path, box("a <b> &amp;"))).boxes
    assert one.text == "a <b> &amp;"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("</b>", "closed"),
        ("<b>x", "closed"),
        ("<b", "valid name"),
        ("salt & pepper", "ampersand"),
        ("<blink>x</blink>", "blink"),
        ("<span size='huge'>x</span>", "'huge'"),
        ("<span color='no such'>x</span>", "'no such'"),
        ("<i><u>x</i></u>", "closed"),
        ('<span color="red>x</span>', "attribute value"),
    ],
)
def test_markup_that_pango_refuses_is_an_error_with_its_words(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(MarkupError) as caught:
        draw(write(tmp_path, box("fine", x=1, y=2), box(text, x=30, y=40, markup=True)))
    said = str(caught.value)
    assert said.startswith("Pango refuses the markup of the text at (30, 40): ")
    assert words in said
    assert " on line 1" not in said


def test_missing_fonts_are_an_error_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pango.FONTS", tmp_path / "none")
    with pytest.raises(FileNotFoundError, match=r"no fonts: `make build/fonts`"):
        draw(write(tmp_path, box("x")))


def test_missing_pango_is_an_error_with_advice() -> None:
    code = """
import cffi
def missing(ffi, name, *rest):
    raise OSError(name + " is missing")
cffi.FFI.dlopen = missing
import screen
"""
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=TOOL.parent, capture_output=True, text=True, timeout=60)
    assert "ImportError: `make build/fonts` brings Pango and the fonts: " in done.stderr


def test_background_that_is_no_image_is_reported(tmp_path: Path) -> None:
    (tmp_path / "background.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    with pytest.raises(ValueError, match=r"background\.png is not readable"):
        draw(write(tmp_path, background="background.png"))


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


def test_markup_that_pango_refuses_is_one_line(tmp_path: Path) -> None:
    write(tmp_path, box("<b>x", markup=True))
    said = command(tmp_path, tmp_path / "out.png")
    assert said.startswith("screen: Pango refuses the markup of the text in the message area: ")
    assert not (tmp_path / "out.png").exists()


def test_command_writes_the_picture(tmp_path: Path) -> None:
    write(tmp_path, box("x"), box("x" * 100, x=0, y=0))
    command = [sys.executable, TOOL, tmp_path, tmp_path / "out.png"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert done.stderr.startswith("screen: the text at (0, 0) is cut: ")
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.size == SIZE
