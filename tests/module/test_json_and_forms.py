# SPDX-License-Identifier: MIT
"""The options json, form and files: contract section 6."""

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from servers.wire import Request, WireFactory, WireServer, reply
from support.program import Program
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder


@dataclass
class Part:
    """One part of a multipart body; filename is None for a field."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes = b""


def parts_of(request: Request) -> list[Part]:
    """The parts of a multipart body, in order, as a well-kept library reads them."""
    media_type, options = parse_options_header(request.header("Content-Type"))
    assert media_type == "multipart/form-data"
    decoder = MultipartDecoder(options["boundary"].encode())
    decoder.receive_data(request.body)
    decoder.receive_data(None)
    parts: list[Part] = []
    while not isinstance(event := decoder.next_event(), Epilogue):
        if isinstance(event, Field | File):
            filename = event.filename if isinstance(event, File) else None
            parts.append(Part(event.name, filename, event.headers.get("Content-Type")))
        elif isinstance(event, Data):
            parts[-1].content += event.data
    return parts


def post(run_app: Program, server: WireServer, arguments: str, **names: object) -> Request:
    """The only request of http.post(URL, <arguments>), which must be answered with 200."""
    code = f"show(http.post(URL, {arguments}).status_code(), http.stats()['free'])"
    assert run_app(code, URL=server.url, **names).shown == (200, 16)
    return server.request


# ----------------------------------------------------------------------------------------------------
# json

_OBJECTS = [
    {"a": 1},
    {"text": 'grüße "€" \\ \n\t\x00 😀 \x7f'},
    {"nested": {"list": [1, [2, {"three": None}], True, False]}},
    [],
    {},
    "",
    "text",
    0,
    -(2**70),
    1.5,
    False,
    [None],
]


@pytest.mark.parametrize("value", _OBJECTS, ids=repr)
def test_json_is_sent_with_its_content_type(run_app: Program, wire: WireFactory, value: object) -> None:
    request = post(run_app, wire(reply()), "json=VALUE", VALUE=value)
    assert json.loads(request.body) == value
    assert request.all("Content-Type") == ["application/json"]
    assert request.all("Content-Length") == [str(len(request.body))]


def test_tuple_is_sent_as_a_list(run_app: Program, wire: WireFactory) -> None:
    assert json.loads(post(run_app, wire(reply()), "json=(1, (2, 3))").body) == [1, [2, 3]]


def test_json_none_is_no_body(run_app: Program, wire: WireFactory) -> None:
    request = post(run_app, wire(reply()), "json=None, form=None, files=None")
    assert (request.body, request.header("Content-Type")) == (b"", None)
    assert request.header("Content-Length") == "0"


@pytest.mark.parametrize("function", ["post", "put", "patch", "delete", "get"])
def test_a_real_server_reads_json(run_app: Program, httpbin: str, function: str) -> None:
    run = run_app(
        f"""
        value = {{"a": [1, "grüße"]}}
        show(http.{function}(URL, json=value).json()["json"] == value)
        show(http.{function}_async(URL, json=value).wait().json()["json"] == value)
        """,
        URL=httpbin + "/anything",
    )
    assert run.ok().lines == [(True,)] * 2


_CONTENT_TYPES = ["Content-Type", "content-type", "CONTENT-type"]


@pytest.mark.parametrize("name", _CONTENT_TYPES)
@pytest.mark.parametrize("body", ["json={'a': 1}", "form={'a': 1}"])
def test_content_type_of_the_app_wins(run_app: Program, wire: WireFactory, name: str, body: str) -> None:
    request = post(run_app, wire(reply()), f"headers={{NAME: 'my/type'}}, {body}", NAME=name)
    assert [(key, value) for key, value in request.headers if key.lower() == "content-type"] == [
        (name, "my/type")
    ]


@pytest.mark.parametrize("body", ["json={'a': 1}", "form={'a': 1}"])
def test_content_type_none_leaves_it_out(run_app: Program, wire: WireFactory, body: str) -> None:
    request = post(run_app, wire(reply()), f"headers={{'Content-Type': None}}, {body}")
    assert request.all("Content-Type") == []


@pytest.mark.parametrize("body", ["json={'a': 1}", "form={'a': 1}", "files={'a': b'1'}"])
def test_headers_of_the_app_are_not_changed(run_app: Program, wire: WireFactory, body: str) -> None:
    run = run_app(
        f"""
        headers = {{"X-A": "1"}}
        show(http.post(URL, headers, {body}).status_code(), headers)
        """,
        URL=wire(reply()).url,
    )
    assert run.shown == (200, {"X-A": "1"})


def test_json_is_copied_at_the_call(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run = run_app(
        """
        value = {"a": [1]}
        request = http.post_async(URL, json=value)
        value["a"].append(2)
        show(request.wait().status_code())
        """,
        URL=server.url,
    )
    assert run.shown == (200,)
    assert json.loads(server.request.body) == {"a": [1]}


@pytest.mark.parametrize(
    "value",
    ["object()", "{'a': print}", "[{1, 2}]", "b'bytes'", "[bytearray(b'a')]", "1j", "{'a': http}"],
)
def test_what_json_cannot_say_is_a_typeerror(wrong: Callable, value: str) -> None:
    ((name, message),) = wrong([f"http.post(URL, json={value})"])
    assert name == "TypeError"
    assert "json" in message.lower()


@pytest.mark.parametrize("value", ["float('nan')", "[float('inf')]", "{'a': -float('inf')}"])
def test_numbers_that_json_has_not_are_a_valueerror(wrong: Callable, value: str) -> None:
    ((name, message),) = wrong([f"http.post(URL, json={value})"])
    assert name == "ValueError"
    assert "json" in message.lower()


# ----------------------------------------------------------------------------------------------------
# form

_FORMS = [
    {"a": "1"},
    [("a", "1"), ("b", "2"), ("a", "3")],
    {"a": ["1", None, 2]},
    {"a b": "grüße & = + % €"},
    {"a": b"bytes \xff"},
    {"": ""},
    {"a": 1.5},
    {1: True},
    [("a", None), ("b", "line\r\nbreak")],
    {"long": "ü" * 10_000},
]


@pytest.mark.parametrize("form", _FORMS, ids=range(len(_FORMS)))
def test_form_is_encoded_as_requests_does_it(run_app: Program, wire: WireFactory, form: object) -> None:
    request = post(run_app, wire(reply()), "form=FORM", FORM=form)
    assert request.body.decode() == requests.Request("POST", "http://x/", data=form).prepare().body
    assert request.all("Content-Type") == ["application/x-www-form-urlencoded"]
    assert request.all("Content-Length") == [str(len(request.body))]


@pytest.mark.parametrize("form", ["{}", "[]", "{'a': None}"])
def test_form_without_fields_is_an_empty_body(run_app: Program, wire: WireFactory, form: str) -> None:
    request = post(run_app, wire(reply()), f"form={form}")
    assert (request.body, request.all("Content-Length")) == (b"", ["0"])


@pytest.mark.parametrize("function", ["post", "put", "patch"])
def test_a_real_server_reads_a_form(run_app: Program, httpbin: str, function: str) -> None:
    form = {"list": ["a&b", "c=d"], "text": "grüße + €", "none": None, "empty": ""}
    run = run_app(
        f"""
        show(http.{function}(URL, form=FORM).json()["form"])
        show(http.{function}_async(URL, form=FORM).wait().json()["form"])
        """,
        URL=httpbin + "/anything",
        FORM=form,
    )
    assert run.ok().lines == [({"list": ["a&b", "c=d"], "text": "grüße + €", "empty": ""},)] * 2


# ----------------------------------------------------------------------------------------------------
# files

_BINARY = bytes(range(256)) + b"\r\n--\r\n"


def test_files_are_sent_with_length_and_boundary(run_app: Program, wire: WireFactory) -> None:
    request = post(run_app, wire(reply()), "files={'f': b'content'}")
    assert request.all("Content-Length") == [str(len(request.body))]
    assert len(request.body) > 100
    for name in ("Transfer-Encoding", "Expect"):
        assert request.all(name) == []
    assert len(request.all("Content-Type")) == 1


@pytest.mark.parametrize("content", ["BINARY", "bytearray(BINARY)", "memoryview(b'x' + BINARY + b'x')[1:-1]"])
def test_content_from_memory_is_sent_byte_for_byte(run_app: Program, wire: WireFactory, content: str) -> None:
    request = post(run_app, wire(reply()), f"files={{'f': {content}}}", BINARY=_BINARY)
    (part,) = parts_of(request)
    assert (part.name, part.filename, part.content) == ("f", "f", _BINARY)


def test_field_beside_a_file_may_be_a_memoryview(run_app: Program, wire: WireFactory) -> None:
    arguments = "form={'a': memoryview(BINARY)}, files={'f': b''}"
    field, _ = parts_of(post(run_app, wire(reply()), arguments, BINARY=_BINARY))
    assert (field.name, field.content) == ("a", _BINARY)


def test_content_from_a_path_is_sent_byte_for_byte(
    run_app: Program, wire: WireFactory, tmp_path: Path
) -> None:
    (tmp_path / "file.bin").write_bytes(_BINARY)
    request = post(run_app, wire(reply()), "files={'f': PATH}", PATH=str(tmp_path / "file.bin"))
    (part,) = parts_of(request)
    assert (part.name, part.filename, part.content) == ("f", "file.bin", _BINARY)


@pytest.mark.parametrize(
    ("value", "filename", "content_type"),
    [
        ("('n.txt', b'data')", "n.txt", None),
        ("('n.txt', b'data', 'my/type')", "n.txt", "my/type"),
        ("('n.txt', b'data', None)", "n.txt", None),
        ("('n.txt', PATH)", "n.txt", None),
        ("('n.txt', PATH, 'text/plain; charset=utf-8')", "n.txt", "text/plain; charset=utf-8"),
        ("(None, PATH, 'my/type')", "file.bin", "my/type"),
        ("('grüße €.txt', b'data')", "grüße €.txt", None),
        ("('a b;c.txt', b'data')", "a b;c.txt", None),
    ],
)
def test_tuple_names_the_file_and_its_type(
    run_app: Program, wire: WireFactory, tmp_path: Path, value: str, filename: str, content_type: str | None
) -> None:
    (tmp_path / "file.bin").write_bytes(b"data")
    request = post(run_app, wire(reply()), f"files={{'f': {value}}}", PATH=str(tmp_path / "file.bin"))
    (part,) = parts_of(request)
    assert (part.name, part.filename, part.content) == ("f", filename, b"data")
    assert content_type is None or part.content_type == content_type


@pytest.mark.parametrize(
    ("filename", "content_type"),
    [("a.txt", "text/plain"), ("a.b.PDF", "application/pdf"), ("a.bin", None), ("png", None)],
)
def test_end_of_a_name_says_the_type(
    run_app: Program, wire: WireFactory, filename: str, content_type: str | None
) -> None:
    request = post(run_app, wire(reply()), "files={'f': (NAME, b'data')}", NAME=filename)
    assert [part.content_type for part in parts_of(request)] == [content_type]


def test_form_is_these_bytes(run_app: Program, wire: WireFactory) -> None:
    """As the curl command sends it."""
    request = post(run_app, wire(reply()), "form={'a': 1}, files=[('f', ('n', b'x')), ('g', b'')]")
    boundary = request.body.split(b"\r\n", 1)[0]
    assert request.all("Content-Type") == ["multipart/form-data; boundary=" + boundary.decode()[2:]]
    assert request.body == (
        b'%b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'%b\r\nContent-Disposition: form-data; name="f"; filename="n"\r\n\r\nx\r\n'
        b'%b\r\nContent-Disposition: form-data; name="g"; filename="g"\r\n\r\n\r\n%b--\r\n'
        % (boundary, boundary, boundary, boundary)
    )


def test_many_small_parts_are_few_packets(run_app: Program) -> None:
    """The kernel counts the segments that came. One for each part would be more than a hundred."""
    segments = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)

        def answer() -> None:
            conn, _ = listener.accept()
            with conn, conn.makefile("rb") as stream:
                while not stream.readline().endswith(b"--\r\n"):
                    pass
                info = conn.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 144)
                segments.append(struct.unpack_from("I", info, 140)[0])  # tcpi_segs_in
                conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        run = run_app(
            "show(http.post(URL, form=[('name', b'value')] * 100, files={'f': b''}).status_code())",
            URL=f"http://127.0.0.1:{listener.getsockname()[1]}/",
        )
        thread.join()
    assert run.shown == (200,)
    assert 0 < segments[0] < 20


def test_quote_in_a_name_does_not_end_it(run_app: Program, wire: WireFactory) -> None:
    request = post(run_app, wire(reply()), """files={'a"; x="': ('n"; filename="evil', b'data')}""")
    top, _, _ = request.body.partition(b"\r\n\r\n")
    assert b'name="a%22; x=%22"; filename="n%22; filename=%22evil"' in top


def test_several_files_and_fields_keep_their_order(
    run_app: Program, wire: WireFactory, tmp_path: Path
) -> None:
    (tmp_path / "one").write_bytes(b"from a path")
    form = [("a", "1"), ("b", ["2", None, 3]), ("c", "grüße\r\n"), ("d", b"\xff\0"), ("e", "")]
    files = [("f", str(tmp_path / "one")), ("f", b"from memory"), ("g", ("empty", b""))]
    request = post(run_app, wire(reply()), "form=FORM, files=FILES", FORM=form, FILES=files)
    parts = [(part.name, part.filename, part.content) for part in parts_of(request)]
    assert parts == [
        ("a", None, b"1"),
        ("b", None, b"2"),
        ("b", None, b"3"),
        ("c", None, "grüße\r\n".encode()),
        ("d", None, b"\xff\0"),
        ("e", None, b""),
        ("f", "one", b"from a path"),
        ("f", "f", b"from memory"),
        ("g", "empty", b""),
    ]


def test_form_with_empty_files_is_sent(run_app: Program, wire: WireFactory) -> None:
    (part,) = parts_of(post(run_app, wire(reply()), "form={'a': 1}, files={}"))
    assert (part.name, part.content) == ("a", b"1")


def test_no_files_and_no_form_are_an_empty_body(run_app: Program, wire: WireFactory) -> None:
    assert post(run_app, wire(reply()), "files={}").body == b""


@pytest.mark.parametrize("function", ["post", "put", "patch"])
def test_a_real_server_reads_files(run_app: Program, httpbin: str, tmp_path: Path, function: str) -> None:
    (tmp_path / "one").write_text("from a path")
    run = run_app(
        f"""
        for form in "", "_async":
            request = getattr(http, "{function}" + form)(
                URL, files={{"f": PATH, "g": ("n.txt", b"from memory", "text/plain")}}, form={{"a": 1}})
            answer = (request.wait() if form else request).json()
            show(answer["files"], answer["form"])
        """,
        URL=httpbin + "/anything",
        PATH=str(tmp_path / "one"),
    )
    assert run.ok().lines == [({"f": "from a path", "g": "from memory"}, {"a": "1"})] * 2


def test_content_is_copied_at_the_call(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run = run_app(
        """
        content = bytearray(b"old" * 100000)
        request = http.post_async(URL, files={"f": content})
        for i in range(len(content)):
            content[i] = 0
        content = None
        gc.collect()
        show(request.wait().status_code())
        """,
        URL=server.url,
    )
    assert run.shown == (200,)
    assert parts_of(server.request)[0].content == b"old" * 100000


@pytest.mark.parametrize("path", ["missing", "folder", "", "missing/file", "app.py/file"])
@pytest.mark.parametrize("form", ["", "_async"])
def test_file_that_cannot_be_read_is_26(
    run_app: Program, wire: WireFactory, tmp_path: Path, path: str, form: str
) -> None:
    (tmp_path / "folder").mkdir()
    server = wire(reply())
    run = run_app(
        f"""
        r = http.post{form}(URL, files={{"a": b"good", "f": PATH}}, timeout=5){".wait()" if form else ""}
        show(r.status_code(), bool(r.error()), "folder" in r.error(), http.stats()["free"])
        """,
        URL=server.url,
        PATH=path,
    )
    assert run.shown == (26, True, False, 16)


@pytest.mark.parametrize("name", _CONTENT_TYPES)
@pytest.mark.parametrize("value", ["'multipart/form-data'", "None"])
def test_content_type_of_the_app_with_files_is_a_valueerror(wrong: Callable, name: str, value: str) -> None:
    ((exception, message),) = wrong([f"http.post(URL, {{'{name}': {value}}}, files={{'f': b'1'}})"])
    assert exception == "ValueError"
    assert "Content-Type" in message


@pytest.mark.parametrize("length", ["'1'", "'0'", "None"])
def test_content_length_of_the_app_with_files_is_a_valueerror(wrong: Callable, length: str) -> None:
    ((exception, message),) = wrong([f"http.post(URL, {{'Content-Length': {length}}}, files={{'f': b'1'}})"])
    assert exception == "ValueError"
    assert "Content-Length" in message


# ----------------------------------------------------------------------------------------------------
# Wrong arguments


@pytest.mark.parametrize("data", ["b'x'", "b''", "'x'", "open('app.py', 'rb')"])
def test_data_with_another_body_is_a_typeerror(wrong: Callable, data: str) -> None:
    others = ["json=1", "json=0", "form={}", "form={'a': 1}", "files={}"]
    calls = [f"http.{name}(URL, data={data}, {other})" for name in ("post", "post_async") for other in others]
    for name, message in wrong(calls):
        assert name == "TypeError"
        assert "data" in message


@pytest.mark.parametrize("other", ["form={'a': 1}", "files={'a': b'1'}", "form={}", "files=[]"])
def test_json_with_another_body_is_a_typeerror(wrong: Callable, other: str) -> None:
    ((name, message),) = wrong([f"http.post(URL, json=0, {other})"])
    assert name == "TypeError"
    assert "json" in message


_NO_PAIRS = ["1", "'a=b'", "b'a=b'", "{'a'}", "print", "[1]", "['ab']", "[('a',)]", "[('a', b'1', 2)]"]
_NO_FILE = ["1", "None", "open('app.py', 'rb')", "[b'1']", "()", "('n',)", "('n', b'1', 'my/type', 1)"]
_NO_FILE += ["('n', 1)", "('n', None)", "(1, b'1')", "(b'n', b'1')", "('n', b'1', 1)"]
_NO_NAME = ["1", "None", "b'a'"]


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("form", _NO_PAIRS),
        ("files", _NO_PAIRS),
        ("files", [f"{{'a': {value}}}" for value in _NO_FILE]),
        ("files", [f"{{{value}: b'1'}}" for value in _NO_NAME]),
    ],
    ids=["form", "files", "file", "name"],
)
def test_wrong_type_names_the_option(wrong: Callable, option: str, values: list[str]) -> None:
    raised = wrong([f"http.post(URL, {option}={value})" for value in values])
    named = [(value, name, option in message) for value, (name, message) in zip(values, raised, strict=True)]
    assert named == [(value, "TypeError", True) for value in values]


def test_wrong_form_beside_files_names_form(wrong: Callable) -> None:
    for name, message in wrong([f"http.post(URL, form={value}, files={{'a': b'1'}})" for value in _NO_PAIRS]):
        assert name == "TypeError"
        assert "form" in message


@pytest.mark.parametrize(
    "value", ["'{}': b'1'", "'a': ('{}', b'1')", "'a': ('n', b'1', '{}')", "'a': '{}'", "'a': ('n', '{}')"]
)
def test_files_with_cr_lf_or_nul_in_a_name_are_a_valueerror(wrong: Callable, value: str) -> None:
    texts = ["a\\rb", "a\\nb", "a\\0b", "a\\r\\nX-Evil: b"]
    for name, message in wrong([f"http.post(URL, files={{{value.format(text)}}})" for text in texts]):
        assert name == "ValueError"
        assert "files" in message
        assert "evil" not in message.lower()


def test_wrong_headers_beside_a_body_name_headers(wrong: Callable) -> None:
    bodies = ["json=1", "form={'a': 1}", "files={'a': b'1'}"]
    values = ["1", "['a: b']", "'a: b'"]
    for name, message in wrong([f"http.post(URL, {value}, {body})" for value in values for body in bodies]):
        assert name == "TypeError"
        assert "headers" in message


@pytest.mark.parametrize("pair", ["{'a': 'x\\ud800'}", "{'x\\ud800': 1}", "[('a', ['b', '\\udfff'])]"])
@pytest.mark.parametrize("option", ["params={}", "form={}", "form={}, files={{'f': b'1'}}"])
def test_half_of_a_surrogate_pair_is_a_valueerror(wrong: Callable, option: str, pair: str) -> None:
    ((name, message),) = wrong([f"http.post(URL, {option.format(pair)})"])
    argument = option.partition("=")[0]
    assert (name, message) == ("ValueError", f"{argument}: a str holds half of a surrogate pair")
