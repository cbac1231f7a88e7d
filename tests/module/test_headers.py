# SPDX-License-Identifier: MIT
"""Response headers: contract section 3."""

import pytest
from servers.wire import CLOSE, Reply, WireFactory, chunked, head, in_order, reply
from support.program import Program


def get(run_app: Program, wire: WireFactory, answer: Reply, expression: str) -> tuple:
    """GET this answer; returns the values of an expression with the Response r."""
    return run_app(f"r = http.get(URL)\nshow({expression})", URL=wire(answer).url).shown


def test_headers_is_a_dict_of_str(run_app: Program, wire: WireFactory) -> None:
    assert get(run_app, wire, reply(200, b"", "X-A: 1", "x-b:2"), "r.headers()") == (
        {"Content-Length": "0", "X-A": "1", "x-b": "2"},
    )


def test_repeated_headers_are_joined_under_the_first_spelling(run_app: Program, wire: WireFactory) -> None:
    answer = reply(200, b"", "X-Many: a", "Other: o", "x-many: b", "X-MANY: c")
    assert get(run_app, wire, answer, "r.headers()") == (
        {"Content-Length": "0", "X-Many": "a, b, c", "Other": "o"},
    )


def test_set_cookie_is_joined_with_newlines(run_app: Program, wire: WireFactory) -> None:
    answer = reply(200, b"", "Set-Cookie: a=1, x", "set-cookie: b=2")
    shown = get(run_app, wire, answer, "r.headers()['Set-Cookie'], r.header('set-cookie')")
    assert shown == ("a=1, x\nb=2",) * 2


def test_header_compares_names_without_case(run_app: Program, wire: WireFactory) -> None:
    answer = reply(200, b"", "X-Name: value", "x-NAME: more")
    expression = "r.header('x-name'), r.header('X-NAME'), r.header('x-none'), r.header('x-none', 'd')"
    assert get(run_app, wire, answer, expression) == ("value, more", "value, more", None, "d")


def test_header_list_keeps_order_and_repeats(run_app: Program, wire: WireFactory) -> None:
    answer = head(200, "X-B: 1", "X-A: 2", "x-b: 3", "Content-Length: 0")
    assert get(run_app, wire, answer, "r.header_list()") == (
        [("X-B", "1"), ("X-A", "2"), ("x-b", "3"), ("Content-Length", "0")],
    )


def test_values_that_are_utf8_read_as_utf8_and_others_as_latin1(run_app: Program, wire: WireFactory) -> None:
    utf8 = "X-Utf8: grüß €".encode().decode("latin-1")
    answer = reply(200, b"", utf8, "X-Latin: grüß", "X-Cut: a\xc3")
    expression = "r.header('x-utf8'), r.header('x-latin'), r.header('x-cut')"
    assert get(run_app, wire, answer, expression) == ("grüß €", "grüß", "aÃ")


def test_white_space_around_values_is_left_out(run_app: Program, wire: WireFactory) -> None:
    answer = reply(200, b"", "X-A: \t a b \t", "X-Empty:", "X-Blank:   ")
    assert get(run_app, wire, answer, "r.header('x-a'), r.header('x-empty'), r.header('x-blank')") == (
        "a b",
        "",
        "",
    )


def test_folded_header_is_one_value(run_app: Program, wire: WireFactory) -> None:
    answer = reply(200, b"", "X-Fold: one", "  two", "\tthree", "X-Next: n")
    fold, following = get(run_app, wire, answer, "r.header('x-fold'), r.header('x-next')")
    assert (fold.split(), following) == (["one", "two", "three"], "n")
    assert not {"\r", "\n"} & set(fold)


def test_informational_responses_are_passed_over(run_app: Program, wire: WireFactory) -> None:
    answer = [
        head(100),
        head(103, "Link: </style.css>", "X-Early: 1"),
        reply(200, b"final", "X-Final: 1"),
    ]
    assert get(run_app, wire, answer, "r.status_code(), bytes(r.body()), r.headers()") == (
        200,
        b"final",
        {"Content-Length": "5", "X-Final": "1"},
    )


def test_trailers_are_no_headers(run_app: Program, wire: WireFactory) -> None:
    answer = head(200, "Transfer-Encoding: chunked", "X-A: 1") + chunked(
        b"body", trailer="X-A: 2\r\nX-T: 3\r\n"
    )
    assert get(run_app, wire, answer, "bytes(r.body()), r.header('x-a'), r.header('x-t')") == (
        b"body",
        "1",
        None,
    )


