# SPDX-License-Identifier: MIT
"""http.Cookies and the option cookies: RFC 6265, contract section 6."""

import ssl
from collections.abc import Callable

import pytest
from servers.certs import Certs, server_context
from servers.wire import CLOSE, HOLD, Reply, Request, WireFactory, by_path, head, redirect, reply
from support.cookie_app import app, cookie, echo
from support.program import Program

# ----------------------------------------------------------------------------------------------------
# A real server


def test_a_real_server_sets_sees_and_deletes_cookies(run_app: Program, httpbin: str) -> None:
    run = run_app(
        app("""
        def seen(path):
            return http.get(URL + path, cookies=jar).json()["cookies"]

        show(seen("/cookies/set?a=1&b=two"))
        show(seen("/cookies"))
        show(seen("/cookies/delete?a"))
        show(seen("/cookies"), names())
        show(seen("/cookies/set/c/3"))
        """),
        URL=httpbin,
    )
    assert run.ok().lines == [
        ({"a": "1", "b": "two"},),
        ({"a": "1", "b": "two"},),
        ({"b": "two"},),
        ({"b": "two"}, ["b"]),
        ({"b": "two", "c": "3"},),
    ]


def test_without_a_jar_nothing_is_kept(run_app: Program, httpbin: str, wire: WireFactory) -> None:
    run = run_app(
        app("""
        show(http.get(URL + "/cookies/set?a=1").json()["cookies"])
        show(http.get(URL + "/cookies/set?a=1", cookies=None).json()["cookies"])
        show(http.get(URL + "/cookies", cookies=jar).json()["cookies"], jar.list())
        """),
        URL=httpbin,
    )
    assert run.ok().lines == [({},), ({},), ({}, [])]


# ----------------------------------------------------------------------------------------------------
# What is kept and sent

_PAST = "Expires=Thu, 01 Jan 1970 00:00:10 GMT"


