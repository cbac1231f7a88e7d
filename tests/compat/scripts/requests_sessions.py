# SPDX-License-Identifier: MIT
# Sessions: what requests share, redirects and their history, hooks, adapters.
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.sessions import merge_setting, session


def echo(r):
    return r.json()


def field(r, name):
    return r.json()["headers"].get(name)


s = requests.Session()
check(
    "defaults",
    [s.auth, s.proxies, s.params, s.stream, s.verify, s.cert, s.max_redirects, s.trust_env, s.hooks],
)
check("default headers", sorted([k.lower(), v] for k, v in s.headers.items()))
check("session()", type(session()))
check("adapters", list(s.adapters))
for method in ("get", "post", "put", "patch", "delete", "options"):
    check("method " + method, echo(getattr(s, method)(SITE + "/echo"))["method"])
    check("function " + method, echo(getattr(requests, method)(SITE + "/echo"))["method"])
check(
    "method head", [s.head(SITE + "/echo").status_code, s.head(SITE + "/redirect/302?to=/echo").status_code]
)
check("function head", requests.head(SITE + "/redirect/302?to=/echo").status_code)
check("head that follows", requests.head(SITE + "/redirect/302?to=/echo", allow_redirects=True).status_code)
check("request", echo(s.request("MKCOL", SITE + "/echo"))["method"])
check("function request", echo(requests.request("purge", SITE + "/echo"))["method"])
check(
    "what is sent with GET",
    sorted(p for p in echo(requests.get(SITE + "/echo"))["headers"].items() if p[0] != "host"),
)
check(
    "what is sent with POST",
    sorted(p for p in echo(requests.post(SITE + "/echo"))["headers"].items() if p[0] != "host"),
)
check("post positional", echo(requests.post(SITE + "/echo", {"a": "b"}))["body"])
check("post json", echo(requests.post(SITE + "/echo", None, {"a": 1}))["body"])
check("put data", echo(requests.put(SITE + "/echo", "x"))["body"])
check("patch data", echo(requests.patch(SITE + "/echo", b"x"))["body"])
check("delete data", echo(requests.delete(SITE + "/echo", data="x"))["body"])
check("get data", echo(requests.get(SITE + "/echo", data="x"))["body"])
check("get params", echo(requests.get(SITE + "/echo", {"a": "b"}))["path"])
check("unknown argument", lambda: requests.get(SITE + "/echo", nonsense=1))

s.headers.update({"x-test": "true"})
s.params = {"p": "1"}
r = s.get(SITE + "/echo", headers={"x-test2": "true"}, params={"q": "2"})
check("session headers", [field(r, "x-test"), field(r, "x-test2")])
check("session params", sorted(echo(r)["path"].partition("?")[2].split("&")))
r = s.get(SITE + "/echo", headers={"X-TEST": None}, params={"p": None})
check("None removes", [field(r, "x-test"), echo(r)["path"]])
r = s.get(SITE + "/echo", headers={"X-Test": "other"}, params={"p": "3"})
check("overrides", [field(r, "x-test"), echo(r)["path"]])
s.auth = ("user", "pass")
check("session auth", field(s.get(SITE + "/echo"), "authorization"))
check("auth overrides", field(s.get(SITE + "/echo", auth=("a", "b")), "authorization"))
s = requests.Session()
s.headers = {"User-Agent": "mine"}
check("headers of the app", field(s.get(SITE + "/echo"), "user-agent"))
check("User-Agent", field(requests.get(SITE + "/echo", headers={"user-agent": "my-app/0.0.1"}), "user-agent"))
check("merge_setting", [merge_setting(None, 1), merge_setting(2, 1), merge_setting(2, None)])
check("merge_setting of dicts", dict(merge_setting({"a": None, "b": 2}, {"a": 1, "c": 3})))
with requests.Session() as s:
    check("with", s.get(SITE + "/echo").status_code)

# Prepared requests

