# SPDX-License-Identifier: MIT
"""tools/initramfs.sh: the same files give the same bytes."""

import gzip
import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools/initramfs.sh"
FILES = {
    "bin/program": b"\x7fELF" + bytes(5000),
    "etc/ssl/ca.crt": b"PEM\n",
    "etc/Ä=b.txt": b"",
    "rom.img": b"rom",
}
EXECUTABLE = "bin/program"


def fill(folder: Path, names: list[str], umask: int = 0o022) -> Path:
    """Write FILES in this order."""
    before = os.umask(umask)
    try:
        for name in names:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(FILES[name])
            if name == EXECUTABLE:
                path.chmod(0o777 & ~umask)
    finally:
        os.umask(before)
    return folder


def pack(folder: Path, epoch: int | None = 1_700_000_000, **env: str) -> bytes:
    """Return the image that the script makes of a folder."""
    image = folder.with_suffix(".img")
    variables = {"PATH": os.environ["PATH"]} | env
    if epoch is not None:
        variables["SOURCE_DATE_EPOCH"] = str(epoch)
    subprocess.run([SCRIPT, folder, image], check=True, env=variables)
    return image.read_bytes()


@pytest.fixture
def reference(tmp_path: Path) -> bytes:
    """The expected image."""
    return pack(fill(tmp_path / "reference", list(FILES)))


def test_order_umask_locale_and_place_make_no_difference(tmp_path: Path, reference: bytes) -> None:
    folder = fill(tmp_path / "somewhere/else/entirely", list(reversed(FILES)), umask=0o077)
    assert pack(folder, LC_ALL="C.UTF-8", TZ="Asia/Tokyo") == reference


def test_times_make_no_difference(tmp_path: Path, reference: bytes) -> None:
    folder = fill(tmp_path / "old", list(FILES))
    for number, path in enumerate(sorted(folder.rglob("*"))):
        os.utime(path, (number, 86_400 * number))
    assert pack(folder) == reference


def test_owners_make_no_difference(tmp_path: Path, reference: bytes) -> None:
    folder = fill(tmp_path / "owned", list(FILES))
    if os.geteuid() == 0:  # only root can create files of another owner
        for number, path in enumerate(folder.rglob("*")):
            os.chown(path, 1000 + number, 2000 + number)
    image = pack(folder)
    assert image == reference
    command = ["cpio", "-itvn", "--quiet"]
    listing = subprocess.run(command, input=gzip.decompress(image), capture_output=True, check=True).stdout
    assert {tuple(line.split()[2:4]) for line in listing.splitlines()} == {(b"0", b"0")}


def test_what_is_in_it_makes_a_difference(tmp_path: Path, reference: bytes) -> None:
    folder = fill(tmp_path / "other", list(FILES))
    (folder / "rom.img").write_bytes(b"ROM")
    assert pack(folder) != reference


def test_date_is_the_one_of_the_source(tmp_path: Path, reference: bytes) -> None:
    assert pack(fill(tmp_path / "later", list(FILES)), epoch=1_700_000_001) != reference
    # Without a time the image has none, and not the current time.
    undated = fill(tmp_path / "undated", list(FILES))
    assert pack(undated, epoch=None) == pack(undated, epoch=0)


def test_it_is_what_a_kernel_unpacks(tmp_path: Path, reference: bytes) -> None:
    archive = gzip.decompress(reference)
    assert archive.startswith(b"070701")
    listing = subprocess.run(
        ["cpio", "--list", "--verbose", "--numeric-uid-gid", "--quiet"],
        input=archive,
        check=True,
        capture_output=True,
        env={"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C"},
    ).stdout
    rows = [line.split() for line in listing.decode().splitlines()]
    assert {(row[2], row[3]) for row in rows} == {("0", "0")}
    modes = {row[8]: row[0] for row in rows}
    assert modes["bin"] == "drwxr-xr-x"
    assert modes[EXECUTABLE] == "-rwxr-xr-x"
    assert modes["rom.img"] == "-rw-r--r--"
    assert len(modes) == len(FILES) + 3
