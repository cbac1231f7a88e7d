# SPDX-License-Identifier: MIT
"""WebRequest and its client in modules/webrequest: each sentence of CEF Python's documents.

The documents are those of WebRequest, WebRequestClient, Request, Response and NetworkError. There is no
original to compare with: no wheel of CEF Python is for a Python of today.
"""

import base64
from collections.abc import Callable

import pytest
from servers.site import Site
from servers.wire import Reply, Request, WireFactory, chunked, head, redirect, reply
from support.program import Run

RunWeb = Callable[..., Run]
SUCCESS = ("OnRequestComplete", "Success", 0)
CANCELED = ("OnRequestComplete", "Canceled", -3)


def failed(error: int) -> tuple[str, str, int]:
    return "OnRequestComplete", "Failed", error


def test_create_checks_the_request_and_the_methods_of_the_client(run_web: RunWeb) -> None:
    app = """
        Create = cefpython.WebRequest.Create
        for wrong in (None, "http://h/", cefpython.Request):
            show(fails(Create, wrong, QUIET)[0])
        for name in ("OnUploadProgress", "OnDownloadProgress", "OnDownloadData", "OnRequestComplete"):
            class Lacking(Client):
                pass
            setattr(Lacking, name, None)
            kind, text = fails(Create, make("http://h/"), Lacking())
            show(kind, name in text)
        show(fails(Create, make("http://h/"), None)[0])
        request = make("http://h/", "PATCH")
        show(fails(Create, request, QUIET)[0], request.IsReadOnly())
        show(http.stats()["submitted"])
    """
    lines = run_web(app).ok().lines
    assert lines == [
        *[("TypeError",)] * 3,
        *[("TypeError", True)] * 4,
        ("TypeError",),
        ("NotImplementedError", False),
        (0,),
    ]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE", "PUT", "delete"])
def test_methods_are_sent(run_web: RunWeb, wire: WireFactory, method: str) -> None:
    server = wire(reply(200, b"ok"))
    run = run_web("start(URL, METHOD)", URL=server.url, METHOD=method)
    assert run.ok().lines == [SUCCESS]
    assert server.request.method == method.upper()


def test_request_is_read_only_after_create(run_web: RunWeb, sites: dict[str, Site]) -> None:
    app = """
        request = make(SITE + "/")
        web = cefpython.WebRequest.Create(request, QUIET)
        show(request.IsReadOnly(), web.GetRequest() is request, request.GetUrl() == SITE + "/")
        for call, value in (
            (request.SetUrl, "x"), (request.SetMethod, "GET"), (request.SetPostData, {}),
            (request.SetFlags, 0), (request.SetHeaderMap, {}), (request.SetHeaderMultimap, []),
            (request.SetFirstPartyForCookies, "x"),
        ):
            show(*fails(call, value))
        idle.run()
        cefpython.WebRequest.Create(request, QUIET)
    """
    lines = run_web(app, SITE=sites["plain"].url).ok().lines
    assert lines == [(True, True, True), *[("RuntimeError", "it is read-only")] * 7, SUCCESS, SUCCESS]


def test_status_error_and_response_while_it_runs_and_afterwards(
    run_web: RunWeb, sites: dict[str, Site]
) -> None:
    app = """
        web = start(SITE + "/status/404?reason=Nothing")
        show(STATUS[web.GetRequestStatus()], web.GetRequestError(), web.GetResponse())
        idle.run()
        r = web.GetResponse()
        show(STATUS[web.GetRequestStatus()], web.GetRequestError(), r.GetStatus(), r.GetStatusText())
    """
    assert run_web(app, SITE=sites["plain"].url).ok().lines == [
        ("Pending", 0, None),
        SUCCESS,
        ("Success", 0, 404, "Nothing"),
    ]


