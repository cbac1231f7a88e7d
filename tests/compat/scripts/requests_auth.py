# SPDX-License-Identifier: MIT
# Authentication, and retries.
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth, HTTPProxyAuth
from urllib3.util import Retry

check("basic", requests.get(SITE + "/basic/user/pass", auth=("user", "pass")).json())
check("basic object", requests.get(SITE + "/basic/user/pass", auth=HTTPBasicAuth("user", "pass")).status_code)
check("basic wrong", requests.get(SITE + "/basic/user/pass", auth=("user", "nope")).status_code)
check("basic in the URL", requests.get(SITE.replace("//", "//user:pass@") + "/basic/user/pass").status_code)
check(
    "basic in the URL, encoded",
    requests.get(SITE.replace("//", "//us%40er:pa%3Ass@") + "/basic/us%40er/pa:ss").status_code,
)
check("basic Latin-1", requests.get(SITE + "/basic/%C3%BC/p", auth=("\xfc", "p")).status_code)
check("basic beyond Latin-1", lambda: requests.get(SITE + "/basic/x/y", auth=("\u20ac", "p")))
check("basic bytes", requests.get(SITE + "/basic/user/pass", auth=(b"user", b"pass")).status_code)
check(
    "equal",
    [HTTPBasicAuth("a", "b") == HTTPBasicAuth("a", "b"), HTTPBasicAuth("a", "b") != HTTPBasicAuth("a", "c")],
)
check("attributes", [HTTPBasicAuth("a", "b").username, HTTPBasicAuth("a", "b").password])
r = requests.get(SITE + "/echo", auth=HTTPProxyAuth("u", "p"))
check("proxy auth", [r.request.headers.get("Proxy-Authorization"), "Authorization" in r.request.headers])


class PizzaAuth(AuthBase):
    def __init__(self, username):
        self.username = username

    def __call__(self, r):
        r.headers["X-Pizza"] = self.username
        return r


check("own", requests.get(SITE + "/echo", auth=PizzaAuth("kenneth")).json()["headers"]["x-pizza"])


def sign(r):
    r.headers["X-Signed"] = str(len(r.body))
    return r


check("function", requests.post(SITE + "/echo", data="abc", auth=sign).json()["headers"]["x-signed"])


def change(r):
    r.body = "changed"
    return r


check("function that changes the body", requests.post(SITE + "/echo", data="abc", auth=change).json()["body"])
check("base", lambda: AuthBase()(None))
s = requests.Session()
s.auth = PizzaAuth("session")
check("of a session", s.get(SITE + "/echo").json()["headers"]["x-pizza"])
check(
    "field of the app and auth",
    requests.get(SITE + "/echo", headers={"Authorization": "x"}, auth=("a", "b")).json()["headers"][
        "authorization"
    ],
)

digest = HTTPDigestAuth("user", "secret")
r = requests.get(SITE + "/digest", auth=digest)
check("digest", [r.status_code, r.json()["user"]])
check("digest history", [one.status_code for one in r.history])
check("digest again", requests.get(SITE + "/digest", auth=digest).status_code)
check("digest wrong", requests.get(SITE + "/digest", auth=HTTPDigestAuth("user", "wrong")).status_code)
check("digest with a body", requests.post(SITE + "/digest", data="body", auth=digest).json()["body"])
check("digest not asked for", requests.get(SITE + "/echo", auth=digest).status_code)
s = requests.Session()
s.auth = digest
check("digest of a session", [s.get(SITE + "/digest").status_code, s.get(SITE + "/digest").status_code])
check("digest equal", HTTPDigestAuth("a", "b") == HTTPDigestAuth("a", "b"))

# Retries

NUMBER = [0]


def flaky(retries, query, method="GET"):
    NUMBER[0] += 1
    name = "%s-%d" % (SIDE, NUMBER[0])

    def result():
        s = requests.Session()
        s.mount("http://", HTTPAdapter(max_retries=retries))
        try:
            found = s.request(method, SITE + "/flaky/%s?%s" % (name, query)).status_code
        except requests.RequestException as e:
            found = type(e).__name__
        return [found, requests.get(SITE + "/count/" + name).json()]

    return result


check("no retries", flaky(0, "status=503"))
check("status", flaky(Retry(total=3, status_forcelist=[503]), "status=503"))
check("status that is not listed", flaky(Retry(total=3, status_forcelist=[502]), "status=503"))
check("too many", flaky(Retry(total=1, status_forcelist=[503]), "status=503"))
check(
    "too many, not raised", flaky(Retry(total=1, status_forcelist=[503], raise_on_status=False), "status=503")
)
check("status count", flaky(Retry(total=9, status=1, status_forcelist=[503]), "status=503"))
check("POST is not sent again", flaky(Retry(total=3, status_forcelist=[503]), "status=503", "POST"))
check(
    "POST that may be",
    flaky(Retry(total=3, status_forcelist=[503], allowed_methods={"POST"}), "status=503", "POST"),
)
check(
    "all methods", flaky(Retry(total=3, status_forcelist=[503], allowed_methods=None), "status=503", "POST")
)
check("Retry-After", flaky(Retry(total=3), "status=503&after=0"))
check(
    "Retry-After, not respected",
    flaky(Retry(total=3, respect_retry_after_header=False), "status=503&after=0"),
)
check("an int and Retry-After", flaky(3, "status=503&after=0"))
check("an int", flaky(3, "status=503"))
check("connections that close", flaky(3, "status=close&times=1"))
check("connections that close, POST", flaky(3, "status=close&times=1", "POST"))
check("connections that close, read=0", flaky(Retry(total=3, read=0), "status=close&times=2"))
check("backoff", flaky(Retry(total=3, backoff_factor=0.001, status_forcelist=[503]), "status=503"))
s = requests.Session()
s.mount("http://", HTTPAdapter(max_retries=2))
check("nobody listens", lambda: s.get(REFUSED))
r = Retry(total=5, connect=4, read=3, redirect=2, status=1, allowed_methods=["GET"], status_forcelist=[500])
check("attributes of Retry", [r.total, r.connect, r.read, r.redirect, r.status, r.backoff_factor])
check("new", [r.new(total=2).total, r.new(total=2).read])
check("from_int", [Retry.from_int(4).total, Retry.from_int(r) is r])
check(
    "is_retry",
    [r.is_retry("GET", 500), r.is_retry("POST", 500), r.is_retry("GET", 501), r.is_retry("get", 503, True)],
)
check("default methods", sorted(Retry.DEFAULT_ALLOWED_METHODS))
check("Retry-After codes", sorted(Retry.RETRY_AFTER_STATUS_CODES))
check("backoff of the first", Retry(backoff_factor=1).get_backoff_time())
check("parse_retry_after", [r.parse_retry_after("7"), r.parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT")])
check(
    "adapter keeps",
    [HTTPAdapter(max_retries=r).max_retries.total, HTTPAdapter(max_retries=3).max_retries.total],
)
