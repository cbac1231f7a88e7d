# SPDX-License-Identifier: MIT
"""headers as a list of pairs: a name may be repeated."""

from collections.abc import Callable

import pytest
from servers.wire import WireFactory, in_order, redirect, reply
from support.program import Program


@pytest.mark.parametrize("kind", ["list", "tuple"])
@pytest.mark.parametrize("how", ["http.get(URL, PAIRS)", "http.get_async(URL, None, PAIRS).wait()"])
def test_repeated_name_is_sent_twice_in_order(
    run_app: Program, wire: WireFactory, how: str, kind: str
) -> None:
    server = wire(reply())
    pairs = [("X-Many", "1"), ("X-Other", "o"), ("x-many", "2"), ("X-Many", ""), ["X-MANY", "3"]]
    run = run_app(f"PAIRS = {kind}(PAIRS)\nshow({how}.status_code(), PAIRS)", URL=server.url, PAIRS=pairs)
    assert run.shown == (200, pairs if kind == "list" else tuple(pairs))
    sent = [pair for pair in server.request.headers if pair[0].lower().startswith("x-")]
    assert sent == [("X-Many", "1"), ("X-Other", "o"), ("x-many", "2"), ("X-Many", ""), ("X-MANY", "3")]


def test_none_leaves_out_a_default(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    pairs = [("User-Agent", None), ("Content-Length", None), ("Accept", None), ("X-A", "1")]
    run = run_app("show(http.get(URL, PAIRS).status_code())", URL=server.url, PAIRS=pairs)
    assert run.shown == (200,)
    assert [name for name, _ in server.request.headers] == ["Host", "X-A"]


def test_content_length_is_sent_once(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    pairs = [("Content-Length", "3"), ("content-length", "3")]
    run = run_app("show(http.post(URL, PAIRS, b'abc').status_code())", URL=server.url, PAIRS=pairs)
    assert run.shown == (200,)
    assert server.request.header("Content-Length") == "3"


def test_host_is_sent_once(run_app: Program, wire: WireFactory) -> None:
    """Two Host fields would be two requests to some servers."""
    server = wire(reply())
    run = run_app(
        "show(http.get(URL, [('Host', 'a'), ('Host', 'b')]).status_code())",
        URL=server.url,
    )
    assert run.shown == (200,)
    assert len(server.request.all("Host")) == 1


def test_repeated_fields_stay_with_their_origin(run_app: Program, wire: WireFactory) -> None:
    other = wire(reply())
    server = wire(in_order(redirect(302, f"{other.url}/")))
    run = run_app(
        "show(http.get(URL, PAIRS).status_code())",
        URL=server.url,
        PAIRS=[("X-Key", "1"), ("X-Key", "2"), ("Accept", "a"), ("Accept", "b")],
    )
    assert run.shown == (200,)
    assert server.request.all("X-Key") == ["1", "2"]
    assert other.request.all("X-Key") == []
    assert other.request.all("Accept") == ["a", "b"]


def test_wrong_values(wrong: Callable) -> None:
    kind = "headers must be a dict or a list of pairs"
    raised = wrong(
        [
            "http.get(URL, 1)",
            "http.get(URL, 'ab')",
            "http.get(URL, ['ab'])",
            "http.get(URL, [('X',)])",
            "http.get(URL, [('X', '1', '2')])",
            "http.get(URL, [(1, '1')])",
            "http.get(URL, [('X', 1)])",
            "http.get(URL, [('X', '1'), ('X', 'a\\nb')])",
            "http.get(URL, [('', '1')])",
            "http.post(URL, [('Content-Length', '3'), ('Content-Length', '4')], b'abc')",
            "http.post(URL, [('Content-Type', 'a/b')], files={'f': b''})",
        ]
    )
    assert raised == [
        *[("TypeError", kind)] * 5,
        ("TypeError", "headers: names must be str"),
        ("TypeError", "headers: value of X must be str or None"),
        ("ValueError", "headers: value of X contains CR, LF or NUL"),
        ("ValueError", "headers: a name is no HTTP token"),
        ("ValueError", "headers: Content-Length contradicts data"),
        ("ValueError", "headers: Content-Type is set by files, which needs its boundary"),
    ]
