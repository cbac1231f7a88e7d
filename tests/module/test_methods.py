# SPDX-License-Identifier: MIT
"""request(), put, patch, delete, head, options and their _async forms: contract section 6."""

from collections.abc import Callable

import pytest
from servers.nginx import Nginx
from servers.wire import CLOSE, Reply, WireFactory, head, in_order, reply
from support.program import Program

_FUNCTIONS = ["get", "post", "put", "patch", "delete", "head", "options"]
_WITH_BODY = [name for name in _FUNCTIONS if name != "head"]

_ASYNC = pytest.mark.parametrize("form", ["", "_async"], ids=["sync", "async"])


def call(function: str, form: str, arguments: str) -> str:
    """The expression for a Response of http.<function>, in its sync or its async form."""
    return f"http.{function}{form}({arguments}){'.wait()' if form else ''}"


@_ASYNC
@pytest.mark.parametrize("function", _FUNCTIONS)
def test_each_function_sends_its_method(
    run_app: Program, wire: WireFactory, function: str, form: str
) -> None:
    server = wire(reply())
    run = run_app(
        f"r = {call(function, form, 'URL, headers=HEADERS, timeout=5')}; show(r.status_code())",
        URL=server.url + "/x?y=1",
        HEADERS={"X-A": "1"},
    )
    assert run.shown == (200,)
    assert server.request.line == f"{function.upper()} /x?y=1 HTTP/1.1"
    assert server.request.header("X-A") == "1"
    assert server.request.header("Content-Length") == "0"
    assert server.request.body == b""


@_ASYNC
@pytest.mark.parametrize("function", _WITH_BODY)
def test_each_function_sends_data(run_app: Program, wire: WireFactory, function: str, form: str) -> None:
    server = wire(reply(200, b"answer"))
    run = run_app(
        f"r = {call(function, form, 'URL, data=DATA')}; show(r.status_code(), bytes(r.body()))",
        URL=server.url,
        DATA=b"da\0ta",
    )
    assert run.shown == (200, b"answer")
    request = server.request
    assert (request.method, request.body) == (function.upper(), b"da\0ta")
    assert request.all("Content-Length") == ["5"]
    for name in ("Content-Type", "Expect", "Transfer-Encoding"):
        assert request.all(name) == []


@pytest.mark.parametrize("body", ["data=b'x'", "data=open('app.py', 'rb')", "json=1", "form={'a': 1}"])
def test_head_with_a_body_is_a_valueerror(wrong: Callable, body: str) -> None:
    calls = [f"http.{call}URL, {body})" for call in ("head(", "head_async(", "request('HEAD', ")]
    for name, message in wrong(calls):
        assert name == "ValueError"
        assert "HEAD" in message


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_async_forms_take_their_callback_after_the_url(
    run_app: Program, wire: WireFactory, function: str
) -> None:
    run = run_app(
        f"""
        def done(r):
            show(r.status_code())

        http.{function}_async(URL, done, {{"X-A": "1"}}, None, timeout=5)
        http.{function}_async(URL, on_complete=done)
        http.{function}_async(URL, on_response=done)
        """,
        URL=wire(reply()).url,
    )
    assert run.ok().lines == [(200,)] * 3