s = requests.Session()
p = requests.Request("POST", SITE + "/echo", data={"a": "b"}, headers={"X": "y"}).prepare()
p.body = "exactly this"
del p.headers["Content-Type"]
p.headers["Content-Length"] = "12"
check("body of the app", [echo(s.send(p))["body"], field(s.send(p), "content-type")])
p = s.prepare_request(requests.Request("GET", SITE + "/echo", headers={"K": "d"}))
p.headers["Keep-Dead"] = "parrot"
r = s.send(p, timeout=5, verify=True, stream=False, cert=None, proxies={})
check("prepared with the session", [field(r, "keep-dead"), field(r, "user-agent") == s.headers["User-Agent"]])
check("send a Request", lambda: s.send(requests.Request("GET", SITE)))
settings = s.merge_environment_settings(SITE, {}, None, None, None)
check(
    "merge_environment_settings",
    [settings["verify"], settings["stream"], settings["cert"], dict(settings["proxies"])],
)
check("send with settings", s.send(p, **settings).status_code)
check("send without a method", lambda: s.send(requests.Request("GET", SITE + "/echo").prepare()).status_code)

# Redirects

for status in (301, 302, 303, 307, 308):
    for method in ("GET", "POST", "PUT", "DELETE"):
        r = requests.request(
            method, SITE + "/redirect/%d?to=/echo" % status, data="body" if method != "GET" else None
        )
        found = [echo(r)["method"], echo(r)["body"], field(r, "content-length"), field(r, "content-type")]
        check("%d of %s" % (status, method), found)
check(
    "HEAD with 303",
    requests.request("HEAD", SITE + "/redirect/303?to=/echo", allow_redirects=True).request.method,
)
check("304 with a Location", requests.get(SITE + "/redirect/304?to=/echo").status_code)
check("300 with a Location", requests.get(SITE + "/redirect/300?to=/echo").status_code)
r = requests.get(SITE + "/hops/3")
check("history", [[one.status_code, one.url.replace(SITE, "")] for one in r.history])
check("history of history", [[len(one.history), one.is_redirect] for one in r.history])
check("history request", [one.request.url.replace(SITE, "") for one in r.history])
check("history content", [one.content for one in requests.get(SITE + "/redirect/302?to=/echo").history])
check("history headers", [one.headers["location"] for one in r.history])
check("url after redirects", r.url.replace(SITE, ""))
r = requests.get(SITE + "/hops/3", allow_redirects=False)
check("not followed", [r.status_code, r.history, r.is_redirect, r.headers["location"]])
check("next", [r.next.method, r.next.url.replace(SITE, "")])
check("send next", requests.Session().send(r.next).status_code)
check("no next", requests.get(SITE + "/echo", allow_redirects=False).next)
r = requests.get(SITE + "/redirect/308?to=/echo", allow_redirects=False)
check("permanent", [r.is_permanent_redirect, r.is_redirect])
s = requests.Session()
s.max_redirects = 2
check("max_redirects", [s.get(SITE + "/hops/2").status_code])
check("too many", lambda: s.get(SITE + "/hops/3"))
try:
    s.get(SITE + "/hops/5")
except requests.TooManyRedirects as e:
    check("too many: response", [e.response.status_code, len(e.response.history)])
for name, to in (
    ("relative", "303?to=/echo"),
    ("relative, up", "../echo"),
    ("query only", "?a=b"),
    ("absolute", SITE + "/echo"),
    ("without a scheme", SITE.partition(":")[2] + "/echo"),
    ("with blanks", "/echo?a b"),
    ("not ASCII", "/echo?\xf8"),
    ("fragment", "/echo#own"),
    ("dots", "/x/../echo"),
):
    if name == "query only":
        to = "/echo?a=b"
    r = requests.get(SITE + "/redirect/302?to=" + requests.utils.quote(to, safe="") + "#frag")
    check("Location " + name, [echo(r)["path"], r.url.replace(SITE, "")])
