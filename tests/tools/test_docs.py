# SPDX-License-Identifier: MIT
"""The parts of `make docs` that need no Sphinx: links and pictures. CI runs `make docs` itself."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

DOCS = Path(__file__).resolve().parent.parent.parent / "tools/docs"


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("link", "is_right"),
    [
        ("b.html", True),
        ("b.html#there", True),
        ("#here", True),
        ("folder/c.html", True),
        ("picture.svg", True),
        ("https://example.com/", True),
        ("b.html#here", False),
        ("#there", False),
        ("folder/b.html", False),
        ("no.svg", False),
    ],
)
def test_links_that_lead_nowhere_are_found(tmp_path: Path, link: str, is_right: bool) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.html").write_text(f'<p id="here"><a href="{link}">x</a>')
    (tmp_path / "b.html").write_text('<p id="there">')
    (tmp_path / "folder/c.html").write_text('<a href="../a.html#here">')
    (tmp_path / "picture.svg").write_text("<svg/>")
    assert _load("links").wrong_links(tmp_path) == ([] if is_right else [f"a.html: {link}"])


def test_pictures_are_svg_in_the_colour_of_the_text() -> None:
    pictures = {name: draw() for name, draw in _load("pictures").PICTURES.items()}
    assert sorted(pictures) == ["poll", "request", "stream"]
    for text in pictures.values():
        root = ElementTree.fromstring(text)
        _, _, width, height = map(int, root.attrib["viewBox"].split())
        assert root.attrib["stroke"] == "currentColor"
        assert root.attrib["aria-label"]
        for item in root.iter("{http://www.w3.org/2000/svg}text"):
            x = int(item.attrib["x"])
            wide = 7 * len(item.text or "")  # about
            left = x - {"start": 0, "middle": wide // 2, "end": wide}[item.attrib["text-anchor"]]
            assert left >= 0
            assert left + wide <= width
            assert 0 < int(item.attrib["y"]) < height
