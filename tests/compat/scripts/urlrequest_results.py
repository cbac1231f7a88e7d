# SPDX-License-Identifier: MIT
# What callbacks get: by status, Content-Type and bytes.
from asked import Asked, ask, run
from kivy.network.urlrequest import UrlRequest, UrlRequestBase, UrlRequestRequests, UrlRequestUrllib


def plain_events(asked):
    return [
        event if event[0] != "error" else ("error", isinstance(event[1], Exception)) for event in asked.events
    ]


kinds = {}
for status in (200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 400, 401, 404, 410, 500, 503):
    kinds[status] = Asked(SITE + "/status/%d" % status)
run(*kinds.values())
for status, asked in kinds.items():
    check("status %d" % status, [plain_events(asked), asked.request.resp_status, asked.request.is_finished])

asked = ask(SITE + "/redirect/302?to=/echo")
check("a redirect is not followed", [plain_events(asked), asked.request.resp_headers["Location"]])

bodies = {
    "text": "/text?body=hello",
    "empty": "/text",
    "UTF-8": "/hex?hex=c3b8e282ac",
    "no UTF-8": "/hex?hex=ff00fe",
    "UTF-8 with a BOM": "/hex?hex=efbbbf61",
    "text that says it is Latin-1": "/hex?hex=e9&type=text/plain;charset=iso-8859-1",
    "JSON": '/text?body={"a":[1,2.5,null,true,"x"]}&type=application/json',
    "JSON with a charset": "/text?body=[1]&type=application/json;charset=utf-8",
    "JSON with a blank before the charset": "/text?body=[1]&type=application/json+;charset=utf-8",
    "JSON in capitals": "/text?body=[1]&type=Application/JSON",
    "JSON of another type": "/text?body=[1]&type=application/problem%2bjson",
    "JSON as text": "/text?body=[1]&type=text/plain",
    "no JSON": "/text?body=[1&type=application/json",
    "JSON that is empty": "/text?type=application/json",
    "JSON with NaN": "/text?body=[NaN]&type=application/json",
    "JSON with a BOM": "/hex?hex=efbbbf5b315d&type=application/json",
    "JSON that is no UTF-8": "/hex?hex=5b22ff225d&type=application/json",
    "chunks": "/lines",
    "gzip that nobody asked for": "/coding/gzip",
    "large": "/bytes/100000",
}
answers = {}
for name in bodies:
    answers[name] = Asked(SITE + bodies[name])
    if len(answers) % 8 == 0:
        run(*answers.values())
run(*answers.values())
for name, asked in answers.items():
    (kind, value), finish = asked.events
    if name == "large":
        check(
            name, [kind, type(value).__name__, len(value), value[:300] == bytes(i % 256 for i in range(300))]
        )
    else:
        check(name, plain_events(asked))
    check(name + ": result", asked.request.result == (value if kind == "success" else None))

asked = ask(SITE + "/text?body=[1]&type=application/json", decode=False)
check("decode=False", asked.events)
asked = ask(SITE + "/text?body=[1]&type=application/json", method="HEAD")
check("HEAD", asked.events)

asked = ask(SITE + "/fields")
fields = asked.request.resp_headers
check("resp_headers", {name: fields[name] for name in ("X-One", "X-Two", "x-two", "X-Empty", "Set-Cookie")})
check("resp_headers is a dict", type(fields))
asked = ask(SITE + "/cookies?a=1&b=2&attributes=;%20Path=/")
check("several cookies", asked.request.resp_headers["Set-Cookie"])

request = UrlRequest(SITE + "/")
check(
    "before the end",
    [
        request.is_finished,
        request.result,
        request.resp_status,
        request.resp_headers,
        request.error,
        request.chunk_size,
    ],
)
request.wait(0.01)
check(
    "after the end",
    [request.is_finished, request.result, request.resp_status, request.error, request.url == SITE + "/"],
)
check("class", [isinstance(request, kind) for kind in (UrlRequestBase, UrlRequest, UrlRequestUrllib)])
check("class of the other implementation", issubclass(UrlRequestRequests, UrlRequestBase))
check("debug", ask(SITE + "/", debug=False).events)
check("run", lambda: type(request.run).__name__ in ("method", "bound_method"))
for name in ("is_finished", "result", "resp_status", "resp_headers", "error", "chunk_size"):
    check("set " + name, lambda: setattr(request, name, 1))


class Mine(UrlRequest):
    def decode_result(self, result, resp):
        return ["mine", result]


check("decode_result of a subclass", ask(SITE + "/text?body=a", kind=Mine).events)
seen = []
request = UrlRequest(
    SITE + "/",
    lambda *args: seen.append(("success", args)),
    lambda *args: seen.append("redirect"),
    lambda *args: seen.append("failure"),
    lambda *args: seen.append("error"),
    None,
    "body",
    {"X-A": "1"},
    4096,
    5,
    "PUT",
    False,
    False,
)
request.wait(0.01)
check(
    "arguments by position",
    [len(seen), seen[0][0], seen[0][1][0] is request, seen[0][1][1:], request.chunk_size],
)
check(
    "attributes",
    [
        request.req_body,
        request.req_headers,
        request.decode,
        request.file_path,
        request.verify,
        request.ca_file,
    ],
)
check(
    "without callbacks",
    [UrlRequest(SITE + "/").wait(0.01), UrlRequest(REFUSED, on_error=lambda *a: None).is_finished],
)
seen = []
names = ("on_success", "on_redirect", "on_failure", "on_error", "on_progress", "on_finish")
for path in ("/", "/redirect/302?to=/", "/status/404", "/close"):
    callbacks = {name: lambda request, *rest, name=name: seen.append((name, len(rest))) for name in names}
    request = UrlRequest(SITE + path, **callbacks)
    run(type("Ends", (), {"done": lambda self: seen[-1:] == [("on_finish", 0)]})())
    seen.append(path)
check("callbacks by keyword", seen)
check("unknown argument", lambda: UrlRequest(SITE, on_done=1))
