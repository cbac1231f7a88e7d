# SPDX-License-Identifier: MIT
"""A wrong call raises at once and takes no slot: contract sections 1 and 2."""

from collections.abc import Callable

import pytest
from servers.wire import WireFactory, reply
from support.program import Program

# Arguments after the URL, the exception, and the word that its message must contain.
_WRONG = [
    ("headers=[('a', 'b', 'c')]", "TypeError", "headers"),
    ("headers='a: b'", "TypeError", "headers"),
    ("headers={'X-A': 1}", "TypeError", "headers"),
    ("headers={'X-A': b'1'}", "TypeError", "headers"),
    ("headers={1: 'x'}", "TypeError", "headers"),
    ("headers={b'X-A': 'x'}", "TypeError", "headers"),
    ("data=1", "TypeError", "data"),
    ("data=['a']", "TypeError", "data"),
    ("data={'a': 'b'}", "TypeError", "data"),
    ("timeout='1'", "TypeError", "timeout"),
    ("timeout=None", "TypeError", "timeout"),
    ("timeout=[1]", "TypeError", "timeout"),
    ("cacert=1", "TypeError", "cacert"),
    ("cacert=['pem']", "TypeError", "cacert"),
    ("max_size='1'", "TypeError", "max_size"),
    ("max_redirects='1'", "TypeError", "max_redirects"),
    ("headers={'X-A': 'a\\rb'}", "ValueError", "header"),
    ("headers={'X-A': 'a\\nb'}", "ValueError", "header"),
    ("headers={'X-A': 'a\\r\\nX-Evil: b'}", "ValueError", "header"),
    ("headers={'X-A': 'a\\0b'}", "ValueError", "header"),
    ("headers={'X-A\\r\\nX-Evil': 'b'}", "ValueError", "header"),
    ("headers={'X-A\\nB': 'b'}", "ValueError", "header"),
    ("headers={'X-A\\0B': 'b'}", "ValueError", "header"),
    ("headers={'': 'b'}", "ValueError", "header"),
    ("headers={'X A': 'b'}", "ValueError", "header"),
    ("headers={'X-A:': 'b'}", "ValueError", "header"),
    ("headers={' X-A': 'b'}", "ValueError", "header"),
    ("headers={'X\\u00e4': 'b'}", "ValueError", "header"),
    ("headers={'X(A)': 'b'}", "ValueError", "header"),
    ("headers={'X-A\\r\\nX-Evil': None}", "ValueError", "header"),
    ("timeout=-1", "ValueError", "timeout"),
    ("timeout=-0.001", "ValueError", "timeout"),
    ("timeout=float('nan')", "ValueError", "timeout"),
    ("headers={'Content-Length': '3'}", "ValueError", "Content-Length"),
    ("headers={'Content-Length': '3'}, data=b'ab'", "ValueError", "Content-Length"),
    ("headers={'content-length': 'x'}, data=b'ab'", "ValueError", "Content-Length"),
    ("headers={'Content-Length': ''}, data=b'ab'", "ValueError", "Content-Length"),
    ("headers={'Content-Length': '-2'}, data=b'ab'", "ValueError", "Content-Length"),
    ("headers={'Content-Length': None}, data=b'ab'", "ValueError", "Content-Length"),
    ("headers={'Transfer-Encoding': 'chunked'}", "ValueError", "Transfer-Encoding"),
    ("headers={'transfer-encoding': 'chunked'}, data=b'ab'", "ValueError", "Transfer-Encoding"),
    ("colour=1", "TypeError", "colour"),
    ("verify_peer=False", "TypeError", "verify_peer"),
]


@pytest.mark.parametrize("function", ["get", "post", "get_async", "post_async", "check"])
def test_wrong_argument_raises_at_once_and_takes_no_slot(
    run_app: Program, function: str, refused_url: str
) -> None:
    calls = "\n".join(
        f"attempt({number}, lambda: http.{function}(URL, {arguments}))"
        for number, (arguments, _, _) in enumerate(_WRONG)
    )
    code = """\
def attempt(number, call):
    for _ in range(17):  # with a slot lost at each, the last would be refused
        try:
            call()
            result = "no exception", ""
        except Exception as e:
            result = type(e).__name__, str(e)
    show(number, *result)

"""
    run = run_app(f"{code}{calls}\nshow(http.stats()['free'])", URL=refused_url)
    *results, free = run.ok().lines
    expected = [(arguments, exception) for arguments, exception, _ in _WRONG]
    assert [(_WRONG[number][0], exception) for number, exception, _ in results] == expected
    for number, _, message in results:
        arguments, _, word = _WRONG[number]
        assert word.lower() in message.lower(), arguments
        assert "evil" not in message.lower(), arguments
    assert free == (16,)


def attempt(run_app: Program, call: str) -> tuple[str, str]:
    """Make a call that must raise; returns the name and the message of its exception."""
    run = run_app(
        f"""
        try:
            show({call})
        except Exception as e:
            show(type(e).__name__, str(e))
        """
    )
    name, message = run.shown
    return name, message


