# SPDX-License-Identifier: MIT
"""get() and its relatives have a fast way in C and a full one in Python. An app sees no difference."""

import pytest
from servers.wire import WireFactory, reply
from support.program import Program

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")

# Arguments that change nothing. A call with one of them takes the Python way.
_SAME = (
    *(", None", ", None, None", ", {}", ", headers=None", ", data=None", ", timeout=40", ", timeout=40.0"),
    *(", cacert=None", ", cert=None", ", verify=True", ", allow_redirects=True", ", max_redirects=10"),
    *(
        ", max_size=16 << 20",
        ", file=None",
        ", on_data=None",
        ", on_progress=None",
        ", params=None",
        ", json=None",
    ),
    *(", form=None", ", files=None", ", auth=None", ", proxy=None", ", compressed=False", ", cookies=None"),
    *(", proxy=''", ", params={}", ", on_progress=lambda received, total: None"),
)

_SHOW = """
def tell(call):
    try:
        r = call()
        url = r.url().replace(URL, "")
        show(r.status_code(), r.headers(), r.header_list(), bytes(r.body()), url, r.error(), r.ok(), repr(r))
    except Exception as e:
        show(type(e).__name__, str(e))

"""


@pytest.mark.parametrize("method", _METHODS)
@pytest.mark.parametrize("path", ["/", "/a%20b?c=d#e", "/moved", "/missing"])
def test_both_ways_send_the_same_bytes_and_give_the_same_response(
    run_app: Program, wire: WireFactory, method: str, path: str
) -> None:
    answers = {
        "/moved": reply(302, b"x", "Location: /next"),
        "/missing": reply(404, b"" if method == "head" else b"not here", "X-A: 1", "x-a: 2"),
    }
    server = wire(lambda request: answers.get(request.target, reply(200, b"", "Set-Cookie: a=b")))
    calls = [f"http.{method}(URL + PATH{args})" for args in ("", *_SAME)]
    calls += [
        f"http.{method}_async(URL + PATH{args}).wait()" for args in ("", *_SAME) if args[2:3] not in "N{"
    ]
    calls += [f"http.request('{method.upper()}', URL + PATH)", f"http.{method}(url=URL + PATH)"]
    code = _SHOW + "".join(f"tell(lambda: {call})\n" for call in calls)
    shown = run_app(code, URL=server.url, PATH=path).ok().lines
    assert len(shown) == len(calls)
    for call, got in zip(calls, shown, strict=True):
        assert got == shown[0], call
    sent = [request.raw for request in server.requests]
    hops = len(sent) // len(calls)
    assert hops == (2 if path == "/moved" else 1)
    for i, call in enumerate(calls):
        assert sent[i * hops : (i + 1) * hops] == sent[:hops], call


@pytest.mark.parametrize(
    "url",
    [
        *("1", "None", "b'http://127.0.0.1/'", "'http://127.0.0.1/\\r\\n'", "'http://127.0.0.1/\\0'", "[]"),
        *(
            "''",
            "'127.0.0.1'",
            "'ftp://127.0.0.1/'",
            "'http://'",
            "'http://127.0.0.1:99999/'",
            "'http://[::1/'",
            "URL",
        ),
    ],
)
def test_both_ways_say_the_same_about_a_wrong_url(run_app: Program, refused_url: str, url: str) -> None:
    calls = [
        f"http.{name}({url}{args})" for name in ("get", "delete") for args in ("", ", timeout=40", ", {}")
    ]
    calls += [
        f"http.{name}_async({url}{args}).wait()" for name in ("get", "put") for args in ("", ", timeout=40")
    ]
    code = _SHOW + "".join(f"tell(lambda: {call})\n" for call in calls)
    shown = run_app(
        code.replace("repr(r)", "repr(r)[:12]").replace("r.error()", "r.error()[:30]"), URL=refused_url
    )
    for call, got in zip(calls, shown.ok().lines, strict=True):
        assert got == shown.lines[0], call


@pytest.mark.parametrize(
    ("quick", "slow"),
    [
        ("http.get()", "http.get(timeout=1)"),
        ("http.get_async()", "http.get_async(timeout=1)"),
        ("http.get(URL, 1, 2, 3)", "http.get(URL, 1, 2, 3, timeout=1)"),
        ("http.get_async(URL, 1)", "http.get_async(URL, 1, timeout=1)"),
        ("http.get_async(URL, print, 1, 2, 3)", "http.get_async(URL, print, 1, 2, 3, timeout=1)"),
    ],
)
def test_both_ways_say_the_same_about_wrong_arguments(run_app: Program, quick: str, slow: str) -> None:
    code = _SHOW + f"tell(lambda: {quick})\ntell(lambda: {slow})\n"
    first, second = run_app(code, URL="http://127.0.0.1/").ok().lines
    assert first == second
    assert first[0] == "TypeError"


@pytest.mark.parametrize("way", ["http.get(URL, timeout=value)", "http.get(URL, timeout=value, verify=True)"])
def test_no_way_asks_an_object_for_the_timeout(run_app: Program, refused_url: str, way: str) -> None:
    code = "class O:\n    def __float__(self):\n        show('asked')\n        return 5.0\nvalue = O()\n"
    shown = run_app(code + _SHOW + f"tell(lambda: {way})\n", URL=refused_url).ok().lines
    assert shown == [("TypeError", "timeout must be int or float")]


def test_defaults_cannot_be_changed(run_app: Program) -> None:
    run = run_app(
        """
        defaults = __import__("http._options", None, None, ["DEFAULTS"]).DEFAULTS
        try:
            defaults[0] = 1
        except TypeError:
            show("TypeError", type(defaults).__name__)
        """
    )
    assert run.shown == ("TypeError", "tuple")


def test_functions_say_what_they_take(run_app: Program) -> None:
    run = run_app("show(repr(http.get), repr(http.patch_async))")
    assert run.shown == (
        "<function get(url, headers=None, data=None, **options)>",
        "<function patch_async(url, on_complete=None, headers=None, data=None, **options)>",
    )
