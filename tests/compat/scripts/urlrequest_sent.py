# SPDX-License-Identifier: MIT
# What the server gets.
from asked import Asked, ask, ask_all
from kivy.network.urlrequest import UrlRequest, UrlRequestRequests
from requests.auth import HTTPBasicAuth

ECHO = SITE + "/echo"


def echo(*names, **options):
    found = ask(options.pop("url", ECHO), **options).request.result
    return [found["method"], found["path"], found["body"]] + [found["headers"].get(name) for name in names]


check("what is sent with GET", sorted(ask(ECHO).request.result["headers"]))
check("what is sent with POST", sorted(ask(ECHO, req_body="a").request.result["headers"]))
check("GET", echo("content-length"))
check("POST", echo("content-length", "content-type", req_body="a=b"))
check("bytes", echo("content-length", req_body=b"\x00\xff"))
check("empty body", echo("content-length", req_body=""))
check("text beyond ASCII", echo("content-length", req_body="\xe9"))
check("bytearray", echo(req_body=bytearray(b"array")))
for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"):
    check("method " + method, echo(method=method))
check("method with a body", echo(method="DELETE", req_body="x"))
check("query", echo(url=ECHO + "?a=b&c=%20;d"))
check("no path", ask(SITE).events)
check("fragment", echo(url=ECHO + "?a#part"))
check("parameters of the path", echo(url=ECHO + "/x;v=1?a"))

headers = {"X-One": "1", "x-two": "a, b", "Content-type": "text/x"}
check("req_headers", echo("x-one", "x-two", "content-type", req_headers=headers, req_body="a"))
check("req_headers afterwards", headers)
check("a number", echo("x-one", req_headers={"X-One": 7}))
check("Host", echo("host", req_headers={"Host": "elsewhere.example"}))
check("Content-Length", echo("content-length", req_headers={"Content-Length": "2"}, req_body="ab"))
check("user_agent", echo("user-agent", user_agent="Test/1.0"))
check("user_agent and a field", echo("user-agent", user_agent="Test/1.0", req_headers={"User-Agent": "own"}))
check("cookies", echo("cookie", cookies="a=1; b=2"))
check("cookies and a field", echo("cookie", cookies="a=1", req_headers={"Cookie": "own=1"}))
headers = {}
ask(ECHO, user_agent="x", cookies="a=1", req_headers=headers)
check("req_headers are not changed", headers)

WITH_USER = SITE.replace("//", "//user:pass@")
check("account in the URL", ask(WITH_USER + "/basic/user/pass").events)
check("wrong account", ask(SITE.replace("//", "//user:no@") + "/basic/user/pass").names())
check("account and fields", echo("x", "authorization", url=WITH_USER + "/echo", req_headers={"X": "1"}))
check(
    "auth", ask(SITE + "/basic/user/pass", kind=UrlRequestRequests, auth=HTTPBasicAuth("user", "pass")).events
)
check(
    "wrong auth",
    ask(SITE + "/basic/user/pass", kind=UrlRequestRequests, auth=HTTPBasicAuth("user", "no")).names(),
)
check(
    "auth as a tuple", ask(SITE + "/basic/user/pass", kind=UrlRequestRequests, auth=("user", "pass")).events
)

asked = ask(SITE + "/upload", req_body=b"0123456789" * 20000)
check("large body", asked.events)
found = ask_all(a=(ECHO + "?1", {}), b=(ECHO + "?2", {}), c=(ECHO + "?3", {"req_body": "3"}))
check("several at a time", {name: one.request.result["path"] for name, one in found.items()})
