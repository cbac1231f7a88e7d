# SPDX-License-Identifier: MIT
"""Bodies from files: streamed, sent again after a redirect, cut off in the middle. Contract section 6."""

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from servers.intake import Intake
from servers.nginx import Nginx
from servers.wire import CLOSE, Reply, WireFactory, head, in_order, redirect, reply
from support.program import Program, Run

_SIZE = 32 << 20
_HEAP = "256K"
_RSS_KIB = 24 << 10  # far below _SIZE: a streamed file is never in memory as a whole


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A large file that does not repeat itself, and its hash."""
    content = random.Random(7450).randbytes(_SIZE)
    path = tmp_path_factory.mktemp("large") / "large.bin"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


@pytest.fixture
def intake() -> Iterator[Callable[..., Intake]]:
    """Starts servers that take uploads: intake(cut_after=None, closed_gate=False)."""
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(Intake(reply(200, b"taken"), **how))


# The peak of the memory that the program used, in KiB.
_PEAK = "int([line for line in open('/proc/self/status') if line.startswith('VmHWM')][0].split()[1])"

_BODIES = ["data=open(PATH, 'rb')", "files={'f': PATH}"]
_BODY = pytest.mark.parametrize("body", _BODIES, ids=["data", "files"])
_HOW = pytest.mark.parametrize("form", ["", "_async"], ids=["sync", "async"])


@_HOW
@_BODY
def test_large_file_is_streamed_with_a_small_heap(
    run_app: Program, intake: Callable[..., Intake], large: tuple[Path, str], body: str, form: str
) -> None:
    path, digest = large
    server = intake()
    wait = ".wait()" if form else ""
    run = run_app(
        f"r = http.post{form}(URL, {body}){wait}; show(r.status_code(), bytes(r.body()), {_PEAK})",
        URL=server.url,
        PATH=str(path),
        heap=_HEAP,
    )
    status, answer, peak = run.shown
    assert (status, answer) == (200, b"taken")
    assert peak < _RSS_KIB
    upload = server.upload
    assert upload.received == upload.length
    if "data" in body:
        assert (upload.length, upload.digest.hexdigest()) == (_SIZE, digest)
    else:
        assert _SIZE < upload.length < _SIZE + 1000
    assert "expect:" not in upload.head.lower()
    assert "transfer-encoding:" not in upload.head.lower()


@pytest.mark.parametrize("function", ["put", "post"])
def test_a_real_server_counts_a_large_upload(
    run_app: Program, web: Nginx, large: tuple[Path, str], function: str
) -> None:
    run = run_app(
        f"show(http.{function}(URL + '/echo', data=open(PATH, 'rb')).text().split()[:2])",
        URL=web.http,
        PATH=str(large[0]),
        heap=_HEAP,
    )
    assert run.shown == ([function.upper(), str(_SIZE)],)


def test_a_real_server_refuses_what_is_too_large(run_app: Program, web: Nginx, tmp_path: Path) -> None:
    """The server answers and closes before it has read everything. The app gets this answer."""
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(128 << 20)
    run = run_app(
        "show(http.post(URL + '/1k', files={'f': 'sparse'}).status_code(), http.stats()['free'])",
        URL=web.http,
    )
    assert run.shown == (413, 16)


# ----------------------------------------------------------------------------------------------------
# data: an open file


def sent_from(run_app: Program, wire: WireFactory, code: str, content: bytes = b"0123456789") -> bytes:
    """The body that an app sends: f has this content, the app opens it, reads some, and makes the call."""
    (run_app.folder / "f").write_bytes(content)
    server = wire(reply())
    run = run_app(f"{code}\nshow(r.status_code(), http.stats()['free'])", URL=server.url)
    assert run.shown == (200, 16)
    assert server.request.all("Content-Length") == [str(len(server.request.body))]
    assert server.request.all("Content-Type") == []
    return server.request.body


@pytest.mark.parametrize(
    ("before", "sent"),
    [
        ("", b"0123456789"),
        ("f.read(3)", b"3456789"),
        ("f.seek(8)", b"89"),
        ("f.read()", b""),
        ("f.seek(100)", b""),
        ("f.seek(5); f.read(2); f.seek(0)", b"0123456789"),
    ],
)
def test_file_is_sent_from_its_position(
    run_app: Program, wire: WireFactory, before: str, sent: bytes
) -> None:
    assert sent_from(run_app, wire, f"f = open('f', 'rb')\n{before}\nr = http.post(URL, data=f)") == sent


def test_empty_file_is_an_empty_body(run_app: Program, wire: WireFactory) -> None:
    assert sent_from(run_app, wire, "r = http.put(URL, data=open('f', 'rb'))", b"") == b""


def test_file_may_be_open_for_writing_too(run_app: Program, wire: WireFactory) -> None:
    code = "f = open('f', 'r+b'); f.write(b'ab'); f.seek(1); r = http.post(URL, data=f)"
    assert sent_from(run_app, wire, code) == b"b23456789"


@pytest.mark.parametrize("after", ["f.close()", "f = None; gc.collect()", "f.seek(0); f.read()"])
def test_file_is_the_apps_after_the_call(run_app: Program, wire: WireFactory, after: str) -> None:
    code = f"f = open('f', 'rb'); q = http.post_async(URL, data=f); {after}; r = q.wait()"
    content = random.Random(1).randbytes(1 << 20)
    assert sent_from(run_app, wire, code, content) == content


def test_one_file_can_be_the_body_of_several_requests(run_app: Program, wire: WireFactory) -> None:
    content = random.Random(2).randbytes(200_000)
    (run_app.folder / "f").write_bytes(content)
    server = wire(reply())
    run = run_app(
        """
        f = open("f", "rb")
        show([r.wait().status_code() for r in [http.post_async(URL, data=f) for _ in range(16)]])
        """,
        URL=server.url,
    )
    assert run.shown == ([200] * 16,)
    assert [request.body for request in server.requests] == [content] * 16


def test_content_type_of_the_app_is_sent_with_a_file(run_app: Program, wire: WireFactory) -> None:
    (run_app.folder / "f").write_bytes(b"x")
    server = wire(reply())
    run_app("http.put(URL, {'Content-Type': 'my/type'}, open('f', 'rb'))", URL=server.url).ok()
    assert server.request.all("Content-Type") == ["my/type"]


@pytest.mark.parametrize("length", ["'10'", "'1'", "None"])
def test_content_length_of_the_app_with_a_file_is_a_valueerror(
    wrong: Callable, run_app: Program, length: str
) -> None:
    (run_app.folder / "f").write_bytes(b"0123456789")
    for name, message in wrong([f"http.post(URL, {{'Content-Length': {length}}}, open('f', 'rb'))"]):
        assert name == "ValueError"
        assert "Content-Length" in message


@pytest.mark.parametrize("file", ["open('f', 'wb')", "open('f', 'ab')", "__import__('socket').socket()"])
def test_file_that_cannot_be_read_is_26(run_app: Program, wire: WireFactory, file: str) -> None:
    run = run_app(
        f"""
        f = {file}
        if hasattr(f, "write") and hasattr(f, "flush"):
            f.write(b"data"); f.flush(); f.seek(0)
        r = http.post(URL, data=f, timeout=5)
        show(r.status_code(), bool(r.error()), http.stats()["free"])
        """,
        URL=wire(reply()).url,
    )
    assert run.shown == (26, True, 16)


@pytest.mark.parametrize(
    "value", ["__import__('io').BytesIO(b'x')", "__import__('io').StringIO('x')", "open", "http", "1", "{}"]
)
def test_object_that_is_no_open_file_is_a_typeerror(wrong: Callable, value: str) -> None:
    for name, message in wrong([f"http.post(URL, data={value})", f"http.post_async(URL, data={value})"]):
        assert name == "TypeError"
        assert "data" in message


def test_closed_file_raises(wrong: Callable, run_app: Program) -> None:
    (run_app.folder / "f").write_bytes(b"x")
    ((name, _),) = wrong(["http.post(URL, data=(lambda f: (f.close(), f)[1])(open('f', 'rb')))"])
    assert name in ("ValueError", "TypeError")


# ----------------------------------------------------------------------------------------------------
# Redirects


_AGAIN = [
    ("data=b'content'", b"content"),
    ("data=open(PATH, 'rb')", b"content"),
    ("json={'a': 'content'}", b'{"a": "content"}'),
    ("form={'a': 'content'}", b"a=content"),
    ("files={'f': b'content'}", None),
    ("files={'f': PATH}", None),
    ("files=[('f', b'content'), ('g', PATH)], form={'a': 1}", None),
]
_EACH_BODY = pytest.mark.parametrize(("body", "content"), _AGAIN, ids=[body for body, _ in _AGAIN])


def upload(run_app: Program, url: str, body: str, method: str = "POST") -> Run:
    """Send this body, in which PATH is a file with "content" behind its position 0."""
    (run_app.folder / "f").write_bytes(b"content")
    return run_app(
        f"""
        r = http.request("{method}", URL, {body}, timeout=10)
        show(r.status_code(), http.stats()["free"])
        """,
        URL=url,
        PATH="f",
    )


@_EACH_BODY
@pytest.mark.parametrize("other", [False, True], ids=["same origin", "other origin"])
def test_307_sends_the_body_again(
    run_app: Program, wire: WireFactory, other: bool, body: str, content: bytes | None
) -> None:
    end = wire(reply())
    first = wire(in_order(redirect(307, end.url if other else "/end"), reply()))
    assert upload(run_app, first.url, body).shown == (200, 16)
    before, after = [*first.requests, *end.requests]
    assert (before.method, after.method) == ("POST", "POST")
    for request in (before, after):
        assert b"content" in request.body
        assert content is None or request.body == content
        assert request.all("Content-Length") == [str(len(request.body))]
    assert before.body == after.body


@_EACH_BODY
@pytest.mark.parametrize("other", [False, True], ids=["same origin", "other origin"])
def test_content_type_that_belongs_to_the_body_goes_with_it(
    run_app: Program, wire: WireFactory, other: bool, body: str, content: bytes | None
) -> None:
    """The Content-Type comes from json, form or files and not from the app's headers."""
    end = wire(reply())
    first = wire(in_order(redirect(307, end.url if other else "/end"), reply()))
    assert upload(run_app, first.url, body).shown == (200, 16)
    types = [request.header("Content-Type") for request in [*first.requests, *end.requests]]
    before, after = [value and value.split(";")[0] for value in types]
    assert before == after
    assert (before is None) == ("data=" in body)


