# SPDX-License-Identifier: MIT
"""Fetching the current packages, from a mirror whose lists and pool may differ."""

import subprocess
from pathlib import Path

import pytest
from servers.mirror import ARCH, Mirror

SCRIPT = Path(__file__).resolve().parents[2] / "firmware/fetch-package.sh"
DEST = "build/thing"
KERNEL = "linux-image-6.12.{}+deb13-cloud-{}"


def fetch(
    mirror: Mirror, *command: str, sources: Path | str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the script in the mirror's folder, as make does."""
    command = [SCRIPT, *(command or ("-", "-", "thing", DEST))]
    env = mirror.env | {"SOURCES": str(sources)} | env
    return subprocess.run(command, cwd=mirror.cwd, env=env, capture_output=True, text=True, timeout=60)


def version(mirror: Mirror, done: subprocess.CompletedProcess[str]) -> str:
    """Return the version that was unpacked; check that there was no error."""
    assert (done.returncode, done.stderr) == (0, "")
    name, version, sha256 = (mirror.cwd / DEST / ".package").read_text().split()
    assert (mirror.cwd / DEST / "usr/share/version").read_text() == version
    assert len(sha256) == 64
    assert name
    return version


def check_failed(done: subprocess.CompletedProcess[str], mirror: Mirror, *says: str) -> None:
    """Check for one clear line on stderr, an exit code, and no incomplete files."""
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: ")
    for text in says:
        assert text in done.stderr
    assert not (mirror.cwd / DEST).exists()
    assert [path for path in mirror.cwd.rglob("*.part")] == []
    assert [path for path in mirror.cwd.rglob("*.deb")] == []


def test_the_newest_of_the_lists_is_taken_and_kept(mirror: Mirror) -> None:
    mirror.publish("thing", "1.0-1")
    mirror.publish("thing", "1.0-2")
    done = fetch(mirror)
    assert version(mirror, done) == "1.0-2"
    assert "not in its pool" not in done.stdout
    assert [path.name for path in (mirror.cwd / "build/sources").iterdir()] == [f"thing_1.0-2_{ARCH}.deb"]


def test_lists_that_were_old_are_fetched_anew_once(mirror: Mirror) -> None:
    # The mirror is updated after its lists were read and before the file is requested.
    old = mirror.publish("thing", "1.0-1")

    def update(path: str) -> None:
        if path.endswith("1.0-1_" + ARCH + ".deb") and old.exists():
            old.unlink()
            mirror.lists.clear()
            mirror.publish("thing", "1.0-2")

    mirror.before_answer = update
    assert version(mirror, fetch(mirror)) == "1.0-2"
    assert len([path for path in mirror.requests if path.endswith("/InRelease")]) == 2


def test_another_version_of_the_lists_is_taken_and_said(mirror: Mirror) -> None:
    mirror.publish("thing", "1.0-1")
    mirror.publish("thing", "1.0-2", lists_only=True)
    done = fetch(mirror)
    assert version(mirror, done) == "1.0-1"
    assert "not in its pool: thing 1.0-1 is taken" in done.stdout


def test_what_only_lies_in_the_pool_is_taken_for_tests_and_said(mirror: Mirror) -> None:
    mirror.publish("thing", "1.0-9", pool_only=True)
    mirror.publish("thing", "1.0-10+deb12u1", pool_only=True)
    mirror.publish("thing-else", "3.0", pool_only=True)
    mirror.publish("thing", "2.0-1", lists_only=True)
    done = fetch(mirror, "--any", "-", "-", "thing", DEST)
    assert version(mirror, done) == "1.0-10+deb12u1"
    assert f"thing_1.0-10+deb12u1_{ARCH}.deb is taken" in done.stdout
    assert "no list vouches for it" in done.stdout


def test_what_goes_into_the_firmware_is_what_a_list_vouches_for(mirror: Mirror) -> None:
    mirror.publish("thing", "1.0-9", pool_only=True)
    mirror.publish("thing", "2.0-1", lists_only=True)
    check_failed(fetch(mirror), mirror, "could not download thing", "404", "SOURCES=folder")


@pytest.mark.parametrize(("arch", "taken"), [("all", True), ("arm64", False)])
def test_certificates_of_this_machines_release_stand_in_for_missing_ones(
    mirror: Mirror, arch: str, taken: bool
) -> None:
    # A package for all architectures: an arm64 package of another release must not be used.
    mirror.publish("thing", "1.0-1", arch=arch)
    mirror.publish("thing", "2.0-1", suite="next", arch=arch, lists_only=True)
    mirror.update()
    done = fetch(mirror, "next", "arm64", "thing", DEST)
    if taken:
        assert version(mirror, done) == "1.0-1"
        assert "thing_1.0-1_all.deb is taken, as this machine's release has it" in done.stdout
    else:
        check_failed(done, mirror, "could not download thing", "404")


def test_an_empty_pool_is_one_line(mirror: Mirror) -> None:
    mirror.publish("thing", "2.0-1", lists_only=True)
    done = fetch(mirror, "--any", "-", "-", "thing", DEST)
    check_failed(done, mirror, "could not download thing", "404", "SOURCES=folder")


def test_a_package_that_no_list_names_is_one_line(mirror: Mirror) -> None:
    mirror.publish("other", "1.0")
    check_failed(fetch(mirror), mirror, "could not download thing", "Unable to locate package")


def test_a_mirror_out_of_reach_is_one_line(mirror: Mirror) -> None:
    mirror.configure("http://127.0.0.1:1/debian")
    check_failed(fetch(mirror), mirror, "could not download thing", "SOURCES=folder")


def test_lists_of_another_release_are_verified(mirror: Mirror) -> None:
    # The lists have no signature. The release's name is given, so this is an error, whatever this
    # machine's apt allows.
    mirror.publish("thing", "1.0-1", arch="arm64")
    mirror.configure(f"{mirror.url}/debian", 'Acquire::AllowInsecureRepositories "false";')
    check_failed(
        fetch(mirror, "stable", "arm64", "thing", DEST), mirror, "could not read the lists of stable"
    )


@pytest.mark.parametrize("arch", ["arm64", ARCH])
def test_a_metapackage_stands_for_its_kernel(mirror: Mirror, arch: str) -> None:
    kernel = KERNEL.format(9, arch)
    mirror.publish(kernel, "6.12.9-1", arch=arch)
    mirror.publish(
        f"linux-image-cloud-{arch}", "6.12.9-1", arch=arch, depends=f"{kernel} (= 6.12.9-1), other"
    )
    done = fetch(mirror, "stable", arch, f"linux-image-cloud-{arch}", DEST)
    assert version(mirror, done) == "6.12.9-1"
    assert (mirror.cwd / DEST / ".package").read_text().startswith(kernel)
    # The second time the package is found without the lists.
    mirror.requests.clear()
    assert version(mirror, fetch(mirror, "stable", arch, f"linux-image-cloud-{arch}", DEST)) == "6.12.9-1"
    assert mirror.requests == []


def test_a_kernel_that_is_not_in_the_pool_is_the_newest_that_is(mirror: Mirror) -> None:
    for number in (9, 10):
        mirror.publish(KERNEL.format(number, "arm64"), f"6.12.{number}-1", arch="arm64", pool_only=True)
    mirror.publish("linux-image-6.12.99+deb13-rt-arm64", "6.12.99-1", arch="arm64", pool_only=True)
    mirror.publish(KERNEL.format(11, "arm64"), "6.12.11-1", arch="arm64", lists_only=True)
    depends = KERNEL.format(11, "arm64")
    mirror.publish("linux-image-cloud-arm64", "6.12.11-1", arch="arm64", depends=depends)
    done = fetch(mirror, "--any", "stable", "arm64", "linux-image-cloud-arm64", DEST)
    assert version(mirror, done) == "6.12.10-1"


def test_the_users_folder_comes_first_and_nothing_is_asked(mirror: Mirror, tmp_path: Path) -> None:
    for number in ("1.0-9", "1.0-10"):
        place = mirror.publish("thing", number)
        place.rename(tmp_path / place.name)
    assert version(mirror, fetch(mirror, sources=tmp_path)) == "1.0-10"
    assert mirror.requests == []


def test_with_a_folder_of_the_users_what_is_not_in_it_is_not_fetched(mirror: Mirror, tmp_path: Path) -> None:
    mirror.publish("thing", "1.0-1")
    check_failed(
        fetch(mirror, sources=tmp_path), mirror, f"no thing ({ARCH}, a .deb) in {tmp_path}", "make sources"
    )
    assert mirror.requests == []


def test_a_wrong_file_in_the_users_folder_is_an_error(mirror: Mirror, tmp_path: Path) -> None:
    name = mirror.publish("thing", "1.0-1").name
    (tmp_path / name).write_bytes(b"no package")
    done = fetch(mirror, sources=tmp_path)
    assert (done.returncode, done.stderr) == (1, f"error: {tmp_path / name} does not unpack\n")
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  {name}\n")
    done = fetch(mirror, sources=tmp_path)
    assert done.returncode == 1
    assert f"{tmp_path / name} has the wrong SHA-256" in done.stderr
    assert mirror.requests == []
