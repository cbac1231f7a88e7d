# SPDX-License-Identifier: MIT
"""tools/manifest.py: the manifest of an image, and the images that it refuses."""

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import manifest
import pytest

BOARDS = Path(__file__).resolve().parents[2] / "boards"
IMAGE = gzip.compress(bytes(10_000))
Make = Callable[..., int]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Writes the manifest tmp_path/firmware.json of IMAGE: make(limit) returns the exit code."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    (tmp_path / "root/bin").mkdir(parents=True)
    (tmp_path / "root/bin/dl7450").write_bytes(b"program")
    (tmp_path / "root/rom.img").write_bytes(b"")
    (tmp_path / "firmware.img").write_bytes(IMAGE)

    def run(limit: int = 1_000_000, board: Path = BOARDS / "DL7450/board.json") -> int:
        options = {
            "image": tmp_path / "firmware.img",
            "root": tmp_path / "root",
            "board": board,
            "toolchain": "gcc",
            "version": "1.2.3",
            "commit": "0123456789ab",
            "limit": limit,
        }
        arguments = [f"--{name}={value}" for name, value in options.items()]
        return manifest.main([*arguments, str(tmp_path / "firmware.json")])

    return run


def test_manifest_tells_sizes_hashes_and_origin(make: Make, tmp_path: Path) -> None:
    assert make() == 0
    found = json.loads((tmp_path / "firmware.json").read_text())
    compiler = found.pop("compiler")
    assert "gcc" in compiler
    assert found.pop("board")["product"] == "DL-7450"
    assert found == {
        "image": "firmware.img",
        "size": len(IMAGE),
        "sha256": hashlib.sha256(IMAGE).hexdigest(),
        "unpacked_size": 10_000,
        "version": "1.2.3",
        "commit": "0123456789ab",
        "source_date_epoch": 1_700_000_000,
        "files": {
            "bin/dl7450": {"size": 7, "sha256": hashlib.sha256(b"program").hexdigest()},
            "rom.img": {"size": 0, "sha256": hashlib.sha256(b"").hexdigest()},
        },
    }


def test_image_over_the_limit_is_an_error_and_leaves_no_manifest(
    make: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(limit=len(IMAGE)) == 0
    assert make(limit=len(IMAGE) - 1) == 1
    assert "too large" in capsys.readouterr().err
    assert not (tmp_path / "firmware.json").exists()


def test_incomplete_board_is_an_error(make: Make, tmp_path: Path) -> None:
    board = json.loads((BOARDS / "DL7450/board.json").read_text())
    del board["mcu"]
    (tmp_path / "board.json").write_text(json.dumps(board))
    with pytest.raises(ValueError, match="lacks mcu"):
        make(board=tmp_path / "board.json")


def test_documents_that_the_board_names_are_there() -> None:
    board = manifest.read_board(BOARDS / "DL7450/board.json")
    for document in [*board["deploy"], board["docs"]]:
        assert (BOARDS / "DL7450" / document).is_file(), document
