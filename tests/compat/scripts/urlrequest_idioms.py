# SPDX-License-Identifier: MIT
# What apps do around UrlRequest: forms, JSON, accounts in header fields, odd URLs, objects as callbacks.
import io
import json

from asked import ask
from kivy.network.urlrequest import UrlRequest

ECHO = SITE + "/echo"


def echo(*names, **options):
    def result():
        asked = ask(options.pop("url", ECHO), **options)
        found = asked.request.result
        if not isinstance(found, dict):
            return asked.names()
        return [found["method"], found["path"], found["body"]] + [
            found["headers"].get(name) for name in names
        ]

    return result


FORM = {"Content-type": "application/x-www-form-urlencoded", "Accept": "text/plain"}
check("form", echo("content-type", "accept", req_body="a=b&c=d", req_headers=FORM))
JSON = {"Content-Type": "application/json"}
check("JSON", echo("content-type", req_body=json.dumps({"a": 1}), req_headers=JSON, method="PUT"))
check("method in small letters", echo(method="post", req_body="a"))
check("POST without a body", echo("content-length", method="POST"))
check("GET with a body", echo("content-length", method="GET", req_body="x"))
check("DELETE", echo("content-length", method="DELETE"))
check("iterator", echo("transfer-encoding", req_body=iter([b"a", b"b"])))
check("list of bytes", echo(req_body=[b"a", b"b"]))
check("file in memory", echo("transfer-encoding", req_body=io.BytesIO(b"abc")))
with open("body.txt", "wb") as file:
    file.write(b"from a file")
with open("body.txt", "rb") as file:
    check("open file", echo("transfer-encoding", req_body=file))
check("dict", echo(req_body={"a": "b"}))

check("field in bytes", echo("authorization", req_headers={"Authorization": b"Basic dTpw"}))
check("field beyond ASCII", echo("x", req_headers={"X": "\xe9"}))
check("field that is None", echo("x", req_headers={"X": None}))
check("fields that are a list", echo("x", req_headers=[("X", "1")]))
check("Accept-Encoding", ask(SITE + "/gzip", req_headers={"Accept-Encoding": "gzip"}).names())

for name, account in (
    ("user", "u@"),
    ("user, colon", "u:@"),
    ("password", ":p@"),
    ("encoded", "u%40x:p%3A@"),
    ("both", "u:p@"),
):
    check("account: " + name, echo("authorization", url=ECHO.replace("//", "//" + account)))
check(
    "account and field",
    echo("authorization", url=ECHO.replace("//", "//u:p@"), req_headers={"Authorization": "own"}),
)
for name, path in (
    ("semicolon", "/echo;"),
    ("parameter", "/echo/x;y?a;b"),
    ("dots", "/echo/x/../y"),
    ("brackets", "/echo?a=[1]"),
    ("quotes", '/echo?a="<b>"'),
    ("beyond ASCII", "/echo?a=\xe9"),
    ("tabulator", "/echo?a=\tb"),
    ("line feed", "/echo?a=b\n"),
    ("fragment", "/echo#part"),
):
    check("URL: " + name, echo(url=SITE + path))
check("URL in capitals", echo(url=ECHO.replace("http", "HTTP")))
check("URL in bytes", echo(url=ECHO.encode()))
for url in ("mailto:a@b", "file:///etc/passwd", "//" + ECHO.partition("//")[2], "localhost:80/x"):
    check("no URL: " + url.replace(SITE[5:], ""), ask(url).names())
check("Infinity", ask(SITE + "/text?body=[Infinity]&type=application/json").events)
check("half a pair", ask(SITE + "/text?body=%5B%22%5Cud83d%22%5D&type=application/json").names())
check(
    "half a pair: result",
    type(ask(SITE + "/text?body=%5B%22%5Cud83d%22%5D&type=application/json").request.result),
)
check("errno", ask(REFUSED).request.error.errno)
for name, options in (
    ("timeout", {"timeout": "x"}),
    ("chunk_size", {"chunk_size": 10.0}),
    ("proxy_host", {"proxy_host": 5}),
):
    check("wrong " + name, lambda: len(UrlRequest(SITE + "/", **options).req_headers or ()))


class Called:
    def __init__(self):
        self.got = []

    def __call__(self, request, result):
        self.got.append((request.resp_status, result))


called = Called()
ask(SITE + "/", on_success=called)
check("object as a callback", called.got)


class Mine(UrlRequest):
    def __init__(self, path, **options):
        super().__init__(SITE + path, **options)
        self.more = 1


request = Mine("/")
request.wait(0.01)
check("subclass", [request.result, request.more])