check("Location of another scheme", lambda: requests.get(SITE + "/redirect/302?to=ftp://example.org/"))
check(
    "resolve_redirects",
    [
        one.status_code
        for one in s.resolve_redirects(
            s.get(SITE + "/hops/2", allow_redirects=False),
            requests.Request("GET", SITE + "/hops/2").prepare(),
        )
    ],
)
check(
    "get_redirect_target",
    [s.get_redirect_target(r), s.get_redirect_target(s.get(SITE + "/hops/1", allow_redirects=False))],
)
check(
    "should_strip_auth",
    [
        s.should_strip_auth("http://a/", "http://b/"),
        s.should_strip_auth("http://a/x", "http://a:80/y"),
        s.should_strip_auth("http://a:1/", "http://a:2/"),
        s.should_strip_auth("https://a/", "http://a/"),
    ],
)
check("should_strip_auth to https", s.should_strip_auth("http://a/", "https://a/"))
r = requests.get(SITE + "/redirect/302?to=/echo", headers={"X-Own": "1"}, auth=("u", "p"))
check("fields stay at one origin", [field(r, "x-own"), field(r, "authorization")])
r = requests.get(
    SITE + "/redirect/302?to={other}/echo", headers={"X-Own": "1", "Accept": "a/b"}, auth=("u", "p")
)
check("account at another origin", field(r, "authorization"))
check("own field at another origin", field(r, "x-own"))
check("Accept and User-Agent at another origin", [field(r, "accept"), field(r, "user-agent")])
r = requests.post(SITE + "/redirect/307?to={other}/echo", json={"a": 1})
check("body at another origin", [echo(r)["body"], field(r, "content-type"), field(r, "content-length")])

# Bodies that are streams

with open("up.bin", "wb") as f:
    f.write(b"0123456789" * 1000)
with open("up.bin", "rb") as f:
    check("file", echo(requests.post(SITE + "/upload", data=f)))
with open("up.bin", "rb") as f:
    f.seek(9990)
    check("file from its position", echo(requests.post(SITE + "/upload", data=f)))
with open("up.bin", "rb") as f:
    check("file after 307", echo(requests.post(SITE + "/redirect/307?to=/upload", data=f)))


class Source:
    def __init__(self, data):
        self.data = data

    def __iter__(self):
        return iter([self.data])

    def read(self, n=-1):
        data, self.data = (self.data, b"") if n < 0 else (self.data[:n], self.data[n:])
        return data

    def __len__(self):
        return len(self.data)


def gen():
    yield b"hello "
    yield b"world"


check("generator", echo(requests.post(SITE + "/upload", data=gen())))
check("iterator", echo(requests.post(SITE + "/upload", data=iter([b"a", b"b"]))))
check("generator of str", echo(requests.post(SITE + "/upload", data=(text for text in ["hi", "there"]))))
check("object with a length", echo(requests.post(SITE + "/upload", data=Source(b"abcdef"))))
check("multipart", echo(requests.post(SITE + "/upload", files={"f": b"x" * 5000}))["size"] > 5000)
check("generator after 303", echo(requests.post(SITE + "/redirect/303?to=/upload", data=gen())))
check("generator after 307", lambda: echo(requests.post(SITE + "/redirect/307?to=/upload", data=gen())))


def faulty():
    yield b"a"
    raise KeyError("mine")


check("generator that raises", lambda: requests.post(SITE + "/upload", data=faulty()))

# Hooks

seen = []


def record(r, *args, **kwargs):
    seen.append(r.status_code)
    r.hook_called = True
    return r


def replace(r, *args, **kwargs):
    return requests.get(SITE + "/status/418")


r = requests.get(SITE + "/echo", hooks={"response": record})
check("hook", [seen, r.hook_called])
check("hook that replaces", requests.get(SITE + "/echo", hooks={"response": replace}).status_code)
check("several hooks", [requests.get(SITE + "/echo", hooks={"response": [record, record]}).status_code, seen])
s = requests.Session()
s.hooks["response"].append(record)
check("hook of a session", [s.get(SITE + "/hops/1").status_code, seen])
check(
    "hook arguments",
    lambda: (
        requests.get(
            SITE + "/echo", hooks={"response": lambda r, **kwargs: seen.append(sorted(kwargs))}
        ).status_code
    ),
)
check("hook got", seen[-1])
check("hook of another event", lambda: requests.get(SITE + "/echo", hooks={"request": record}))

# Adapters


class Mine(BaseAdapter):
    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        r = requests.Response()
        r.status_code = 299
        r._content = request.url.encode()
        r.url = request.url
        r.request = request
        return r

    def close(self):
        seen.append("closed")


