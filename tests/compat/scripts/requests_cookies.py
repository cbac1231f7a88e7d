# SPDX-License-Identifier: MIT
# Cookies: the jar, its functions, and what goes over the wire.
import requests
from requests.cookies import (
    CookieConflictError,
    RequestsCookieJar,
    cookiejar_from_dict,
    create_cookie,
    merge_cookies,
)
from requests.cookies import remove_cookie_by_name
from requests.utils import add_dict_to_cookiejar, dict_from_cookiejar

jar = RequestsCookieJar()
check("empty", [len(jar), list(jar), jar.keys(), bool(list(jar))])
jar.set("a", "1")
jar["b"] = "2"
check("keys", jar.keys())
check("values", jar.values())
check("items", [list(pair) for pair in jar.items()])
check("iterators", [list(jar.iterkeys()), list(jar.itervalues()), [list(p) for p in jar.iteritems()]])
check("item", jar["a"])
check("get", [jar.get("a"), jar.get("nope"), jar.get("nope", "x")])
check("missing", lambda: jar["nope"])
check("in", ["a" in jar, "nope" in jar])
check("len", len(jar))
c = jar.set("c", "3", domain="example.org", path="/p", secure=True, expires=4000000000)
check("cookie", [c.name, c.value, c.domain, c.path, c.secure, c.expires, c.discard, c.version, c.port])
check("cookie expired", [c.is_expired(), c.is_expired(4000000001)])
check("cookie specified", [c.domain_specified, c.path_specified, c.domain_initial_dot, c.port_specified])
check(
    "nonstandard",
    [
        c.has_nonstandard_attr("HttpOnly"),
        c.get_nonstandard_attr("HttpOnly", 5),
        c.get_nonstandard_attr("x", 5),
    ],
)
c.set_nonstandard_attr("x", "y")
check("nonstandard of the app", c.get_nonstandard_attr("x"))
check("comment", [c.comment, c.comment_url, c.rfc2109])
check("list_domains", jar.list_domains())
check("list_paths", jar.list_paths())
check("multiple_domains", jar.multiple_domains())
check("get_dict", jar.get_dict())
check("get_dict of a domain", jar.get_dict(domain="example.org"))
check("get_dict of a path", jar.get_dict(path="/"))
check("get with a domain", [jar.get("c", domain="example.org"), jar.get("c", domain="other")])
jar.set("c", "4", domain="other.org", path="/")
check("conflict", lambda: jar["c"])
check("conflict with get", lambda: jar.get("c"))
check("conflict solved", jar.get("c", domain="other.org", path="/"))
check("conflict in", "c" in jar)
check("order", [[cookie.domain, cookie.path, cookie.name] for cookie in jar])
other = jar.copy()
del other["a"]
check("copy is separate", ["a" in jar, "a" in other])
check("update", [other.update({"z": "9"}), other["z"]])
other.update(cookiejar_from_dict({"y": "8"}))
check("update with a jar", other["y"])
other.set("y", None)
check("set None removes", "y" in other)
check("pop", [other.pop("z"), other.pop("z", "default")])
check("pop missing", lambda: other.pop("z"))
check("setdefault", [other.setdefault("s", "1"), other.setdefault("s", "2")])
other.clear("other.org")
check("clear a domain", other.list_domains())
check("clear what is not there", lambda: other.clear("nope.org"))
check("clear wrongly", lambda: other.clear(name="a"))
other.clear()
check("clear all", len(other))
jar.clear_session_cookies()
check("clear_session_cookies", jar.keys())
jar.set("e", "5", expires=1)
jar.clear_expired_cookies()
check("clear_expired_cookies", jar.keys())
remove_cookie_by_name(jar, "b")
check("remove_cookie_by_name", jar.keys())
check("set_cookie", [jar.set_cookie(create_cookie("f", "6", domain="d")), jar.get_dict("d")])
check("create_cookie wrongly", lambda: create_cookie("f", "6", nope=1))
check("value in quotes", [jar.set("q", '"a\\"b"').value])
check("conflict error", issubclass(CookieConflictError, RuntimeError))
check("cookiejar_from_dict", cookiejar_from_dict({"a": "1"}).get_dict())
check("cookiejar_from_dict None", len(cookiejar_from_dict(None)))
check(
    "cookiejar_from_dict keeps",
    cookiejar_from_dict({"a": "2"}, cookiejar_from_dict({"a": "1"}), overwrite=False)["a"],
)
check("cookiejar_from_dict overwrites", cookiejar_from_dict({"a": "2"}, cookiejar_from_dict({"a": "1"}))["a"])
check("merge_cookies", merge_cookies(cookiejar_from_dict({"a": "1"}), {"a": "2", "b": "3"}).get_dict())
check(
    "merge_cookies with a jar",
    merge_cookies(cookiejar_from_dict({"a": "1"}), cookiejar_from_dict({"a": "2"})).get_dict(),
)
check("merge_cookies wrongly", lambda: merge_cookies({}, {}))
check("dict_from_cookiejar", dict_from_cookiejar(cookiejar_from_dict({"a": "1"})))
check("add_dict_to_cookiejar", add_dict_to_cookiejar(RequestsCookieJar(), {"a": "1"}).get_dict())
check("equal", cookiejar_from_dict({"a": "1"}) == {"a": "1"})

