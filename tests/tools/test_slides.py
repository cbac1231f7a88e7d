# SPDX-License-Identifier: MIT
"""tools/slides.py."""

import json
from pathlib import Path

from PIL import Image
from slides import SLIDES, make_slides


def test_slides_are_different_full_screen_png_files_and_the_list_names_them(tmp_path: Path) -> None:
    names = make_slides(tmp_path / "new" / "www")
    listed = json.loads((tmp_path / "new" / "www" / "slides.json").read_text())["slides"]
    assert [slide["image"] for slide in listed] == names
    assert len(names) == len(SLIDES) >= 5
    assert all(slide["caption"] for slide in listed)
    contents = set()
    for name in names:
        path = tmp_path / "new" / "www" / name
        with Image.open(path) as picture:
            picture.load()
            assert (picture.format, picture.size) == ("PNG", (1920, 1080))
            assert len(picture.resize((192, 108)).getcolors(192 * 108)) > 20, "hardly anything is drawn"
        contents.add(path.read_bytes())
    assert len(contents) == len(names)


def test_fewer_slides_can_be_asked_for(tmp_path: Path) -> None:
    assert make_slides(tmp_path, 2) == [name for name, _, _ in SLIDES[:2]]
    assert len(list(tmp_path.glob("*.png"))) == 2
