# SPDX-License-Identifier: MIT
"""Packs an app, key-value pairs and images into a ROM store image, and lists such an image.

    store.py pack CONFIG.yaml IMAGE [--compile]
    store.py list IMAGE

The configuration has the form of the DL-7450 SDK's scripts (scripts/send_rom_store.py). Each key
may be left out:

    code:
      path: ${CONFIG_PATH}/app.py     the app, one file, .py or .mpy; `code: app.py` is the same in short
    kv_store:
      dock_name: Reception            str to str
    images:
      default:                        the image's tag
        type: png                     png, bmp or jpeg
        path: ${CONFIG_PATH}/a.png

${CONFIG_PATH} in a path is the folder of the configuration. Other paths are relative to this folder too.
The image is a ROMFS of MicroPython: main.py or main.mpy, kv.json and images/TAG.png, .bmp or .jpeg. The
same files give the same bytes. When something is wrong, nothing is written.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from string import Template

import yaml
from dock_tool.siblings import sibling_import
from mpremote.romfs import VfsRomWriter
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
# The compiler that was built with the program: only its .mpy files are sure to run on the program.
MPY_CROSS = ROOT / "build/mpy-cross/mpy-cross"
COMPILE_LIMIT_S = 60

LIMIT = 13_000_000  # bytes: the dock has 13 MB for the image; a megabyte is taken as 1,000,000 bytes
IMAGE_TYPES = ("png", "bmp", "jpeg")

Files = dict[str, bytes]


class StoreError(Exception):
    """A configuration or an image is wrong. The text is one line."""


class _Loader(yaml.SafeLoader):
    """Loads YAML and refuses duplicate keys. SafeLoader would use the last one without an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                problem = f"the key {key.value!r} is there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def pack(config: Path, image: Path, *, compiled: bool = False, mpy_cross: Path = MPY_CROSS) -> Files:
    """Pack the files of the configuration into image. Gives a dict: file name to bytes.

    compiled: a .py app goes in as .mpy.
    mpy_cross: MicroPython's compiler, which also checks an app that stays .py.

    Raises StoreError. Then nothing was written, and an older image is unchanged.
    """
    files = read_config(config, compiled=compiled, mpy_cross=mpy_cross)
    data = make_image(files)
    if len(data) > LIMIT:
        largest = sorted(files, key=lambda name: len(files[name]), reverse=True)[:3]
        parts = ", ".join(f"{name} {len(files[name])}" for name in largest)
        raise StoreError(
            f"{config}: too large: {len(data)} bytes, and the store holds {LIMIT}; largest: {parts}"
        )
    beside = image.with_name(f"{image.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(data)
        beside.replace(image)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise StoreError(f"{image}: {error.strerror}") from error
    return files


def make_image(files: Files) -> bytes:
    """Return a ROMFS image of files, in the same order. A name has at most one folder."""
    writer = VfsRomWriter()
    folder = ""
    for name, data in files.items():
        parent, _, base = name.rpartition("/")
        if parent != folder:
            if folder:
                writer.closedir()
            if parent:
                writer.opendir(parent)
            folder = parent
        writer.mkfile(base, data)
    if folder:
        writer.closedir()
    return bytes(writer.finalise())


def read_config(config: Path, *, compiled: bool, mpy_cross: Path) -> Files:
    """Return the files that a configuration names, in the order of the image. Raises StoreError."""
    settings = _load(config)
    unknown = [key for key in settings if key not in ("code", "kv_store", "images")]
    if unknown:
        raise StoreError(f"{config}: unknown key {unknown[0]!r}: there are code, kv_store and images")
    files: Files = {}
    if settings.get("code") is not None:
        path = _code_path(config, settings["code"])
        name, data = _app(f"{config}: code", path, compiled, mpy_cross)
        files[name] = data
    pairs = _mapping(f"{config}: kv_store", settings.get("kv_store"))
    for key, value in pairs.items():
        _text(f"{config}: kv_store: the value of {key!r}", value)
    files["kv.json"] = json.dumps(pairs, sort_keys=True).encode()
    images = _mapping(f"{config}: images", settings.get("images"))
    for tag, entry in sorted(images.items()):
        name, data = _image(config, tag, entry)
        files[f"images/{name}"] = data
    return files


def _load(config: Path) -> dict:
    try:
        with config.open("rb") as file:
            settings = yaml.load(file, _Loader)
    except OSError as error:
        raise StoreError(f"{config}: {error.strerror}") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{config}:{mark.line + 1}:{mark.column + 1}" if mark else f"{config}"
        raise StoreError(f"{where}: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        raise StoreError(f"{config}: {_one_line(error)}") from error
    return _mapping(f"{config}", settings)


def _mapping(where: str, value: object) -> dict[str, object]:
    if value is None:  # a key with nothing after it
        return {}
    if not isinstance(value, dict):
        raise StoreError(f"{where} must be a mapping, not {_kind(value)}")
    for key in value:
        _text(f"{where}: the key {key!r}", key)
    return value


def _text(where: str, value: object) -> str:
    if not isinstance(value, str):
        hint = "" if isinstance(value, (dict, list)) or value is None else ": write it in quotes"
        raise StoreError(f"{where} must be a string, not {_kind(value)}{hint}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise StoreError(f"{where} is no Unicode text: half a surrogate pair") from error
    return value


def _kind(value: object) -> str:
    if value is None:
        return "empty"
    names = {dict: "a mapping", list: "a list", str: "a string"}
    return names.get(type(value), f"{value!r} ({type(value).__name__})")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _path(config: Path, where: str, value: object) -> Path:
    folder = config.resolve().parent
    return folder / Template(_text(where, value)).safe_substitute(CONFIG_PATH=folder)


def _read(where: str, path: Path) -> bytes:
    try:
        if not path.exists():
            raise StoreError(f"{where}: there is no file {path}")
        if not path.is_file():
            raise StoreError(f"{where}: {path} is no file")
        size = path.stat().st_size
        if size > LIMIT:
            raise StoreError(f"{where}: {path} is too large: {size} bytes, and the store holds {LIMIT}")
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{where}: cannot read {path}: {error.strerror}") from error


def _code_path(config: Path, code: object) -> Path:
    where = f"{config}: code"
    if isinstance(code, str):
        return _path(config, where, code)
    entry = _mapping(where, code)
    if list(entry) != ["path"]:
        raise StoreError(f"{where} must have the key path, and no other")
    return _path(config, f"{where}: path", entry["path"])


def _app(where: str, path: Path, compiled: bool, mpy_cross: Path) -> tuple[str, bytes]:
    """Return the app's file name in the store, and its bytes."""
    data = _read(where, path)
    if path.suffix == ".mpy":
        version = _bytecode_version(mpy_cross)
        if data[:1] != b"M" or len(data) < 4:
            raise StoreError(f"{where}: {path} is no precompiled app")
        if data[1] != version:
            raise StoreError(f"{where}: {path} has bytecode version {data[1]}, the program runs {version}")
        return "main.mpy", data
    if path.suffix != ".py":
        raise StoreError(f"{where}: {path} must end in .py or .mpy")
    if said := sibling_import(path, data):
        raise StoreError(f"{where}: {said}")
    if compiled:
        return "main.mpy", _compile(where, path, mpy_cross)
    # Only a test that the app compiles. For @micropython.native a processor must be given; any one will do.
    _compile(where, path, mpy_cross, "-march=x64")
    return "main.py", data


def _compile(where: str, path: Path, mpy_cross: Path, *options: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "main.mpy"
        # -s: tracebacks contain the name of the app, and not its path on this machine.
        _run(mpy_cross, where, *options, "-s", path.name, "-o", str(result), str(path))
        return result.read_bytes()


def _bytecode_version(mpy_cross: Path) -> int:
    text = _run(mpy_cross, "code", "--version")
    found = re.search(r"mpy v(\d+)", text)
    if not found:
        raise StoreError(f"{mpy_cross} does not say its bytecode's version: {text.strip()}")
    return int(found[1])


def _run(mpy_cross: Path, where: str, *args: str) -> str:
    """Run MicroPython's compiler. Gives its output. Raises StoreError with the end of its error message."""
    try:
        done = subprocess.run(
            [mpy_cross, *args], capture_output=True, text=True, errors="replace", timeout=COMPILE_LIMIT_S
        )
    except OSError as error:
        raise StoreError(f"{mpy_cross}: {error.strerror}: make host builds it") from error
    except subprocess.TimeoutExpired as error:
        raise StoreError(f"{where}: {mpy_cross} did not end within {COMPILE_LIMIT_S} s") from error
    if done.returncode != 0:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        said = ": ".join(lines[-2:]) or f"exit code {done.returncode}"  # File "app.py", line 3: SyntaxError
        raise StoreError(f"{where}: it does not compile: {said}")
    return done.stdout


def _image(config: Path, tag: str, entry: object) -> tuple[str, bytes]:
    """Return an image's file name in the store, and its bytes."""
    where = f"{config}: images: {tag!r}"
    # The tag becomes a file name, and VfsRomWriter writes ASCII only.
    if not tag or "/" in tag or tag in (".", "..") or not (tag.isascii() and tag.isprintable()):
        raise StoreError(f"{where} is no tag: printable ASCII without a slash, and not empty, . or ..")
    entry = _mapping(where, entry)
    if sorted(entry) != ["path", "type"]:
        raise StoreError(f"{where} must have the keys type and path, and no other")
    kind = _text(f"{where}: type", entry["type"]).lower()
    if kind not in IMAGE_TYPES:
        raise StoreError(f"{where}: type must be png, bmp or jpeg, not {kind!r}")
    path = _path(config, f"{where}: path", entry["path"])
    data = _read(where, path)
    _check_image(where, path, kind, data)
    return f"{tag}.{kind}", data


def _check_image(where: str, path: Path, kind: str, data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            found = (picture.format or "").lower()
            if found == kind:
                picture.load()
    except Exception as error:  # for a broken file Pillow's decoders raise many kinds of exceptions
        raise StoreError(f"{where}: cannot read the image {path}: {_one_line(error)}") from error
    if found != kind:
        raise StoreError(f"{where}: {path} is {found}, not {kind}")


def contents(image: Path) -> dict[str, int]:
    """Return the files in an image and their sizes. Raises StoreError."""
    try:
        data = image.read_bytes()
    except OSError as error:
        raise StoreError(f"{image}: {error.strerror}") from error
    header = len(VfsRomWriter.ROMFS_HEADER)
    if data[:header] != VfsRomWriter.ROMFS_HEADER:
        raise StoreError(f"{image} is no ROMFS image")
    try:
        size, at = _number(data, header)
        if at + size > len(data):
            raise StoreError(f"{image} is truncated: {at + size - len(data)} bytes are missing")
        return dict(_records(data, at, at + size, ""))
    except IndexError as error:
        raise StoreError(f"{image} is damaged") from error


def _number(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while data[at] & 0x80:
        value = value << 7 | data[at] & 0x7F
        at += 1
    return value << 7 | data[at], at + 1


def _records(data: bytes, at: int, end: int, folder: str) -> Iterator[tuple[str, int]]:
    """Yield the files between two offsets: path and size. The data is inside the records."""
    while at < end:
        kind, at = _number(data, at)
        length, at = _number(data, at)
        after = at + length
        if after > end:
            raise IndexError
        if kind in (VfsRomWriter.ROMFS_RECORD_KIND_DIRECTORY, VfsRomWriter.ROMFS_RECORD_KIND_FILE):
            name_length, at = _number(data, at)
            name = folder + data[at : at + name_length].decode(errors="replace")
            at += name_length
            if kind == VfsRomWriter.ROMFS_RECORD_KIND_DIRECTORY:
                yield from _records(data, at, after, name + "/")
            else:
                _, at = _number(data, at)
                yield name, _number(data, at)[0]
        at = after


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    packing = commands.add_parser("pack", help="make an image")
    packing.add_argument("config", type=Path, metavar="CONFIG.yaml")
    packing.add_argument("image", type=Path, metavar="IMAGE")
    packing.add_argument("--compile", action="store_true", help="let a .py app go in as .mpy")
    packing.add_argument("--mpy-cross", type=Path, default=MPY_CROSS, help="MicroPython's compiler")
    listing = commands.add_parser("list", help="say what is in an image")
    listing.add_argument("image", type=Path, metavar="IMAGE")
    return parser.parse_args()


def main() -> int:
    """Run the command line. Gives the exit code: 1 after an error, which is one line on stderr."""
    args = _arguments()
    try:
        if args.command == "pack":
            pack(args.config, args.image, compiled=args.compile, mpy_cross=args.mpy_cross)
        for name, size in contents(args.image).items():
            print(f"{size:10} {name}")
    except StoreError as error:
        print(f"store: {error}", file=sys.stderr)
        return 1
    print(f"{args.image.stat().st_size:10} {args.image}, of {LIMIT} bytes at most")
    return 0


if __name__ == "__main__":
    sys.exit(main())
