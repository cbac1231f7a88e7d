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
from pathlib import Path
from types import ModuleType

from dock_tool.simulator.history import Shown

_KEPT = 64  # pictures; the small ones are 20 KB
_SMALL = (192, 108)
_TOOLS = Path(__file__).resolve().parents[3]


class Pictures:
    """Draws one picture at a time, and keeps the last ones."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, bool], bytes] = OrderedDict()
        self._large: tuple[int, object] | None = None
        self._drawing = asyncio.Lock()

    async def get(self, shown: Shown, *, small: bool) -> bytes:
        """Return the picture of a drawing as PNG. Raises ValueError with the reason when it has none."""
        key = (shown.number, small)
        async with self._drawing:
            if key not in self._kept:
                self._kept[key] = await asyncio.to_thread(self._draw, shown, small)
            self._kept.move_to_end(key)
            large = [k for k in self._kept if not k[1]]
            for old in (*large[:-4], *list(self._kept)[:-_KEPT]):
                self._kept.pop(old, None)
            return self._kept[key]

    def _draw(self, shown: Shown, small: bool) -> bytes:
        if self._large and self._large[0] == shown.number:
            picture = self._large[1]
        else:
            picture = _picture(shown)
            self._large = (shown.number, picture)
        if small:
            picture = picture.resize(_SMALL)
        data = io.BytesIO()
        picture.save(data, "PNG", compress_level=3)
        return data.getvalue()


def _picture(shown: Shown) -> object:
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
            return screen.draw(folder).picture
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
