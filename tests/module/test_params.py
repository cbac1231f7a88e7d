# SPDX-License-Identifier: MIT
"""The option params, compared with what `requests` makes of the same arguments: contract section 6."""

from collections.abc import Callable
from urllib.parse import parse_qsl, quote_plus, urlsplit

import pytest
import requests
from servers.wire import WireFactory, redirect, reply
from support.program import Program

# (what follows the origin, params); dicts of one key, as MicroPython's have no order.
_CASES = [
    ("/", {"a": "1"}),
    ("", {"a": "1"}),
    ("/p", [("a", "1"), ("b", "2"), ("a", "3")]),
    ("/p", (("a", "1"), ["b", "2"])),
    ("/p", {"a": ["1", "2", "3"]}),
    ("/p", {"a": ("1", 2)}),
    ("/p", {"a": ["1", None, "2"]}),
    ("/p", {"a": [None]}),
    ("/p", {"a": []}),
    ("/p", {"a": None}),
    ("/p", [("a", None), ("b", "2"), ("c", None)]),
    ("/p", {}),
    ("/p", []),
    ("/p", None),
    ("/p?x=1", {}),
    ("/p?x=1", {"x": None}),
    ("/p", {"": ""}),
    ("/p", {"": "v"}),
    ("/p", {"a": ""}),
    ("/p", {"a": " "}),
    ("/p", {"a b": "c d  e"}),
    ("/p", {"a": "grüße €"}),
    ("/p", {"schlüssel": "日本語"}),
    ("/p", {"a": "😀"}),
    ("/p", {"a": "e\u0301"}),
    ("/p", {"a": "&=?#/+%;,:@!$'()*[]"}),
    ("/p", {"&=?#/+%;,:@!$'()*[]": "v"}),
    ("/p", {"a": "%41%20%zz"}),
    ("/p", {"a": "-._~"}),
    ("/p", {"a": '"<>\\^`{|}'}),
    ("/p", {"a": "\x00\x01\r\n\t\x7f"}),
    ("/p", {"a": b"bytes \xff\x00&"}),
    ("/p", {b"k\xe9y": b"v"}),
    ("/p", {"a": [b"x", "y"]}),
    ("/p", {"a": 1}),
    ("/p", {"a": 0}),
    ("/p", {"a": -(2**70)}),
    ("/p", {"a": 1.5}),
    ("/p", {"a": -0.25}),
    ("/p", {"a": True}),
    ("/p", {"a": [False, True]}),
    ("/p", {1: 2}),
    ("/p", {True: 2.5}),
    ("/p?x=1", {"a": "2"}),
    ("/p?x=1&y", {"a": "2"}),
    ("/p?", {"a": "2"}),
    ("/p?x=%20+", {"a": "2"}),
    ("?x=1", {"a": "2"}),
    ("/p#fragment", {"a": "2"}),
    ("/p?x=1#fragment", {"a": "2"}),
    ("/p#frag?x=1&y", {"a": "2"}),
    ("#fragment", {"a": "2"}),
    ("/p#fragment", {}),
    ("/grüß", {"a": "ü"}),
    ("/p?ü=1", {"a": "2"}),
    ("/a%20b", {"a": "2"}),
    ("/p", {"a": "x" * 5000}),
]


