# SPDX-License-Identifier: MIT
"""The packages urlrequest and webrequest in the booted machine: results, progress, errors, cancel."""

from servers.wire import CLOSE, HOLD, Reply, Request, WireFactory, head, redirect, reply
from support.emulated_machine import OnMachine


def _answer(request: Request) -> Reply:
    if request.target == "/json":
        return reply(200, b'{"room": 12}', "Content-Type: application/json")
    if request.target == "/moved":
        return redirect(302, "/json")
    if request.target == "/short":
        return [head(200, "Content-Length: 9") + b"short", CLOSE]
    if request.target == "/held":
        return [HOLD]
    return reply(200, b"0123456789")


def test_urlrequest_runs(run_app: OnMachine, wire: WireFactory) -> None:
    server = wire(_answer)
    run = run_app(
        """
        import idle
        from kivy.network.urlrequest import UrlRequest

        def told(name):
            return lambda request, *values: show(name, *values)

        ALL = {"on_" + name: told(name) for name in "success redirect cancel finish".split()}
        UrlRequest(URL + "/json", req_body="order", **ALL).wait()
        UrlRequest(URL + "/moved", **ALL).wait()
        UrlRequest(URL + "/", on_progress=told("progress"), chunk_size=6, **ALL).wait()
        UrlRequest(URL + "/short", on_error=lambda request, error: show("error", error.args[0])).wait()
        UrlRequest(URL + "/held", **ALL).cancel()
        idle.run()
        show(http.stats()["in_flight"])
        """,
        URL=server.url,
    )
    assert run.ok().lines == [
        ("success", {"room": 12}),
        ("finish",),
        ("redirect", "this is only the redirect"),
        ("finish",),
        *[("progress", size, 10) for size in (0, 6, 10, 10)],
        ("success", b"0123456789"),
        ("finish",),
        ("error", 18),
        ("cancel",),
        ("finish",),
        (0,),
    ]
    assert server.requests[0].body == b"order"


def test_webrequest_runs(run_app: OnMachine, wire: WireFactory) -> None:
    server = wire(_answer)
    run = run_app(
        """
        import idle
        from cefpython3 import cefpython

        class Client:
            def OnUploadProgress(self, web_request, current, total):
                show("up", current, total)

            def OnDownloadProgress(self, web_request, current, total):
                show("down", current, total)

            def OnDownloadData(self, web_request, data):
                show(data)

            def OnRequestComplete(self, web_request):
                show(web_request.GetRequestStatus(), web_request.GetRequestError())

        def start(path, data=None):
            request = cefpython.Request.CreateRequest()
            request.SetUrl(URL + path)
            request.SetPostData(data or {})
            return cefpython.WebRequest.Create(request, Client())

        web = start("/moved", {"a": "b c"})
        idle.run()
        show(web.GetResponse().GetStatus(), web.GetResponse().GetMimeType())
        start("/short")
        idle.run()
        start("/held").Cancel()
        idle.run()
        show(http.stats()["in_flight"], cefpython.ERR_ABORTED, cefpython.UR_FLAG_STOP_ON_REDIRECT)
        """,
        URL=server.url,
    )
    assert run.ok().lines == [
        ("down", 12, 12),
        (b'{"room": 12}',),
        (1, 0),
        (200, "application/json"),
        ("down", 5, 9),
        (b"short",),
        (4, -100),
        (3, -3),
        (0, -3, 64),
    ]
    assert server.requests[0].body == b"a=b+c"
