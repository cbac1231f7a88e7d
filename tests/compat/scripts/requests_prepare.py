# SPDX-License-Identifier: MIT
# Request and PreparedRequest: URLs, parameters, header fields, bodies. Nothing is sent.
import io

import requests
from requests import PreparedRequest, Request


def url(given, params=None):
    return lambda: Request("GET", given, params=params).prepare().url


check("plain", url("http://example.org/path"))
check("no path", url("http://example.org"))
check("no path, query", url("http://example.org?a=b"))
check("fragment", url("http://example.org/a#part"))
check("capitals", url("HTTP://EXAMPLE.org/Path"))
check("port", url("http://example.org:8080/"))
check("port 80 stays", url("http://example.org:80/"))
check("port that is none", url("http://example.org:port/"))
check("port that is too large", url("http://example.org:99999/"))
check("user info", url("http://user:pass@example.org/"))
check("IPv6", url("http://[::1]:81/a"))
check("blank in front", url("  http://example.org/"))
check("blank in the path", url("http://example.org/a b"))
check("blank in the query", url("http://example.org/?a=b c"))
check("not ASCII in the path", url("http://example.org/\xf8"))
check("not ASCII in the query", url("http://example.org/?q=\xf8"))
check("encoded stays", url("http://example.org/%20%7E%C3%B8"))
check("unreserved is decoded", url("http://example.org/%41%2D"))
check("half an encoding", url("http://example.org/50%/x"))
check("wrong encoding", url("http://example.org/%zz"))
check("quotes and brackets", url('http://example.org/"<>[]{}|\\^`'))
check("dots", url("http://example.org/a/./b/../c"))
check("bytes", url(b"http://example.org/bytes"))
check("object", url(type("U", (), {"__str__": lambda self: "http://example.org/obj"})()))
check("no scheme", url("example.org/path"))
check("no scheme, slashes", url("//example.org/path"))
check("empty", url(""))
check("no host", url("http://"))
check("no host, path", url("http:///path"))
check("asterisk", url("http://*.example.org/"))
check("dot in front", url("http://.example.org/"))
check("blank in the host", url("http://exa mple.org/"))
check("per cent in the host", url("http://%zz/"))
check("mailto", url("mailto:someone@example.org"))
check("another scheme", url("ftp://example.org/file"))

check("params", url("http://h/p", {"a": "b"}))
check("params list", url("http://h/p", [("a", "1"), ("a", "2"), ("b", "3")]))
check("params list as value", url("http://h/p", {"a": ["1", "2"]}))
check("params tuple as value", url("http://h/p", {"a": ("1", 2)}))
check("params None", url("http://h/p", {"a": None}))
check("params numbers", url("http://h/p", [("a", 1), ("b", 1.5), ("c", True)]))
check("params not ASCII", url("http://h/p", {"k\xf8": "\xf8 &=+/?"}))
check("params bytes", url("http://h/p", b"a=b"))
check("params bytes as value", url("http://h/p", {"a": b"\xff"}))
check("params str", url("http://h/p", "a=b&c"))
check("params empty", url("http://h/p", {}))
check("params join a query", url("http://h/p?x=y", {"a": "b"}))
check("params before the fragment", url("http://h/p#f", {"a": "b"}))
check("params empty value", url("http://h/p", {"a": ""}))
check("params no path", url("http://h", {"a": "b"}))
check("params no pair", url("http://h/p", [1]))


def prepared(method="POST", **kwargs):
    return Request(method, "http://h/p", **kwargs).prepare()


def sent(**kwargs):
    def result():
        p = prepared(**kwargs)
        return [p.body, dict(p.headers.items())]

    return result


check("no body", sent())
check("no body with GET", sent(method="GET"))
check("form", sent(data=[("a", "1"), ("b", "x y"), ("a", "2")]))
check("form dict", sent(data={"a": "\xf8"}))
check("form list as value", sent(data={"a": ["1", "2"]}))
check("form None", sent(data={"a": None}))
check("form empty", sent(data={}))
check("str", sent(data="text"))
check("str not ASCII", sent(data="\xf8"))
check("str empty", sent(data=""))
check("data bytes", sent(data=b"\x00\xff"))
check("bytearray", sent(data=bytearray(b"abc")))
check("json", sent(json={"a": [1, 2.5, None, True, "\xf8\u20ac\U0001f600"]}))
check("json list", sent(json=[1, "a", {"b": {}}]))
check("json empty dict", sent(json={}))
check("json str", sent(json='q"uo\\te\n\x01'))
check("json names", sent(json={1: "a"}))
check("json None", sent(json=None))
check("json false", sent(json=False))
check("json and data", sent(json={"a": 1}, data="b"))
check("json NaN", sent(json=float("nan")))
check("json infinity", sent(json=[float("inf")]))
check("json of an object", sent(json=object()))
check("json floats", sent(json=[0.1, 1e100, -2.0, 1 / 3, 123456789.125]))
check("content type of the app", sent(data={"a": "b"}, headers={"content-type": "text/x"}))
check("content length of the app", sent(data="abc", headers={"Content-Length": "7"}))
check("a number", sent(data=5))


def gen():
    yield b"a"
    yield b"b"


check("generator", lambda: dict(prepared(data=gen()).headers.items()))
check("iterator", lambda: dict(prepared(data=iter([b"a"])).headers.items()))
check("file-like", lambda: dict(prepared(data=io.BytesIO(b"abcdef")).headers.items()))
check("file-like, empty", lambda: dict(prepared(data=io.BytesIO(b"")).headers.items()))
moved = io.BytesIO(b"abcdef")
moved.seek(4)
check("file-like from its position", lambda: dict(prepared(data=moved).headers.items()))
with open("body.bin", "wb") as f:
    f.write(b"0123456789")
