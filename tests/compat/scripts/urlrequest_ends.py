# SPDX-License-Identifier: MIT
# Errors, timeouts, cancel(), wait().
from asked import Asked, ask, run
from kivy.network.urlrequest import UrlRequest

for name, url, options in (
    ("refused", REFUSED, {}),
    ("no such host", "http://nowhere.invalid/", {}),
    ("no answer", SITE + "/close", {}),
    ("no HTTP", SITE + "/nonsense", {}),
    ("short body", SITE + "/short", {}),
    ("bad chunk", SITE + "/badchunk", {}),
    ("bad chunk with progress", SITE + "/badchunk", {"progress": True}),
    ("short body with progress", SITE + "/short", {"progress": True}),
    ("no scheme", "example.org", {}),
    ("unknown scheme", "gopher://example.org/", {}),
    ("no host", "http:///", {}),
    ("bad port", "http://example.org:x/", {}),
    ("empty", "", {}),
    ("blank", SITE + "/text?body=a b", {}),
    ("timeout", SITE + "/slow/0.6", {"timeout": 0.1}),
    ("timeout in the body", SITE + "/drip/0.6", {"timeout": 0.1}),
    ("timeout of connecting", DEAD, {"timeout": 0.1}),
    ("time enough", SITE + "/slow/0.05", {"timeout": 5}),
):
    asked = ask(url, **options)
    request = asked.request
    check(
        name,
        [
            asked.names(),
            isinstance(request.error, Exception),
            len(str(request.error)) > 0,
            request.is_finished,
            request.result is None,
        ],
    )
    check(
        name + ": the error is the callback's", request.error is None or asked.events[-2][1] is request.error
    )
    if not options.get("progress"):
        check(name + ": status", request.resp_status)

for name, make in (
    ("a header with a line feed", lambda: UrlRequest(SITE, req_headers={"X": "a\nb"})),
    ("chunk_size=0", lambda: UrlRequest(SITE, chunk_size=0)),
    ("timeout=0", lambda: UrlRequest(SITE, timeout=0)),
    ("url=None", lambda: UrlRequest(None)),
):
    check(name, lambda: type(make()).__name__)

asked = Asked(SITE + "/slow/0.3")
asked.request.cancel()
check("inside cancel()", asked.events)
run(asked)
check("cancel()", [asked.events, asked.request.is_finished, asked.request.result, asked.request.error])
asked.request.cancel()
asked = Asked(SITE + "/slow/0.3")
asked.request.cancel()
asked.request.cancel()
run(asked)
check("cancel() twice", asked.events)
asked = ask(SITE + "/")
asked.request.cancel()
run(asked)
check("cancel() after the end", asked.events)
asked = Asked(SITE + "/drip/0.3", progress=True, chunk_size=1)
asked.during = lambda request: request.cancel()
run(asked)
names = asked.names()
check("cancel() in on_progress", [names[0], names[-2:], "success" in names])
asked = Asked(SITE + "/slow/0.3", on_cancel=None)
asked.request.cancel()
run(asked)
check("cancel() without on_cancel", asked.events)
at = "cancelled-%s" % SIDE
asked = Asked(SITE + "/slow/0.3", file_path=at)
asked.request.cancel()
run(asked)

for name, url, options in (("wait()", SITE + "/", {}), ("wait() of 404", SITE + "/status/404", {})):
    asked = Asked(url, **options)
    asked.request.wait(0.01)
    check(name, [asked.events, asked.request.resp_status])
    asked.request.wait(0.01)
    check(name + " twice", asked.events)
first = Asked(SITE + "/slow/0.1")
second = Asked(SITE + "/")
second.request.wait(delay=0.01)
check("wait() runs no other's callbacks", [first.events, second.names()])
run(first, second)
check("the others run later", [first.names(), second.names()])


def nested(request, result):
    inner = Asked(SITE + "/text?body=inner")
    inner.request.wait(0.01)
    request.wait(0.01)
    asked.events.append((result, inner.events))


asked = Asked(SITE + "/text?body=outer", on_success=nested)
run(asked)
check("wait() in a callback", asked.events)
following = []
asked = Asked(
    SITE + "/", on_success=lambda request, result: following.append(Asked(SITE + "/text?body=next"))
)
run(asked)
run(*following)
check("a request in a callback", following[0].events)


class Screen:
    def __init__(self):
        self.shown = None
        self.request = UrlRequest(SITE + "/text?body=shown", self.show)

    def show(self, request, result):
        self.shown = (request is self.request, result)


screen = Screen()
screen.request.wait(0.01)
check("bound method", screen.shown)