@pytest.mark.parametrize(
    ("set_cookie", "from_path", "to_path", "is_sent"),
    [
        ("a=1", "/", "/", True),
        ("a=1", "/", "/deep/down", True),
        ("a=1", "/x/y", "/x/z", True),
        ("a=1", "/x/y", "/x", True),
        ("a=1", "/x/y", "/", False),
        ("a=1", "/x/y", "/xy", False),
        ("a=1; Path=/a", "/", "/a", True),
        ("a=1; Path=/a", "/", "/a/b", True),
        ("a=1; Path=/a", "/", "/ab", False),
        ("a=1; Path=/a", "/", "/", False),
        ("a=1; Path=/a", "/", "/A", False),
        ("a=1; Path=", "/x/y", "/x/z", True),
        ("a=1; Path=nonsense", "/x/y", "/x/z", True),
        ("a=1; Domain=127.0.0.1", "/", "/", True),
        ("a=1; Domain=example.com", "/", "/", False),
        ("a=1; Domain=localhost", "/", "/", False),
        ("a=1; Domain=0.0.1", "/", "/", False),
        ("a=1; HttpOnly", "/", "/", True),
        ("a=1; SameSite=Strict", "/", "/", True),
        ("a=1; Unknown=x; More", "/", "/", True),
        ("a=1; Max-Age=100", "/", "/", True),
        ("a=1; Max-Age=0", "/", "/", False),
        ("a=1; Max-Age=-1", "/", "/", False),
        ("a=1; Expires=Fri, 01 Jan 2100 00:00:00 GMT", "/", "/", True),
        ("a=1; " + _PAST, "/", "/", False),
        ("a=1; Max-Age=100; " + _PAST, "/", "/", True),
        ("a=1; Expires=Thu, 01-Jan-70 00:00:10 GMT", "/", "/", False),
        ("a=1; expires=Thu, 01-Jan-70 00:00:10 GMT", "/", "/", False),
        ("a=1; Expires=Thursday, 31-Dec-70 23:59:59 GMT; Path=/; HttpOnly", "/", "/", False),
        ("a=1; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "/", "/", False),
        ("a=1; Expires=Wed, 31 Dec 1969 23:59:59 GMT", "/", "/", False),
        ("a=1; Expires=Wed, 31 Dec 1969 23:59:58 GMT", "/", "/", False),
        ("a=1; Expires=Mon, 01-Jan-1601 00:00:00 GMT; Domain=127.0.0.1", "/", "/", False),
        ("a=; Path=/x; Expires=Fri, 31 Dec 1909 23:59:59 GMT", "/", "/x", False),
        ("a=1; Expires=Fri, 01-Jan-99 00:00:00 GMT", "/", "/", False),
        ("a=1; Expires=Sat, 01-Jan-00 00:00:00 GMT", "/", "/", False),
        ("a=1; Expires=Tue, 01-Jan-69 00:00:00 GMT", "/", "/", True),
        ("a=1; Expires=Wed, 01-Jan-2070 00:00:00 GMT", "/", "/", True),
        ("a=1; Max-Age=100; Expires=Thu, 01-Jan-70 00:00:10 GMT", "/", "/", True),
        ("a=1; Expires=Thu, 01-Jan-70 00:00:10 GMT; Max-Age=100", "/", "/", True),
        ("a=1; Expires=", "/", "/", True),
        ("a=1; Expires=0", "/", "/", True),
        ("a=1; Expires=-1", "/", "/", True),
        ("a=1; Expires=soon", "/", "/", True),
        ("a=1; Expires=Mon, 01 Jan 0001 00:00:00 GMT", "/", "/", False),  # 2001, as RFC 6265 reads it
        ("a=1; Max-Age=soon", "/", "/", False),  # RFC 6265 ignores it: modules/http/README.md says it
        ("a=1; Max-Age=99999999999999999999", "/", "/", True),
        ("a=1; Domain=", "/", "/", True),
        ("=1", "/", "/", False),
        ("=1; Path=/", "/", "/", False),
        ("=1; ; a=2", "/", "/", False),
        ("; a=1", "/", "/", False),
        ("a", "/", "/", False),
        ("a; b=1", "/", "/", False),
        ("__Host-a=1", "/", "/", False),
        ("__Secure-a=1", "/", "/", False),
        ("", "/", "/", False),
        ("a=1\x01", "/", "/", False),
        ("a=" + "x" * 8000, "/", "/", False),
    ],
)
def test_cookie_is_sent_where_it_belongs(
    run_app: Program, wire: WireFactory, set_cookie: str, from_path: str, to_path: str, is_sent: bool
) -> None:
    setter: Reply = reply(200, b"", f"Set-Cookie: {set_cookie}")
    server = wire(lambda request: setter if request.header("X-First") else echo(request))
    run = run_app(
        app("""
        http.get(URL + FROM, {"X-First": "1"}, cookies=jar)
        jar.list()
        show(sent(URL + TO))
        """),
        URL=server.url,
        FROM=from_path,
        TO=to_path,
    )
    assert run.shown == (set_cookie.split(";")[0] if is_sent else "",)


def test_cookie_is_replaced_by_name_domain_and_path(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        app("""
        for line in ("a=1", "a=2", "a=3; Path=/x", "b=4", "a=5; HttpOnly"):
            sent(URL, headers={"X-Set": line})
        show(sent(URL + "/x"), sent(URL))
        """),
        URL=wire(echo).url,
    )
    assert run.shown == ("a=3; a=5; b=4", "a=5; b=4")


def test_cookie_ends_with_its_time(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        app("""
        sent(URL, headers={"X-Set": "a=1; Max-Age=1|b=2; Max-Age=100"})
        show(sent(URL), names())
        time.sleep(2.1)
        show(sent(URL), names())
        """),
        URL=wire(echo).url,
    )
    assert run.ok().lines == [("a=1; b=2", ["a", "b"]), ("b=2", ["b"])]


def test_cookies_of_a_domain_are_sent_to_its_hosts(run_app: Program, wire: WireFactory) -> None:
    server = wire(echo)
    run = run_app(
        app("""
        def url(host):
            return "http://%s:%d/" % (host, PORT)

        sent(url("x.dock.localhost"), headers={"X-Set": SETS})
        for host in HOSTS:
            show(host, sent(url(host)))
        """),
        PORT=server.port,
        SETS="host=1|domain=2; Domain=dock.localhost|other=3; Domain=a.localhost",
        HOSTS=["x.dock.localhost", "y.dock.localhost", "dock.localhost", "xdock.localhost", "127.0.0.1"],
    )
    assert run.ok().lines == [
        ("x.dock.localhost", "domain=2; host=1"),
        ("y.dock.localhost", "domain=2"),
        ("dock.localhost", "domain=2"),
        ("xdock.localhost", ""),
        ("127.0.0.1", ""),
    ]


def test_secure_cookie_is_set_and_sent_over_tls_only(
    run_app: Program, wire: WireFactory, certs: Certs
) -> None:
    # The loopback addresses themselves are trusted like TLS by libcurl; names below localhost are not.
    host = "dock.localhost"
    secure = wire(echo, server_context(certs.ca.issue_cert(host)))
    plain = wire(echo)
    run = run_app(
        app("""
        sent(PLAIN, headers={"X-Set": "s=1; Secure"})
        show(names())
        sent(SECURE, headers={"X-Set": "s=1; Secure|__Secure-s=2; Secure|p=3"}, cacert=CA)
        show(sent(SECURE, cacert=CA), sent(PLAIN))
        show(sorted((cookie["name"], cookie["secure"]) for cookie in jar.list()))
        sent(PLAIN, headers={"X-Set": "s=overwritten"})
        show(sent(SECURE, cacert=CA))
        """),
        PLAIN=plain.url.replace("127.0.0.1", host),
        SECURE=secure.url.replace("127.0.0.1", host),
        CA=certs.ca_pem,
    )
    assert run.ok().lines == [
        ([],),
        ("__Secure-s=2; p=3; s=1", "p=3"),
        ([("__Secure-s", True), ("p", False), ("s", True)],),
        ("__Secure-s=2; p=3; s=1",),
    ]


def test_cookies_of_redirects_are_kept_and_sent(run_app: Program, wire: WireFactory) -> None:
    server = wire(
        lambda request: (
            redirect(302, "/2", "Set-Cookie: a=1")
            if request.target == "/"
            else redirect(302, "/3", "Set-Cookie: b=2", "Set-Cookie: a=; Max-Age=0")
            if request.target == "/2"
            else echo(request)
        )
    )
    run = run_app(app("show(sent(URL), names())"), URL=server.url)
    assert run.shown == ("b=2", ["b"])
    assert [request.header("Cookie") for request in server.requests] == [None, "a=1", "b=2"]


def test_cookies_are_not_sent_to_another_host_by_a_redirect(run_app: Program, wire: WireFactory) -> None:
    other = wire(echo)
    server = wire(
        redirect(302, other.url.replace("127.0.0.1", "localhost"), "Set-Cookie: a=1"),
    )
    run = run_app(
        app("""
        jar.load(LINE)
        show(sent(URL), names())
        """),
        URL=server.url,
        LINE=cookie("b=2"),
    )
    assert run.shown == ("", ["a", "b"])
    assert (server.request.header("Cookie"), other.request.header("Cookie")) == ("b=2", None)


@pytest.mark.parametrize("function", ["post", "put", "head", "options", "delete"])
def test_every_method_uses_the_jar(run_app: Program, wire: WireFactory, function: str) -> None:
    server = wire(echo)
    run = run_app(
        app(f"""
        http.{function}(URL, {{"X-Set": "a=1"}}, cookies=jar)
        http.{function}_async(URL, cookies=jar).wait()
        show(names())
        """),
        URL=server.url,
    )
    assert run.shown == (["a"],)
    assert [request.header("Cookie") for request in server.requests] == [None, "a=1"]


# ----------------------------------------------------------------------------------------------------
# The jar


def test_list_says_everything_of_a_cookie(run_app: Program, wire: WireFactory) -> None:
    sets = "a=1|b=2; Path=/x; HttpOnly; Max-Age=1000|c=; Domain=127.0.0.1|d=x=y z"
    run = run_app(
        app("""
        sent(URL, headers={"X-Set": SETS})
        now = time.time()
        for cookie in sorted(jar.list(), key=lambda cookie: cookie["name"]):
            expires = cookie.pop("expires")
            show(cookie, expires and round((expires - now) / 100))
        """),
        URL=wire(echo).url,
        SETS=sets,
    )
    plain = {"domain": "127.0.0.1", "path": "/", "secure": False, "http_only": False, "subdomains": False}
    assert run.ok().lines == [
        (plain | {"name": "a", "value": "1"}, 0),
        (plain | {"name": "b", "value": "2", "path": "/x", "http_only": True}, 10),
        (plain | {"name": "c", "value": ""}, 0),
        (plain | {"name": "d", "value": "x=y z"}, 0),
    ]


_STRANGE = [
    "a=b\tc",
    "a\tb=c",
    "\t=\t",
    "y=grüß".encode().decode("latin-1"),
    "#HttpOnly_=1",
    "=1",
    "#c=1",
    "z=\\n",
    "w=; Path=/\t",
    "x=\xff\xfe",
]


@pytest.mark.parametrize("value", _STRANGE, ids=ascii)
def test_jar_survives_what_servers_send(run_app: Program, wire: WireFactory, value: str) -> None:
    run = run_app(
        app("""
        show(http.get(URL, cookies=jar).status_code())
        text = jar.save()
        other = http.Cookies()
        other.load(text)
        show(other.save() == text, jar.list() == other.list())
        """),
        URL=wire(reply(200, b"", f"Set-Cookie: {value}")).url,
    )
    assert run.ok().lines == [(200,), (True, True)]


def test_clear_forgets_all(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        app("""
        sent(URL, headers={"X-Set": "a=1|b=2; Max-Age=100"})
        show(sent(URL))
        jar.clear()
        show(sent(URL), jar.list(), jar.save())
        sent(URL, headers={"X-Set": "c=3"})
        show(sent(URL))
        http.Cookies().clear()
        """),
        URL=wire(echo).url,
    )
    assert run.ok().lines == [("a=1; b=2",), ("", [], ""), ("c=3",)]


def test_save_and_load_keep_everything(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        app("""
        sent(URL, headers={"X-Set": "a=1|b=2; HttpOnly; Max-Age=100; Path=/x|c=|d=x y; Domain=127.0.0.1"})
        text = jar.save()
        other = http.Cookies()
        other.load(text)
        lists = [sorted(each.list(), key=lambda cookie: cookie["name"]) for each in (jar, other)]
        show(isinstance(text, str), lists[0] == lists[1], len(lists[0]))
        show(sent(URL + "/x", other))
        other.load(text)
        show(len(other.list()))
        """),
        URL=wire(echo).url,
    )
    assert run.ok().lines == [(True, True, 4), ("a=1; b=2; c=; d=x y",), (4,)]


def test_load_takes_a_cookies_txt(run_app: Program, wire: WireFactory) -> None:
    text = "\r\n".join(
        [
            "# Netscape HTTP Cookie File",
            "# A comment with\ttabs\tin it",
            "",
            cookie("a=1"),
            "#HttpOnly_" + cookie("b=2"),
            cookie("c=3", path="/elsewhere"),
            cookie("e="),
            cookie("f=6").replace("\t0\t", "\t5\t"),  # expired in 1970
            "",
        ]
    )
    run = run_app(
        app("""
        jar.load(TEXT)
        show(sent(URL))
        show(sorted((cookie["name"], cookie["http_only"]) for cookie in jar.list()))
        """),
        URL=wire(echo).url,
        TEXT=text,
    )
    assert run.ok().lines == [
        ("a=1; b=2; e=",),
        ([("a", False), ("b", True), ("c", False), ("e", False)],),
    ]


_TABS = "\t1\t2\t3\t4\t5\t6"
_GARBAGE = [
    "garbage",
    "ALL",
    "SESS",
    "FLUSH",
    "RELOAD",
    "all",
    "Set-Cookie: evil=1",
    "set-cookie: evil=1; Path=/",
    "127.0.0.1\tFALSE\t/\tFALSE\t0\tevil",
    cookie("evil=1") + "\tmore",
    cookie("evil=1\x00"),
    cookie("evil=1\rX-Evil: 1"),
    cookie("evil=1\x7f"),
    cookie("evil=1; more=2"),
    cookie("evil;more=1"),
    cookie("evil=1").replace("evil", "evil=2"),
    cookie("evil=1", path="/\r"),
    cookie("evil=1", host="Set-Cookie:evil=1;domain=127.0.0.1;"),
    cookie("evil=1", host="set-cookie:evil"),
    cookie("evil=1").replace("\t", " "),
    "ALL" + _TABS,
    "Set-Cookie: evil=1;" + _TABS,
    "Set-Cookie: evil=1; Path=/;" + _TABS,
    "\t" * 6,
    cookie("evil=1").replace("\t0\t", "\tsoon\t"),
    cookie("evil=1").replace("127.0.0.1", ""),
    cookie("=1"),
    # libcurl drops a dot each time that it reads it: then it is a comment, and then another domain.
    cookie("evil=1").replace("127.0.0.1", ".#127.0.0.1"),
    cookie("evil=1").replace("127.0.0.1", "..127.0.0.1"),
    "#HttpOnly_garbage",
    "#HttpOnly_ALL",
]


@pytest.mark.parametrize("line", _GARBAGE, ids=repr)
def test_load_of_what_is_no_cookie_is_a_valueerror_and_adds_nothing(
    run_app: Program, wire: WireFactory, line: str
) -> None:
    run = run_app(
        app("""
        jar.load(GOOD[0])
        show(raised(lambda: jar.load("\\n".join([GOOD[1], LINE, GOOD[2]]))), sent(URL), names())
        """),
        URL=wire(echo).url,
        GOOD=[cookie("a=1"), cookie("b=2"), cookie("c=3")],
        LINE=line,
    )
    assert run.shown == ("ValueError", "a=1", ["a"])


def test_load_of_nothing_adds_nothing(run_app: Program) -> None:
    run = run_app(app("jar.load(''); jar.load('\\n\\r\\n# only comments\\n'); show(jar.list(), jar.save())"))
    assert run.shown == ([], "")


def test_load_wants_a_str(run_app: Program) -> None:
    values = "[b'', None, 1, ['a'], bytearray(b'x')]"
    run = run_app(app(f"show([raised(lambda: jar.load(value)) for value in {values}])"))
    assert run.shown == (["TypeError"] * 5,)


# ----------------------------------------------------------------------------------------------------
# Sharing


def test_requests_at_a_time_share_a_jar(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [0.05, echo(request)])
    run = run_app(
        app("""
        jar.load(LINE)
        requests = [http.get_async(URL, None, {"X-Set": "c%d=%d" % (i, i)}, cookies=jar) for i in range(16)]
        show(all("a=1" in request.wait().text().split("; ") for request in requests))
        show(len(jar.list()), len(sent(URL).split("; ")))
        """),
        URL=server.url,
        LINE=cookie("a=1"),
    )
    assert run.ok().lines == [(True,), (17, 17)]


def test_jars_are_apart(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        app("""
        jars = [http.Cookies() for _ in range(20)]
        for number, each in enumerate(jars):
            sent(URL, each, headers={"X-Set": "a=%d" % number})
        show([sent(URL, each) for each in jars])
        show(sent(URL, None), sent(URL))
        """),
        URL=wire(echo).url,
    )
    assert run.ok().lines == [([f"a={number}" for number in range(20)],), ("", "")]


def test_dropped_jar_lives_as_long_as_its_request(run_app: Program, wire: WireFactory) -> None:
    def handler(request: Request) -> Reply:
        if request.target == "/":
            return [0.1, redirect(302, "/end", "Set-Cookie: b=2")]
        return echo(request)

    run = run_app(
        app("""
        def start():
            mine = http.Cookies()
            mine.load(LINE)
            return http.get_async(URL, cookies=mine)

        requests = [start() for _ in range(16)]
        junk = [bytes(100) for _ in range(1000)]
        gc.collect()
        gc.collect()
        show([request.wait().text() for request in requests].count("a=1; b=2"), http.stats()["free"])
        """),
        URL=wire(handler).url,
        LINE=cookie("a=1"),
    )
    assert run.shown == (16, 16)


def test_dropped_jars_of_cancelled_requests_are_freed(run_app: Program, wire: WireFactory) -> None:
    hold: Reply = [HOLD]
    run = run_app(
        app("""
        for _ in range(50):
            request = http.get_async(URL, cookies=http.Cookies())
            gc.collect()
            request.cancel()
            gc.collect()
        show(http.stats()["free"], jar.list())
        """),
        URL=wire(hold).url,
    )
    assert run.shown == (16, [])


def test_jar_can_be_used_while_its_requests_run(run_app: Program, wire: WireFactory) -> None:
    server = wire(lambda request: [0.1, echo(request)])
    run = run_app(
        app("""
        requests = [http.get_async(URL, None, {"X-Set": "a=1"}, cookies=jar) for _ in range(8)]
        while not all(request.done() for request in requests):
            jar.list(), jar.save(), jar.clear()
            jar.load(LINE)
        show([request.response().status_code() for request in requests], "b" in names())
        """),
        URL=server.url,
        LINE=cookie("b=2"),
    )
    assert run.shown == ([200] * 8, True)


def test_cookies_of_a_failed_request_are_kept(run_app: Program, wire: WireFactory, refused_url: str) -> None:
    cut: Reply = [head(200, "Content-Length: 10", "Set-Cookie: a=1"), b"five.", CLOSE]
    server = wire(by_path({"/": cut}))
    run = run_app(
        app("""
        r = http.get(URL, cookies=jar)
        show(r.status_code(), names(), http.stats()["free"])
        show(http.get(REFUSED, cookies=jar).status_code(), http.stats()["free"], names())
        """),
        URL=server.url,
        REFUSED=refused_url,
    )
    assert run.ok().lines == [(18, ["a"], 16), (7, 16, ["a"])]


def test_cookies_stand_in_no_text_for_people(run_app: Program, refused_url: str) -> None:
    run = run_app(
        app("""
        jar.load(LINE)
        r = http.get(URL, cookies=jar)
        show(r.status_code(), "secret" in r.error() + repr(r) + repr(jar))
        try:
            jar.load("secret line")
        except ValueError as e:
            show("secret" in str(e))
        """),
        URL=refused_url,
        LINE=cookie("a=secret"),
    )
    assert run.ok().lines == [(7, False), (False,)]


_WRONG = ["1", "'a=b'", "{'a': 'b'}", "[]", "True", "http.Cookies", "object()", "http", "b''"]
_WRONG += ["type('C', (), {'_jar': 1})()"]


def test_wrong_type_names_cookies(wrong: Callable) -> None:
    raised = wrong(
        [f"http.{name}(URL, cookies={value})" for value in _WRONG for name in ("get", "get_async")]
    )
    values = [value for value in _WRONG for _ in range(2)]
    named = [
        (value, name, "cookies" in message) for value, (name, message) in zip(values, raised, strict=True)
    ]
    assert named == [(value, "TypeError", True) for value in values]


def test_tls_of_a_jar_is_still_verified(run_app: Program, wire: WireFactory, tls: ssl.SSLContext) -> None:
    run = run_app(app("show(http.get(URL, cookies=jar).status_code())"), URL=wire(echo, tls).url)
    assert run.shown == (60,)
