# SPDX-License-Identifier: MIT
"""The order in which a program writes to the disk: a preloaded library logs fsync() and rename()."""

from pathlib import Path

import pytest
from servers import preload


class Storage:
    """A log of fsync() and rename(), and paths for which calls fail."""

    def __init__(self, library: dict[str, str], log: Path) -> None:
        self.log = log
        self.env = library | {"STORAGE_LOG": str(log)}

    def breaks(self, path: Path, what: str = "BROKEN") -> dict[str, str]:
        """The environment in which this path cannot be synced, or is INTERRUPTED or UNCLOSABLE."""
        return self.env | {f"STORAGE_{what}": str(path)}

    @property
    def calls(self) -> list[str]:
        """The logged calls, in order."""
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture(scope="session")
def storage_library(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment that loads it."""
    return preload.build("storage", tmp_path_factory.mktemp("storage"))


@pytest.fixture
def storage(storage_library: dict[str, str], tmp_path: Path) -> Storage:
    """A storage whose calls are logged."""
    return Storage(storage_library, tmp_path / "storage.log")
