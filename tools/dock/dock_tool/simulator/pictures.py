# SPDX-License-Identifier: MIT
"""Pictures of what the app drew, made by tools/screen.py: only those that a page asks for."""

from __future__ import annotations

import asyncio
import importlib.util
import io
import json
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from dock_tool.simulator.history import Shown

_KEPT = 64  # pictures; the small ones are 20 KB
_SMALL = (192, 108)
_MOST_SAID = 1000
_TOOLS = Path(__file__).resolve().parents[3]


class Pictures:
    """Draws one picture at a time, and keeps the last ones. say() is told what cannot be read in them."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said: set[tuple[int, str]] = set()
        self._kept: OrderedDict[tuple[int, bool], bytes] = OrderedDict()
        self._large: tuple[int, object] | None = None
        self._drawing = asyncio.Lock()

    async def get(self, shown: Shown, *, small: bool) -> bytes:
        """Return the picture of a drawing as PNG. Raises ValueError with the reason when it has none."""
        key = (shown.number, small)
        async with self._drawing:
            if key not in self._kept:
                try:
                    self._kept[key], notes = await asyncio.to_thread(self._draw, shown, small)
                except ValueError as error:
                    self._note(shown, [str(error)])
                    raise
                self._note(shown, notes)
            self._kept.move_to_end(key)
            large = [k for k in self._kept if not k[1]]
            for old in (*large[:-4], *list(self._kept)[:-_KEPT]):
                self._kept.pop(old, None)
            return self._kept[key]

    def _note(self, shown: Shown, notes: list[str]) -> None:
        # Once in a run for each text box, whatever is wrong with it: an app may draw it again and again.
        for note in notes:
            about = shown.run, note.partition(":")[0]
            if about not in self._said:
                if len(self._said) >= _MOST_SAID:
                    self._said.clear()
                self._said.add(about)
                self._say(f"drawing {shown.number}: {note}")

    def _draw(self, shown: Shown, small: bool) -> tuple[bytes, list[str]]:
        notes: list[str] = []
        if self._large and self._large[0] == shown.number:
            picture = self._large[1]
        else:
            picture, notes = _picture(shown)
            self._large = (shown.number, picture)
        if small:
            picture = picture.resize(_SMALL)
        data = io.BytesIO()
        picture.save(data, "PNG", compress_level=3)
        return data.getvalue(), notes


def _picture(shown: Shown) -> tuple[object, list[str]]:
    drawing = shown.drawing
    screen = _screen_module()
    with tempfile.TemporaryDirectory(prefix="dock-") as name:
        folder = Path(name)
        background = f"background.{drawing.background}" if drawing.background else None
        if background:
            (folder / background).write_bytes(drawing.image or b"")
        content = {"width": drawing.width, "height": drawing.height, "boxes": drawing.boxes}
        (folder / "screen.json").write_text(json.dumps(content | {"background": background}))
        try:
            drawn = screen.draw(folder)
            return drawn.picture, list(drawn.notes())
        except (OSError, LookupError, TypeError) as error:
            raise ValueError(f"this drawing has no picture: {error}") from error


def _screen_module() -> ModuleType:
    # screen.py, and pango.py which it imports, of the checkout that this package belongs to.
    if "screen" not in sys.modules:
        path = _TOOLS / "screen.py"
        if not path.is_file():
            raise ValueError("pictures need tools/screen.py: install the package with pip install -e")
        sys.path.append(str(_TOOLS))
        spec = importlib.util.spec_from_file_location("screen", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules["screen"] = module
        try:
            spec.loader.exec_module(module)
        except ImportError as error:
            del sys.modules["screen"]
            raise ValueError(f"no pictures: {error}") from error
    return sys.modules["screen"]
