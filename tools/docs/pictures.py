# SPDX-License-Identifier: MIT
"""The pictures of the reference, as plain SVG in the colour of the text around them."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{label}"'
    ' font-family="sans-serif" font-size="14" fill="none" stroke="currentColor">\n'
    '<defs><marker id="{id}" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
    '<path d="M0 0 L8 4 L0 8 z" fill="currentColor" stroke="none"/></marker></defs>\n'
)

_WIDTH = 440  # on a phone the texts are still as large as small print


class _Picture:
    def __init__(self, name: str, label: str, width: int, height: int) -> None:
        self._id = f"arrow-{name}"
        self._parts = [_HEAD.format(width=width, height=height, label=escape(label), id=self._id)]

    def box(self, x: int, y: int, width: int, height: int, *lines: str) -> None:
        self._parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>\n')
        top = y + height / 2 - 9 * (len(lines) - 1) + 5
        for at, line in enumerate(lines):
            self.text(x + width // 2, int(top + 18 * at), line)

    def text(self, x: int, y: int, text: str, anchor: str = "middle") -> None:
        self._parts.append(
            f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="currentColor" stroke="none">'
            f"{escape(text)}</text>\n"
        )

    def arrow(self, *points: tuple[int, int], dashed: bool = False) -> None:
        path = " ".join(f"{x},{y}" for x, y in points)
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self._parts.append(f'<polyline points="{path}" marker-end="url(#{self._id})"{dash}/>\n')

    def line(self, x1: int, y1: int, x2: int, y2: int, width: int = 1) -> None:
        self._parts.append(f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke-width="{width}"/>\n')

    def __str__(self) -> str:
        return "".join([*self._parts, "</svg>\n"])


def request() -> str:
    """The way of a request, and back."""
    p = _Picture("request", "The way of a request", _WIDTH, 330)
    p.box(5, 20, 130, 50, "the app")
    p.box(5, 110, 130, 50, "http (Python)")
    p.box(5, 200, 130, 50, "sixteen slots")
    p.box(190, 200, 80, 50, "libcurl")
    p.box(325, 200, 110, 50, "the server")
    p.arrow((50, 70), (50, 110))
    p.text(58, 95, "get_async(url)", "start")
    p.arrow((50, 160), (50, 200))
    p.text(58, 185, "checked, copied", "start")
    p.arrow((135, 215), (190, 215))
    p.arrow((270, 215), (325, 215))
    p.arrow((325, 237), (270, 237))
    p.arrow((190, 237), (135, 237))
    p.box(215, 20, 220, 50, "the callback gets a", "Response at idle")
    p.arrow((70, 250), (70, 290), (298, 290), (298, 70), dashed=True)
    p.text(220, 312, "done: the slot is free, then the callback runs")
    return str(p)


def stream() -> str:
    """The life of a stream."""
    p = _Picture("stream", "The life of a stream", _WIDTH, 250)
    p.box(5, 90, 105, 50, "get(…,", "stream=True)")
    p.box(160, 90, 110, 50, "open: the app", "reads")
    p.box(315, 20, 120, 44, "end of the body")
    p.box(315, 93, 120, 44, "close(), with")
    p.box(315, 166, 120, 44, "OSError(code)")
    p.arrow((110, 115), (160, 115))
    p.text(130, 78, "the head is there")
    p.arrow((270, 100), (315, 42))
    p.arrow((270, 115), (315, 115))
    p.arrow((270, 130), (315, 188))
    p.arrow((190, 140), (190, 180), (240, 180), (240, 140))
    p.text(160, 200, "read(): up to 64 KiB wait,")
    p.text(160, 218, "then the server waits")
    p.text(362, 234, "here the slot is free")
    return str(p)


def poll() -> str:
    """The time line of a poll."""
    p = _Picture("poll", "The time line of a poll", _WIDTH, 210)
    rows = {"timer": 40, "network": 90, "callback": 140}
    for name, y in rows.items():
        p.text(62, y + 5, name, "end")
        p.line(70, y, 435, y)
    p.arrow((70, 185), (435, 185))
    p.text(252, 204, "time")
    for x in (90, 210, 330):
        p.line(x, 32, x, 48, 3)
        p.arrow((x, 48), (x, 88))
    for x, end in ((90, 145), (210, 235), (330, 400)):
        p.line(x, 90, end, 90, 7)
        p.arrow((end, 94), (end, 136))
        p.line(end, 132, end + 14, 132, 1)
        p.line(end, 140, end + 14, 140, 7)
    p.text(150, 30, "60 s")
    p.text(270, 30, "60 s")
    return str(p)


PICTURES: dict[str, Callable[[], str]] = {"request": request, "stream": stream, "poll": poll}
