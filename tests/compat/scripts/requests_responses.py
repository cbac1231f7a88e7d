# SPDX-License-Identifier: MIT
# Responses: bodies, charsets, JSON, pieces, lines, header fields.
import requests

r = requests.get(SITE + "/")
check("status_code", r.status_code)
check("ok", r.ok)
check("reason", r.reason)
check("url", r.url == SITE + "/")
check("text", r.text)
check("content", r.content)
check("content is bytes", isinstance(r.content, bytes))
check("encoding", r.encoding)
check("history", r.history)
check("repr", repr(r))
check("bool", bool(r))
check("is_redirect", [r.is_redirect, r.is_permanent_redirect])
check("next", r.next)
check("links", r.links)
check("cookies", len(r.cookies))
check("elapsed", [0 < r.elapsed.total_seconds() < 10, r.elapsed.days])
check("headers", dict(r.headers.items()))
check("headers any case", [r.headers["CONTENT-type"], "content-length" in r.headers, r.headers.get("nope")])
check("request", [r.request.method, r.request.url == r.url, r.request.body, repr(r.request)])
check("request headers", sorted([name.lower(), value] for name, value in r.request.headers.items()))
check("raise_for_status", r.raise_for_status())
check("apparent_encoding", r.apparent_encoding)
check("again", [r.content == r.content, r.text == r.text])

for status in (200, 201, 204, 301, 304, 399, 400, 404, 418, 499, 500, 503, 599):
    r = requests.get(SITE + "/status/%d" % status, allow_redirects=False)
    check("status %d" % status, [r.status_code, r.ok, bool(r), r.reason])
    check("raise for %d" % status, r.raise_for_status)
r = requests.get(SITE + "/status/404?reason=No%20Such%20Thing")
check("reason phrase", r.reason)
try:
    r.raise_for_status()
except requests.HTTPError as e:
    check("HTTPError has the response", [e.response is r, e.request is r.request])
    check("HTTPError text", str(e).replace(SITE, "SITE"))
    check("HTTPError is an OSError", isinstance(e, OSError))
check("HTTPError of 500", lambda: requests.get(SITE + "/status/500").raise_for_status())


def text(query):
    r = requests.get(SITE + query)
    return [r.encoding, r.text]


check("utf-8", text("/text?body=%C3%B8&type=text/plain;%20charset=utf-8"))
check("charset in capitals", text("/text?body=%C3%B8&type=text/plain;%20CHARSET=UTF-8"))
check("charset in quotes", text('/text?body=%C3%B8&type=text/plain;%20charset="utf-8"'))
check("latin-1", text("/hex?hex=f8&type=text/plain;%20charset=iso-8859-1"))
check("no charset", text("/hex?hex=f8&type=text/html"))
check("no charset, no text", text("/hex?hex=61f8c3b8&type=application/x;%20charset=utf-8"))
check("json without a charset", text("/hex?hex=22c3b822&type=application/json"))
check("no type, ASCII", text("/hex?hex=616263"))
check("ascii", text("/hex?hex=61ff&type=text/plain;%20charset=us-ascii"))
check("wrong utf-8", text("/hex?hex=61ff62c362e28262f0909062&type=text/plain;%20charset=utf-8"))
check("utf-16", text("/hex?hex=fffe6100f800&type=text/plain;%20charset=utf-16"))
check("utf-16-be", text("/hex?hex=006100f8d83dde00&type=text/plain;%20charset=utf-16-be"))
check("unknown charset", text("/hex?hex=61c3b8&type=text/plain;%20charset=nosuch"))
check("empty", text("/hex?hex=&type=text/plain"))
r = requests.get(SITE + "/hex?hex=c3b8&type=text/plain")
check("encoding before", [r.encoding, r.text])
r.encoding = "utf-8"
check("encoding of the app", [r.encoding, r.text])
r.encoding = None
check("no encoding", r.encoding)
check("apparent ascii", requests.get(SITE + "/hex?hex=616263").apparent_encoding)
check(
    "apparent utf-8",
    requests.get(
        SITE
        + "/text?body=Gr%C3%BC%C3%9Fe%20aus%20K%C3%B6ln,%20sch%C3%B6ne%20Stra%C3%9Fe,%20wei%C3%9Fe%20M%C3%A4use"
    ).apparent_encoding,
)


