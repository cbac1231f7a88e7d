# SPDX-License-Identifier: MIT
"""What is sent: the exact bytes of requests, contract section 1."""

import pytest
from servers.wire import Request, WireFactory, WireServer, numbered_bytes, reply
from support.program import Program


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


# What the request before it in the same slot had, and the next must not have.
_BEFORE = [
    "get(URL, {'X-A': '1', 'User-Agent': 'mine'})",
    "get(URL, {'User-Agent': None, 'Content-Length': None, 'Accept': None})",
    "post(URL, data=b'data')",
    "post(URL, form={'a': 'b'}, files={'f': b'content'})",
    "put(URL, json=[1])",
    "head(URL)",
    "delete(URL)",
    "get(URL, compressed=True)",
    "get(URL, auth=('user', 'password'))",
    "get(URL, auth=('digest', 'user', 'password'))",
    "get(URL.replace('//', '//user:password@'))",
    "get(URL, cookies=jar)",
    "get(URL, timeout=0)",
    "get(URL, timeout=3600)",
    "get(URL, proxy=URL)",
    "get(URL + '/other?a=b#c', params={'c': 'd'})",
]


@pytest.mark.parametrize("before", _BEFORE)
def test_request_is_the_same_whatever_was_sent_before(
    run_app: Program, wire: WireFactory, before: str
) -> None:
    server = wire(lambda request: reply(200, b"", "Set-Cookie: a=b"))
    run = run_app(
        f"""
        jar = http.Cookies()
        http.get(URL, cookies=jar)
        for _ in range(2):
            show(http.get(URL).status_code(), http.{before}.status_code(), http.get(URL).status_code())
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(200, 200, 200)] * 2
    sent = [(request.line, request.headers, request.body) for request in server.requests[1:]]
    assert sent[0] == sent[2] == sent[3] == sent[5]
    # The server does not ask for a digest.
    assert (sent[1] == sent[0]) == ("timeout" in before or "digest" in before)


def test_url_is_read_anew_each_time(run_app: Program, wire: WireFactory) -> None:
    """The last URL is kept for the next request: only that one, and none with an account."""
    server = wire(reply())
    run = run_app(
        """
        account = URL.replace("//", "//user:password@")
        dots = URL + "/a/../b"
        urls = URL, URL, URL + "/", URL + "/a", dots, URL, account, account, URL, URL.upper(), URL + "/#f"
        for url in urls:
            show(http.get(url).url())
        show(http.get(URL[:-1] + "x").status_code(), http.get(URL).url())
        """,
        URL=server.url,
    )
    *urls, (bad, last) = run.ok().lines
    paths = ["/", "/", "/", "/a", "/b", "/", "/", "/", "/", "/", "/#f"]
    assert urls == [(server.url + path,) for path in paths]
    assert (bad, last) == (3, server.url + "/")
    accounts = [request.header("Authorization") is not None for request in server.requests]
    assert accounts == [False] * 6 + [True] * 2 + [False] * 4


def test_request_is_http_1_1_though_the_server_before_spoke_1_0(run_app: Program, wire: WireFactory) -> None:
    old, new = wire(reply(version="1.0")), wire(reply())
    run_app(
        """
        for _ in range(2):
            for url in OLD, NEW:
                show(http.get(url).status_code())
        """,
        OLD=old.url,
        NEW=new.url,
    ).ok()
    assert [request.line for request in new.requests] == 2 * ["GET / HTTP/1.1"]


def test_header_values_of_blanks_are_sent_empty_and_blanks_inside_stay(
    run_app: Program, wire: WireFactory
) -> None:
    headers = {"X-Blank": " \t ", "X-Inner": "b  c\td", "User-Agent": None, "Accept": None}
    request = send(run_app, wire(reply()), "get(URL, headers=HEADERS)", HEADERS=headers)
    assert request.all("X-Blank") == [""]
    assert request.all("X-Inner") == ["b  c\td"]
    assert request.all("User-Agent") == request.all("Accept") == []
