# SPDX-License-Identifier: MIT
"""Misuse of the C half's types and functions raises an exception and never crashes."""

import pytest
from servers.wire import WireFactory, reply
from support.program import Program

_METHODS = ["status_code", "headers", "header_list", "body", "__del__", "url", "error", "timings"]
_IN_PYTHON = 3  # the last ones, which _http.Result does not have
_FOREIGN = [
    "1",
    "None",
    "'text'",
    "[]",
    "object()",
    "http.get",
    "http",
    "http.Cookies()",
    "http.Response",
    "int",
]

_CODE = """
import _http


class Derived(http.Response):
    pass


class Unmade(http.Response):
    def __init__(self):
        seen.append(self)
        for name in METHODS:
            attempt(lambda: getattr(http.Response, name)(self))


def attempt(call):
    try:
        call()
        show("nothing")
    except Exception as e:
        show(type(e).__name__)

"""


@pytest.mark.parametrize("name", ["http.Response", "Derived", "_http.Result"])
def test_method_called_through_the_class_with_a_foreign_self_is_a_typeerror(
    run_app: Program, name: str
) -> None:
    methods = _METHODS[:-_IN_PYTHON] if name == "_http.Result" else _METHODS
    calls = "".join(
        f"attempt(lambda: {name}.{method}({foreign}))\n" for method in methods for foreign in _FOREIGN
    )
    run = run_app(_CODE + calls, METHODS=[])
    assert run.ok().lines == [("TypeError",)] * len(methods) * len(_FOREIGN)


def test_method_called_through_the_class_is_the_response_s_own(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: reply(int(request.target[1:]), b"body"))
    run = run_app(
        """
        responses = [http.get(URL + "/%d" % status) for status in (200, 404, 500)]
        show(list(map(http.Response.status_code, responses)))
        show([bytes(body) for body in map(http.Response.body, responses)])
        show(sorted(responses, key=http.Response.status_code, reverse=True) == responses[::-1])
        show([http.Response.url(r) == r.url() for r in responses])
        show([http.Response.ok(r) for r in responses])
        """,
        URL=server.url,
    )
    assert run.ok().lines == [
        ([200, 404, 500],),
        ([b"body"] * 3,),
        (True,),
        ([True] * 3,),
        ([True, False, False],),
    ]


def test_response_that_is_not_made_yet_has_no_methods(run_app: Program) -> None:
    code = """
seen = []
Unmade()
half = object.__new__(http.Response)
for name in METHODS:
    attempt(lambda: getattr(http.Response, name)(half))
    attempt(lambda: getattr(half, name)())
attempt(lambda: repr(half))
show(hash(half) == hash(half), half == half, half == 1)
"""
    run = run_app(_CODE + code, METHODS=_METHODS)
    *errors, last = run.ok().lines
    assert errors[: len(_METHODS)] == [("TypeError",)] * len(_METHODS)
    assert {error for (error,) in errors[len(_METHODS) :]} == {"TypeError", "AttributeError"}
    assert last == (True, True, False)