@pytest.mark.parametrize("url", ["b'http://127.0.0.1/'", "None", "1", "['http://127.0.0.1/']"])
def test_url_that_is_no_str_is_a_typeerror(run_app: Program, url: str) -> None:
    name, message = attempt(run_app, f"http.get({url})")
    assert name == "TypeError"
    assert "url" in message.lower()


@pytest.mark.parametrize(
    "text", ["\\r", "\\n", "\\0", "\\r\\nX-Evil: 1", " HTTP/1.1\\r\\nHost: evil\\r\\n\\r\\n"]
)
@pytest.mark.parametrize("place", ["http://127.0.0.1/{}", "http://127.0.0.1{}/", "{}http://127.0.0.1/"])
def test_url_with_cr_lf_or_nul_is_a_valueerror(run_app: Program, text: str, place: str) -> None:
    name, message = attempt(run_app, f"http.get('{place.format(text)}')")
    assert name == "ValueError"
    assert "url" in message.lower()
    assert "127.0.0.1" not in message


@pytest.mark.parametrize("callback", ["1", "'f'", "[]"])
@pytest.mark.parametrize("keyword", ["on_complete", "on_response"])
def test_callback_that_cannot_be_called_is_a_typeerror(run_app: Program, callback: str, keyword: str) -> None:
    name, message = attempt(run_app, f"http.get_async('http://127.0.0.1/', {keyword}={callback})")
    assert name == "TypeError"
    assert keyword in message


@pytest.mark.parametrize(
    "arguments",
    ["on_complete=print, on_response=print", "print, on_response=print"],
    ids=["named", "positional"],
)
def test_both_names_of_the_callback_are_a_typeerror(run_app: Program, arguments: str) -> None:
    name, message = attempt(run_app, f"http.get_async('http://127.0.0.1/', {arguments})")
    assert name == "TypeError"
    assert "on_response" in message


@pytest.mark.parametrize("function", ["get", "post"])
@pytest.mark.parametrize("keyword", ["on_complete", "on_response"])
def test_callback_of_a_sync_function_is_a_typeerror(run_app: Program, function: str, keyword: str) -> None:
    name, message = attempt(run_app, f"http.{function}('http://127.0.0.1/', {keyword}=print)")
    assert name == "TypeError"
    assert keyword in message


def test_callback_may_be_left_out_or_none(run_app: Program, refused_url: str) -> None:
    run = run_app(
        """
        requests = http.get_async(URL), http.get_async(URL, None), http.get_async(URL, on_response=None)
        show(*[request.wait().status_code() for request in requests])
        """,
        URL=refused_url,
    )
    assert run.shown == (7, 7, 7)


@pytest.mark.parametrize(
    "arguments",
    [
        "headers={}",
        "headers=None, data=None, timeout=1, cacert=None",
        "timeout=0",
        "timeout=0.5",
        "timeout=1e9",
        "timeout=10 ** 12",
        "max_size=0, max_redirects=0, allow_redirects=False",
        "headers={'Content-Length': '2'}, data=b'ab'",
        "headers={'Content-Length': '0'}",
        "headers={\"!#$%&'*+-.^_`|~09azAZ\": '\\t ok'}",
    ],
)
def test_right_arguments_are_taken(run_app: Program, refused_url: str, arguments: str) -> None:
    run = run_app(f"show(http.get(URL, {arguments}).status_code())", URL=refused_url)
    assert run.shown == (7,)


def test_numbers_may_be_of_a_class_of_int(run_app: Program, refused_url: str) -> None:
    run = run_app(
        """
        class Number(int):
            pass

        show(http.get(URL, timeout=Number(9), max_size=Number(9), max_redirects=Number(9)).status_code())
        """,
        URL=refused_url,
    )
    assert run.shown == (7,)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        ("http.get()", "url"),
        ("http.get_async()", "url"),
        ("http.get(URL, None, None, 4)", "3"),
        ("http.get_async(URL, None, None, None, 5)", "4"),
        ("http.get(URL, {}, b'', headers={})", "headers"),
    ],
)
def test_wrong_number_of_arguments_is_a_typeerror_that_counts_as_the_app_does(
    run_app: Program, call: str, word: str
) -> None:
    name, message = attempt(run_app, call.replace("URL", "'http://127.0.0.1/'"))
    assert name == "TypeError"
    assert word in message


