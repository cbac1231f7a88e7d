# SPDX-License-Identifier: MIT
"""The kinds of requests that the soak's app mixed.py makes, and the site that answers them.

The site is in the file that mixed.py gets as its argument.
"""

import json
import random
import sys

import http

with open(sys.argv[1]) as f:
    SITE = json.load(f)
with open(SITE["large"], "rb") as f:
    LARGE = f.read()
with open(SITE["small"], "rb") as f:
    SMALL = f.read()
CACERT = SITE["cacert"]
DOWNLOADS = SITE["downloads"]
UPLOAD = bytes(range(256)) * 40


class Kind:
    """name; weight: how often; url: the id goes behind it, unless it is in params; statuses: how it may
    end; body(id): what it must be, None: anything; size: of the body in bytes; options: values, or callables
    of the id. Bodies of 200,000 and 1,024 bytes are those of the files large and small."""

    def __init__(self, name, weight, url, statuses=(200,), body=None, method="GET", size=None, **options):
        self.name = name
        self.weight = weight
        self.url = url if "params" in options else url + "?id=%d"
        self.statuses = statuses
        self.body = body
        self.method = method
        self.size = size
        self.options = options


def echo(method, length):
    return lambda id: "%d %s %s" % (id, method, length)


def text(id):
    return str(id)


def none(id):
    return ""


def soon(most):
    """A timeout that is random each time."""
    return lambda id: random.random() * most + 0.001


def path(id):
    return "%s/%d" % (DOWNLOADS, id)


def jar(id):
    return http.Cookies()