@_EACH_BODY
def test_301_302_and_303_drop_the_body_of_post(
    run_app: Program, wire: WireFactory, body: str, content: bytes | None
) -> None:
    server = wire(
        in_order(*[answer for status in (301, 302, 303) for answer in (redirect(status, "/"), reply())])
    )
    for _ in range(3):
        assert upload(run_app, server.url, body).shown == (200, 16)
    for before, after in zip(server.requests[::2], server.requests[1::2], strict=True):
        assert b"content" in before.body
        assert (after.method, after.body, after.header("Content-Type")) == ("GET", b"", None)
        assert after.all("Content-Length") == ["0"]


def test_file_is_sent_again_from_where_it_was(run_app: Program, wire: WireFactory) -> None:
    (run_app.folder / "f").write_bytes(b"0123456789")
    server = wire(in_order(redirect(307, "/1"), redirect(308, "/2"), reply()))
    run = run_app(
        """
        f = open("f", "rb")
        f.read(4)
        request = http.post_async(URL, data=f)
        f.close()
        show(request.wait().status_code())
        """,
        URL=server.url,
    )
    assert run.shown == (200,)
    assert [request.body for request in server.requests] == [b"456789"] * 3


def test_file_that_is_gone_at_the_second_hop_is_sent_there_too(run_app: Program, wire: WireFactory) -> None:
    (run_app.folder / "f").write_bytes(b"content")
    removed: Reply = [lambda: (run_app.folder / "f").unlink(), redirect(307, "/end")]
    server = wire(in_order(removed, reply()))
    run = run_app(
        "show(http.post(URL, files={'f': 'f'}, timeout=5).status_code(), http.stats()['free'])",
        URL=server.url,
    )
    assert run.shown == (200, 16)
    assert b"content" in server.requests[1].raw