# Over the wire


def sent(r):
    return r.json()["headers"].get("cookie")


check("cookies=", sent(requests.get(SITE + "/echo", cookies={"a": "b"})))
jar = RequestsCookieJar()
jar.set("tasty", "yum", domain=HOST, path="/echo")
jar.set("gross", "blech", domain=HOST, path="/elsewhere")
check("paths", sent(requests.get(SITE + "/echo", cookies=jar)))
check("path below", sent(requests.get(SITE + "/echo/below", cookies=jar)))
jar.set("far", "away", domain="example.org")
jar.set("safe", "only", domain=HOST, secure=True)
jar.set("old", "gone", domain=HOST, expires=1)
jar.set("deep", "first", domain=HOST, path="/echo/a")
jar.set("root", "last", domain=HOST, path="/")
check("domains, secure, expired, order", sent(requests.get(SITE + "/echo/a/b", cookies=jar)))
check("own field wins", sent(requests.get(SITE + "/echo", cookies={"a": "b"}, headers={"Cookie": "own=1"})))

r = requests.get(SITE + "/cookies?a=1&b=2")
check("received", r.cookies.get_dict())
check("received item", r.cookies["a"])
c = [cookie for cookie in r.cookies if cookie.name == "a"][0]
check(
    "received cookie",
    [c.domain, c.path, c.secure, c.expires, c.discard, c.domain_specified, c.path_specified],
)

for name, line in (
    ("attributes", "a=1; Path=/x; Max-Age=3600; Secure; HttpOnly; SameSite=Lax"),
    ("expired", "a=1; Max-Age=0"),
    ("expired by date", "a=1; Expires=Thu, 01 Jan 1970 00:00:10 GMT"),
    ("date", "a=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT"),
    ("date with hyphens", "a=1; expires=Wed, 09-Jun-2100 10:18:14 GMT"),
    ("date that is none", "a=1; Expires=never"),
    ("equals sign in the value", "a=b=c"),
    ("blanks", " a = 1 ; path = / "),
    ("empty value", "a="),
    ("quotes", 'a="b c"'),
    ("domain of another", "a=1; Domain=example.org"),
    ("domain", "a=1; Domain=127.0.0.1"),
    ("domain with a dot", "a=1; Domain=.127.0.0.1"),
    ("domain of all", "a=1; Domain=1"),
    ("no pair", "; Path=/"),
    ("empty domain", "a=1; Domain="),
    ("path without a slash", "a=1; Path="),
):
    r = requests.get(SITE + "/setcookie/below/x?line=" + requests.utils.quote(line, safe=""))
    found = [[c.name, c.value, c.domain, c.path, c.secure, c.discard] for c in r.cookies]
    check("Set-Cookie with " + name, found)
    check("Set-Cookie with %s: HttpOnly" % name, [c.has_nonstandard_attr("HttpOnly") for c in r.cookies])
r = requests.get(
    SITE + "/setcookie?line=" + requests.utils.quote("a=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT", safe="")
)
check("expires", [c.expires for c in r.cookies])

s = requests.Session()
s.get(SITE + "/cookies?session=123")
check("session keeps", s.cookies.get_dict())
check("session sends", sent(s.get(SITE + "/echo")))
check("session and cookies=", sorted(sent(s.get(SITE + "/echo", cookies={"more": "1"})).split("; ")))
check("cookies= are not kept", s.cookies.get_dict())
s.get(SITE + "/cookies?session=&attributes=;%20Max-Age=0")
check("server removes", s.cookies.get_dict())
s.cookies.set("own", "1")
s.cookies.update({"own2": "2"})
check("session of the app", sorted(sent(s.get(SITE + "/echo")).split("; ")))
r = s.get(SITE + "/cookies?hop=1&to=/echo")
check(
    "set by a redirect", [sorted(sent(r).split("; ")), r.history[0].cookies.get_dict(), r.cookies.get_dict()]
)
check("kept after a redirect", s.cookies.get_dict())
r = requests.get(SITE + "/cookies?hop=1&to=/echo")
check("set by a redirect without a session", sent(r))
r = requests.get(SITE + "/redirect/302?to=/echo", cookies={"a": "b"})
check("cookies= after a redirect", sent(r))
r = requests.get(SITE + "/redirect/302?to={other}/echo", cookies={"a": "b"})
check("cookies= after a redirect to another origin", sent(r))
with requests.Session() as s:
    s.cookies = cookiejar_from_dict({"k": "v"})
    check("jar of the app", sent(s.get(SITE + "/echo")))


def no_name():
    jar = requests.cookies.cookiejar_from_dict({"a": "1", "b": "2"})
    jar.set(None, None)
    return [len(jar), jar.get(None)]


check("no name is no name of all", no_name)
