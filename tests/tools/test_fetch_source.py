# SPDX-License-Identifier: MIT
"""Fetching pinned sources: the places that are searched, and that only the right bytes are used."""

import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from servers.mirror import Mirror

SCRIPT = Path(__file__).resolve().parents[2] / "firmware/fetch-source.sh"
TARBALL = "thing_1.0+ds.orig.tar.xz"
IN_POOL = "/debian/pool/main/t/thing/thing_1.0%2bds.orig.tar.xz"
KEPT = f"build/sources/{TARBALL}"
DEST = "build/thing"
REFUSED = "http://127.0.0.1:1"


def make_tarball(text: str = "int main(void) { return 0; }\n") -> bytes:
    """A source tarball with one file."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz") as archive:
        content = text.encode() * 1000
        info = tarfile.TarInfo("thing-1.0/main.c")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return data.getvalue()


GOOD = make_tarball()
SHA256 = hashlib.sha256(GOOD).hexdigest()
WRONG = make_tarball("int main(void) { return 1; }\n")
WRONG_SHA256 = hashlib.sha256(WRONG).hexdigest()


def fetch(
    mirror: Mirror, *options: str, places: str = "", sources: Path | str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the script in the mirror's folder, as make does."""
    command = [SCRIPT, TARBALL, SHA256, places, *(options or [DEST])]
    env = mirror.env | {"SOURCES": str(sources)} | env
    return subprocess.run(command, cwd=mirror.cwd, env=env, capture_output=True, text=True, timeout=60)


def check_unpacked(done: subprocess.CompletedProcess[str], mirror: Mirror) -> None:
    """Check that the right tree exists and that there was no error."""
    assert (done.returncode, done.stderr) == (0, "")
    assert (mirror.cwd / DEST / "main.c").stat().st_size == 29000


def check_failed(done: subprocess.CompletedProcess[str], mirror: Mirror, *says: str) -> None:
    """Check for one clear line on stderr, an exit code, and no incomplete files."""
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")
    for text in says:
        assert text in done.stderr
    assert not (mirror.cwd / DEST).exists()
    assert [path for path in mirror.cwd.rglob("*.part*")] == []


def test_the_pool_is_asked_by_the_files_place_and_no_index_read(mirror: Mirror) -> None:
    mirror.pool("t/thing/" + TARBALL, GOOD)
    # The file that the index names does not exist: this must not matter.
    mirror.publish("thing", "1.0+ds-2", lists_only=True)
    check_unpacked(fetch(mirror), mirror)
    assert mirror.requests == [IN_POOL]
    assert (mirror.cwd / KEPT).read_bytes() == GOOD


def test_what_was_fetched_is_not_fetched_again(mirror: Mirror) -> None:
    mirror.pool("t/thing/" + TARBALL, GOOD)
    fetch(mirror, "build/first")
    check_unpacked(fetch(mirror), mirror)
    assert len(mirror.requests) == 1


def test_a_library_is_in_the_folder_of_four_letters(mirror: Mirror) -> None:
    mirror.pool("libt/libthing/libthing_1.orig.tar.xz", GOOD)
    command = [SCRIPT, "libthing_1.orig.tar.xz", SHA256, "", DEST]
    done = subprocess.run(command, cwd=mirror.cwd, env=mirror.env, capture_output=True, text=True, timeout=60)
    check_unpacked(done, mirror)


def test_the_users_folder_comes_first_and_nothing_is_asked(mirror: Mirror, tmp_path: Path) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / TARBALL).write_bytes(GOOD)
    mirror.pool("t/thing/" + TARBALL, GOOD)
    check_unpacked(fetch(mirror, sources=folder, places=f"{mirror.url}/further"), mirror)
    assert mirror.requests == []


def test_a_wrong_file_in_the_users_folder_is_an_error(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / TARBALL).write_bytes(WRONG)
    mirror.pool("t/thing/" + TARBALL, GOOD)
    fetch(mirror, "build/first")  # even if the right source is available
    mirror.requests.clear()
    done = fetch(mirror, sources=tmp_path)
    check_failed(
        done, mirror, f"{tmp_path / TARBALL} has the wrong SHA-256: {WRONG_SHA256}", f"pinned is {SHA256}"
    )
    assert mirror.requests == []


def test_with_a_folder_of_the_users_what_is_not_in_it_is_not_fetched(mirror: Mirror, tmp_path: Path) -> None:
    mirror.pool("t/thing/" + TARBALL, GOOD)
    done = fetch(mirror, sources=tmp_path, places=f"{mirror.url}/further")
    check_failed(done, mirror, TARBALL, SHA256, str(tmp_path), "build/sources", "make sources")
    assert mirror.requests == []


def test_with_a_folder_of_the_users_what_build_has_is_taken(mirror: Mirror, tmp_path: Path) -> None:
    mirror.pool("t/thing/" + TARBALL, GOOD)
    fetch(mirror, "build/first")
    check_unpacked(fetch(mirror, sources=tmp_path), mirror)
    assert len(mirror.requests) == 1