# ----------------------------------------------------------------------------------------------------
# Failure in the middle


@_HOW
@_BODY
def test_upload_that_the_server_cuts_off_fails(
    run_app: Program, intake: Callable[..., Intake], large: tuple[Path, str], body: str, form: str
) -> None:
    server = intake(cut_after=1 << 20)
    wait = ".wait()" if form else ""
    run = run_app(
        f"""
        r = http.post{form}(URL, {body}, timeout=10){wait}
        show(r.status_code(), bool(r.error()), bytes(r.body()), http.stats()["free"])
        """,
        URL=server.url,
        PATH=str(large[0]),
    )
    status, *rest = run.shown
    assert status in (52, 55, 56)
    assert rest == [True, b"", 16]


@_BODY
def test_answer_before_the_end_of_the_upload_ends_it(
    run_app: Program, large: tuple[Path, str], body: str
) -> None:
    """A server may refuse a request before it has read everything."""
    with Intake(reply(403, b"no"), closed_gate=True, answer_first=True) as server:
        run = run_app(
            f"r = http.post(URL, {body}, timeout=10); show(r.status_code(), bytes(r.body()))",
            URL=server.url,
            PATH=str(large[0]),
        )
    assert run.shown == (403, b"no")


@_BODY
def test_cancel_in_the_middle_frees_the_slot(
    run_app: Program, intake: Callable[..., Intake], large: tuple[Path, str], body: str
) -> None:
    server = intake(closed_gate=True)
    run = run_app(
        f"""
        requests = [http.post_async(URL, show, {body}) for _ in range(16)]
        show(requests[0].wait(0.3), http.stats()["free"])
        show([request.cancel() for request in requests].count(True), http.stats()["free"])
        """,
        URL=server.url,
        PATH=str(large[0]),
        heap=_HEAP,
    )
    assert run.ok().lines == [(None, 0), (16, 16)]
    server.gate.set()
    for upload in server.uploads:
        assert upload.ended.wait(5)
        assert upload.received < upload.length


