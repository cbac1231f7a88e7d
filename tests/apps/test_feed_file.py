# SPDX-License-Identifier: MIT
"""Option file of feed: the last content survives a restart, and a power cut leaves the old or the new."""

from pathlib import Path

import pytest
from servers.wire import WireFactory, in_order, numbered_bytes, reply
from support.simulated_time import SimulatedProgram
from support.storage import Storage

_TAGS = ('ETag: "1"', "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", "Content-Type: text/plain")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the feed keeps its content, in a folder of its own."""
    path = tmp_path / "kept" / "content"
    path.parent.mkdir()
    return path


def test_content_and_tags_survive_a_restart(
    simulated: SimulatedProgram, wire: WireFactory, file: Path
) -> None:
    server = wire(in_order(reply(200, b"a" * 100_000, *_TAGS), reply(304), reply(200, b"new")))
    code = """
        Feed(URL, lambda r: note(len(r.body())), file=FILE)
        run(0)
        show(log)
    """
    assert simulated(code, URL=server.url, FILE=str(file)).shown == ([(0.0, 100_000)],)
    code = """
        Clock.date += 3600
        def changed(r):
            note(len(r.body()), r.status_code(), r.ok(), r.header("content-type"), r.header("Age"))
            note(isinstance(r, http.Response), isinstance(r.body(), bytearray))
            note(r.error(), r.url(), news.age(), news.state())

        news = Feed(URL, changed, file=FILE, every=100, jitter=0)
        run(50)
        note(news.state(), news.age() <= 50)
        run(100)
        show(*log)
    """
    shown = simulated(code, URL=server.url, FILE=str(file)).shown
    kept, facts, more, good, *new = shown
    assert more == (0.0, "", "", 3600.0, "waiting")
    assert kept == (0.0, 100_000, 200, True, "text/plain", "3600")
    assert facts == (0.0, True, True)
    assert good == (50.0, "good", True)
    assert [entry[1] for entry in new][:1] == [3]
    for request in server.requests[1:]:
        assert request.header("If-None-Match") == '"1"'
    assert [path.name for path in file.parent.iterdir()] == ["content"]


def test_check_of_stored_content_may_stop_the_feed(
    simulated: SimulatedProgram, wire: WireFactory, file: Path
) -> None:
    server = wire(reply(200, b"kept"))
    simulated("Feed(URL, changed, file=FILE)\nrun(0)", URL=server.url, FILE=str(file)).ok()
    code = """
        news = Feed(URL, changed, file=FILE, check=lambda r: news.stop(), first_within=0)
        run(90000)
        show(log, news.state(), len(Timer.timers))
    """
    assert simulated(code, URL=server.url, FILE=str(file)).shown == ([], "stopped", 0)
    assert len(server.requests) == 1


def test_stored_content_is_shown_while_there_is_no_network(
    simulated: SimulatedProgram, wire: WireFactory, file: Path
) -> None:
    server = wire(reply(200, b"kept"))
    simulated("Feed(URL, file=FILE)\nrun(0)", URL=server.url, FILE=str(file)).ok()
    code = """
        network.address = ""
        news = Feed(URL, changed, file=FILE, stale_after=500, on_stale=lambda s: note("stale", s))
        Clock.date += 86400
        run(1000)
        show(log, news.state())
    """
    run = simulated(code, URL=server.url, FILE=str(file))
    # on_stale counts from the start, its seconds from when the content was good.
    assert run.shown == ([(0.0, "new", "kept"), (500.0, "stale", 86900)], "stale")
    assert len(server.requests) == 1


def test_with_content_to_show_the_first_question_has_a_place_within_30_seconds(
    simulated: SimulatedProgram, wire: WireFactory, file: Path
) -> None:
    server = wire(reply(200, b"kept"))
    for every, mac in ((9999, "02:00:00:00:00:00"), (9999, "02:00:00:00:00:01"), (10, "02:00:00:00:00:01")):
        code = "Feed(URL, file=FILE, every=EVERY)\nrun(40)"
        simulated(code, mac=mac, URL=server.url, FILE=str(file), EVERY=every).ok()
    times = [float(request.header("X-Now") or "nan") for request in server.requests]
    assert times[0] == 0
    assert 0 < times[1] <= 30
    assert abs(times[2] - times[1] / 3) < 0.002  # min(every, 30)


def test_every_damage_is_no_content(simulated: SimulatedProgram, wire: WireFactory, file: Path) -> None:
    """Cut at each length, and one bit changed in each byte."""
    server = wire(reply(200, b"kept content", *_TAGS))
    simulated("Feed(URL, file=FILE)\nrun(0)", URL=server.url, FILE=str(file)).ok()
    code = """
        with open(FILE, "rb") as f:
            whole = f.read()
        damaged = [whole[:n] for n in range(len(whole))] + [whole + b"x"]
        for n in range(len(whole)):
            damaged.append(whole[:n] + bytes([whole[n] ^ 1 << n % 8]) + whole[n + 1 :])
        network.address = ""
        shown = []
        for content in damaged + [whole]:
            with open(FILE, "wb") as f:
                f.write(content)
            news = Feed(URL, file=FILE)
            run(0)
            shown.append(news.last() is not None)
            news.stop()
        show(len(shown) > 200, sum(shown), shown[-1])
    """
    assert simulated(code, URL=server.url, FILE=str(file)).shown == (True, 1, True)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"[1, {}]\n", b"x" * 32 + b"5\nbody"])
def test_another_file_is_no_content(
    simulated: SimulatedProgram, wire: WireFactory, file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    run = simulated(
        "Feed(URL, changed, file=FILE)\nrun(0)\nshow(log)", URL=wire(reply(200, b"a")).url, FILE=str(file)
    )
    assert run.shown == ([(0.0, "new", "a")],)
    assert file.read_bytes().endswith(b"a")


def test_content_of_another_url_is_none_and_the_url_is_not_in_the_file(
    simulated: SimulatedProgram, wire: WireFactory, file: Path
) -> None:
    server = wire(reply(200, b"kept", "Set-Cookie: secret=1"))
    code = """
        for path in ("/?key=secret", "/other"):
            Feed(URL + path, lambda r, path=path: note(path), file=FILE)
            run(0)
        show(log)
    """
    run = simulated(code, URL=server.url, FILE=str(file))
    assert run.shown == ([(0.0, "/?key=secret"), (0.0, "/other")],)
    assert b"secret" not in file.read_bytes()
    assert len(server.requests) == 2


def test_stored_content_is_checked_too(simulated: SimulatedProgram, wire: WireFactory, file: Path) -> None:
    server = wire(in_order(reply(200, b"bad"), reply(200, b"good")))
    code = """
        def check(response):
            if response.text() == "bad":
                raise ValueError("bad")
        Feed(URL, None, file=FILE).refresh()
        run(0)
        Feed(URL, changed, file=FILE, check=check, headers={"A": "b"})
        run(0)
        show(log)
    """
    assert simulated(code, URL=server.url, FILE=str(file)).shown == ([(0.0, "new", "good")],)


def test_no_store_is_not_written(simulated: SimulatedProgram, wire: WireFactory, file: Path) -> None:
    """RFC 9111 5.2.2.5."""
    server = wire(reply(200, b"private", "Cache-Control: No-Store"))
    run = simulated("Feed(URL, changed, file=FILE)\nrun(0)\nshow(log)", URL=server.url, FILE=str(file))
    assert run.shown == ([(0.0, "new", "private")],)
    assert list(file.parent.iterdir()) == []


def test_the_file_is_written_for_new_content_only(
    simulated: SimulatedProgram, wire: WireFactory, file: Path
) -> None:
    """Flash memory wears out: neither a 304 nor the same bytes write, nor does content that is good again."""
    server = wire(in_order(reply(200, b"a"), reply(200, b"a"), *[reply(500)] * 5, reply(200, b"a")))
    code = """
        import os
        news = Feed(URL, changed, file=FILE, jitter=0, retry_first=60, stale_after=90)
        run(0)
        os.remove(FILE)
        while len(log) < 2:
            run(10)
        news.stop()
        show(os.listdir(FILE.rpartition("/")[0]))
    """
    run = simulated(code, URL=server.url, FILE=str(file))
    assert run.shown == ([],)


def test_file_that_cannot_be_written_is_an_error_and_no_fault(
    simulated: SimulatedProgram, wire: WireFactory, tmp_path: Path
) -> None:
    run = simulated(
        "news = Feed(URL, changed, file=FILE)\nrun(0)\nshow(log, news.state(), news.error())",
        URL=wire(reply(200, b"a")).url,
        FILE=str(tmp_path / "no" / "such"),
    )
    log, state, error = run.shown
    assert (log, state) == ([(0.0, "new", "a")], "good")
    assert error.startswith("file: ")


_CONTENT = {b"O": b"O" * 5000, b"N": b"N" * 5000}


def test_killed_at_each_write_it_leaves_the_old_or_the_new(
    simulated: SimulatedProgram, wire: WireFactory, file: Path
) -> None:
    """The files after each step of the writing, as a power cut would leave them."""
    server = wire(reply(200, _CONTENT[b"O"]))
    simulated("Feed(URL, file=FILE)\nrun(0)", URL=server.url, FILE=str(file)).ok()
    code = """
        import builtins
        import os

        real_open = open
        steps = []
        part = FILE + ".part"

        def snapshot(what):
            files = {}
            for path in (FILE, part):
                try:
                    with real_open(path, "rb") as f:
                        files[path] = f.read()
                except OSError:
                    pass
            steps.append((what, files))

        class Watched:
            def __init__(self, path, mode):
                self.file = real_open(path, mode)
                snapshot("opened")

            def __enter__(self):
                return self

            def __exit__(self, *exception):
                self.file.close()
                snapshot("closed")

            def write(self, piece):
                half = len(piece) // 2
                self.file.write(piece[:half])
                self.file.flush()
                snapshot("half")
                self.file.write(piece[half:])
                self.file.flush()
                snapshot("written")

            def flush(self):
                self.file.flush()
                snapshot("flushed")

        class Os:
            def rename(old, new):
                snapshot("before rename")
                os.rename(old, new)
                snapshot("after rename")

        import feed
        feed.open = lambda path, mode="r": Watched(path, mode) if "w" in mode else real_open(path, mode)
        feed.os = Os
        Feed(URL, file=FILE, first_within=0, proxy=NEW)  # another answer of the same URL
        run(0)
        seen = []
        network.address = ""
        for what, files in steps:
            for path in (FILE, part):
                try:
                    os.remove(path)
                except OSError:
                    pass
            for path in files:
                with real_open(path, "wb") as f:
                    f.write(files[path])
            news = Feed(URL, file=FILE)
            run(0)
            text = news.last().text()
            seen.append((what, text[:1], len(text)))
            news.stop()
        show(*seen)
    """
    new = wire(reply(200, _CONTENT[b"N"]))
    shown = simulated(code, URL=server.url, FILE=str(file), NEW=new.url).shown
    steps = [what for what, _, _ in shown]
    assert steps == ["opened", *["half", "written"] * 3, "flushed", "closed", "before rename", "after rename"]
    assert [entry[1:] for entry in shown] == [("O", 5000)] * (len(steps) - 1) + [("N", 5000)]


def test_content_is_on_the_disk_before_its_name(
    simulated: SimulatedProgram, wire: WireFactory, file: Path, storage: Storage
) -> None:
    run = simulated(
        "Feed(URL, file=FILE)\nrun(0)\nshow(0)",
        env=storage.env,
        URL=wire(reply(200, numbered_bytes(1000))).url,
        FILE=str(file),
    )
    assert run.shown == (0,)
    assert storage.calls == [f"sync {file}.part", f"rename {file}", f"sync {file.parent}"]


def test_folder_of_a_name_alone_is_the_working_folder(
    simulated: SimulatedProgram, wire: WireFactory, storage: Storage, tmp_path: Path
) -> None:
    run = simulated(
        "Feed(URL, file='kept')\nrun(0)\nshow(0)",
        env=storage.env,
        URL=wire(reply(200, b"a")).url,
    )
    assert run.shown == (0,)
    assert storage.calls[1:] == ["rename kept", f"sync {tmp_path}"]


def test_folder_that_cannot_be_synced_is_an_error_and_no_fault(
    simulated: SimulatedProgram, wire: WireFactory, file: Path, storage: Storage
) -> None:
    """The content is there, but its name may not survive a power cut."""
    run = simulated(
        "news = Feed(URL, changed, file=FILE)\nrun(0)\nshow(log, news.error())",
        env=storage.breaks(file.parent),
        URL=wire(reply(200, b"new")).url,
        FILE=str(file),
    )
    assert run.shown == ([(0.0, "new", "new")], "file: [Errno 5] EIO")
    assert file.read_bytes().endswith(b"new")


def test_content_that_cannot_be_synced_gets_no_name(
    simulated: SimulatedProgram, wire: WireFactory, file: Path, storage: Storage
) -> None:
    file.write_bytes(b"old")
    run = simulated(
        "news = Feed(URL, changed, file=FILE)\nrun(0)\nshow(log, news.error())",
        env=storage.breaks(Path(f"{file}.part")),
        URL=wire(reply(200, b"new")).url,
        FILE=str(file),
    )
    assert run.shown == ([(0.0, "new", "new")], "file: [Errno 5] EIO")
    assert file.read_bytes() == b"old"
