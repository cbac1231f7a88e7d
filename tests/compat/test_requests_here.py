# SPDX-License-Identifier: MIT
"""What modules/requests promises besides the original: memory, slots, secrets, other origins."""

import pytest
from servers.site import Site
from servers.wire import CLOSE, HOLD, RESET, Reply, Request, WireFactory, head, reply
from support.program import Program


def test_every_failure_gives_its_slot_back(
    run_app: Program, sites: dict[str, Site], refused_url: str
) -> None:
    app = """
        import requests

        for path in PATHS:
            for stream in (False, True):
                try:
                    requests.get(SITE + path, stream=stream).content
                except requests.RequestException:
                    pass
        for url in (REFUSED, "http://", "x", SITE + "/drip/0.3"):
            try:
                requests.get(url, timeout=0.05)
            except requests.RequestException:
                pass
        show(http.stats()["in_flight"], http.stats()["free"])
    """
    paths = [
        "/close",
        "/short",
        "/badchunk",
        "/badgzip",
        "/nonsense",
        "/redirect/302?to=ftp://x/",
        "/hops/40",
    ]
    run = run_app(app, SITE=sites["plain"].url, REFUSED=refused_url, PATHS=paths)
    assert run.shown == (0, 16)


def test_seventeenth_open_stream_is_an_error_that_says_how_many_are_open(
    run_app: Program, wire: WireFactory
) -> None:
    app = """
        import requests

        streams = [requests.get(URL, stream=True) for _ in range(16)]
        try:
            requests.get(URL)
        except requests.ConnectionError as e:
            show("16 " in str(e), http.stats()["in_flight"])
        for stream in streams[:4]:
            stream.close()
        show(http.stats()["in_flight"])
        with streams[4]:
            pass
        show(http.stats()["in_flight"])
        del streams, stream
        gc.collect()
        show(http.stats()["in_flight"], requests.get(URL + "/whole").status_code)
    """

    def answer(request: Request) -> Reply:
        if request.target == "/whole":
            return reply(200, b"whole")
        return [head(200, "Content-Length: 10"), b"begin", HOLD]

    run = run_app(app, URL=wire(answer).url).ok()
    assert run.lines == [(True, 16), (12,), (11,), (0, 200)]


SECRETS = ("hidden-user", "hidden-word", "hidden-query", "hidden-field", "hidden-body")


def test_texts_hold_no_secrets(run_app: Program, sites: dict[str, Site], refused_url: str) -> None:
    app = """
        import requests

        def text(call):
            try:
                r = call()
                r.raise_for_status()
                print(repr(r))
            except Exception as e:
                print(type(e).__name__, e, repr(e))

        for base in BASES:
            url = base.replace("//", "//hidden-user:hidden-word@") + "?to=/echo?hidden-query"
            fields = {"X-Key": "hidden-field"}
            text(lambda: requests.get(url, headers=fields))
            text(lambda: requests.post(url, headers=fields, data="hidden-body"))
            text(lambda: requests.Request("GET", url, headers=fields, data={"a": "hidden-body"}).prepare())
        text(lambda: requests.get(SITE, headers={"X-Key": "hidden-field\\nx"}))
        text(lambda: requests.get("ftp://hidden-user:hidden-word@h/?hidden-query"))
        text(lambda: requests.get(SITE, auth=("hidden-user\\u20ac", "hidden-word")))
        jar = requests.cookies.cookiejar_from_dict({"name": "hidden-word"})
        print(jar, list(jar))
    """
    site = sites["plain"].url
    bases = [site + path for path in ("/status/404", "/redirect/302", "/hops/40")]
    bases += [refused_url, "http://:x", "http://a b/", "//"]
    run = run_app(app, SITE=site, BASES=bases).ok()
    assert "name" in run.stdout
    assert [secret for secret in SECRETS if secret in run.stdout] == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_another_origin_gets_nothing_of_the_app(run_app: Program, wire: WireFactory, status: int) -> None:
    other = wire(reply(200, b"other"))
    first = wire(reply(status, b"", f"Location: {other.url}/", "Set-Cookie: server=first"))
    app = """
        import requests

        session = requests.Session()
        session.headers["X-Session"] = "1"
        session.cookies.set("of-the-app", "1")
        session.params = {"key": "secret"}
        own = {"X-Own": "1", "Accept": "a/b"}
        r = session.post(URL, data="body", headers=own, auth=("u", "p"), cookies={"c": "1"})
        show(r.status_code, r.text)
    """
    # 127.0.0.1 is one host with two ports: cookies of the first server are for both (RFC 6265 8.5).
    assert run_app(app, URL=first.url).shown == (200, "other")
    assert "u:p" not in first.request.raw.decode()
    assert first.request.header("X-Own") == first.request.header("X-Session") == "1"
    sent = {name.lower() for name, _ in other.request.headers}
    assert sent <= {"host", "user-agent", "accept", "accept-encoding", "content-length", "cookie"}
    assert other.request.header("Accept") == "a/b"
    assert other.request.header("Cookie") == "server=first"
    assert "secret" not in other.request.target


def test_post_on_a_connection_that_has_ended_is_not_sent_twice(run_app: Program, wire: WireFactory) -> None:
    asked = []

    def answer(request: Request) -> Reply:
        asked.append(request.method)
        return reply(200, b"first") if len(asked) == 1 else [CLOSE]

    app = """
        import requests

        session = requests.Session()
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=3))
        session.get(URL)
        try:
            session.post(URL, data="order")
        except requests.ConnectionError as e:
            show(e.request.method)
    """
    assert run_app(app, URL=wire(answer).url).shown == ("POST",)
    assert asked == ["GET", "POST"]