s = requests.Session()
s.mount("mine://", Mine())
s.mount(SITE + "/special/", Mine())
check("order of adapters", [key.replace(SITE, "SITE") for key in s.adapters])
check("another scheme", [s.get("mine://some/where").status_code, s.get("mine://some/where").content])
check("longest prefix", [s.get(SITE + "/special/x").status_code, s.get(SITE + "/echo").status_code])
check(
    "get_adapter",
    [isinstance(s.get_adapter(SITE + "/echo"), HTTPAdapter), isinstance(s.get_adapter("MINE://x"), Mine)],
)
check("no adapter", lambda: requests.get("ftp://example.org/"))
check("no adapter for mailto", lambda: requests.get("mailto:a@example.org"))
s.close()
check("close closes adapters", seen[-2:])
check("after close", s.get(SITE + "/echo").status_code)
check("base adapter", lambda: BaseAdapter().send(None))
check("base adapter close", lambda: BaseAdapter().close())


class Adding(HTTPAdapter):
    def add_headers(self, request, **kwargs):
        request.headers["X-Added"] = "1"


s = requests.Session()
s.mount("http://", Adding())
check("add_headers", field(s.get(SITE + "/echo"), "x-added"))
a = HTTPAdapter()
p = requests.Request("GET", "http://u:p@h/a?b=c#d").prepare()
check("request_url", [a.request_url(p, {}), a.request_url(p, {"http": "http://proxy"})])
check("proxy_headers", [a.proxy_headers("http://u:p@proxy"), a.proxy_headers("http://proxy")])
check("adapter of its own send", a.send(requests.Request("GET", SITE + "/echo").prepare()).status_code)

# What urllib3 would do.
check("pool_block", lambda: type(HTTPAdapter(pool_block=True)))
check("pool sizes", type(HTTPAdapter(pool_connections=1, pool_maxsize=2)))
check("init_poolmanager", lambda: a.init_poolmanager(1, 1))
check("init_poolmanager with arguments", lambda: a.init_poolmanager(1, 1, maxsizes=5))
check("get_connection", lambda: len(type(a.get_connection("http://h/")).__name__) > 0)
check("get_connection_with_tls_context", lambda: a.get_connection_with_tls_context(p, True) is None)
check("proxy_manager_for", lambda: a.proxy_manager_for("http://h") is None)
check("build_connection_pool_key_attributes", lambda: len(a.build_connection_pool_key_attributes(p, True)))
check("cert_verify", lambda: a.cert_verify(None, "http://h/", False, None))
check("folder of certificates", lambda: requests.get(TLS, verify="."))
jar = requests.cookies.RequestsCookieJar()
check("policy", lambda: jar.set_policy(None))
check("get_policy", lambda: jar.get_policy() is None)
for name in ("add_cookie_header", "extract_cookies", "make_cookies", "set_cookie_if_ok"):
    check("urllib: " + name, lambda: getattr(jar, name)(None, None))


class Marking(HTTPAdapter):
    def build_response(self, req, resp):
        r = super().build_response(req, resp)
        r.marked = [req.method, resp.status]
        return r


s = requests.Session()
s.mount("http://", Marking())
check("build_response", s.get(SITE + "/echo").marked)
r = requests.get(SITE + "/echo", auth=("u", "p"), headers={"X-Own": "1"})
p = r.request.copy()
s.rebuild_auth(p, r)
check("rebuild_auth at one origin", "Authorization" in p.headers)
p.url = "http://example.org/"
s.rebuild_auth(p, r)
check("rebuild_auth at another origin", "Authorization" in p.headers)
for status, method in (
    (301, "POST"),
    (301, "PUT"),
    (302, "PUT"),
    (303, "DELETE"),
    (303, "HEAD"),
    (307, "POST"),
):
    r.status_code = status
    p.method = method
    s.rebuild_method(p, r)
    check("rebuild_method %d %s" % (status, method), p.method)
p.headers["Proxy-Authorization"] = "x"
check("rebuild_proxies", [dict(s.rebuild_proxies(p, {})), "Proxy-Authorization" in p.headers])