def test_params_are_encoded_as_requests_does_it(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run = run_app(
        "for rest, params in CASES: show(http.get(URL + rest, params=params).status_code())",
        URL=server.url,
        CASES=_CASES,
    )
    assert run.ok().lines == [(200,)] * len(_CASES)
    sent = [request.target for request in server.requests]
    expected = [
        requests.Request("GET", server.url + rest, params=params).prepare().path_url
        for rest, params in _CASES
    ]
    assert sent == expected


def test_several_keys_of_a_dict_are_all_sent(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    params = {f"key {number}": [str(number), number] for number in range(20)}
    run_app("http.get(URL, params=PARAMS)", URL=server.url, PARAMS=params).ok()
    pairs = parse_qsl(urlsplit(server.request.target).query)
    assert sorted(pairs) == sorted((key, str(value)) for key, values in params.items() for value in values)


def test_query_that_ends_with_its_separator_is_continued(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run_app("http.get(URL, params={'a': 2})", URL=server.url + "/?x=1&").ok()
    assert parse_qsl(urlsplit(server.request.target).query) == [("x", "1"), ("a", "2")]


@pytest.mark.parametrize("value", [r"bytearray(b'x y\xff')", r"memoryview(b'-x y\xff-')[1:-1]"])
def test_object_with_bytes_is_taken_like_bytes(run_app: Program, wire: WireFactory, value: str) -> None:
    server = wire(reply())
    run_app(f"http.get(URL, params={{'a': {value}}})", URL=server.url).ok()
    assert server.request.target == "/?a=x+y%FF"


def test_object_is_sent_as_its_str(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run = run_app(
        """
        class Tag:
            def __str__(self):
                return "a tag"

        show(http.get(URL, params={"a": Tag()}).status_code())
        """,
        URL=server.url,
    )
    assert run.shown == (200,)
    assert server.request.target == "/?a=a+tag"


@pytest.mark.parametrize("function", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_every_method_takes_params(run_app: Program, wire: WireFactory, function: str) -> None:
    server = wire(reply())
    run = run_app(
        f"""
        http.{function}(URL, params={{"a": "1"}})
        http.{function}_async(URL, params={{"a": "1"}}).wait()
        http.{function}(URL, params={{"a": "1"}}, on_progress=lambda received, total: None)
        """,
        URL=server.url,
    )
    run.ok()
    assert [request.target for request in server.requests] == ["/?a=1"] * 3


def test_a_real_server_reads_what_was_meant(run_app: Program, httpbin: str) -> None:
    params = {"list": ["a&b", "c=d"], "text": "grüße + €", "none": None, "empty": ""}
    run = run_app("show(http.get(URL, params=PARAMS).json()['args'])", URL=httpbin + "/get", PARAMS=params)
    assert run.shown == ({"list": ["a&b", "c=d"], "text": "grüße + €", "empty": ""},)


def test_params_and_their_lists_are_not_changed(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        params = {"a": ["1", None], "b": None}
        request = http.get_async(URL, params=params)
        same = params == {"a": ["1", None], "b": None}
        params["a"].append("2")
        show(same, request.wait().url() == URL + "/?a=1")
        """,
        URL=wire(reply()).url,
    )
    assert run.shown == (True, True)


def test_params_are_not_added_to_a_redirect(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: reply() if request.target == "/end" else redirect(302, "/end"))
    run_app("http.get(URL, params={'a': 1})", URL=server.url).ok()
    assert [request.target for request in server.requests] == ["/?a=1", "/end"]


def test_params_stand_in_the_url_and_not_in_the_error(run_app: Program, refused_url: str) -> None:
    run = run_app(
        """
        r = http.get(URL, params={"token": "secret"})
        show(r.status_code(), "secret" in r.error(), "token" in r.error(), http.stats()["free"])
        """,
        URL=refused_url,
    )
    assert run.shown == (7, False, False, 16)


_WRONG = ["1", "1.5", "True", "'a=b'", "b'a=b'", "{'a'}", "print", "[1]", "['ab']", "[('a',)]"]
_WRONG += ["[('a', 1, 2)]", "[('a', 1), None]", "iter([])", "memoryview(b'ab')"]


def test_wrong_type_names_params(wrong: Callable) -> None:
    calls = [f"http.{function}(URL, params={value})" for value in _WRONG for function in ("get", "get_async")]
    raised = wrong(calls)
    assert [name for name, _ in raised] == ["TypeError"] * len(calls)
    assert all("params" in message for _, message in raised)


def test_wrong_url_with_params_names_the_url(wrong: Callable) -> None:
    calls = [f"http.get({url}, params={{'a': 1}})" for url in ("None", "b'http://127.0.0.1/'", "1")]
    for name, message in wrong(calls):
        assert name == "TypeError"
        assert "url" in message


def test_exception_of_a_value_comes_out_and_takes_no_slot(wrong: Callable) -> None:
    raised = wrong(["http.get(URL, params={'a': type('T', (), {'__str__': lambda self: 1 // 0})()})"])
    assert raised[0][0] == "ZeroDivisionError"


def test_each_byte_is_quoted_as_python_does_it(run_app: Program, wire: WireFactory) -> None:
    data = bytes(range(256))
    server = wire(reply())
    run = run_app("show(http.get(URL, params={'a': DATA}).status_code())", URL=server.url, DATA=data)
    assert run.shown == (200,)
    assert server.request.target == "/?a=" + quote_plus(data)