def test_response_is_there_only_after_the_upload(run_web: RunWeb, sites: dict[str, Site]) -> None:
    app = """
        class Looking(Client):
            def OnUploadProgress(self, *, web_request, current, total):
                if current < total:
                    show(web_request.GetResponse())

            def OnDownloadData(self, *, web_request, data):
                show(web_request.GetResponse().GetStatus())

        start(SITE + "/upload", "POST", {"a": "x" * 3000000}, None, "ReportUploadProgress", client=Looking())
    """
    lines = run_web(app, SITE=sites["plain"].url).ok().lines
    assert lines[-1] == SUCCESS
    assert (200,) in lines
    assert {line for line in lines if line[0] is None or isinstance(line[0], int)} <= {(None,), (200,)}


def test_strong_reference_is_not_needed(run_web: RunWeb, sites: dict[str, Site]) -> None:
    app = """
        start(SITE + "/slow/0.05", client=Client("OnDownloadProgress"))
        gc.collect()
    """
    assert run_web(app, SITE=sites["plain"].url).ok().lines == [("OnDownloadData", b"slow"), SUCCESS]


def test_download_is_told_and_given_piece_by_piece(run_web: RunWeb, sites: dict[str, Site]) -> None:
    app = """
        client = Client("OnDownloadData")
        start(SITE + "/bytes/300000", client=client)
        idle.run()
        begin = bytes(i % 256 for i in range(1000))
        show(len(client.data), client.data[:1000] == begin, type(client.data).__name__)
    """
    *progress, end, whole = run_web(app, SITE=sites["plain"].url).ok().lines
    assert (end, whole) == (SUCCESS, (300000, True, "bytes"))
    assert len(progress) > 1
    assert {total for _, _, total in progress} == {300000}
    assert [current for _, current, _ in progress] == sorted({current for _, current, _ in progress})
    assert progress[-1][1] == 300000


def test_total_is_minus_one_when_it_is_not_determined(run_web: RunWeb, wire: WireFactory) -> None:
    server = wire([head(200, "Transfer-Encoding: chunked"), chunked(b"whole")])
    run = run_web("start(URL, client=Client())", URL=server.url)
    assert run.ok().lines == [("OnDownloadProgress", 5, -1), ("OnDownloadData", b"whole"), SUCCESS]


def test_compressed_body_is_decoded(run_web: RunWeb, sites: dict[str, Site]) -> None:
    app = """
        client = Client("OnDownloadData")
        start(SITE + "/gzip", client=client)
        idle.run()
        show(client.data == b"compressed text " * 20)
    """
    lines = run_web(app, SITE=sites["plain"].url).ok().lines
    assert {total for name, _, total in lines[:-2] if name == "OnDownloadProgress"} == {-1}
    assert lines[-2:] == [SUCCESS, (True,)]


def test_no_download_data_leaves_out_the_data_only(run_web: RunWeb, sites: dict[str, Site]) -> None:
    run = run_web(
        'start(SITE + "/", None, None, None, "NoDownloadData", client=Client())', SITE=sites["plain"].url
    )
    assert run.ok().lines == [("OnDownloadProgress", 7, 7), SUCCESS]


@pytest.mark.parametrize("flags", [(), ("ReportUploadProgress",)], ids=["without", "with"])
def test_upload_progress_comes_with_its_flag_and_a_body(
    run_web: RunWeb, sites: dict[str, Site], flags: tuple[str, ...]
) -> None:
    app = """
        data = [b"--edge\\r\\n" + b"x" * 1999992]
        client = Client("OnDownloadProgress")
        start(SITE + "/upload", "POST", data, None, *FLAGS, client=client)
        idle.run()
        start(SITE + "/", None, None, None, *FLAGS)
    """
    lines = run_web(app, SITE=sites["plain"].url, FLAGS=flags).ok().lines
    progress = [line for line in lines if line[0] == "OnUploadProgress"]
    assert bool(progress) == bool(flags)
    assert {total for _, _, total in progress} <= {2000000}
    assert progress[-1:] == [("OnUploadProgress", 2000000, 2000000)] * len(flags)
    assert lines[-1] == SUCCESS
    assert b'"size": 2000000' in next(line[1] for line in lines if line[0] == "OnDownloadData")


