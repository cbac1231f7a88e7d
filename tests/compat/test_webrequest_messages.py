# SPDX-License-Identifier: MIT
"""The names of modules/webrequest, Request and Response: each sentence of CEF Python's documents.

The documents are those of WebRequest, WebRequestClient, Request, Response and NetworkError. There is no
original to compare with: no wheel of CEF Python is for a Python of today.
"""

from collections.abc import Callable
from pathlib import Path

from servers.wire import WireFactory, reply
from support.program import Run

HERE = Path(__file__).parent
NAMES = dict(
    line.split()
    for line in (HERE / "names/webrequest.txt").read_text().splitlines()
    if not line.startswith("#")
)
RunWeb = Callable[..., Run]
SUCCESS = ("OnRequestComplete", "Success", 0)


def test_names_have_chromiums_numbers(run_web: RunWeb) -> None:
    app = """
        show({name: getattr(cefpython, name) for name in NAMES})
        import webrequest
        show(webrequest is cefpython, sorted(cefpython.WebRequest.Status.items()))
        show(sorted(cefpython.Request.Flags.items()))
        for name in ("ERR_", "ERR_NOTHING", "ERR_-2", "UR_FLAG_", "UR_FLAG_CACHE", "CreateBrowser"):
            show(hasattr(cefpython, name))
    """
    numbers, status, flags, *others = run_web(app, NAMES=list(NAMES)).ok().lines
    assert others == [(False,)] * 6
    assert numbers[0] == {name: int(number) for name, number in NAMES.items()}
    assert len([name for name in NAMES if name.startswith("ERR_")]) == 49
    names = ["Unknown", "Success", "Pending", "Canceled", "Failed"]
    assert status == (True, sorted((name, number) for number, name in enumerate(names)))
    words = {
        name: name.removeprefix("UR_FLAG_").replace("_", "") for name in NAMES if name.startswith("UR_FLAG")
    }
    assert {name.upper(): number for name, number in flags[0]} == {
        word: int(NAMES[name]) for name, word in words.items()
    }


def test_classes_cannot_be_instantiated_directly(run_web: RunWeb) -> None:
    app = """
        for kind in (cefpython.WebRequest, cefpython.Request):
            show(*fails(kind))
    """
    assert run_web(app).ok().lines == [
        ("TypeError", "use WebRequest.Create()"),
        ("TypeError", "use Request.CreateRequest()"),
    ]


def test_request_has_what_was_set(run_web: RunWeb) -> None:
    app = """
        r = cefpython.Request.CreateRequest()
        show(r.IsReadOnly(), r.GetUrl(), r.GetMethod(), r.GetPostData())
        show(r.GetHeaderMap(), r.GetHeaderMultimap())
        show(r.GetFlags(), r.GetFirstPartyForCookies())
        r.SetUrl("http://h/")
        r.SetMethod("PUT")
        r.SetFlags(cefpython.UR_FLAG_SKIP_CACHE | cefpython.UR_FLAG_NO_RETRY_ON_5XX)
        r.SetFirstPartyForCookies("http://first/")
        show(r.GetUrl(), r.GetMethod(), r.GetFlags(), r.GetFirstPartyForCookies())
    """
    assert run_web(app).ok().lines == [
        (False, "", "GET", {}),
        ({}, []),
        (0, ""),
        ("http://h/", "PUT", 33, "http://first/"),
    ]


def test_method_is_post_with_post_data_and_get_without(run_web: RunWeb) -> None:
    app = """
        r = cefpython.Request.CreateRequest()
        for data in ({b"a": b"b"}, {}, [b"--x"], []):
            r.SetPostData(data)
            show(r.GetMethod())
        r.SetMethod("DELETE")
        show(r.GetMethod())
    """
    assert run_web(app).ok().lines == [("POST",), ("GET",), ("POST",), ("GET",), ("DELETE",)]


def test_post_data_is_a_form_or_a_list_of_byte_strings(run_web: RunWeb) -> None:
    app = """
        r = cefpython.Request.CreateRequest()
        r.SetPostData({b"a": b"1", "b": "\\xe9"})
        form = r.GetPostData()
        show(form[b"a"], form[b"b"], len(form))
        elements = [b"--x\\r\\n", b"@path", b""]
        r.SetPostData(elements)
        elements.append(1)
        r.GetPostData().append(2)
        show(r.GetPostData())
        for wrong in ("text", [b"x"], ["--x"], {b"a": 1}, {1: b"a"}, None):
            show(fails(r.SetPostData, wrong)[0])
        show(r.GetPostData())
    """
    lines = run_web(app).ok().lines
    assert lines[:2] == [(b"1", "é".encode(), 2), ([b"--x\r\n", b"@path", b""],)]
    assert [line[0] for line in lines[2:-1]] == ["TypeError", "ValueError", *["TypeError"] * 4]
    assert lines[-1] == lines[1]