def test_request_async_takes_its_method_in_front(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run = run_app(
        """
        def done(r):
            show(r.status_code())

        http.request_async("REPORT", URL, done, {"X-A": "1"}, b"data")
        http.request_async(method="REPORT", url=URL, headers={"X-A": "1"}, data=b"data", on_response=done)
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(200,)] * 2
    sent = [(request.method, request.header("X-A"), request.body) for request in server.requests]
    assert sent == [("REPORT", "1", b"data")] * 2


@pytest.mark.parametrize("data", ["", ", data=b'data'"])
@pytest.mark.parametrize(
    "method",
    ["GET", "POST", "PROPFIND", "M-SEARCH", "get", "Post", "pUT", "head", "QUERY", "!#$%&'*+-.^_`|~09", "X"],
)
def test_request_sends_any_token_as_it_is(
    run_app: Program, wire: WireFactory, method: str, data: str
) -> None:
    server = wire(reply(200, b"answer"))
    run = run_app(
        f"""
        r = http.request(METHOD, URL{data}, timeout=5)
        s = http.request_async(METHOD, URL{data}, timeout=5).wait()
        show(r.status_code(), bytes(r.body()), s.status_code(), bytes(s.body()))
        """,
        URL=server.url,
        METHOD=method,
    )
    assert run.shown == (200, b"answer", 200, b"answer")
    assert [request.method for request in server.requests] == [method] * 2
    assert [request.body for request in server.requests] == [b"data" if data else b""] * 2
    assert [request.all("Content-Length") for request in server.requests] == [["4" if data else "0"]] * 2


@pytest.mark.parametrize(
    ("method", "exception"),
    [
        ("''", "ValueError"),
        ("'GE T'", "ValueError"),
        ("'GET '", "ValueError"),
        ("'GET\\r\\nX-Evil: 1'", "ValueError"),
        ("'GET\\0'", "ValueError"),
        ("'G\\xc9T'", "ValueError"),
        ("'GET/1'", "ValueError"),
        ("'GET:'", "ValueError"),
        ("None", "TypeError"),
        ("b'GET'", "TypeError"),
        ("1", "TypeError"),
        ("['GET']", "TypeError"),
    ],
)
def test_method_that_is_no_token_raises(wrong: Callable, method: str, exception: str) -> None:
    calls = [
        f"http.request({method}, URL)",
        f"http.request_async({method}, URL, params={{'a': 1}})",
        f"http.request({method}, URL, on_progress=print)",
    ]
    for name, message in wrong(calls):
        assert name == exception
        assert "method" in message
        assert "evil" not in message.lower()


@pytest.mark.parametrize("function", _FUNCTIONS)
def test_functions_of_one_method_take_no_other(wrong: Callable, function: str) -> None:
    ((name, message),) = wrong([f"http.{function}(URL, method='PUT')"])
    assert name == "TypeError"
    assert "method" in message


@_ASYNC
def test_head_has_headers_and_no_body(run_app: Program, web: Nginx, form: str) -> None:
    run = run_app(
        f"""
        r = {call("head", form, "URL + '/12m'")}
        show(r.status_code(), r.header("Content-Length"), bytes(r.body()), r.error())
        show(len(http.get(URL + "/1k").body()))
        """,
        URL=web.http,
    )
    assert run.ok().lines == [(200, str(12 << 20), b"", ""), (1024,)]


def test_head_is_not_held_to_max_size(run_app: Program, web: Nginx) -> None:
    code = "r = http.head(URL + '/12m', max_size=10); show(r.status_code())"
    assert run_app(code, URL=web.http).shown == (200,)


@pytest.mark.parametrize(
    "answer",
    [
        head(200, "Content-Length: 5"),
        head(200, "Transfer-Encoding: chunked"),
        head(200, "Content-Length: 0"),
        head(200),
        head(404, "Content-Length: 5"),
    ],
    ids=["length", "chunked", "empty", "no length", "404"],
)
def test_head_does_not_wait_for_a_body(run_app: Program, wire: WireFactory, answer: bytes) -> None:
    server = wire(in_order(answer, reply(200, b"got")))
    run = run_app(
        """
        r = http.head(URL, timeout=5)
        show(r.status_code() in (200, 404), bytes(r.body()), r.timings()["total"] < 2)
        show(bytes(http.get(URL).body()))
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(True, b"", True), (b"got",)]


def test_body_that_a_server_wrongly_sends_to_head_is_not_taken_for_the_next_response(
    run_app: Program, wire: WireFactory
) -> None:
    evil = reply(200, b"smuggled")
    server = wire(in_order(reply(200, evil), reply(200, b"got")))
    run = run_app(
        """
        r = http.head(URL, timeout=5)
        show(bytes(r.body()))
        show(bytes(http.get(URL, timeout=5).body()))
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(b"",), (b"got",)]


@pytest.mark.parametrize("function", ["put", "delete", "patch", "options", "post"])
def test_204_ends_without_a_body(run_app: Program, wire: WireFactory, function: str) -> None:
    run = run_app(
        f"r = http.{function}(URL, timeout=5); show(r.status_code(), bytes(r.body()), r.ok())",
        URL=wire(head(204)).url,
    )
    assert run.shown == (204, b"", True)


@_ASYNC
@pytest.mark.parametrize("function", ["get", "post", "put", "patch", "delete"])
def test_a_real_server_understands_each_method(
    run_app: Program, httpbin: str, function: str, form: str
) -> None:
    run = run_app(
        f"r = {call(function, form, 'URL, data=DATA')}.json(); show(r['method'], r['data'])",
        URL=httpbin + "/anything",
        DATA="grüße",
    )
    assert run.shown == (function.upper(), "grüße")


def test_options_asks_a_real_server_what_it_allows(run_app: Program, httpbin: str) -> None:
    run = run_app(
        "r = http.options(URL); show(r.status_code(), r.header('Allow'))", URL=httpbin + "/anything"
    )
    status, allowed = run.shown
    assert status == 200
    assert {"GET", "PUT", "TRACE"} <= set(allowed.split(", "))


def test_wrong_method_for_a_real_server_is_its_405(run_app: Program, httpbin: str) -> None:
    code = "show(http.delete(URL).status_code(), http.request('PROPFIND', URL).status_code())"
    assert run_app(code, URL=httpbin + "/get").shown == (405, 405)


@_ASYNC
@pytest.mark.parametrize("function", _FUNCTIONS)
def test_failure_in_the_middle_frees_the_slot(
    run_app: Program, wire: WireFactory, refused_url: str, function: str, form: str
) -> None:
    cut: Reply = [head(200, "Content-Length: 10"), b"five.", CLOSE]
    empty: Reply = [CLOSE]
    run = run_app(
        f"""
        for url in URLS:
            show({call(function, form, "url, timeout=5")}.status_code(), http.stats()["free"])
        """,
        URLS=[refused_url, wire(empty).url, wire(cut).url],
    )
    # A response to HEAD ends with its headers.
    assert run.ok().lines == [(7, 16), (52, 16), (200 if function == "head" else 18, 16)]
