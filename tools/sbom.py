# SPDX-License-Identifier: MIT
"""Writes the software bill of materials of a firmware image: CycloneDX, as JSON.

It has every part with version, licence and origin. The same image gives the same bytes: the date is
SOURCE_DATE_EPOCH, and the serial number is made from the image's SHA-256.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from size import linked_files

ROOT = Path(__file__).resolve().parent.parent
PINS = ROOT / "firmware/pins.env"


class Pinned(NamedTuple):
    """A part that is built from a tarball in pins.env. The licence is that of its sources."""

    name: str
    pin: str  # its names in pins.env begin with this
    licence: str  # SPDX
    purl: str  # {} is the version; {_} is the version with _ instead of dots
    cpe: str  # vendor:product, as advisories name it
    linked: str  # if a file with this in its name was linked, the part is in the program


PINNED = (
    Pinned(
        "MicroPython",
        "MICROPYTHON",
        "MIT",
        "github/micropython/micropython@v{}",
        "micropython:micropython",
        "/py/runtime.o",
    ),
    Pinned("libcurl", "CURL", "curl", "github/curl/curl@curl-{_}", "haxx:curl", "/sysroot/lib/libcurl.a("),
    Pinned(
        "Mbed TLS",
        "MBEDTLS",
        "Apache-2.0 OR GPL-2.0-or-later",
        "github/mbed-tls/mbedtls@v{}",
        "arm:mbed_tls",
        "/sysroot/lib/libmbedtls.a(",
    ),
    Pinned("zlib", "ZLIB", "Zlib", "github/madler/zlib@v{}", "zlib:zlib", "/sysroot/lib/libz.a("),
    Pinned("musl", "MUSL", "MIT", "generic/musl@{}", "musl-libc:musl", "/sysroot/lib/libc.a("),
)


class Carried(NamedTuple):
    """A part in MicroPython's own source tree. The licences are those in its LICENSE."""

    name: str
    licence: str
    linked: str  # as above
    version: tuple[str, str] | None = (
        None  # a file and a pattern that find it; None: the part has no versions
    )


CARRIED = (
    Carried(
        "littlefs 1",
        "BSD-3-Clause",
        "/littlefs/lfs1.o",
        ("littlefs/lfs1.h", r"LFS1_VERSION 0x(\w{4})(\w{4})"),
    ),
    Carried(
        "littlefs 2",
        "BSD-3-Clause",
        "/littlefs/lfs2.o",
        ("littlefs/lfs2.h", r"LFS2_VERSION 0x(\w{4})(\w{4})"),
    ),
    Carried("FatFs", "BSD-1-Clause", "/oofatfs/ff.o", ("oofatfs/ff.h", r"FatFs - .*  (R[\w.]+)")),
    Carried("uzlib", "Zlib", "/extmod/moddeflate.o"),
    Carried("re1.5", "BSD-3-Clause", "/extmod/modre.o"),
    Carried("crypto-algorithms", "Public domain", "/extmod/modhashlib.o"),
)

_licences = LicenseFactory()


def sha256(hexadecimal: str) -> list[HashType]:
    """Return a SHA-256 in the form of the library."""
    return [HashType(alg=HashAlgorithm.SHA_256, content=hexadecimal)]


def read_pins(path: Path) -> dict[str, str]:
    """Return the names and values of pins.env."""
    return dict(re.findall(r"^(\w+)=(.*)$", path.read_text(), re.M))


def _component(name: str, version: str, licence: str, **more: object) -> Component:
    return Component(
        name=name,
        version=version,
        licenses=[_licences.make_from_string(licence)],
        bom_ref=f"{name} {version}",
        **more,
    )


def pinned(part: Pinned, pins: dict[str, str]) -> Component:
    """Return the component of a part that was built from a pinned tarball."""
    version = pins[f"{part.pin}_VERSION"]
    purl = part.purl.replace("{_}", version.replace(".", "_")).replace("{}", version)
    return _component(
        part.name,
        version,
        part.licence,
        purl=PackageURL.from_string(f"pkg:{purl}"),
        cpe=f"cpe:2.3:a:{part.cpe}:{version}:*:*:*:*:*:*:*",
        hashes=sha256(pins[f"{part.pin}_SHA256"]),
    )