def test_header_maps_leave_out_the_referer_and_later_names_count(run_web: RunWeb) -> None:
    app = """
        r = cefpython.Request.CreateRequest()
        r.SetHeaderMap({"X-One": 1, "Referer": "http://secret/"})
        show(r.GetHeaderMap(), r.GetHeaderMultimap())
        r.SetHeaderMultimap([("A", "1"), ("referer", "x"), ("A", "2"), ("B", "3")])
        show(sorted(r.GetHeaderMap().items()), r.GetHeaderMultimap())
        r.GetHeaderMap()["C"] = r.GetHeaderMultimap().append(7)
        show(r.GetHeaderMultimap())
        for wrong in ({}, [["A", "1"]], [("A",)], "A: 1"):
            show(fails(r.SetHeaderMultimap, wrong)[0])
        show(fails(r.SetHeaderMap, [("A", "1")])[0])
    """
    pairs = [("A", "1"), ("A", "2"), ("B", "3")]
    assert run_web(app).ok().lines == [
        ({"X-One": "1"}, [("X-One", "1")]),
        ([("A", "2"), ("B", "3")], pairs),
        (pairs,),
        ("TypeError",),
        ("TypeError",),
        ("ValueError",),
        ("TypeError",),
        ("TypeError",),
    ]


def test_header_fields_are_sent_repeated_ones_too(run_web: RunWeb, wire: WireFactory) -> None:
    server = wire(reply(200))
    app = """
        r = make(URL)
        r.SetHeaderMultimap([("X-A", "1"), ("Referer", "no"), ("X-A", "2"), ("User-Agent", "own")])
        cefpython.WebRequest.Create(r, QUIET)
    """
    assert run_web(app, URL=server.url).ok().lines == [SUCCESS]
    sent = server.request.headers
    assert [value for name, value in sent if name == "X-A"] == ["1", "2"]
    assert server.request.header("Referer") is None
    assert server.request.header("User-Agent") == "own"
    assert server.request.header("Cache-Control") is None


def test_wrong_arguments_name_themselves(run_web: RunWeb) -> None:
    app = """
        r = cefpython.Request.CreateRequest()
        for call, value in (
            (r.SetUrl, 1), (r.SetMethod, None), (r.SetFlags, "1"), (r.SetFlags, 128), (r.SetFlags, -1),
            (r.SetFirstPartyForCookies, b""), (r.SetPostData, 1), (r.SetHeaderMap, None),
            (r.SetHeaderMultimap, 1),
        ):
            show(*fails(call, value))
    """
    lines = run_web(app).ok().lines
    words = ["url", "method", "flags", "flags", "flags", "url", "postData", "headerMap", "headerMultimap"]
    assert [kind for kind, _ in lines] == [*["TypeError"] * 3, "ValueError", "ValueError", *["TypeError"] * 4]
    assert [word for (_, text), word in zip(lines, words, strict=True) if word not in text] == []


def test_what_cef_python_does_not_have_either_is_not_implemented(run_web: RunWeb) -> None:
    app = """
        r = cefpython.Request.CreateRequest()
        show(fails(r.GetResourceType)[0], fails(r.GetTransitionType)[0], hasattr(cefpython, "MessageLoop"))
    """
    assert run_web(app).shown == ("NotImplementedError", "NotImplementedError", False)


def test_response_has_status_and_fields_and_is_read_only(run_web: RunWeb, wire: WireFactory) -> None:
    fields = ["Content-Type: Text/HTML ; charset=utf-8", "X-Two: a", "x-two: b", "X-Two: c"]
    app = """
        web = start(URL)
        idle.run()
        r = web.GetResponse()
        show(r.IsReadOnly(), r.GetStatus(), r.GetStatusText(), r.GetMimeType())
        show(r.GetHeader("X-TWO"), r.GetHeader("none"), r.GetHeaderMap()["X-Two"], r.GetHeaderMap()["x-two"])
        show(r.GetHeaderMultimap())
        show(fails(r.GetHeader, 1)[0])
        for call, value in (
            (r.SetStatus, 200), (r.SetStatusText, "x"), (r.SetMimeType, "x"), (r.SetHeaderMap, {}),
            (r.SetHeaderMultimap, []),
        ):
            show(*fails(call, value))
    """
    lines = run_web(app, URL=wire(reply(201, b"", *fields)).url).ok().lines
    assert lines[1][:2] == (True, 201)
    assert lines[1][3] == "text/html"
    assert lines[2] == ("a", "", "c", "b")
    assert [pair for pair in lines[3][0] if pair[0].lower() == "x-two"] == [
        ("X-Two", "a"),
        ("x-two", "b"),
        ("X-Two", "c"),
    ]
    assert lines[4:] == [("TypeError",), *[("RuntimeError", "it is read-only")] * 5]


def test_mime_type_without_the_field_is_empty(run_web: RunWeb, wire: WireFactory) -> None:
    app = """
        web = start(URL)
        idle.run()
        show(web.GetResponse().GetMimeType())
    """
    assert run_web(app, URL=wire(reply(200)).url).ok().lines == [SUCCESS, ("",)]