def json(hex, kind="application/json"):
    return lambda: requests.get(SITE + "/hex?hex=" + hex + "&type=" + kind).json()


check("json", json(b'{"a": [1, 2.5, null, true, "\\u00f8\\ud83d\\ude00"]}'.hex()))
check("json utf-8", json('{"a": "\u00f8"}'.encode().hex()))
check("json text/plain", json(b"[1]".hex(), "text/plain"))
check("json no type", json(b'{"k": 5}'.hex(), ""))
check("json with a BOM", json(("efbbbf" + b"[1,2]".hex()), ""))
check("json utf-16", json("fffe5b0031005d00", ""))
check("json utf-16 without a BOM", json("5b0031002c0032005d00", ""))
check("json utf-16-be", json("005b0031002c0032005d", ""))
check("json scalar", json(b" 5 ".hex()))
check("json string", json(b'"x"'.hex()))
check("json large number", json(b"123456789012345678901234567890".hex()))
check("json fault", json(b"{nope".hex()))
check("json truncated", json(b'{"a": [1, 2'.hex()))
check("json more behind", json(b"[1] x".hex()))
check("json empty", json(""))
check("json of 204", lambda: requests.get(SITE + "/status/204").json())
try:
    requests.get(SITE + "/hex?hex=" + b"\n [1,]".hex() + "&type=application/json").json()
except ValueError as e:
    check(
        "JSONDecodeError", [isinstance(e, requests.JSONDecodeError), isinstance(e, requests.RequestException)]
    )
    check("JSONDecodeError doc", e.doc)
    check("JSONDecodeError line", e.lineno)
check("HTML is no json", json(b"<html>".hex(), "text/html"))

BYTES = bytes([i % 256 for i in range(3000)])
for stream in (False, True):
    kind = "stream" if stream else "whole"

    def get(path):
        return requests.get(SITE + path, stream=stream)

    check(kind + ": content", get("/bytes/3000").content == BYTES)
    check(kind + ": pieces", [len(piece) for piece in get("/bytes/3000").iter_content(1000)])
    check(kind + ": pieces, rest", [len(piece) for piece in get("/bytes/3000").iter_content(1024)])
    check(kind + ": joined", b"".join(get("/bytes/3000").iter_content(7)) == BYTES)
    check(kind + ": default size", len(list(get("/bytes/30").iter_content())))
    check(kind + ": size None", b"".join(get("/bytes/3000").iter_content(None)) == BYTES)
    check(kind + ": iteration", [len(piece) for piece in get("/bytes/300")])
    check(kind + ": wrong size", lambda: list(get("/bytes/3").iter_content("3")))
    check(kind + ": lines", list(get("/lines").iter_lines()))
    check(kind + ": lines, small pieces", list(get("/lines").iter_lines(chunk_size=100)))
    check(kind + ": lines, delimiter", list(get("/lines").iter_lines(delimiter=b"i")))
    check(kind + ": chunked", get("/lines").content)
    check(kind + ": gzip", get("/gzip").content)
    check(kind + ": deflate", get("/deflate").text)
    check(kind + ": gzip pieces", b"".join(get("/gzip").iter_content(10)) == b"compressed text " * 20)
    check(kind + ": unknown coding", get("/coding/nosuch").content)
    check(kind + ": identity", get("/coding/identity").content)
    r = get("/text?body=a%C3%B8%E2%82%AC%F0%9F%98%80b&type=text/plain;%20charset=utf-8")
    check(kind + ": decoded pieces", "".join(r.iter_content(1, decode_unicode=True)))
    r = get("/lines")
    r.encoding = "utf-8"
    check(kind + ": decoded lines", list(r.iter_lines(decode_unicode=True)))
    r = get("/bytes/5")
    check(kind + ": not decoded", list(r.iter_content(5, decode_unicode=True)))
    r = get("/bytes/10")
    check(kind + ": content, then pieces", [r.content, list(r.iter_content(4))])
    r = get("/bytes/10")
    check(kind + ": content, then lines", [r.content, list(r.iter_lines())])
    with get("/bytes/10") as r:
        check(kind + ": with", r.content)
    check(kind + ": content after with", r.content)
    check(kind + ": json lines", [line for line in get("/jsonlines/3").iter_lines() if line])
    check(kind + ": empty", [get("/bytes/0").content, list(get("/bytes/0").iter_content(5))])
    check(kind + ": HEAD", [requests.head(SITE + "/bytes/10", stream=stream).content])