WEB = SITE["http"]
TLS = SITE["https"]
WIRE = SITE["wire"]
ECHO = echo("GET", "0")
KINDS = [
    Kind("get", 220, WEB + "/echo", body=ECHO),
    Kind("get, by name", 40, SITE["named"] + "/echo", body=ECHO),
    Kind("get, params", 20, WEB + "/echo", body=ECHO, params=lambda id: {"id": id}),
    Kind("get, TLS", 120, TLS + "/echo", body=ECHO, cacert=CACERT),
    Kind("get, TLS pinned", 20, TLS + "/echo", body=ECHO, cacert=SITE["leaf"]),
    Kind("head", 20, WEB + "/echo", body=none, method="HEAD"),
    Kind("post", 60, WEB + "/echo", body=echo("POST", len(UPLOAD)), method="POST", data=UPLOAD),
    # 52: it was sent over a connection that "last" was closing, and a POST is not sent again.
    Kind("post, echoed", 15, WIRE + "/body", (200, 52), text, method="POST", data=text),
    Kind("put, TLS", 20, TLS + "/echo", body=echo("PUT", "7"), method="PUT", data="7 bytes", cacert=CACERT),
    Kind("post, json", 15, WEB + "/echo", body=echo("POST", "8"), method="POST", json={"a": 1}),
    Kind("post, files", 15, WEB + "/echo", method="POST", files={"f": SITE["small"], "g": b"content"}),
    Kind(
        "post, open file",
        15,
        WEB + "/echo",
        body=echo("POST", len(SMALL)),
        method="POST",
        data=lambda id: open(SITE["small"], "rb"),
    ),
    Kind("post, iterator", 15, WIRE + "/body", body=text, method="POST", data=lambda id: iter(str(id))),
    Kind(
        "post, iterator with a length",
        10,
        WEB + "/echo",
        body=echo("POST", len(UPLOAD)),
        method="POST",
        data=lambda id: iter([UPLOAD[:1000], b"", UPLOAD[1000:]]),
        headers={"Content-Length": str(len(UPLOAD))},
    ),
    Kind(
        "post, iterator that is too short",
        8,
        WIRE + "/body",
        (26,),
        method="POST",
        data=lambda id: iter([b"abc"]),
        headers=[("Content-Length", "99")],
    ),
    Kind(
        "post, on_upload_progress",
        10,
        WEB + "/echo",
        body=echo("POST", len(UPLOAD)),
        method="POST",
        data=UPLOAD,
        on_upload_progress=True,
    ),
    Kind("404", 20, WEB + "/missing", (404,), text),
    Kind("503", 20, WEB + "/busy", (503,), text),
    Kind("204", 15, WEB + "/nothing", (204,), none),
    Kind("gzip", 30, WEB + "/text", size=len(SMALL), compressed=True),
    Kind("redirect", 40, WEB + "/hops", body=ECHO),
    Kind("redirect, not followed", 10, WEB + "/moved", (302,), allow_redirects=False),
    Kind("redirect, post", 15, WEB + "/same", body=echo("POST", "3"), method="POST", data="abc"),
    Kind("redirect to TLS", 15, WEB + "/up", body=ECHO, cacert=CACERT),
    Kind("redirect from TLS", 10, TLS + "/down", (1,), cacert=CACERT),
    Kind("redirect loop", 10, WEB + "/loop", (47,)),
    Kind("cookies", 30, WEB + "/cookie", body=text, cookies=jar),
    Kind("large", 15, WEB + "/large", size=len(LARGE)),
    Kind("large, TLS", 10, TLS + "/large", size=len(LARGE), cacert=CACERT),
    Kind("on_data", 25, WEB + "/large", size=len(LARGE), on_data=True),
    Kind("on_data, slow", 10, WEB + "/slow", (28,), on_data=True, timeout=soon(0.2)),
    Kind("stream", 25, WEB + "/large", size=len(LARGE), stream=True),
    Kind("stream, gzip", 10, WEB + "/text", size=len(SMALL), stream=True, compressed=True),
    Kind("stream, TLS", 10, TLS + "/echo", body=ECHO, stream=True, cacert=CACERT),
    Kind("stream, slow", 5, WEB + "/slow", (200, 28), stream=True, timeout=soon(0.2)),
    Kind("stream, too short", 8, WIRE + "/short", (200, 18), stream=True),
    Kind("stream, refused", 5, SITE["refused"] + "/", (7,), stream=True),
    Kind("on_head", 10, WEB + "/hops", body=ECHO, on_head=True),
    Kind("on_progress", 10, WEB + "/large", size=len(LARGE), on_progress=True),
    Kind("file", 20, WEB + "/large", size=len(LARGE), file=path),
    Kind("file, slow", 10, WEB + "/slow", (28,), file=path, timeout=soon(0.2)),
    Kind("max_size", 15, WEB + "/large", (63,), max_size=5000),
    Kind("no answer", 15, WEB + "/silent", (52, 55)),
    Kind("refused", 15, SITE["refused"] + "/", (7,)),
    Kind("wrong CA", 8, TLS + "/echo", (60,), cacert=SITE["other_cacert"]),
    Kind("no CA", 8, TLS + "/echo", (77,), cacert=""),
    Kind("expired", 4, SITE["expired"] + "/body", (60,), cacert=CACERT),
    Kind("no TLS there", 8, SITE["no_https"] + "/echo", (35,), cacert=CACERT),
    Kind("other scheme", 5, "ftp://127.0.0.1/", (1,)),
    Kind("malformed", 5, "http://[/", (3,)),
    Kind("short timeout", 30, WEB + "/echo", (200, 28), ECHO, timeout=soon(0.002)),
    Kind("short timeout, TLS", 10, TLS + "/echo", (200, 28), ECHO, timeout=soon(0.006), cacert=CACERT),
    Kind("hold", 10, WIRE + "/hold", (28,), timeout=soon(0.1)),
    Kind("hold in the body", 10, WIRE + "/hold-body", (28,), timeout=soon(0.1)),
    Kind("hold behind a redirect", 5, WIRE + "/hold-hop", (28,), timeout=soon(0.1)),
    Kind("no connection", 8, SITE["dead"] + "/", (28,), timeout=soon(0.1)),
    Kind("no connection, connect_timeout", 8, SITE["dead"] + "/", (28,), connect_timeout=soon(0.1)),
    Kind("hold, stall_timeout", 8, WIRE + "/hold-body", (28,), stall_timeout=soon(0.1)),
    Kind("drip, stall_timeout", 5, WIRE + "/drip", body=text, stall_timeout=5),
    Kind("drip", 5, WIRE + "/drip", body=text),
    Kind("reset", 10, WIRE + "/reset", (52, 55, 56, 18)),
    Kind("last of its connection", 10, WIRE + "/last", body=text),
    Kind("too short", 8, WIRE + "/short", (18,)),
    Kind("bad chunk", 8, WIRE + "/chunk", (56,)),
    Kind("no gzip", 8, WIRE + "/gzip", (61, 23), compressed=True),
    Kind("cut gzip", 8, WIRE + "/cut-gzip", (61, 23, 18, 200), compressed=True),
    Kind("no HTTP", 8, WIRE + "/noise", (1,)),
    Kind("headers", 8, WIRE + "/headers", (56,)),
]
DECK = [kind for kind in KINDS for _ in range(kind.weight)]
MEETING = Kind("all at once", 0, WIRE + "/meet", body=text)
AGAIN = Kind("again", 0, WIRE + "/drip", body=text)