def test_answer_behind_a_103_is_the_answer(run_app: Program, wire: WireFactory) -> None:
    server = wire(head(103, "Link: </style.css>") + reply(200, b"late", "X-Real: 1"))
    app = """
        import requests

        r = requests.get(URL)
        show(r.status_code, r.content, r.headers["X-Real"], "Link" in r.headers)
    """
    assert run_app(app, URL=server.url).shown == (200, b"late", "1", False)


def test_field_bytes_are_utf_8_where_they_can_be(run_app: Program, wire: WireFactory) -> None:
    server = wire(head(200, "Content-Length: 0", "X-Utf8: \xc3\xb8", "X-Latin: \xf8"))
    app = """
        import requests

        r = requests.get(URL)
        show(r.headers["X-Utf8"], r.headers["x-latin"])
    """
    assert run_app(app, URL=server.url).shown == ("\xf8", "\xf8")


def test_object_of_the_app_with_a_descriptor_is_read(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply(200, b"thanks"))
    app = """
        import requests

        class Wrapper:
            def __init__(self):
                self.left = [b"two ", b"pieces"]

            def __iter__(self):
                return self

            def __len__(self):
                return 10

            def fileno(self):
                return 0

            def read(self, size):
                return self.left.pop(0) if self.left else b""

        show(requests.post(URL, data=Wrapper()).text)
    """
    assert run_app(app, URL=server.url).shown == ("thanks",)
    assert server.request.body == b"two pieces"


def test_a_server_cannot_fill_a_jar(run_app: Program, wire: WireFactory) -> None:
    fields = [f"Set-Cookie: c{i}=x; Path=/{i}" for i in range(90)]
    server = wire(reply(200, b"", *fields))
    app = """
        import requests

        session = requests.Session()
        session.cookies.set("mine", "1", domain="example.org")
        for i in range(5):
            session.get(URL + "/%d" % i)
            for cookie in session.cookies:
                cookie.name += "x" if cookie.domain != "example.org" else ""
        show(len(session.cookies) <= 300, session.cookies["mine"])
    """
    assert run_app(app, URL=server.url).shown == (True, "1")


def test_bases_are_refused_for_what_is_no_class(run_app: Program) -> None:
    app = """
        import _http

        class Plain:
            pass

        values = (ValueError,)
        for args in ((1, values), (Plain, [ValueError]), (ValueError, (OSError,)), (Plain, values)):
            try:
                _http.bases(*args)
                show("taken")
            except TypeError:
                show("refused")
    """
    assert run_app(app).ok().lines == [("refused",)] * 4


def test_two_bases_stand_the_collector_and_many_raises(run_app: Program) -> None:
    app = """
        import requests

        caught = 0
        for i in range(20000):
            try:
                raise requests.ConnectTimeout("text", request=i)
            except requests.Timeout as e:
                caught += e.request == i
            if i % 1000 == 0:
                gc.collect()
        try:
            class Mine(requests.JSONDecodeError):
                pass
        except TypeError:
            show(caught)
    """
    assert run_app(app).shown == (20000,)


@pytest.mark.parametrize("stream", [False, True])
def test_content_beyond_16_mib_is_an_error_and_pieces_are_not(
    run_app: Program, wire: WireFactory, stream: bool
) -> None:
    size = (16 << 20) + 1
    server = wire([head(200, f"Content-Length: {size}"), bytes(size)])
    app = """
        import requests

        try:
            requests.get(URL, stream=STREAM).content
        except requests.ConnectionError:
            show("ConnectionError")
        except requests.RequestException as e:
            show("max_size" in str(e), http.stats()["in_flight"])
        if STREAM:
            show(sum(len(piece) for piece in requests.get(URL, stream=True).iter_content(1 << 20)))
    """
    run = run_app(app, URL=server.url, STREAM=stream).ok()
    assert run.lines == [(True, 0)] + [(size,)] * stream


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(503, b"", "Retry-After: soon"), "InvalidHeader"),
        (reply(503, b"", "Retry-After: -5"), "InvalidHeader"),
        (reply(302, b"", "Location: http://127.0.0.1:99999/"), "InvalidURL"),
        (reply(302, b"", "Location: http://127.0.0.1:x/"), "InvalidURL"),
        ([head(200, "Content-Length: 100"), b"some", RESET], "ChunkedEncodingError"),
    ],
)
def test_no_server_makes_an_app_fail_that_catches_what_requests_raises(
    run_app: Program, wire: WireFactory, answer: Reply, error: str
) -> None:
    app = """
        import requests
        from urllib3.util import Retry

        s = requests.Session()
        s.mount("http://", requests.adapters.HTTPAdapter(max_retries=Retry(total=2, status_forcelist=[503])))
        try:
            s.get(URL)
        except requests.RequestException as e:
            show(type(e).__name__, http.stats()["free"])
    """
    assert run_app(app, URL=wire(answer).url).shown == (error, 16)


def test_header_bytes_that_are_not_utf8_are_refused(run_app: Program, refused_url: str) -> None:
    app = """
        import requests

        for headers in ({"X-A": b"\\xff"}, {b"X-\\xff": "a"}):
            try:
                requests.get(URL, headers=headers)
            except requests.exceptions.InvalidHeader as e:
                show(str(e), http.stats()["submitted"])
    """
    assert run_app(app, URL=refused_url).lines == [("headers: no UTF-8", 0)] * 2
