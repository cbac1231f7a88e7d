# SPDX-License-Identifier: MIT
"""The app's ROM store, with settings that the page may change. The files of the original stay as they are."""

from __future__ import annotations

import json
from pathlib import Path


class Store:
    """A folder in front of the given one: its kv.json is a copy, all else leads to the original."""

    def __init__(self, source: Path | None, folder: Path) -> None:
        """source: a folder with kv.json and images, an image that tools/store.py packed, or None.

        Raises ValueError when kv.json has no settings.
        """
        self._source = source
        self._changed: dict[str, str | None] = {}
        self.fixed = source is not None and source.is_file()
        self.path = source if self.fixed else folder
        self.read()

    def read(self) -> None:
        """Read the source anew. Raises ValueError."""
        if self.fixed:
            return
        self.path.mkdir(exist_ok=True)
        for old in self.path.iterdir():
            if old.is_symlink():
                old.unlink()
        for entry in self._source.iterdir() if self._source else ():
            if entry.name != "kv.json":
                (self.path / entry.name).symlink_to(entry.resolve())
        self._write()

    def _original(self) -> dict[str, str]:
        file = self._source / "kv.json" if self._source else None
        if not file or not file.exists():
            return {}
        pairs = json.loads(file.read_text())
        if not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
            raise ValueError(f"{file} must be one JSON object with texts")
        return pairs

    def pairs(self) -> dict[str, str]:
        """Return the settings as the app reads them."""
        if self.fixed:
            return {}
        return json.loads((self.path / "kv.json").read_text())

    def change(self, key: str, value: str | None) -> None:
        """Set a setting, or remove it. The app reads it at its next KvStore.get()."""
        if self.fixed:
            raise ValueError("the settings of a packed store cannot be changed: simulate its folder")
        self._changed[key] = value
        self._write()

    def _write(self) -> None:
        pairs = self._original() | self._changed
        part = self.path / ".kv.json.part"
        part.write_text(
            json.dumps({key: value for key, value in pairs.items() if value is not None}, indent=2)
        )
        part.rename(self.path / "kv.json")
