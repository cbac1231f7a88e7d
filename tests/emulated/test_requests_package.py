# SPDX-License-Identifier: MIT
"""The package requests in the booted machine: a session, a cookie, JSON, a form, a stream, errors."""

from servers.wire import CLOSE, Reply, Request, WireFactory, chunked, head, redirect, reply
from support.emulated_machine import OnMachine


def _answer(request: Request) -> Reply:
    path = request.target.partition("?")[0]
    if path == "/login":
        return redirect(303, "/home", "Set-Cookie: session=7; Path=/")
    if path == "/home":
        return reply(
            200, f'{{"cookie": "{request.header("Cookie")}"}}'.encode(), "Content-Type: application/json"
        )
    if path == "/lines":
        return [head(200, "Transfer-Encoding: chunked"), chunked(b"first\nlast ", b"line\n")]
    if path == "/short":
        return [head(200, "Content-Length: 9") + b"short", CLOSE]
    return reply(404, b"nothing here")


def test_requests_runs(run_app: OnMachine, wire: WireFactory) -> None:
    server = wire(_answer)
    run = run_app(
        """
        import requests

        with requests.Session() as session:
            r = session.post(URL + "/login", data={"user": "a b"}, auth=("u", "p"), timeout=20)
            show(r.status_code, r.json(), [one.status_code for one in r.history])
        with requests.get(URL + "/lines", stream=True) as r:
            show(list(r.iter_lines()))
        try:
            requests.get(URL + "/nowhere").raise_for_status()
        except requests.HTTPError as e:
            show(e.response.status_code, e.response.text)
        try:
            requests.get(URL + "/short")
        except requests.exceptions.ChunkedEncodingError:
            show(http.stats()["in_flight"])
        """,
        URL=server.url,
    )
    assert run.ok().lines == [
        (200, {"cookie": "session=7"}, [303]),
        ([b"first", b"last line"],),
        (404, "nothing here"),
        (0,),
    ]
    assert server.requests[0].body == b"user=a+b"
    assert server.requests[0].header("Authorization") == "Basic dTpw"