r = requests.get(SITE + "/bytes/10", stream=True)
check("pieces twice", [b"".join(r.iter_content(3)), "then"])
check("content afterwards", lambda: r.content)
check("pieces afterwards", lambda: list(r.iter_content(3)))
r = requests.get(SITE + "/bytes/3000", stream=True)
check("raw.read", [r.raw.read(10), len(r.raw.read())])
check("raw at its end", r.raw.read(5))
r = requests.get(SITE + "/bytes/3000", stream=True)
check("raw.stream", sum(len(piece) for piece in r.raw.stream(500)))
r = requests.get(SITE + "/bytes/3000", stream=True)
check("raw attributes", [r.raw.status, r.raw.reason, r.raw.headers["content-length"]])
r.close()
check("close twice", r.close())
r = requests.get(SITE + "/lines", stream=True)
lines = r.iter_lines()
check("one line", next(lines))
check("the other lines", list(lines))
for i in range(40):
    with requests.get(SITE + "/bytes/100000", stream=True) as r:
        first = r.raw.read(1)
check("forty streams that were not read", first)

r = requests.get(SITE + "/bytes/10")
check("plain get", [r.content, list(r.iter_content(4)), list(r.iter_lines()), r.raw.read(), r.content])
r = requests.get(SITE + "/bytes/10")
check("plain get in pieces", [list(r.iter_content(4)), r.headers["content-length"], r.reason])
r = requests.get(SITE + "/bytes/100000")
check(
    "plain get of a large body",
    [len(r.content), r.headers["Content-Length"], r.reason, r.content[-1], r.raw.status],
)
r = requests.get(SITE + "/bytes/10")
r.close()
check("plain get that is closed", r.status_code)

r = requests.get(SITE + "/fields")
check("repeated names", [r.headers["x-two"], r.headers["X-One"], r.headers["X-Empty"]])
check("links next", r.links["next"])
check("links last", r.links["last"])

r = requests.Response()
check("empty response", [r.status_code, r.url, r.encoding, r.history, r.reason, r.raw, r.request, r.content])
check("empty response headers", [len(r.headers), len(r.cookies), r.elapsed.total_seconds()])
r.status_code = 404
r.reason = b"pas trouv\xe9"
r.url = "http://h/"
try:
    r.raise_for_status()
except requests.HTTPError as e:
    check("reason in bytes", str(e))
r = requests.Response()
r._content = b"x"
r.status_code = 200
check("response of the app", [r.content, r.text, repr(r)])

# What the language cannot, or does otherwise.
r = requests.get(SITE + "/fields")
check("dict() of header fields", lambda: dict(r.headers)["X-One"])
check("dict() of cookies", lambda: dict(requests.get(SITE + "/cookies?abc=1").cookies))
check("arguments of json()", lambda: requests.get(SITE + "/hex?hex=5b5d").json(parse_int=str))
check(
    "a charset that is not here",
    lambda: requests.get(SITE + "/hex?hex=e0&type=text/plain;%20charset=windows-1251").text,
)
check("utf-32", lambda: requests.get(SITE + "/hex?hex=5b0000005d000000").json())
