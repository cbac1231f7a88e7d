# SPDX-License-Identifier: MIT
"""Checks the links inside HTML pages."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote


class _Page(HTMLParser):
    """What an HTML page links to, and what can be linked to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect links and names."""
        for name, value in attrs:
            if value and name == "id":
                self.anchors.add(value)
            elif value and (name == "src" or (name == "href" and tag in ("a", "link"))):
                self.links.append(value)


def wrong_links(html: Path) -> list[str]:
    """The links of the pages to pages, places and files that do not exist."""
    pages = {path: _Page(path) for path in html.rglob("*.html")}
    wrong = []
    for path, page in pages.items():
        for link in page.links:
            name, _, anchor = link.partition("#")
            if "://" in link or name.startswith(("mailto:", "data:")):
                continue
            target = (path.parent / unquote(name).partition("?")[0]).resolve() if name else path
            found = pages.get(target)
            if not target.exists() or (anchor and found and unquote(anchor) not in found.anchors):
                wrong.append(f"{path.relative_to(html)}: {link}")
    return wrong