@pytest.mark.parametrize("function", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_functions_have_their_names_and_methods(run_app: Program, wire: WireFactory, function: str) -> None:
    server = wire(reply())
    run = run_app(
        f"""
        for f in http.{function}, http.{function}_async:
            show(f.__name__, callable(f))
        http.{function}(URL)
        http.{function}(url=URL)
        http.{function}(URL, {{"X-A": "1"}})
        http.{function}_async(URL)
        http.{function}_async(URL, None, {{"X-A": "1"}})
        http.{function}_async(url=URL, on_complete=lambda r: None, headers={{"X-A": "1"}})
        http.request("{function.upper()}", URL)
        http.request_async("{function.upper()}", URL)
        """,
        URL=server.url,
    )
    assert run.ok().lines == [(function, True), (function + "_async", True)]
    assert [request.method for request in server.requests] == 8 * [function.upper()]
    assert sum(request.header("X-A") == "1" for request in server.requests) == 3


@pytest.mark.parametrize("arguments", ["", "'GET', URL", "url=URL"])
def test_app_cannot_make_a_request_without_a_function(wrong: Callable, arguments: str) -> None:
    raised = wrong([f"http.Request({arguments})"])
    assert raised == [("TypeError", "get_async() and the like make a Request")]


def test_response_that_the_module_did_not_make_does_no_harm(run_app: Program) -> None:
    run = run_app("""
        r = http.Response()
        show(r.status_code(), r.headers(), bytes(r.body()), r.url(), r.error(), r.ok())
        """)
    assert run.ok().lines == [(0, {}, b"", "", "", False)]


_NUMBERS = ["max_size", "max_redirects", "timeout"]
_HUGE = ["1 << 30", "1 << 31", "1 << 32", "1 << 62", "1 << 63", "1 << 64", "1 << 4000"]


@pytest.mark.parametrize("name", _NUMBERS)
def test_number_of_any_size_is_taken(run_app: Program, refused_url: str, name: str) -> None:
    calls = "".join(f"show(http.get(URL, {name}={value}).status_code())\n" for value in _HUGE)
    assert run_app(calls, URL=refused_url).ok().lines == [(7,)] * len(_HUGE)


@pytest.mark.parametrize("value", ["1e308", "float('inf')", "1 << 31", "1 << 4000", "1e-320", "0.0", "-0.0"])
def test_timeout_of_any_size_is_taken(run_app: Program, refused_url: str, value: str) -> None:
    run = run_app(
        f"""
        show(http.get(URL, timeout={value}).status_code() in (7, 28))
        show(http.get_async(URL, timeout=5).wait({value}) is None or True)
        """,
        URL=refused_url,
    )
    assert run.ok().lines == [(True,)] * 2


@pytest.mark.parametrize(
    ("call", "name", "error"),
    [
        *[(f"http.get(URL, {name}=-1)", name, "ValueError") for name in _NUMBERS],
        *[(f"http.get(URL, {name}=-(1 << 70))", name, "ValueError") for name in _NUMBERS],
        *[(f"http.get(URL, {name}=True)", name, "TypeError") for name in _NUMBERS],
        *[(f"http.get(URL, {name}=None)", name, "TypeError") for name in _NUMBERS],
        *[(f"http.get(URL, {name}=1.5)", name, "TypeError") for name in _NUMBERS if name != "timeout"],
        ("http.get(URL, timeout=float('-inf'))", "timeout", "ValueError"),
        ("http.get_async(URL).wait(-1)", "timeout", "ValueError"),
        ("http.get_async(URL).wait(float('nan'))", "timeout", "ValueError"),
        ("http.get_async(URL).wait(True)", "timeout", "TypeError"),
        ("http.get_async(URL).wait('1')", "timeout", "TypeError"),
        ("http.get(URL).text(5)", "encoding", "TypeError"),
        ("http.get(URL).header(5)", "name", "TypeError"),
    ],
)  # fmt: skip
def test_wrong_number_is_an_error_that_names_the_argument(
    run_app: Program, call: str, name: str, error: str
) -> None:
    got, message = attempt(run_app, call.replace("URL", "'http://127.0.0.1:1/'"))
    assert got == error
    assert name in message


@pytest.mark.parametrize("function", ["get", "get_async", "check"])
@pytest.mark.parametrize(
    ("options", "names"),
    [
        ("on_data=1", ["on_data"]),
        ("on_data='print'", ["on_data"]),
        ("on_data=[print]", ["on_data"]),
        ("on_data=print, file='file'", ["on_data", "file"]),
        ("stream=1", ["stream"]),
        ("stream=True, file='file'", ["stream", "file"]),
        ("stream=True, on_data=print", ["stream", "on_data"]),
        ("stream=True, on_progress=print", ["stream", "on_progress"]),
        ("stream=True, on_head=print", ["stream", "on_head"]),
        ("on_head=1", ["on_head"]),
    ],
)
def test_wrong_or_exclusive_options_raise_and_take_no_slot(
    run_app: Program, function: str, options: str, names: list[str], refused_url: str
) -> None:
    run = run_app(
        f"""
        try:
            http.{function}(URL, {options})
        except TypeError as e:
            show(all(name in str(e) for name in {names}), http.stats()["free"])
        """,
        URL=refused_url,
    )
    assert run.shown == (True, 16)


def test_check_sends_nothing_and_asks_no_iterator(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run = run_app(
        """
        asked = []
        http.check(URL, {"A": "b"}, data=(asked.append(1) for _ in range(3)), timeout=5, on_data=print)
        for url in (1, "http://a\\nb/"):
            try:
                http.check(url)
            except (TypeError, ValueError) as e:
                show(type(e).__name__, str(e))
        show(asked, http.stats()["submitted"])
        """,
        URL=server.url,
    )
    assert run.ok().lines == [
        ("TypeError", "url must be a str"),
        ("ValueError", "url contains CR, LF or NUL"),
        ([], 0),
    ]
    assert server.requests == []
