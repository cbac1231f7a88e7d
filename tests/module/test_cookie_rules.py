# SPDX-License-Identifier: MIT
"""Cookies by RFC 6265 where libcurl differs from it, and the app's own cookies together with a jar."""

import pytest
from servers.wire import WireFactory, redirect, reply
from support.cookie_app import app, cookie, echo
from support.program import Program


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        *(("", "/"), ("x", "/"), ('"/"', "/"), ('"', "/"), ('""/a', "/")),
        *(('"/a"', "/a"), ('"/a/', "/a/"), ("/a", "/a"), ("/a/", "/a/")),
    ],
)
@pytest.mark.parametrize("http_only", ["", "; HttpOnly"])
def test_cookie_with_any_path_is_listed_and_saved(
    run_app: Program, wire: WireFactory, path: str, listed: str, http_only: str
) -> None:
    run = run_app(
        app("""
        http.get(URL, {"X-Set": SET}, cookies=jar)
        show([cookie["path"] for cookie in jar.list()])
        other = http.Cookies()
        other.load(jar.save())
        show(other.list() == jar.list(), sent(URL + "/a/b", other), sent(URL + "/a/b"))
        """),
        URL=wire(echo).url,
        SET=f"a=1; Path={path}{http_only}",
    )
    assert run.ok().lines == [([listed],), (True, "a=1", "a=1")]


def test_date_before_1970_deletes_this_cookie_only(run_app: Program, wire: WireFactory) -> None:
    """A cookie of the same name and value of another host or path stays."""
    run = run_app(
        app("""
        jar.load(LINES)
        sent(URL, headers={"X-Set": "a=1; Expires=Fri, 31 Dec 1909 23:59:59 GMT; Path=/"})
        show(sorted((cookie["domain"], cookie["value"]) for cookie in jar.list()))
        """),
        URL=wire(echo).url,
        LINES="\n".join([cookie("a=1", host="dock.example"), cookie("a=1", host="7.0.0.1"), cookie("a=0")]),
    )
    assert run.shown == ([("7.0.0.1", "1"), ("dock.example", "1")],)


# The app's own Cookie header, and what is sent with a jar of a=jar, b=jar and long (/p).
_OWN_COOKIES = [
    ("z=9", "long=jar; a=jar; b=jar; z=9"),
    ("a=own", "long=jar; b=jar; a=own"),
    ("a=own; z=9", "long=jar; b=jar; a=own; z=9"),
    ("z=9;a=own", "long=jar; b=jar; z=9;a=own"),
    ("b=1; a=2; long=3", "b=1; a=2; long=3"),
    ("A=own", "long=jar; a=jar; b=jar; A=own"),
    ("z=a=own", "long=jar; a=jar; b=jar; z=a=own"),
    ("a", "long=jar; a=jar; b=jar; a"),
]


@pytest.mark.parametrize(("own", "expected"), _OWN_COOKIES)
def test_own_cookies_and_those_of_the_jar_are_one_field(
    run_app: Program, wire: WireFactory, own: str, expected: str
) -> None:
    server = wire(
        lambda request: (
            redirect(302, "/p/2", "Set-Cookie: c=new; Path=/", "Set-Cookie: a=new; Path=/")
            if request.target == "/p/1"
            else reply(200, b"", "Set-Cookie: b=; Max-Age=0; Path=/")
        )
    )
    run = run_app(
        app("""
        jar.load(LINES)
        show(http.get(URL + "/p/1", {"cookie": OWN}, cookies=jar).status_code())
        show([(cookie["name"], cookie["value"]) for cookie in sorted(jar.list(), key=lambda c: c["name"])])
        """),
        URL=server.url,
        OWN=own,
        LINES="\n".join([cookie("a=jar"), cookie("b=jar"), cookie("long=jar", path="/p")]),
    )
    # Received cookies go into the jar, also with the app's own names. A received deletion works too.
    assert run.ok().lines == [(200,), ([("a", "new"), ("c", "new"), ("long", "jar")],)]
    first, second = (request.header("Cookie") for request in server.requests)
    assert first is not None
    assert second is not None
    assert sorted(first.partition(own)[0].split("; ")) == sorted(expected.partition(own)[0].split("; "))
    assert first.endswith(own)
    again = [pair for pair in second.removesuffix(own).split("; ") if pair]
    names = {pair.partition("=")[0] for pair in own.replace(";", "; ").split() if "=" in pair}
    jar = {"long": "long=jar", "a": "a=new", "b": "b=jar", "c": "c=new"}
    assert sorted(again) == sorted(pair for name, pair in jar.items() if name not in names)
    assert second.endswith(own)


def test_own_cookies_stay_with_their_origin(run_app: Program, wire: WireFactory) -> None:
    other = wire(echo)
    server = wire(redirect(302, other.url, "Set-Cookie: b=2"))
    run = run_app(
        app("""
        jar.load(LINE)
        show(sent(URL, headers={"Cookie": "a=own; z=9"}))
        """),
        URL=server.url,
        LINE=cookie("a=jar"),
    )
    # Cookies do not depend on the port: the jar's cookies go to the other origin of this host too.
    assert run.shown == ("a=jar; b=2",)
    assert server.request.header("Cookie") == "a=own; z=9"


def test_own_cookies_are_sent_with_the_answer_to_a_challenge(run_app: Program, wire: WireFactory) -> None:
    challenge = 'WWW-Authenticate: Digest realm="r", nonce="n"'
    server = wire(
        lambda request: (
            echo(request)
            if request.header("Authorization")
            else reply(401, b"", challenge, "Set-Cookie: a=new", "Set-Cookie: b=2")
        )
    )
    run = run_app(
        app("""
        jar.load(LINE)
        show(sent(URL, headers={"Cookie": "a=own"}, auth=("digest", "user", "secret")), names())
        """),
        URL=server.url,
        LINE=cookie("a=jar"),
    )
    assert run.shown == ("a=own; b=2", ["a", "b"])
    assert [request.header("Cookie") for request in server.requests] == ["a=own", "b=2; a=own"]


def test_own_cookies_without_a_jar_are_as_they_are(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run_app("http.get(URL, {'Cookie': 'z=9;a=1'}); http.get(URL, {'Cookie': ''})", URL=server.url).ok()
    assert [request.header("Cookie") for request in server.requests] == ["z=9;a=1", ""]


def test_cookie_field_of_none_leaves_the_jar_s_cookies_out_and_an_empty_one_does_not(
    run_app: Program, wire: WireFactory
) -> None:
    server = wire(reply(200, b"", "Set-Cookie: b=2"))
    run = run_app(
        app("""
        jar.load(LINE)
        for value in None, "", " ":
            http.get(URL, {"Cookie": value}, cookies=jar)
        show(names())
        """),
        URL=server.url,
        LINE=cookie("a=1"),
    )
    assert run.shown == (["a", "b"],)
    first, *others = (request.header("Cookie") for request in server.requests)
    assert first is None
    assert [sorted((value or "").split("; ")) for value in others] == [["a=1", "b=2"]] * 2