with open("body.bin", "rb") as f:
    check("file", dict(prepared(data=f).headers.items()))
check("generator and files", lambda: prepared(data=gen(), files={"a": b"b"}))


def multipart(**kwargs):
    def result():
        p = prepared(**kwargs)
        kind, boundary = p.headers["Content-Type"].split("boundary=")
        body = p.body.replace(boundary.encode(), b"BOUNDARY")
        return [kind, body, int(p.headers["Content-Length"]) == len(p.body)]

    return result


check("files", multipart(files={"f": b"content"}))
check("files str", multipart(files={"f": "content \xf8"}))
check("files name", multipart(files={"f": ("name.txt", b"content")}))
check("files type", multipart(files={"f": ("name.txt", b"content", "text/plain")}))
check("files headers", multipart(files={"f": ("n", b"c", "text/plain", {"Expires": "0"})}))
check("files without a name", multipart(files={"f": (None, b"content")}))
check("files list", multipart(files=[("f", ("a", b"1")), ("f", ("b", b"2"))]))
check("files and data", multipart(files={"f": b"c"}, data=[("a", "1"), ("b", ["2", "3"]), ("n", 4)]))
check("files odd names", multipart(files=[('q"uo', ("na\r\nm\xf8e", b"c"))]))
check("files file-like", multipart(files={"f": io.BytesIO(b"from a file")}))
check("files None is left out", multipart(files=[("a", ("x", None)), ("b", b"2")]))
check("files and str", lambda: prepared(files={"f": b"c"}, data="text"))

check("header fields", dict(prepared(headers={"X-A": "b", "Y": ""}).headers.items()))
check("header bytes", lambda: prepared(headers={"X-A": b"b"}).headers["x-a"])
for name, headers in (
    ("a number", {"X": 1}),
    ("a line feed", {"X": "a\nb"}),
    ("a carriage return", {"X": "a\rb"}),
    ("a blank in front", {"X": " a"}),
    ("a blank in front of the name", {" X": "a"}),
    ("a colon in the name", {"X:": "a"}),
    ("an empty name", {"": "a"}),
):
    check("header with " + name, lambda: prepared(headers=headers))

p = prepared("get", auth=("user", "pass"))
check("method in capitals", p.method)
check("basic", p.headers["Authorization"])
check("basic not ASCII", lambda: prepared(auth=("\xfc", "p")).headers["Authorization"])
check("basic of the URL", lambda: Request("GET", "http://u%40x:p%3A@h/").prepare().headers["Authorization"])
check(
    "user without a password in the URL",
    lambda: dict(Request("GET", "http://u@h/").prepare().headers.items()),
)
check(
    "auth before the URL's",
    lambda: Request("GET", "http://a:b@h/", auth=("c", "d")).prepare().headers["Authorization"],
)
check(
    "path_url", [Request("GET", u).prepare().path_url for u in ("http://h", "http://h/a?b=c#d", "http://h/?")]
)
check("repr of both", [repr(Request("GET", "http://h/")), repr(p)])
check("cookies", prepared(cookies={"a": "b"}).headers["Cookie"])
q = p.copy()
q.headers["X"] = "y"
q.url = "http://other/"
check("copy", [q.method, q.body, "X" in p.headers, p.url, q.headers["Authorization"]])

r = Request()
check("empty request", [r.method, r.url, r.headers, r.files, r.data, r.params, r.auth, r.cookies, r.json])
check("hooks of a request", r.hooks)
check(
    "empty prepared",
    [PreparedRequest().method, PreparedRequest().url, PreparedRequest().headers, PreparedRequest().body],
)


def hook(r, *args, **kwargs):
    return None


r = Request("GET", "http://h/", hooks={"response": hook})
check("one hook", len(r.hooks["response"]))
r.register_hook("response", [hook, 5, hook])
check("register a list", len(r.hooks["response"]))
check("deregister", [r.deregister_hook("response", hook), len(r.hooks["response"])])
check("deregister what is not there", r.deregister_hook("response", gen))
check("register another event", lambda: r.register_hook("request", hook))
check("hooks are prepared", len(r.prepare().hooks["response"]))

p = PreparedRequest()
p.prepare_method("post")
p.prepare_url("http://h/x", {"a": "b"})
p.prepare_headers({"X": "y"})
p.prepare_cookies({"c": "d"})
p.prepare_body("body", None)
p.prepare_auth(("u", "p"))
p.prepare_hooks({"response": hook})
check("step by step", [p.method, p.url, dict(p.headers.items()), p.body, len(p.hooks["response"])])
p.prepare_content_length(b"12345")
check("prepare_content_length", p.headers["Content-Length"])
check("without a method", Request(url="http://h/").prepare().method)
check("long path", len(Request("GET", "http://example.org/" + "a" * 5000).prepare().url))
check("long query", len(Request("GET", "http://example.org/?" + "a=b&" * 2000).prepare().url))
check("host that is not ASCII", url("http://b\xfccher.example/"))
check(
    "host with several labels",
    url("http://www.\u043f\u0440\u0438\u043c\u0435\u0440.\u6f22\u5b57.example:81/a"),
)
check("host of long labels", url("http://" + "\xe4" * 20 + "a-b" + "\u3042" * 10 + "/"))
check("host with two ports", url("http://h:1:2/"))
check("host with a bracket", url("http://h]/"))
check("empty query", url("http://h/a?"))
check("dots above the root", url("http://h/..///a/../../b/."))