def _own_version(part: Carried, micropython: Path, otherwise: str) -> str:
    if part.version is None:
        return otherwise
    file, pattern = part.version
    found = re.search(pattern, (micropython / "lib" / file).read_text())
    if not found:
        raise ValueError(f"{file} does not tell the version of {part.name}")
    words = found.groups()
    return words[0] if len(words) == 1 else ".".join(str(int(word, 16)) for word in words)


def is_linked(part: Pinned | Carried, files: set[str]) -> bool:
    """Return True if the program was linked from files of this part."""
    return any(part.linked in file for file in files)


def carried(micropython: Path, files: set[str], version: str) -> list[Component]:
    """Return the parts in MicroPython's tree that the program contains. files: those of linked_files()."""
    return [
        _component(part.name, _own_version(part, micropython, f"as in MicroPython {version}"), part.licence)
        for part in CARRIED
        if is_linked(part, files)
    ]


def certificates(package: Path) -> Component:
    """Return the component of Debian's certificates. package: what firmware/fetch-package.sh wrote."""
    name, version, digest = package.read_text().split()
    purl = PackageURL("deb", "debian", name, version, {"arch": "all"})
    return _component(name, version, "MPL-2.0", type=ComponentType.DATA, purl=purl, hashes=sha256(digest))


def libgcc(toolchain: str) -> Component:
    """Return the component of the compiler's own library."""
    command = [toolchain, "-dumpfullversion"]
    version = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    licence = "GPL-3.0-or-later WITH GCC-exception-3.1"
    return _component("libgcc", version, licence, purl=PackageURL("generic", None, "gcc", version))


def make_bom(image: Path, version: str, parts: list[Component], epoch: int) -> Bom:
    """Return the bill of materials of an image: this project and its parts."""
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    project = _component("DL-7450 http", version, "MIT", type=ComponentType.FIRMWARE, hashes=sha256(digest))
    bom = Bom(
        components=parts,
        serial_number=uuid.uuid5(uuid.NAMESPACE_OID, f"sha256:{digest}"),
        metadata=BomMetaData(component=project, timestamp=datetime.fromtimestamp(epoch, UTC)),
    )
    by_name = {part.name: part for part in parts}
    bom.register_dependency(project, parts)
    bom.register_dependency(by_name["libcurl"], [by_name["Mbed TLS"], by_name["zlib"]])
    return bom


def main(argv: list[str] | None = None) -> None:
    """Write the bill of materials of an image."""
    parser = argparse.ArgumentParser(description="Write the SBOM of a firmware image.")
    parser.add_argument("--image", type=Path, required=True, help="the image it is for")
    parser.add_argument("--map", type=Path, required=True, help="the linker's map of the program in it")
    parser.add_argument("--micropython", type=Path, required=True, help="its sources")
    parser.add_argument("--toolchain", required=True, help="the compiler")
    parser.add_argument("--certificates", type=Path, required=True, help="what says which package they are")
    parser.add_argument("--version", required=True, help="this project's")
    parser.add_argument("--commit", required=True, help="this project's, as git describes it")
    parser.add_argument("output", type=Path)
    args = parser.parse_args(argv)
    pins = read_pins(PINS)
    files = linked_files(args.map.read_text())
    parts = [pinned(part, pins) for part in PINNED if is_linked(part, files)]
    parts[0].components.update(carried(args.micropython, files, pins["MICROPYTHON_VERSION"]))
    parts += [certificates(args.certificates), libgcc(args.toolchain)]
    bom = make_bom(
        args.image, f"{args.version}+{args.commit}", parts, int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    )
    JsonV1Dot6(bom).output_to_file(str(args.output), allow_overwrite=True, indent=2)
    print(f"{args.output}: {len(parts)} parts, and what they carry")


if __name__ == "__main__":
    main()
