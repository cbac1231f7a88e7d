# SPDX-License-Identifier: MIT
"""Option file: the body goes into a file, which is complete or does not exist: contract section 6."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.nginx import Nginx
from servers.wire import (
    CLOSE,
    HOLD,
    RESET,
    Reply,
    Request,
    WireFactory,
    chunked,
    head,
    numbered_bytes,
    redirect,
    reply,
)
from support.program import Program

_HUGE = 500 << 20
_MARK = numbered_bytes(1 << 16)
_OLD = b"what was there before"

# Both ways to get a Response.
_HOW = ["http.get(URL, file=FILE{})", "http.get_async(URL, file=FILE{}).wait()"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder for downloads; nothing else is written to it."""
    path = tmp_path / "downloads"
    path.mkdir()
    return path


@pytest.fixture
def old(folder: Path) -> Path:
    """An existing file that a download will replace."""
    path = folder / "file"
    path.write_bytes(_OLD)
    return path


@pytest.fixture
def huge(web: Nginx) -> Iterator[Path]:
    """500 MiB that nginx serves as /huge: a sparse file with some marks."""
    path = web.root / "huge"
    with path.open("wb") as file:
        for mark in range(5):
            file.seek(mark * (100 << 20) + 12345)
            file.write(_MARK)
        file.truncate(_HUGE)
    yield path
    path.unlink()


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def names(folder: Path) -> list[str]:
    """What is in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def same_content(one: Path, other: Path) -> bool:
    """Whether two files are equal. Does not read them into memory as a whole."""
    with one.open("rb") as first, other.open("rb") as second:
        while block := first.read(1 << 20):
            if block != second.read(1 << 20):
                return False
        return second.read() == b""


def test_500_mib_download_with_a_heap_of_2_mib(
    run_app: Program, web: Nginx, huge: Path, folder: Path
) -> None:
    run = run_app(
        """
        def peak_mib():
            with open("/proc/self/status") as f:
                for line in f:
                    if line.startswith("VmHWM"):
                        return int(line.split()[1]) >> 10

        r = http.get(URL, file=FILE, max_size=0)
        show(r.status_code(), len(r.body()), r.timings()["received"], r.error(), peak_mib(),
             http.stats()["free"])
        """,
        heap="2M",
        URL=f"{web.http}/huge",
        FILE=str(folder / "huge"),
    )
    status, body, received, error, peak_mib, free = run.shown
    assert (status, body, received, error, free) == (200, 0, _HUGE, "", 16)
    assert peak_mib < 64
    assert names(folder) == ["huge"]
    assert same_content(folder / "huge", huge)
    (folder / "huge").unlink()


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize(
    "answer",
    [
        reply(200, b"whole"),
        head(200, "Transfer-Encoding: chunked") + chunked(b"wh", b"ol", b"e"),
        [head(200) + b"wh", 0.05, b"ole", CLOSE],
        reply(201, b"whole"),
    ],
    ids=["Content-Length", "chunked", "no Content-Length", "201"],
)
def test_file_gets_the_body_however_it_is_framed(
    run_app: Program, wire: WireFactory, folder: Path, how: str, answer: Reply
) -> None:
    run = run_app(
        f"r = {how.format('')}\nshow(r.ok(), bytes(r.body()), r.error(), http.stats()['free'])",
        URL=wire(answer).url,
        FILE=str(folder / "file"),
    )
    assert run.shown == (True, b"", "", 16)
    assert contents(folder) == {"file": b"whole"}


@pytest.mark.parametrize(
    "answer",
    [reply(200), head(204), head(200, "Transfer-Encoding: chunked") + chunked()],
    ids=["200", "204", "chunked"],
)
def test_empty_body_makes_an_empty_file(
    run_app: Program, wire: WireFactory, old: Path, answer: Reply
) -> None:
    run = run_app("show(http.get(URL, file=FILE).error())", URL=wire(answer).url, FILE=str(old))
    assert run.shown == ("",)
    assert contents(old.parent) == {"file": b""}


def test_file_is_written_beside_and_renamed_when_complete(
    run_app: Program, wire: WireFactory, old: Path
) -> None:
    seen: list[dict[str, bytes]] = []
    server = wire(
        [head(200, "Content-Length: 8"), b"half", 0.2, lambda: seen.append(contents(old.parent)), b"half"]
    )
    run = run_app(
        "http.get_async(URL, lambda r: show(open(FILE).read()), file=FILE)", URL=server.url, FILE=str(old)
    )
    assert run.shown == ("halfhalf",)
    assert contents(old.parent) == {"file": b"halfhalf"}
    assert len(seen[0]) == 2
    assert seen[0].pop("file") == _OLD
    ((beside, half),) = seen[0].items()
    assert beside.startswith("file.")
    assert beside.endswith(".part")
    assert half == b"half"


_HALF = head(200, "Content-Length: 100") + b"half"
_CHUNKED_HALF = head(200, "Transfer-Encoding: chunked") + b"4\r\nhalf\r\n"
_FAILURES: dict[str, tuple[Reply, str, int]] = {
    "nothing": ([CLOSE], "", 52),
    "no body": ([head(200, "Content-Length: 100"), CLOSE], "", 18),
    "truncated": ([_HALF, CLOSE], "", 18),
    "truncated chunks": ([_CHUNKED_HALF, CLOSE], "", 18),
    "garbage chunk": ([_CHUNKED_HALF + b"zz\r\n", CLOSE], "", 56),
    "timeout": ([_HALF, HOLD], ", timeout=0.3", 28),
    "timeout of chunks": ([_CHUNKED_HALF, HOLD], ", timeout=0.3", 28),
    "reset": ([_HALF, 0.1, RESET], "", 56),
    "too large": (reply(200, bytes(100)), ", max_size=99", 63),
    "too large, chunked": (
        head(200, "Transfer-Encoding: chunked") + chunked(bytes(99), b"x"),
        ", max_size=99",
        63,
    ),
}


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize("failure", _FAILURES)
def test_failed_download_leaves_the_old_file_and_nothing_else(
    run_app: Program, wire: WireFactory, old: Path, how: str, failure: str
) -> None:
    answer, options, status = _FAILURES[failure]
    run = run_app(
        f"r = {how.format(options)}\nshow(r.status_code(), bytes(r.body()), http.stats()['free'])",
        URL=wire(answer).url,
        FILE=str(old),
    )
    assert run.shown == (status, b"", 16)
    assert contents(old.parent) == {"file": _OLD}


@pytest.mark.parametrize(
    ("end", "returncode"),
    [
        ("request.cancel(); show(http.stats()['free'])", 0),
        ("http.cancel_all(); show(http.stats()['free'])", 0),
        ("raise RuntimeError", 1),
        ("sys.exit(3)", 3),
    ],
    ids=["cancel", "cancel_all", "fault", "sys.exit"],
)
def test_ended_download_leaves_the_old_file_and_nothing_else(
    run_app: Program, wire: WireFactory, old: Path, end: str, returncode: int
) -> None:
    run = run_app(
        f"""
        import os
        request = http.get_async(URL, show, file=FILE)
        while len(os.listdir(FOLDER)) == 1:
            settle(0.01)
        show(len(os.listdir(FOLDER)))
        {end}
        """,
        URL=wire([_HALF, HOLD]).url,
        FILE=str(old),
        FOLDER=str(old.parent),
    )
    assert run.returncode == returncode
    assert run.lines == [(2,), (16,)][: 1 if returncode else 2]
    assert contents(old.parent) == {"file": _OLD}


def test_ctrl_c_leaves_the_old_file_and_nothing_else(run_app: Program, wire: WireFactory, old: Path) -> None:
    run = run_app(
        "print('now'); http.get(URL, file=FILE)",
        URL=wire([_HALF, HOLD]).url,
        FILE=str(old),
        interrupt_at="now",
    )
    assert run.returncode == 128 + signal.SIGINT
    assert contents(old.parent) == {"file": _OLD}


def test_killed_download_leaves_the_old_file_under_the_final_name(
    run_app: Program, wire: WireFactory, old: Path
) -> None:
    def kill(request: Request) -> Reply:
        pid = int(request.header("X-Pid") or 0)
        return [_HALF, 0.2, lambda: os.kill(pid, signal.SIGKILL), HOLD]

    run = run_app(
        """
        pid = open("/proc/self/stat").read().split()[0]
        http.get(URL, {"X-Pid": pid}, file=FILE)
        """,
        URL=wire(kill).url,
        FILE=str(old),
    )
    assert run.returncode == -signal.SIGKILL
    left = contents(old.parent)
    assert left.pop("file") == _OLD
    assert all(name.endswith(".part") for name in left)


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize("status", [300, 304, 404, 500])
def test_only_a_2xx_goes_to_the_file(
    run_app: Program, wire: WireFactory, old: Path, how: str, status: int
) -> None:
    body = b"" if status == 304 else b"an error page"
    server = wire(head(304) if status == 304 else reply(status, body))
    run = run_app(
        f"r = {how.format('')}\nshow(r.status_code(), bytes(r.body()), r.error(), http.stats()['free'])",
        URL=server.url,
        FILE=str(old),
    )
    assert run.shown == (status, body, "", 16)
    assert contents(old.parent) == {"file": _OLD}


def test_redirects_lead_to_the_file(run_app: Program, wire: WireFactory, folder: Path) -> None:
    server = wire(
        lambda request: redirect(302, "/end") if request.target == "/" else reply(200, b"the end of it")
    )
    run = run_app(
        """
        show(http.get(URL, file=FOLLOWED).status_code())
        r = http.get(URL, file=REFUSED, allow_redirects=False)
        show(r.status_code(), bytes(r.body()))
        """,
        URL=server.url,
        FOLLOWED=str(folder / "followed"),
        REFUSED=str(folder / "refused"),
    )
    assert run.ok().lines == [(200,), (302, b"this is only the redirect")]
    assert contents(folder) == {"followed": b"the end of it"}


def test_relative_path_counts_from_the_working_folder(
    run_app: Program, wire: WireFactory, folder: Path
) -> None:
    run_app("http.get(URL, file='downloads/grün ü')", URL=wire(reply(200, b"body")).url).ok()
    assert contents(folder) == {"grün ü": b"body"}


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize("path", ["downloads/missing/file", "app.py/file", "downloads"])
def test_path_that_cannot_be_written_is_23(
    run_app: Program, wire: WireFactory, folder: Path, how: str, path: str
) -> None:
    run = run_app(
        f"r = {how.format('')}\nshow(r.status_code(), r.error(), bytes(r.body()), http.stats()['free'])",
        URL=wire(reply(200, b"body")).url,
        FILE=path,
    )
    status, error, *rest = run.shown
    assert (status, rest) == (23, [b"", 16])
    assert error.startswith("file: cannot ")
    assert contents(folder) == {}
    assert names(folder.parent) == ["app.py", "downloads"]


def test_path_that_cannot_be_opened_costs_no_request(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(200, b"body"))
    run = run_app("show(http.get(URL, file='missing/file').status_code())", URL=server.url)
    assert run.shown == (23,)
    assert server.requests == []


def test_full_disk_is_23_and_leaves_nothing(run_app: Program, web: Nginx, old: Path) -> None:
    limited = ("sh", "-c", """trap "" XFSZ; ulimit -f 200; exec "$@" """, "sh")
    run = run_app(
        """
        r = http.get(URL, file=FILE)
        show(r.status_code(), r.error(), bytes(r.body()), http.stats()["free"])
        """,
        URL=f"{web.http}/1m",
        FILE=str(old),
        wrapper=limited,
    )
    status, error, *rest = run.shown
    assert (status, rest) == (23, [b"", 16])
    assert error.startswith("file: cannot write: ")
    assert contents(old.parent) == {"file": _OLD}


def test_16_downloads_at_once(run_app: Program, web: Nginx, folder: Path) -> None:
    run = run_app(
        """
        requests = [http.get_async(URL, file="%s/%d" % (FOLDER, number)) for number in range(16)]
        show({request.wait().status_code() for request in requests}, http.stats()["free"])
        """,
        heap="256K",
        URL=f"{web.http}/1m",
        FOLDER=str(folder),
    )
    assert run.shown == ({200}, 16)
    assert contents(folder) == {str(number): numbered_bytes(1 << 20) for number in range(16)}


def test_downloads_of_one_file_at_once_do_not_mix(run_app: Program, web: Nginx, folder: Path) -> None:
    run = run_app(
        """
        requests = [http.get_async(URL + path, file=FILE) for path in ("/1m", "/1k") * 4]
        for request in requests[2:4]:
            request.cancel()
        show({request.wait().status_code() for request in requests[4:]})
        """,
        URL=web.http,
        FILE=str(folder / "file"),
    )
    assert run.shown == ({200},)
    assert names(folder) == ["file"]
    assert (folder / "file").read_bytes() in (numbered_bytes(1 << 20), numbered_bytes(1 << 10))


@pytest.mark.parametrize("function", ["get", "get_async"])
@pytest.mark.parametrize(
    ("value", "exception"),
    [
        ("1", "TypeError"),
        ("''", "ValueError"),
        ("True", "TypeError"),
        ("b'file'", "TypeError"),
        ("['file']", "TypeError"),
        ("'fi\\0le'", "ValueError"),
    ],
)
def test_wrong_file_raises_and_takes_no_slot(
    run_app: Program, function: str, value: str, exception: str, refused_url: str
) -> None:
    run = run_app(
        f"""
        try:
            http.{function}(URL, file={value})
        except Exception as e:
            show(type(e).__name__, "file" in str(e), http.stats()["free"])
        """,
        URL=refused_url,
    )
    assert run.shown == (exception, True, 16)


def test_file_none_is_none(run_app: Program, wire: WireFactory) -> None:
    run = run_app("show(bytes(http.get(URL, file=None).body()))", URL=wire(reply(200, b"body")).url)
    assert run.shown == (b"body",)


_NO_LENGTHS = [
    "0x1d",
    "1e9",
    "2 9",
    "29;x",
    "29.0",
    "29_0",
    "29 bytes",
    "+29",
    "-29",
    "29,30",
    "29, x",
    "9" * 19,
]


@pytest.mark.parametrize("length", _NO_LENGTHS)
def test_length_that_is_no_number_leaves_the_old_file(
    run_app: Program, wire: WireFactory, old: Path, length: str
) -> None:
    """libcurl alone would take 0, 1, 2 or 29 bytes for the whole file."""
    server = wire([head(200, f"Content-Length: {length}"), bytes(29), CLOSE])
    run = run_app(
        f"""
        for r in {", ".join(_HOW).format("", "")}:
            show(r.status_code(), bool(r.error()), http.stats()["free"])
        """,
        URL=server.url,
        FILE=str(old),
    )
    assert run.ok().lines == [(8, True, 16)] * 2
    assert old.read_bytes() == _OLD
    assert [path.name for path in old.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("length", ["29", "0029", "29, 29", "29 ,\t029", "29\r\nContent-Length: 29"])
def test_length_that_is_one_number_is_taken(
    run_app: Program, wire: WireFactory, old: Path, length: str
) -> None:
    server = wire([head(200, f"Content-Length: {length}"), bytes(29)])
    run = run_app("show(http.get(URL, file=FILE).status_code())", URL=server.url, FILE=str(old))
    assert run.shown == (200,)
    assert old.read_bytes() == bytes(29)


@pytest.mark.parametrize(
    "line", ["HTTP/1.1  200 OK", "http/1.1 200 OK", "HTTP/1.1\t200 OK", "HTTP/1.1 200OK", "HTTP/1.1 2000 OK"]
)
def test_status_line_that_is_none_leaves_the_old_file(
    run_app: Program, wire: WireFactory, old: Path, line: str
) -> None:
    server = wire([f"{line}\r\nContent-Length: 4\r\n\r\nbody".encode(), CLOSE])
    run = run_app(
        "r = http.get(URL, file=FILE); show(r.status_code(), bytes(r.body()), r.error())",
        URL=server.url,
        FILE=str(old),
    )
    assert run.shown == (8, b"", "no valid HTTP status")
    assert old.read_bytes() == _OLD


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize("headers", [{}, {"Range": None}])
def test_part_that_was_not_asked_for_goes_to_memory(
    run_app: Program, wire: WireFactory, old: Path, how: str, headers: dict[str, None]
) -> None:
    server = wire(reply(206, b"part", "Content-Range: bytes 0-3/100"))
    run = run_app(
        f"""
        r = {how.format(", headers=HEADERS")}
        show(r.status_code(), bytes(r.body()), http.stats()["free"])
        """,
        URL=server.url,
        FILE=str(old),
        HEADERS=headers,
    )
    assert run.shown == (206, b"part", 16)
    assert old.read_bytes() == _OLD
    assert [path.name for path in old.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_part_that_was_asked_for_goes_to_the_file(
    run_app: Program, wire: WireFactory, old: Path, elsewhere: bool
) -> None:
    """The field is not sent to another origin, so no range is requested there."""
    other = wire(reply(206, b"part", "Content-Range: bytes 0-3/100"))
    server = wire(redirect(302, other.url)) if elsewhere else other
    run = run_app(
        """
        r = http.get(URL, file=FILE, headers={"range": "bytes=0-3"})
        show(r.status_code(), bytes(r.body()))
        """,
        URL=server.url,
        FILE=str(old),
    )
    assert run.shown == (206, b"part" if elsewhere else b"")
    assert old.read_bytes() == (_OLD if elsewhere else b"part")
    assert other.request.header("Range") == (None if elsewhere else "bytes=0-3")


@pytest.mark.parametrize("function", ["get", "get_async"])
def test_what_is_no_file_is_not_replaced_by_one(
    run_app: Program, folder: Path, refused_url: str, function: str
) -> None:
    """As the superuser an app would replace /dev/null."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    run = run_app(
        f"""
        try:
            http.{function}(URL, file=FILE)
        except ValueError as e:
            show(str(e), http.stats()["free"])
        """,
        URL=refused_url,
        FILE=str(pipe),
    )
    assert run.shown == ("file must not be a device", 16)
    assert pipe.is_fifo()
