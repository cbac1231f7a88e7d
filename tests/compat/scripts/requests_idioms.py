# SPDX-License-Identifier: MIT
# What apps do around requests: subclasses of Session, HTTPAdapter and Retry, hooks that log in, files, imports.
import io
import json

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.compat import quote, urljoin
from requests.cookies import extract_cookies_to_jar
from requests.packages.urllib3.util.retry import Retry

ECHO = SITE + "/echo"


def sent(r, name):
    return r.json()["headers"].get(name)


# Imports

check(
    "one Retry",
    [Retry is requests.adapters.Retry, Retry is urllib3.util.Retry, Retry is urllib3.util.retry.Retry],
)
check("requests.packages", requests.packages.urllib3.util.Retry is Retry)
check("urljoin", [urljoin("http://h/a/b?c", "../d"), requests.compat.urljoin("http://h/a/", "b")])
check("quote", [quote("a b/\xe9"), requests.compat.quote_plus("a b/"), requests.compat.unquote("a%20b")])
check("urlparse", lambda: requests.compat.urlparse("http://h/").netloc)
check("disable_warnings", lambda: urllib3.disable_warnings())

# Sessions


class BaseUrlSession(requests.Session):
    def __init__(self, base_url, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.base_url = base_url
        self.headers["User-Agent"] = "base/1"
        self.seen = []

    def request(self, method, url, *args, **kwargs):
        kwargs.setdefault("timeout", 5)
        return super().request(method, urljoin(self.base_url, url), *args, **kwargs)

    def prepare_request(self, request):
        p = super().prepare_request(request)
        p.headers["X-Prepared"] = "1"
        return p

    def send(self, request, **kwargs):
        r = super().send(request, **kwargs)
        self.seen.append([request.method, r.status_code, sorted(kwargs)])
        return r


s = BaseUrlSession(SITE + "/echo/")
r = s.get("below", params={"a": "b"})
check("subclass", [r.json()["path"], sent(r, "user-agent"), sent(r, "x-prepared"), s.seen])
check("subclass, post", s.post("/echo", json={"a": 1}).json()["body"])
s = requests.Session()
request = s.request
s.request = lambda method, url, **kwargs: request(method, SITE + url, **kwargs)
check("request of the app", s.get("/echo").json()["path"])
s = requests.Session()
s.hooks = {"response": lambda r, *args, **kwargs: r.raise_for_status()}
check("hook that raises", lambda: s.get(SITE + "/status/404"))
check("hook that does not", s.get(ECHO).status_code)
s = requests.Session()
s.headers = None
check("no header fields of the session", s.get(ECHO, headers={"X-A": "1"}).status_code)

# Adapters and retries


class TimeoutAdapter(HTTPAdapter):
    def __init__(self, *args, **kwargs):
        self.timeout = kwargs.pop("timeout")
        super().__init__(*args, **kwargs)

    def send(self, request, **kwargs):
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self.timeout
        return super().send(request, **kwargs)


def session(seconds, retries=0):
    s = requests.Session()
    s.mount("http://", TimeoutAdapter(timeout=seconds, max_retries=retries))
    return s


check("timeout of the adapter", session(5).get(ECHO).status_code)
check("timeout of the adapter that ends", lambda: session(0.1).get(SITE + "/slow/0.3"))
check("timeout of the call", session(0.1).get(SITE + "/slow/0.2", timeout=5).status_code)
check("no retries, as a Retry", lambda: session(0.1, Retry(total=0)).get(SITE + "/slow/0.3"))
check("no retries, refused", lambda: session(1, Retry(total=0)).get(REFUSED))
check("with POST", sorted(Retry.DEFAULT_ALLOWED_METHODS | {"POST"}))
seen = []


class MyRetry(Retry):
    def __init__(self, *args, **kwargs):
        self.word = kwargs.pop("word", "none")
        super().__init__(*args, **kwargs)

    def new(self, **kwargs):
        return super().new(word=self.word, **kwargs)

    def get_backoff_time(self):
        seen.append(self.word)
        return 0

    def increment(self, *args, **kwargs):
        counted.append("increment")
        return super().increment(*args, **kwargs)


def flaky(name, retries):
    return session(5, retries).get(SITE + "/flaky/%s-%s?status=503" % (name, SIDE)).status_code


counted = []
check("subclass of Retry", [flaky("mine", MyRetry(total=3, word="mine", status_forcelist=[503])), seen])
check("its increment()", len(counted))
check("all but POST", flaky("all", Retry(3, status_forcelist={503}, allowed_methods=["GET", "PUT"])))

# Hooks that log in


class Login(AuthBase):
    def __init__(self):
        self.token = "old"

    def __call__(self, r):
        r.headers["Authorization"] = "Basic " + self.token
        r.register_hook("response", self.handle)
        return r

    def handle(self, r, **kwargs):
        if r.status_code != 401:
            return r
        r.content
        r.close()
        self.token = "dXNlcjpwYXNz"
        p = r.request.copy()
        extract_cookies_to_jar(p._cookies, r.request, r.raw)
        p.prepare_cookies(p._cookies)
        p.headers["Authorization"] = "Basic " + self.token
        again = r.connection.send(p, **kwargs)
        again.history.append(r)
        again.request = p
        return again


auth = Login()
r = requests.get(SITE + "/basic/user/pass", auth=auth)
check("login", [r.status_code, [one.status_code for one in r.history], r.request.headers["Authorization"]])
s = requests.Session()
s.auth = auth
check("login again", [s.get(SITE + "/basic/user/pass").status_code, s.get(SITE + "/basic/user/pass").history])
check(
    "query of auth",
    requests.get(ECHO, params={"a": "b"}, auth=lambda r: (r.prepare_url(r.url, {"key": "k"}), r)[1]).json()[
        "path"
    ],
)
r = requests.get(SITE + "/digest", auth=requests.auth.HTTPDigestAuth("user", "secret"))
check("digest in the request", "Authorization" in r.request.headers)
check("adapter of a response", [type(requests.get(ECHO, timeout=5).connection)])
check("adapter of a plain get", type(requests.get(ECHO).connection))

# Bodies


def parts(**kwargs):
    def result():
        r = requests.post(ECHO, **kwargs)
        return r.json()["body"].replace(sent(r, "content-type").partition("boundary=")[2], "B")

    return result


check("number as a part", parts(files={"id": (None, 5)}))
check("number as a file", parts(files={"id": 5}))
check("JSON as a part", parts(files={"j": (None, json.dumps([1]), "application/json")}))
check("JSON of a mapping", lambda: requests.post(ECHO, json=requests.structures.CaseInsensitiveDict(a=1)))
check("JSON floats", requests.post(ECHO, json=[1e15, 0.1, 1e22]).json()["body"])
check("JSON controls", requests.post(ECHO, json="\b\f\n").json()["body"])
r = requests.post(ECHO, data={"a": []})
check("empty form", [sent(r, "content-length"), sent(r, "transfer-encoding")])
check("text file in memory", requests.post(ECHO, data=io.StringIO("h\xe9")).json()["body"])
check(
    "iterator that is sent again",
    lambda: session(5, Retry(3, status_forcelist=[503], allowed_methods=None)).post(
        SITE + "/flaky/iterator-%s?status=503" % SIDE, data=iter([b"a"])
    ),
)

# Header fields

check("no User-Agent", sent(requests.get(ECHO, headers={"User-Agent": None}), "user-agent") is None)
check(
    "no Accept-Encoding",
    sent(requests.get(ECHO, headers={"Accept-Encoding": None}), "accept-encoding") is None,
)
check("Latin-1", sent(requests.get(ECHO, headers={"X-A": "\xe9"}), "x-a"))
check("beyond Latin-1", lambda: sent(requests.get(ECHO, headers={"X-A": "\u20ac"}), "x-a"))
check("blank in a name", lambda: requests.get(ECHO, headers={"X A": "1"}).status_code)

# Cookies

check("cookie that is a number", lambda: requests.get(ECHO, cookies={"a": 5}))
check("cookie beyond ASCII", sent(requests.get(ECHO, cookies={"a": "\xe9"}), "cookie"))
s.cookies.set("empty", "")
check("empty cookie", ["empty" in s.cookies, s.cookies.get("empty"), len(s.cookies)])
check("update() with names", lambda: s.cookies.update(a="1"))
check("repr of a jar", repr(s.cookies))
for name, line in (
    ("Max-Age that is no number", "a=1; Max-Age=x"),
    ("Expires of asctime()", "a=1; Expires=Thu Jan  1 00:00:00 2099"),
    ("Path in quotes", 'a=1; Path="/x"'),
    ("no equals sign", "a"),
    ("Domain that ends the address", "a=1; Domain=0.0.1"),
    ("two paths", "a=1; Path=/x; Path=/y"),
    ("attributes of RFC 2965", 'a=1; Version=1; Port="80"; Comment=x; Discard'),
):
    r = requests.get(SITE + "/setcookie/x/y?line=" + quote(line, safe=""))
    check(
        "Set-Cookie with " + name,
        [[c.name, c.value, c.domain, c.path, c.discard, c.comment] for c in r.cookies],
    )

# Streams

r = requests.get(SITE + "/text?body=[1]&type=application/json", stream=True)
r.raw.decode_content = True
check("raw.read() with arguments", r.raw.read(2, decode_content=True))
check("raw.readline()", lambda: r.raw.readline())
check("raw as a file", lambda: json.load(requests.get(SITE + "/text?body=[1]", stream=True).raw))
check(
    "separators of Unicode",
    list(
        requests.get(SITE + "/text?body=a%E2%80%A8b%0Bc&type=text/x;charset=utf-8").iter_lines(
            decode_unicode=True
        )
    ),
)
r = requests.get(
    SITE + "/text?body=" + quote('data: {"x": 1}\n\ndata: [DONE]\n\n') + "&type=text/event-stream",
    stream=True,
)
check("events", [line[6:] for line in r.iter_lines(decode_unicode=True) if line.startswith("data: ")])
r = requests.Response()
r.raw = io.BytesIO(b"one\ntwo")
check("lines of a file of the app", list(r.iter_lines()))

# URLs, TLS, errors

p = requests.Request("GET", ECHO).prepare()
p.url = SITE + "/echo/x/../y"
check("dots in what is sent", requests.Session().send(p).json()["path"])
check("verify that is empty", lambda: requests.get(TLS, verify="").status_code)
check("cert for http", lambda: requests.get(ECHO, cert="nowhere.pem").status_code)
try:
    requests.get(SITE + "/text?body=[1,").json()
except requests.JSONDecodeError as e:
    check("place in JSON", e.pos)
check("half a pair in JSON", lambda: len(requests.get(SITE + "/text?body=%5B%22%5Cud83d%22%5D").json()))
try:
    requests.get(SITE + "/status/404").raise_for_status()
except requests.HTTPError as e:
    check("errno", e.errno is None)
    check("args", [len(e.args), e.response.status_code, e.request.method])


def two_bases():
    class Mine(requests.ConnectTimeout):
        pass

    return Mine.__name__


check("subclass of ConnectTimeout", two_bases)


class Mine(requests.HTTPError):
    def __init__(self, text, code=None, **kwargs):
        super().__init__(text, **kwargs)
        self.code = code


e = Mine("text", 5, response=r)
check("subclass of HTTPError", [str(e), e.code, e.response is r, isinstance(e, requests.RequestException)])
check("time as text", lambda: str(requests.get(ECHO).elapsed)[:5])
check("times compared", lambda: requests.get(ECHO).elapsed < requests.get(SITE + "/slow/0.1").elapsed)