def test_upload_progress_is_told_once(run_web: RunWeb, sites: dict[str, Site]) -> None:
    """`http` tells the last number a second time at the end, after the data."""
    app = """
        client = Client("OnDownloadProgress")
        start(SITE + "/slow/0.1", "POST", {"a": "b"}, None, "ReportUploadProgress", client=client)
    """
    run = run_web(app, SITE=sites["plain"].url).ok()
    assert run.lines == [("OnUploadProgress", 3, 3), ("OnDownloadData", b"slow"), SUCCESS]


def test_methods_of_the_client_run_when_python_is_idle(run_web: RunWeb, sites: dict[str, Site]) -> None:
    app = """
        web = start(SITE + "/")
        compute(0.2)
        show("busy", STATUS[web.GetRequestStatus()])
    """
    assert run_web(app, SITE=sites["plain"].url).ok().lines == [("busy", "Pending"), SUCCESS]


# Flags


def test_skip_cache_is_the_header_field(run_web: RunWeb, wire: WireFactory) -> None:
    server = wire(reply(200))
    app = """
        start(URL, None, None, None, "SkipCache")
        idle.run()
        start(URL, None, None, {"cache-control": "max-age=0"}, "SkipCache")
    """
    assert run_web(app, URL=server.url).ok().lines == [SUCCESS] * 2
    assert [request.header("Cache-Control") for request in server.requests] == ["no-cache", "max-age=0"]


def test_only_from_cache_fails_without_a_request(run_web: RunWeb, wire: WireFactory) -> None:
    server = wire(reply(200))
    app = """
        start(URL, None, None, None, "OnlyFromCache")
        start(URL, None, None, None, "OnlyFromCache", "SkipCache")
        web = start(URL, None, None, {"Cache-Control": "only-if-cached"})
        show("before", http.stats()["in_flight"])
        idle.run()
        show(web.GetResponse(), web.GetRequest().IsReadOnly())
    """
    assert run_web(app, URL=server.url).ok().lines == [("before", 0), *[failed(-400)] * 3, (None, True)]
    assert server.requests == []


def test_stored_credentials_are_sent_and_saved_with_their_flag_only(
    run_web: RunWeb, wire: WireFactory
) -> None:
    server = wire(reply(200, b"", "Set-Cookie: a=1; Path=/"))
    app = """
        flag = "AllowStoredCredentials"
        for path, flags in (("/1", ()), ("/2", (flag,)), ("/3", (flag,)), ("/4", ())):
            start(URL.replace("//", "//user:p%40ss@") + path + "?//x@y", None, None, None, *flags)
            idle.run()
    """
    assert run_web(app, URL=server.url).ok().lines == [SUCCESS] * 4
    account = "Basic " + base64.b64encode(b"user:p@ss").decode()
    assert [
        (request.target, request.header("Cookie"), request.header("Authorization"))
        for request in server.requests
    ] == [
        ("/1?//x@y", None, None),
        ("/2?//x@y", None, account),
        ("/3?//x@y", "a=1", account),
        ("/4?//x@y", None, None),
    ]


def test_no_request_is_retried_on_5xx(run_web: RunWeb, wire: WireFactory) -> None:
    server = wire(reply(503, b"later", "Retry-After: 0"))
    app = """
        for flags in ((), ("NoRetryOn5xx",)):
            web = start(URL, None, None, None, *flags)
            idle.run()
            show(web.GetResponse().GetStatus())
    """
    assert run_web(app, URL=server.url).ok().lines == [SUCCESS, (503,)] * 2
    assert len(server.requests) == 2