@_BODY
def test_deadline_ends_an_upload_that_nobody_reads(
    run_app: Program, deaf_port: int, large: tuple[Path, str], body: str
) -> None:
    run = run_app(
        f"""
        r = http.post(URL, {body}, timeout=0.5)
        show(r.status_code(), http.stats()["free"], r.timings()["total"] < 2)
        """,
        URL=f"http://127.0.0.1:{deaf_port}",
        PATH=str(large[0]),
    )
    assert run.shown == (28, 16, True)


@_BODY
def test_end_of_the_app_in_the_middle_ends_the_upload(
    run_app: Program, intake: Callable[..., Intake], large: tuple[Path, str], body: str
) -> None:
    server = intake(closed_gate=True)
    code = f"request = http.post_async(URL, {body}); request.wait(0.3); sys.exit(3)"
    run = run_app(code, URL=server.url, PATH=str(large[0]))
    assert run.returncode == 3
    server.gate.set()
    assert server.upload.received < server.upload.length


@_BODY
def test_file_that_shrinks_in_the_middle_is_26(
    run_app: Program, intake: Callable[..., Intake], tmp_path: Path, body: str
) -> None:
    path = tmp_path / "shrinks"
    path.write_bytes(bytes(_SIZE))
    server = intake(closed_gate=True)

    def shrink() -> None:
        server.arrived.acquire(timeout=10)
        with path.open("r+b") as file:
            file.truncate(1000)
        server.gate.set()

    thread = threading.Thread(target=shrink)
    thread.start()
    run = run_app(
        f"""
        r = http.post(URL, {body}, timeout=2)
        show(r.status_code(), bool(r.error()), http.stats()["free"])
        """,
        URL=server.url,
        PATH=str(path),
    )
    thread.join()
    assert run.shown == (26, True, 16)


def test_file_that_grows_in_the_middle_is_sent_as_it_was(run_app: Program, wire: WireFactory) -> None:
    (run_app.folder / "f").write_bytes(b"content")
    grown: Reply = [lambda: (run_app.folder / "f").write_bytes(b"content and more"), redirect(307, "/")]
    server = wire(in_order(grown, reply()))
    run = run_app("show(http.post(URL, data=open('f', 'rb')).status_code())", URL=server.url)
    assert run.shown == (200,)
    assert [request.body for request in server.requests] == [b"content"] * 2


def test_truncated_answer_to_an_upload_is_18(run_app: Program, wire: WireFactory) -> None:
    cut: Reply = [head(200, "Content-Length: 10"), b"five.", CLOSE]
    run = run_app(
        """
        r = http.post(URL, files={"f": b"content"})
        show(r.status_code(), bytes(r.body()), http.stats()["free"])
        """,
        URL=wire(cut).url,
    )
    assert run.shown == (18, b"five.", 16)


def test_form_of_a_put_is_sent_whole_again_when_the_used_connection_ends(
    run_app: Program, wire: WireFactory
) -> None:
    server = wire(in_order(reply(), [CLOSE], reply(200, b"ok")))
    run = run_app(
        """
        http.get(URL)
        r = http.put(URL, files={"a": ("name", DATA)})
        show(r.status_code(), bytes(r.body()))
        """,
        URL=server.url,
        DATA=b"0123456789" * 10_000,
    )
    assert run.shown == (200, b"ok")
    _, first, second = server.requests
    assert first.body == second.body
    assert b"0123456789" * 10_000 in second.body