def test_headers_survive_a_failed_body(run_app: Program, wire: WireFactory) -> None:
    answer = [head(200, "Content-Length: 10", "X-A: 1") + b"abc", CLOSE]
    assert get(run_app, wire, answer, "r.status_code(), r.header('x-a')") == (18, "1")


def test_headers_is_the_same_object_or_an_equal_one_at_each_call(run_app: Program, wire: WireFactory) -> None:
    expression = "r.headers() == r.headers(), r.header_list() == r.header_list()"
    assert get(run_app, wire, reply(200, b"", "A: b"), expression) == (True, True)


def test_failure_before_any_header_has_no_headers(run_app: Program, refused_url: str) -> None:
    run = run_app("r = http.get(URL); show(r.headers(), r.header_list(), r.header('a'))", URL=refused_url)
    assert run.shown == ({}, [], None)


@pytest.mark.parametrize("count", [90, 101, 5000])
def test_more_than_100_header_lines_end_with_56(run_app: Program, wire: WireFactory, count: int) -> None:
    lines = [f"X-{number}: v" for number in range(count)]
    (status,) = get(run_app, wire, reply(200, b"ok", *lines), "r.status_code()")
    assert status == (200 if count < 100 else 56)


@pytest.mark.parametrize(
    ("lines", "size", "status"),
    [
        (1, 30_000, (200,)),
        (10, 30_000, (200,)),
        (1, 33_000, (56,)),
        (10, 33_000, (56,)),
        (10, 1_000_000, (56,)),
        (1, 1_000_000, (27, 56)),  # libcurl has a limit of its own for one line
    ],
)
def test_more_than_32_kib_of_headers_end_with_56(
    run_app: Program, wire: WireFactory, lines: int, size: int, status: tuple[int, ...]
) -> None:
    headers = [f"X-{number}: " + "v" * (size // lines) for number in range(lines)]
    (got,) = get(run_app, wire, reply(200, b"ok", *headers), "r.status_code()")
    assert got in status


def test_endless_headers_end_with_56(run_app: Program, wire: WireFactory) -> None:
    endless = [head(200)[:-2], *[b"X-A: " + b"v" * 1000 + b"\r\n"] * 20000]
    server = wire(in_order(endless, reply()))
    run = run_app("show(http.get(URL).status_code(), http.get(URL).status_code())", URL=server.url)
    assert run.shown == (56, 200)


def test_header_names_do_not_fill_the_intern_table(run_app: Program, wire: WireFactory) -> None:
    number = iter(range(10_000))
    server = wire(
        lambda request: reply(200, b"", *[f"X-{next(number):04}-{'n' * 200}: v" for _ in range(50)])
    )
    run = run_app(
        """
        for _ in range(100):
            http.get(URL).headers()
        gc.collect()
        show(gc.mem_free() > 100000)
        """,
        heap="512K",
        URL=server.url,
    )
    assert run.shown == (True,)


def test_headers_are_in_the_order_of_the_response_and_the_apps_own(
    run_app: Program, wire: WireFactory
) -> None:
    names = [f"X-{letter}" for letter in "QWERTYUIOP"]
    answer = head(200, *[f"{name}: 1" for name in names], "x-q: 2", "Content-Length: 0")
    run = run_app(
        """
        for _ in range(2):
            headers = http.get(URL).headers()
            show(list(headers), headers["X-Q"], headers["X-P"])
            headers["New"] = "n"  # the next response is not changed by what the app does
            del headers["X-Q"]
            show(len(headers), "X-Q" in headers, headers["New"], dict(headers) == headers)
        """,
        URL=wire(answer).url,
    )
    expected = [([*names, "Content-Length"], "1, 2", "1"), (11, False, "n", True)]
    assert run.ok().lines == expected * 2


@pytest.mark.parametrize("text", ["Zürich", "Zürich".encode().decode("latin-1")], ids=["Latin-1", "UTF-8"])
def test_text_of_the_app_may_come_from_the_server_too(run_app: Program, wire: WireFactory, text: str) -> None:
    """MicroPython has one object for each short text of the app's code. Those in the cache are others."""
    run = run_app(
        """
        city = "Z\\xfcrich"
        for _ in range(3):
            show(http.get(URL).header("x-city") == city)
        """,
        URL=wire(reply(200, b"", f"X-City: {text}")).url,
    )
    assert run.ok().lines == [(True,)] * 3


def test_no_response_shows_what_another_said_at_the_same_place(run_app: Program, wire: WireFactory) -> None:
    """Strings are cached for the next response. Similar ones must not be mixed up."""
    utf8 = "ü".encode().decode("latin-1")
    answers = [
        head(200, "X-A: one", "X-B: two", "Content-Length: 0"),
        head(200, "X-A: two", "X-C: two", "Content-Length: 0"),
        head(200, "Content-Length: 0", "X-A: one"),
        head(200, "X-A: ü", f"X-U: {utf8}", "Content-Length: 0"),
        head(200, f"X-A: {utf8}", "X-U: ü", "Content-Length: 0"),
        head(200, "X-A:", "X-A: " + 70 * "a", "Content-Length: 0"),
        head(200, "X-A: " + 70 * "b", "X-A: " + 64 * "c", "Content-Length: 0"),
    ]
    run = run_app(
        f"""
        for _ in range({2 * len(answers)}):
            r = http.get(URL)
            show(r.headers(), r.header_list(), r.header("x-a"))
        """,
        URL=wire(in_order(*answers, *answers)).url,
    )
    expected: list[tuple] = [
        ({"X-A": "one", "X-B": "two"}, ["one", "two"], "one"),
        ({"X-A": "two", "X-C": "two"}, ["two", "two"], "two"),
        ({"X-A": "one"}, ["one"], "one"),
        ({"X-A": "ü", "X-U": "ü"}, ["ü", "ü"], "ü"),
        ({"X-A": "ü", "X-U": "ü"}, ["ü", "ü"], "ü"),
        ({"X-A": ", " + 70 * "a"}, ["", 70 * "a"], ", " + 70 * "a"),
        ({"X-A": 70 * "b" + ", " + 64 * "c"}, [70 * "b", 64 * "c"], 70 * "b" + ", " + 64 * "c"),
    ]
    lines = [
        (
            {name: value for name, value in headers.items() if name != "Content-Length"},
            [value for name, value in fields if name != "Content-Length"],
            header,
        )
        for headers, fields, header in run.ok().lines
    ]
    assert lines == expected * 2


_SPELLINGS = [
    ([("X-A", "1"), ("x-a", "2")], [("x-a", "2")]),
    ([("x-a", "2"), ("X-B", "b"), ("X-A", "1")], [("X-A", "1"), ("X-B", "b")]),
    ([("X-A", "1"), ("x-A", "2"), ("x-a", "3")], [("x-a", "3")]),
    ([("X-A", "1"), ("x-a", None)], []),
    ([("X-A", None), ("x-a", "2")], [("x-a", "2")]),
    ([("X-A", ""), ("x-a", "2")], [("x-a", "2")]),
    ([("X-A", "1"), ("x-a", "")], [("x-a", "")]),
    ([("X-A", "1"), ("Y-A", "2"), ("X-B", "3")], [("X-A", "1"), ("Y-A", "2"), ("X-B", "3")]),
    ([("ACCEPT", "a/b"), ("Accept", "c/d")], [("Accept", "c/d")]),
    ([("User-Agent", "me"), ("user-agent", None)], []),
]


@pytest.mark.parametrize(("given", "sent"), _SPELLINGS)
def test_two_spellings_of_one_name_are_one_field_of_the_later_value(
    run_app: Program, wire: WireFactory, given: list[tuple[str, str | None]], sent: list[tuple[str, str]]
) -> None:
    server = wire(reply())
    run = run_app(
        """
        from collections import OrderedDict
        headers = OrderedDict(GIVEN)
        show(http.get(URL, headers).status_code(), http.get_async(URL, None, headers).wait().status_code())
        show(list(headers.items()) == GIVEN)
        """,
        URL=server.url,
        GIVEN=given,
    )
    assert run.ok().lines == [(200, 200), (True,)]
    names = {name.lower() for name, _ in given}
    for request in server.requests:
        assert [(name, value) for name, value in request.headers if name.lower() in names] == sent


def test_many_names_of_one_length_cost_what_a_dict_costs(run_app: Program, refused_url: str) -> None:
    run = run_app(
        """
        def best(function):
            times = []
            for _ in range(3):
                gc.collect()
                start = time.ticks_us()
                function()
                times.append(time.ticks_diff(time.ticks_us(), start))
            return min(times)

        headers = {"X-Name-%04d" % i: "" for i in range(1600)}
        show(best(lambda: http.check(URL, headers)) / best(lambda: {name.lower(): 0 for name in headers}))
        """,
        URL=refused_url,
    )
    (ratio,) = run.shown
    assert ratio < 40, "about 1.4; 300 if each name is compared with all before it"