def test_redirects_are_followed_unless_the_flag_stops_there(run_web: RunWeb, wire: WireFactory) -> None:
    def answer(request: Request) -> Reply:
        if request.target == "/":
            return redirect(302, "/end")
        # Neither of these is a redirect: nothing is unchanged there, and one without Location.
        return reply({"/unchanged": 304, "/nowhere": 302}.get(request.target, 200), b"end")

    server = wire(answer)
    app = """
        web = start(URL + "/", client=Client("OnDownloadProgress"))
        idle.run()
        show(web.GetResponse().GetStatus())
        web = start(URL + "/", None, None, None, "StopOnRedirect", client=Client())
        idle.run()
        show(web.GetResponse().GetStatus(), web.GetResponse().GetHeader("location"))
        for path in ("/end", "/unchanged", "/nowhere"):
            start(URL + path, None, None, None, "StopOnRedirect")
            idle.run()
    """
    assert run_web(app, URL=server.url).ok().lines == [
        ("OnDownloadData", b"end"),
        SUCCESS,
        (200,),
        CANCELED,
        (302, "/end"),
        *[SUCCESS] * 3,
    ]
    assert [request.target for request in server.requests[:4]] == ["/", "/end", "/", "/end"]


# Post data


def test_form_is_sent_as_such(run_web: RunWeb, wire: WireFactory) -> None:
    server = wire(reply(200))
    app = """
        start(URL, None, {b"a b": b"\\xff&"}, None)
        idle.run()
        start(URL, None, {"a": "b"}, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    """
    assert run_web(app, URL=server.url).ok().lines == [SUCCESS] * 2
    first, second = server.requests
    assert (first.method, first.body) == ("POST", b"a+b=%FF%26")
    form = "application/x-www-form-urlencoded"
    types = [[v for n, v in request.headers if n.lower() == "content-type"] for request in (first, second)]
    assert types == [[form], [form + "; charset=utf-8"]]


def test_multipart_is_sent_as_it_is(run_web: RunWeb, wire: WireFactory) -> None:
    body = b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--edge--\r\n'
    server = wire(reply(200))
    app = """
        start(URL, None, [b"", BODY])
        idle.run()
        start(URL, None, [BODY], {"content-type": "x/y"})
    """
    assert run_web(app, URL=server.url, BODY=body).ok().lines == [SUCCESS] * 2
    first, second = server.requests
    assert (first.body, first.header("Content-Type")) == (body, "multipart/form-data; boundary=edge")
    assert (second.body, second.header("Content-Type")) == (body, "x/y")


def test_file_is_sent_and_closed_and_one_that_is_not_there_fails(run_web: RunWeb, wire: WireFactory) -> None:
    server = wire(reply(200))
    app = """
        import os

        with open("content", "wb") as file:
            file.write(b"of a file")
        web = start(URL, None, [b"@content"])
        idle.run()
        show(fails(web._file.read)[0])
        start(URL, None, [b"@nowhere"])
        idle.run()
    """
    assert run_web(app, URL=server.url).ok().lines == [SUCCESS, ("ValueError",), failed(-6)]
    assert [request.body for request in server.requests] == [b"of a file"]


def test_several_elements_are_not_implemented(run_web: RunWeb) -> None:
    app = """
        request = make("http://h/", None, [b"--a", b"@b"])
        kind, _ = fails(cefpython.WebRequest.Create, request, QUIET)
        show(kind, request.IsReadOnly(), http.stats()["submitted"])
    """
    assert run_web(app).shown == ("NotImplementedError", False, 0)


@pytest.mark.parametrize("element", [b"@\xff", b"--\xff\r\n"], ids=["path", "boundary"])
def test_post_data_that_must_be_text_and_is_not_is_a_valueerror(run_web: RunWeb, element: bytes) -> None:
    app = """
        request = make("http://h/", None, [ELEMENT])
        show(*fails(cefpython.WebRequest.Create, request, QUIET))
        show(request.IsReadOnly(), http.stats()["submitted"])
    """
    run = run_web(app, ELEMENT=element).ok()
    assert run.lines == [("ValueError", "postData: no UTF-8"), (False, 0)]
