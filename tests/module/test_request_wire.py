"""What is sent: the exact bytes of requests, contract section 1."""

import pytest
from program import Program
from servers.wire import Request, WireFactory, WireServer, numbered_bytes, reply


def send(run_app: Program, server: WireServer, call: str, **names: object) -> Request:
    """Make one request with http.<call>, which must be answered with 200; gives it as it was sent."""
    run = run_app(f"r = http.{call}\nshow(r.status_code())", URL=server.url, **names)
    assert run.shown == (200,)
    return server.request


@pytest.mark.parametrize("function", ["get", "post"])
@pytest.mark.parametrize("data", ["", ", data=None", ", data=b''", ", data=''"])
def test_without_data_a_request_carries_content_length_0(
    run_app: Program, wire: WireFactory, function: str, data: str
) -> None:
    request = send(run_app, wire(reply()), f"{function}(URL{data})")
    assert request.method == function.upper()
    assert request.all("Content-Length") == ["0"]
    assert request.body == b""


@pytest.mark.parametrize("function", ["get", "post"])
def test_async_request_without_data_carries_content_length_0(
    run_app: Program, wire: WireFactory, function: str
) -> None:
    request = send(run_app, wire(reply()), f"{function}_async(URL).wait()")
    assert request.all("Content-Length") == ["0"]


@pytest.mark.parametrize("function", ["get", "post"])
def test_with_data_the_only_content_length_is_its_length(
    run_app: Program, wire: WireFactory, function: str
) -> None:
    request = send(run_app, wire(reply()), f"{function}(URL, data=b'12345')")
    assert request.all("Content-Length") == ["5"]
    assert request.body == b"12345"


@pytest.mark.parametrize(
    ("data", "sent"),
    [
        ("b'ab\\0c'", b"ab\x00c"),
        ("bytearray(b'ab\\0c')", b"ab\x00c"),
        ("memoryview(b'xab\\0cx')[1:5]", b"ab\x00c"),
        ("__import__('array').array('H', [0x4142, 0x4344])", b"BADC"),
        ("'gr\\xfc\\xdfe \\u20ac'", "grüße €".encode()),
        ("'a\\0b'", b"a\x00b"),
    ],
    ids=["bytes", "bytearray", "memoryview", "array", "str", "str with NUL"],
)
def test_data_is_any_bytes_like_object_or_a_str_as_utf8(
    run_app: Program, wire: WireFactory, data: str, sent: bytes
) -> None:
    request = send(run_app, wire(reply()), f"post(URL, data={data})")
    assert request.body == sent
    assert request.all("Content-Length") == [str(len(sent))]


def test_large_data_arrives_whole(run_app: Program, wire: WireFactory) -> None:
    request = send(
        run_app,
        wire(reply()),
        "post(URL, data=b''.join(i.to_bytes(4, 'big') for i in range(1 << 19)), timeout=20)",
    )
    assert request.body == numbered_bytes(1 << 21)


def test_bytearray_may_change_after_the_call(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run = run_app(
        """
        data = bytearray(b"old" * 100000)
        request = http.post_async(URL, data=data)
        for i in range(len(data)):
            data[i] = 0
        data.extend(b"more")
        data = None
        gc.collect()
        show(request.wait().status_code())
        """,
        URL=server.url,
    )
    assert run.shown == (200,)
    assert server.request.body == b"old" * 100000


def test_headers_are_copied_at_the_call_and_never_changed(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run = run_app(
        """
        headers = {"X-One": "1", "Content-Length": "3", "User-Agent": None}
        before = dict(headers)
        request = http.post_async(URL, headers=headers, data=b"abc")
        same = headers == before
        headers["X-One"] = "2"
        headers["X-Two"] = "2"
        show(same, request.wait().status_code())
        """,
        URL=server.url,
    )
    assert run.shown == (True, 200)
    assert (server.request.header("X-One"), server.request.header("X-Two")) == ("1", None)


def test_headers_of_the_app_are_sent_as_they_are(run_app: Program, wire: WireFactory) -> None:
    headers = {"X-Mixed-cASE": "a  b", "X-Empty": "", "X-Utf8": "grüß", "Accept": "x/y"}
    request = send(run_app, wire(reply()), "get(URL, HEADERS)", HEADERS=headers)
    sent = {name: value.encode("latin-1").decode() for name, value in request.headers}
    assert {name: sent[name] for name in headers} == headers
    assert request.all("Accept") == ["x/y"]


@pytest.mark.parametrize("name", ["Content-Length", "User-Agent", "Host", "Accept", "content-length"])
def test_header_value_none_leaves_out_what_is_sent_automatically(
    run_app: Program, wire: WireFactory, name: str
) -> None:
    request = send(run_app, wire(reply()), "get(URL, {NAME: None})", NAME=name)
    assert request.all(name) == []


def test_header_of_the_app_replaces_the_automatic_one(run_app: Program, wire: WireFactory) -> None:
    headers = {"user-agent": "mine", "host": "example.com", "content-length": "3"}
    request = send(run_app, wire(reply()), "post(URL, HEADERS, b'abc')", HEADERS=headers)
    assert {name: request.all(name) for name in headers} == {name: [value] for name, value in headers.items()}


@pytest.mark.parametrize(
    "call",
    ["get(URL)", "post(URL)", "post(URL, data=b'abc')", "post(URL, data='abc')", "get(URL, data=b'abc')"],
)
def test_nothing_is_invented(run_app: Program, wire: WireFactory, call: str) -> None:
    request = send(run_app, wire(reply()), call)
    assert request.line.endswith(" HTTP/1.1")
    for name in ("Content-Type", "Expect", "Accept-Encoding", "Transfer-Encoding", "Authorization", "Cookie"):
        assert request.all(name) == []


def test_large_data_is_sent_without_expecting_100_continue(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run = run_app(
        "r = http.post(URL, data=bytes(2000000)); show(r.status_code(), r.timings()['total'] < 0.9)",
        URL=server.url,
    )
    assert run.shown == (200, True)
    assert server.request.header("Expect") is None


def test_cookies_are_not_kept(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(200, b"", "Set-Cookie: a=b"))
    run_app("http.get(URL); http.get(URL)", URL=server.url).ok()
    assert [request.header("Cookie") for request in server.requests] == [None, None]


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("?x=1", "/?x=1"),
        ("", "/"),
        ("/a?b#fragment", "/a?b"),
        ("#fragment", "/"),
        ("/a%20b", "/a%20b"),
        ("/a//b", "/a//b"),
    ],
)
def test_target_is_the_path_and_query_of_the_url(
    run_app: Program, wire: WireFactory, url: str, target: str
) -> None:
    request = send(run_app, wire(reply()), "get(URL + REST)", REST=url)
    assert request.target == target


def test_scheme_may_be_in_upper_case(run_app: Program, wire: WireFactory) -> None:
    send(run_app, wire(reply()), "get(URL.replace('http', 'HTTP'))")


def test_post_does_not_read_the_standard_input(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    script = run_app.write("http.post(URL); show(sys.stdin.read())", URL=server.url)
    assert run_app.command([script], stdin="not for the server").shown == ("not for the server",)
    assert server.request.body == b""


def test_netrc_is_not_read(run_app: Program, wire: WireFactory) -> None:
    (run_app.folder / ".netrc").write_text("default login user password secret\n")
    server = wire(reply())
    run_app("http.get(URL)", URL=server.url, env={"HOME": str(run_app.folder)}).ok()
    assert server.request.header("Authorization") is None
