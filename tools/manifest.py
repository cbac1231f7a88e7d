# SPDX-License-Identifier: MIT
"""Writes the manifest of a firmware image: what it is, from what it was built, and what is in it.

An image that is larger than its board allows is an error, and leaves no manifest.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
from pathlib import Path

from size import compiler_version

# The keys of board.json, as MicroPython's boards have it.
BOARD_FIELDS = {"deploy", "docs", "features", "images", "mcu", "product", "thumbnail", "url", "vendor"}


def digest(data: bytes) -> dict[str, int | str]:
    """Return size and SHA-256."""
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def read_board(path: Path) -> dict[str, object]:
    """Read a board's board.json.

    Raises ValueError when a key that MicroPython's boards have is missing.
    """
    board = json.loads(path.read_text())
    if missing := sorted(BOARD_FIELDS - set(board)):
        raise ValueError(f"{path} lacks {', '.join(missing)}")
    return board


def make_manifest(image: Path, root: Path, **more: object) -> dict[str, object]:
    """Return the manifest of an image that was packed from the folder root."""
    data = image.read_bytes()
    files = {
        str(path.relative_to(root)): digest(path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
    unpacked = len(gzip.decompress(data))
    return {"image": image.name, **digest(data), "unpacked_size": unpacked, **more, "files": files}


def main(argv: list[str] | None = None) -> int:
    """Write the manifest and print how large the image is. Gives the exit code."""
    parser = argparse.ArgumentParser(description="Write the manifest of a firmware image.")
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--root", type=Path, required=True, help="the folder it was packed from")
    parser.add_argument("--board", type=Path, required=True, help="board.json")
    parser.add_argument("--toolchain", required=True, help="the compiler")
    parser.add_argument("--version", required=True, help="this project's")
    parser.add_argument("--commit", required=True, help="this project's, as git describes it")
    parser.add_argument("--limit", type=int, required=True, help="what the image may weigh in bytes")
    parser.add_argument("output", type=Path)
    args = parser.parse_args(argv)
    manifest = make_manifest(
        args.image,
        args.root,
        board=read_board(args.board),
        version=args.version,
        commit=args.commit,
        source_date_epoch=int(os.environ.get("SOURCE_DATE_EPOCH", "0")),
        compiler=compiler_version(args.toolchain),
    )
    args.output.unlink(missing_ok=True)
    said = f"{manifest['size']:,} bytes of at most {args.limit:,}"
    if args.image.stat().st_size > args.limit:
        print(f"error: {args.image} is too large for the board: {said}", file=sys.stderr)
        return 1
    args.output.write_text(json.dumps(manifest, indent=2) + "\n")
    print(f"{args.image}: {said}, SHA-256 {manifest['sha256']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
