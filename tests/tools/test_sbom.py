# SPDX-License-Identifier: MIT
"""tools/sbom.py: the bill names all parts of the image, is valid, and is reproducible."""

import json
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import sbom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

EPOCH = 1_700_000_000
MAP = """
Linker script and memory map

.text           0x0000000000400130       0x90
 .text          0x0000000000400130       0x10 {0}/py/runtime.o
 .text          0x0000000000400140       0x10 {0}/lib/littlefs/lfs2.o
 .text          0x0000000000400150        0x0 {0}/lib/littlefs/lfs1.o
 .text          0x0000000000400150       0x10 {0}/lib/oofatfs/ff.o
 .text          0x0000000000400160       0x10 {0}/extmod/modre.o
 .text          0x0000000000400170       0x10 {0}/sysroot/lib/libcurl.a(a.o)
 .text          0x0000000000400180       0x10 {0}/sysroot/lib/libmbedtls.a(a.o)
 .text          0x0000000000400190       0x10 {0}/sysroot/lib/libz.a(a.o)
 .text          0x00000000004001a0       0x10 {1}/lib/libc.a(a.o)
"""

Bill = dict[str, dict]  # the components by name
Make = Callable[..., str]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Writes the bill of an image: make(image, libc's folder) returns its text."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(EPOCH))
    tree = tmp_path / "micropython/lib"
    (tree / "littlefs").mkdir(parents=True)
    (tree / "littlefs/lfs2.h").write_text("#define LFS2_VERSION 0x0002000a\n")
    (tree / "oofatfs").mkdir()
    (tree / "oofatfs/ff.h").write_text("/  FatFs - Generic FAT Filesystem module  R0.13c      /\n")
    package = tmp_path / "package"
    package.write_text(f"ca-certificates 20250419 {'ab' * 32}\n")

    def run(image: bytes = b"image", libc: str = "/b/sysroot") -> str:
        (tmp_path / "firmware.img").write_bytes(image)
        (tmp_path / "map").write_text(MAP.format("/b", libc))
        output = tmp_path / "firmware.cdx.json"
        options = {
            "image": tmp_path / "firmware.img",
            "map": tmp_path / "map",
            "micropython": tmp_path / "micropython",
            "toolchain": "gcc",
            "certificates": package,
            "version": "1.2.3",
            "commit": "0123456789ab",
        }
        sbom.main([*(f"--{name}={value}" for name, value in options.items()), str(output)])
        return output.read_text()

    return run


def components(text: str) -> Bill:
    return {part["name"]: part for part in json.loads(text)["components"]}


def licence(part: dict) -> str:
    (choice,) = part["licenses"]
    return choice.get("expression") or choice["license"].get("id") or choice["license"]["name"]


def test_bill_is_valid(make: Make) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(make()) is None


def test_every_pinned_part_has_the_version_and_the_hash_of_its_pin(make: Make) -> None:
    pins = sbom.read_pins(sbom.PINS)
    parts = components(make())
    assert {f"{part.pin}_SHA256" for part in sbom.PINNED} == {
        name
        for name in pins
        if name.endswith("_SHA256") and "_NEXT_" not in name  # in no program
    }
    for part in sbom.PINNED:
        found = parts[part.name]
        assert found["version"] == pins[f"{part.pin}_VERSION"]
        assert found["hashes"] == [{"alg": "SHA-256", "content": pins[f"{part.pin}_SHA256"]}]
        assert found["purl"].startswith("pkg:")
        assert "{" not in found["purl"]


def test_every_part_names_its_licence(make: Make) -> None:
    assert {name: licence(part) for name, part in components(make()).items()} == {
        "MicroPython": "MIT",
        "libcurl": "curl",
        "Mbed TLS": "Apache-2.0 OR GPL-2.0-or-later",
        "zlib": "Zlib",
        "musl": "MIT",
        "ca-certificates": "MPL-2.0",
        "libgcc": "GPL-3.0-or-later WITH GCC-exception-3.1",
    }


def test_what_micropython_carries_is_named_when_it_is_linked(make: Make) -> None:
    carried = {part["name"]: part for part in components(make())["MicroPython"]["components"]}
    assert {name: (part["version"], licence(part)) for name, part in carried.items()} == {
        "littlefs 2": ("2.10", "BSD-3-Clause"),
        "FatFs": ("R0.13c", "BSD-1-Clause"),
        "re1.5": ("as in MicroPython " + sbom.read_pins(sbom.PINS)["MICROPYTHON_VERSION"], "BSD-3-Clause"),
    }


def test_a_vendors_c_library_is_not_called_musl(make: Make) -> None:
    assert "musl" not in components(make(libc="/vendor"))


def test_bill_is_the_same_for_the_same_image_only(make: Make) -> None:
    first = make()
    assert make() == first
    one, other = json.loads(first), json.loads(make(b"another image"))
    assert one["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
    assert one["metadata"]["component"]["version"] == "1.2.3+0123456789ab"
    assert one["serialNumber"] != other["serialNumber"]
    assert uuid.UUID(one["serialNumber"]).version == 5