def test_response_that_was_finalised_by_hand_is_empty(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        r = http.get(URL)
        r.__del__()
        r.__del__()
        show(r.status_code(), r.headers(), r.header_list(), bytes(r.body()), r.url(), r.error(), repr(r))
        """,
        URL=wire(reply(200, b"body")).url,
    )
    assert run.shown == (0, {}, [], b"", "", "", "<Response 0>")


def test_jar_s_methods_take_a_jar(run_app: Program) -> None:
    code = """
class J(_http.Jar):
    pass

for cls in (_http.Jar, J):
    attempt(lambda: cls.save(1))
    attempt(lambda: cls.load(None, "ALL"))
    attempt(lambda: cls.save(J()))
jar = _http.Jar()
jar.__del__()
jar.__del__()
attempt(jar.save)
attempt(lambda: jar.load("ALL"))
"""
    assert set(run_app(_CODE + code, METHODS=[]).ok().lines) == {("TypeError",)}


def test_bases_are_set_only_of_a_class_that_an_app_derives(run_app: Program) -> None:
    code = """
class Derived(http.Response):
    pass

for cls, bases in (1, ()), (int, (int,)), (http.Response, 1), (Derived, [http.Response]), (print, ()):
    attempt(lambda: _http.bases(cls, bases))
show(issubclass(Derived, http.Response))
"""
    assert run_app(_CODE + code, METHODS=[]).ok().lines == [("TypeError",)] * 5 + [(True,)]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_functions_of_the_c_half_survive_any_arguments(run_app: Program, refused_url: str, kind: str) -> None:
    """perform() and start() with one wrong argument, at each position in turn."""
    run = run_app(
        """
        import _http
        from http._request import _live
        settings = list(__import__("http._options", None, None, ["DEFAULTS"]).DEFAULTS)
        wrong = (None, True, 1, -1, 1 << 70, 1.5, "", "a\\0b", "x", b"x", [], (), {}, [None], [1], ["x"],
                 ("a", "b"), [(1,)], [("n", None, None, None, None)], [(None,) * 5], print, http,
                 object(), lambda: 0, int)
        right = ["GET", URL, None, [], settings]
        ends = set()

        def attempt(args):
            try:
                if ASYNC:
                    _http.start(None, *args).cancel()
                else:
                    _http.perform(*args)
                ends.add("taken")
            except (TypeError, ValueError, OverflowError) as e:
                ends.add(type(e).__name__)

        for i in range(len(right)):
            for value in wrong:
                attempt(right[:i] + [value] + right[i + 1:])
        for i in range(len(settings)):
            for value in wrong:
                attempt(right[:4] + [settings[:i] + [value] + settings[i + 1:]])
        http.cancel_all()
        show("taken" in ends, "TypeError" in ends, http.stats()["free"], len(_live))
        """,
        URL=refused_url,
        ASYNC=kind == "async",
    )
    assert run.shown == (True, True, 16, 0)


def test_other_functions_of_the_c_half_survive_any_arguments(run_app: Program) -> None:
    run = run_app(
        """
        import _http
        wrong = None, True, 0, -1, 1 << 70, 1.5, "", b"x", [], {}, object(), print, int, http.Response
        for name in ("next", "take", "kind", "cancel", "json", "dumps", "text"):
            for value in wrong:
                try:
                    getattr(_http, name)(value)
                except (TypeError, ValueError, OverflowError):
                    pass
        for a in wrong:
            for b in wrong:
                try:
                    _http.wait(a, b if b is not None else 0)
                except (TypeError, OverflowError):
                    pass
                for args in ((a, http.Response, b), (http.Request, a, b), (a, b, ())):
                    try:
                        _http.register(*args)
                    except TypeError:
                        pass
                try:
                    f = _http.Function(a, b, a, b)
                    repr(f), f.__name__
                    f("http://127.0.0.1:1/")
                except (TypeError, ValueError):
                    pass
        show("alive")
        """
    )
    assert run.shown == ("alive",)


def test_request_whose_attributes_were_deleted_is_handed_over_all_the_same(
    run_app: Program, wire: WireFactory
) -> None:
    run = run_app(
        """
        import idle
        import http._request
        for name in ("_response", "_callback", "_id", "_canceled"):
            request = http.get_async(URL, lambda r: show(name, r.status_code()))
            try:
                delattr(request, name)
            except AttributeError:
                pass
            idle.run()
        http.get_async(URL)
        for key in list(http._request._live):
            http._request._live[key] = 5
        idle.run()
        show(http.stats()["free"])
        """,
        URL=wire(reply()).url,
    )
    assert run.ok().lines == [("_response", 200), ("_id", 200), ("_canceled", 200), (16,)]


def test_object_derived_from_a_native_stream_is_no_open_file(run_app: Program, refused_url: str) -> None:
    run = run_app(
        """
        import socket


        class Derived(socket.socket):
            pass


        try:
            http.post(URL, data=Derived())
        except TypeError as e:
            show(str(e))
        show(http.stats()["free"])
        """,
        URL=refused_url,
    )
    assert run.ok().lines == [("data must be str, bytes-like, an open file or an iterator",), (16,)]
