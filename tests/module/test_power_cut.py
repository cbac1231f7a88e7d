# SPDX-License-Identifier: MIT
"""Option file on a device that may lose power: the order of writes, and the files after a power cut."""

from pathlib import Path

import pytest
from servers.wire import CLOSE, Reply, WireFactory, head, numbered_bytes, reply
from support.program import Program
from support.storage import Storage

_OLD = b"what was there before"
_GET = "r = http.get(URL, file=FILE); show(r.status_code(), r.error())"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An existing file that a download will replace, alone in its folder."""
    path = tmp_path / "downloads" / "file"
    path.parent.mkdir()
    path.write_bytes(_OLD)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_file_is_on_the_disk_before_its_name_and_then_the_name(
    strict: Program, wire: WireFactory, storage: Storage, old: Path
) -> None:
    run = strict(_GET, URL=wire(reply(200, b"new")).url, FILE=str(old), env=storage.env)
    assert run.shown == (200, "")
    assert storage.calls == [f"sync {old}.0.part", f"rename {old}", f"sync {old.parent}"]
    assert contents(old.parent) == {"file": b"new"}


def test_folder_of_a_name_alone_is_the_working_folder(
    strict: Program, wire: WireFactory, storage: Storage, tmp_path: Path
) -> None:
    run = strict(_GET, URL=wire(reply(200, b"new")).url, FILE="file", env=storage.env)
    assert run.shown == (200, "")
    assert storage.calls == [f"sync {tmp_path}/file.0.part", "rename file", f"sync {tmp_path}"]


def test_file_that_cannot_be_synced_is_23_and_the_old_one_stays(
    strict: Program, wire: WireFactory, storage: Storage, old: Path
) -> None:
    env = storage.breaks(Path(f"{old}.0.part"))
    run = strict(_GET, URL=wire(reply(200, b"new")).url, FILE=str(old), env=env)
    assert run.shown == (23, "file: cannot write: Input/output error")
    assert storage.calls == [f"sync {old}.0.part"]
    assert contents(old.parent) == {"file": _OLD}


def test_folder_that_cannot_be_synced_is_23(
    strict: Program, wire: WireFactory, storage: Storage, old: Path
) -> None:
    """The file was renamed, but the rename may not survive a power cut."""
    run = strict(_GET, URL=wire(reply(200, b"new")).url, FILE=str(old), env=storage.breaks(old.parent))
    assert run.shown == (23, "file: cannot sync the folder: Input/output error")
    assert contents(old.parent) == {"file": b"new"}


@pytest.mark.parametrize(
    ("answer", "status"), [(reply(404), 404), ([head(200, "Content-Length: 100") + b"half", CLOSE], 18)]
)
def test_nothing_is_synced_for_what_does_not_get_a_name(
    strict: Program, wire: WireFactory, storage: Storage, old: Path, answer: Reply, status: int
) -> None:
    run = strict(_GET, URL=wire(answer).url, FILE=str(old), env=storage.env)
    assert run.shown[0] == status
    assert storage.calls == []
    assert contents(old.parent) == {"file": _OLD}


def test_host_build_syncs_nothing(run_app: Program, wire: WireFactory, storage: Storage, old: Path) -> None:
    run = run_app(_GET, URL=wire(reply(200, b"new")).url, FILE=str(old), env=storage.env)
    assert run.shown == (200, "")
    assert storage.calls == [f"rename {old}"]


def test_write_that_a_signal_interrupts_goes_on(
    run_app: Program, wire: WireFactory, storage: Storage, old: Path
) -> None:
    """Disks do that on a network, and they write a part."""
    body = numbered_bytes(200_000)
    env = storage.breaks(Path(f"{old}.0.part"), "INTERRUPTED")
    assert run_app(_GET, URL=wire(reply(200, body)).url, FILE=str(old), env=env).shown == (200, "")
    assert contents(old.parent) == {"file": body}


def test_file_that_cannot_be_closed_is_23_and_the_old_one_stays(
    run_app: Program, wire: WireFactory, storage: Storage, old: Path
) -> None:
    """A network file system may say only then that there was no space."""
    env = storage.breaks(Path(f"{old}.0.part"), "UNCLOSABLE")
    run = run_app(_GET, URL=wire(reply(200, b"new")).url, FILE=str(old), env=env)
    assert run.shown == (23, "file: cannot write: Input/output error")
    assert storage.calls == []
    assert contents(old.parent) == {"file": _OLD}


@pytest.mark.parametrize("status", [200, 404])
def test_what_a_power_cut_left_goes_with_the_next_request_for_the_file(
    run_app: Program, wire: WireFactory, old: Path, status: int
) -> None:
    other = old.with_name("other.3.part")
    other.write_bytes(b"of another file")
    for number in range(16):
        Path(f"{old}.{number}.part").write_bytes(b"left, and longer than what comes")
    run = run_app(_GET, URL=wire(reply(status, b"new")).url, FILE=str(old))
    assert run.shown[0] == status
    assert contents(old.parent) == {
        "file": b"new" if status == 200 else _OLD,
        "other.3.part": b"of another file",
    }


def test_next_request_for_the_file_leaves_those_alone_that_are_under_way(
    run_app: Program, wire: WireFactory, old: Path
) -> None:
    server = wire(
        lambda request: (
            reply(200, b"fast")
            if request.target == "/fast"
            else [head(200, "Content-Length: 8"), b"slow", 0.5, b"slow"]
        )
    )
    run = run_app(
        """
        import os

        folder = FILE.rpartition("/")[0]
        files = len(os.listdir(folder))
        slow = [http.get_async(URL, file=FILE), http.get_async(URL, file=FILE.replace("/file", "/./file"))]
        while len(os.listdir(folder)) < files + 2:  # until both have their temporary files
            settle(0.01)
        show(http.get(URL + "/fast", file=FILE).status_code(), open(FILE).read())
        show([request.wait().status_code() for request in slow], open(FILE).read())
        """,
        URL=server.url,
        FILE=str(old),
    )
    assert run.ok().lines == [(200, "fast"), ([200, 200], "slowslow")]
    assert contents(old.parent) == {"file": b"slowslow"}