def test_a_broken_file_in_build_is_said_and_fetched_anew(mirror: Mirror) -> None:
    mirror.pool("t/thing/" + TARBALL, GOOD)
    (mirror.cwd / KEPT).parent.mkdir(parents=True)
    (mirror.cwd / KEPT).write_bytes(GOOD[:-20])
    done = fetch(mirror)
    check_unpacked(done, mirror)
    assert f"{KEPT} has the wrong SHA-256" in done.stdout
    assert (mirror.cwd / KEPT).read_bytes() == GOOD


@pytest.mark.parametrize("bad", [None, WRONG, GOOD[:-20], b""], ids=["missing", "wrong", "cut off", "empty"])
def test_further_places_stand_in_for_the_pool(mirror: Mirror, bad: bytes | None) -> None:
    if bad is not None:
        mirror.pool("t/thing/" + TARBALL, bad)
    mirror.put("releases/thing.tar.xz", GOOD)
    check_unpacked(fetch(mirror, places=f"{REFUSED}/thing,{mirror.url}/releases/thing.tar.xz"), mirror)
    assert mirror.requests == [IN_POOL, "/releases/thing.tar.xz"]


def test_wrong_bytes_everywhere_leave_nothing(mirror: Mirror) -> None:
    mirror.pool("t/thing/" + TARBALL, WRONG)
    mirror.put("thing.tar.xz", GOOD[:-20])
    done = fetch(mirror, places=f"{mirror.url}/thing.tar.xz")
    check_failed(
        done, mirror, f"{IN_POOL}: Hash Sum mismatch", f"{mirror.url}/thing.tar.xz: Hash Sum mismatch"
    )
    assert not (mirror.cwd / KEPT).exists()


def test_a_file_that_is_nowhere_is_one_line_with_all_places(mirror: Mirror) -> None:
    done = fetch(mirror, places=f"{REFUSED}/thing")
    check_failed(
        done, mirror, TARBALL, SHA256, f"{mirror.url}{IN_POOL}: 404", f"{REFUSED}/thing: ", "SOURCES=folder"
    )


def test_a_machine_without_apt_is_told_what_to_do(mirror: Mirror) -> None:
    needed = ["sh", "dirname", "basename", "rm", "mkdir", "sed", "awk", "tr", "cut", "sha256sum", "env"]
    tools = mirror.cwd / "bin"
    tools.mkdir()
    for name in needed:
        (tools / name).symlink_to(Path("/usr/bin", name))
    check_failed(
        fetch(mirror, PATH=str(tools)), mirror, TARBALL, SHA256, "no Debian mirror", "SOURCES=folder"
    )


def test_a_former_tree_survives_a_failed_fetch(mirror: Mirror) -> None:
    former = mirror.cwd / DEST / "main.c"
    former.parent.mkdir(parents=True)
    former.write_text("former")
    assert fetch(mirror).returncode == 1
    assert former.read_text() == "former"


def test_without_a_destination_the_file_alone_is_kept(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / TARBALL).write_bytes(GOOD)
    done = fetch(mirror, "", sources=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in (mirror.cwd / "build/sources").iterdir()] == [TARBALL]
    assert (mirror.cwd / KEPT).read_bytes() == GOOD


def test_a_proxy_of_the_machines_apt_is_used(mirror: Mirror) -> None:
    mirror.pool("t/thing/" + TARBALL, GOOD)
    mirror.configure("http://mirror.invalid/debian", f'Acquire::http::Proxy "{mirror.url}";')
    check_unpacked(fetch(mirror), mirror)
    assert mirror.requests == [f"http://mirror.invalid{IN_POOL}"]


def test_a_mirror_on_the_machines_disk_will_do(mirror: Mirror) -> None:
    mirror.pool("t/thing/" + TARBALL, GOOD)
    mirror.configure(f"file:{mirror.www}/debian")
    check_unpacked(fetch(mirror), mirror)
    assert not (mirror.cwd / KEPT).is_symlink()


def test_a_list_of_mirrors_is_tried_one_after_the_other(mirror: Mirror) -> None:
    mirror.pool("t/thing/" + TARBALL, GOOD)
    names = mirror.cwd / "mirrors.list"
    names.write_text(f"# ours\n{REFUSED}/debian\tpriority:1\n{mirror.url}/debian/\n")
    mirror.configure(f"mirror+file:{names}")
    check_unpacked(fetch(mirror), mirror)


def test_a_mirror_is_known_by_its_lists_whatever_its_address(mirror: Mirror) -> None:
    mirror.pool("t/thing/" + TARBALL, GOOD)
    mirror.publish("thing", "1.0+ds-1")
    (mirror.www / "debian").rename(mirror.www / "archive")
    mirror.configure(f"{mirror.url}/archive")
    mirror.update()
    check_unpacked(fetch(mirror), mirror)
