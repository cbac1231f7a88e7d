# SPDX-License-Identifier: MIT
"""Option compressed: gzip and deflate, and decompression bombs: contract section 6."""

import gzip
import hashlib
import itertools
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from nginx_servers import nginx_servers
from servers.certs import Certs
from servers.nginx import find_nginx
from servers.wire import CLOSE, Reply, WireFactory, WireServer, by_path, chunked, head, numbered_bytes, reply
from support.program import Program

_TEXT = b"compress me " * 1000

# Both ways to get a Response.
_HOW = ["http.get(URL, compressed=True{})", "http.get_async(URL, compressed=True{}).wait()"]

_RSS = """
def rss():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096


"""


def raw_deflate(data: bytes) -> bytes:
    """Raw deflate without the header of zlib, as some servers send it."""
    coder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return coder.compress(data) + coder.flush()


_CODINGS = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
}
_BOMB = gzip.compress(bytes(10 << 20))


def coded(coding: str, data: bytes) -> bytes:
    """A reply with this body in the coding."""
    return reply(200, data, f"Content-Encoding: {coding}")


@pytest.fixture(scope="module")
def gzip_url(tmp_path_factory: pytest.TempPathFactory, certs: Certs) -> Iterator[str]:
    """An nginx that compresses /text and /1m if the client accepts it."""
    folder = tmp_path_factory.mktemp("gzip")
    (folder / "www").mkdir()
    (folder / "www/text").write_bytes(_TEXT)
    (folder / "www/1m").write_bytes(numbered_bytes(1 << 20))
    program = find_nginx()

    def servers(port: int) -> str:
        return f"server {{ listen 127.0.0.1:{port}; gzip on; gzip_types *; gzip_min_length 1; }}"

    with nginx_servers(program, folder, certs.leaf, 1, servers) as (port,):
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("how", _HOW)
def test_nginx_compresses_when_asked(run_app: Program, gzip_url: str, how: str) -> None:
    run = run_app(
        f"""
        r = {how.format("")}
        show(r.status_code(), r.header("content-encoding"), bytes(r.body()), r.error(), http.stats()["free"])
        """,
        URL=f"{gzip_url}/text",
    )
    assert run.shown == (200, "gzip", _TEXT, "", 16)


def test_nginx_does_not_compress_unasked(run_app: Program, gzip_url: str) -> None:
    run = run_app(
        """
        for options in {}, {"compressed": False}:
            r = http.get(URL, **options)
            show(r.header("content-encoding"), bytes(r.body()))
        """,
        URL=f"{gzip_url}/text",
    )
    assert run.ok().lines == [(None, _TEXT)] * 2


def test_compressed_goes_to_a_file_and_to_on_data(run_app: Program, gzip_url: str, tmp_path: Path) -> None:
    run = run_app(
        """
        got = bytearray()
        codes = [http.get(URL, compressed=True, file="file").status_code(),
                 http.get(URL, compressed=True, on_data=got.extend).status_code()]
        with open("file", "rb") as f:
            show(codes, f.read() == got)
        """,
        URL=f"{gzip_url}/1m",
    )
    assert run.shown == ([200, 200], True)
    assert (tmp_path / "file").read_bytes() == numbered_bytes(1 << 20)


def test_accept_encoding_is_sent_only_when_asked(run_app: Program, wire: WireFactory) -> None:
    server = wire(reply())
    run_app(
        """
        http.get(URL)
        http.get(URL, compressed=False)
        http.get(URL, compressed=True)
        http.get_async(URL, compressed=True).wait()
        """,
        URL=server.url,
    ).ok()
    sent = [request.header("Accept-Encoding") for request in server.requests]
    assert sent[:2] == [None, None]
    assert sent[2] == sent[3]
    assert {coding.strip() for coding in (sent[2] or "").split(",")} == {"gzip", "deflate"}


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize("coding", _CODINGS)
def test_codings_are_decoded(run_app: Program, wire: WireFactory, how: str, coding: str) -> None:
    name, compress = _CODINGS[coding]
    run = run_app(
        f"r = {how.format('')}\nshow(r.status_code(), bytes(r.body()))",
        URL=wire(coded(name, compress(_TEXT))).url,
    )
    assert run.shown == (200, _TEXT)


@pytest.mark.parametrize(
    "frame",
    [
        lambda data: (
            head(200, "Content-Encoding: gzip", "Transfer-Encoding: chunked") + chunked(data[:7], data[7:])
        ),
        lambda data: [head(200, "Content-Encoding: gzip"), data[:7], 0.05, data[7:], CLOSE],
        lambda data: reply(404, data, "content-encoding: GZIP"),
    ],
    ids=["chunked", "until close", "404"],
)
def test_body_is_decoded_however_it_is_framed(run_app: Program, wire: WireFactory, frame: type) -> None:
    server = wire(frame(gzip.compress(_TEXT)))
    run = run_app("r = http.get(URL, compressed=True); show(bytes(r.body()), r.error())", URL=server.url)
    assert run.shown == (_TEXT, "")


def test_without_the_option_the_raw_bytes_arrive(run_app: Program, wire: WireFactory) -> None:
    data = gzip.compress(_TEXT)
    run = run_app("show(bytes(http.get(URL).body()))", URL=wire(coded("gzip", data)).url)
    assert run.shown == (data,)


def test_server_that_does_not_compress_is_no_failure(run_app: Program, wire: WireFactory) -> None:
    run = run_app("show(bytes(http.get(URL, compressed=True).body()))", URL=wire(reply(200, _TEXT)).url)
    assert run.shown == (_TEXT,)


def test_empty_body_is_no_failure(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        "r = http.get(URL, compressed=True); show(r.status_code(), bytes(r.body()))",
        URL=wire(coded("gzip", b"")).url,
    )
    assert run.shown == (200, b"")


@pytest.fixture
def bomb(wire: WireFactory) -> WireServer:
    """10 KB that become 10 MiB."""
    assert len(_BOMB) < 12_000
    return wire(coded("gzip", _BOMB))


@pytest.mark.parametrize("how", _HOW)
def test_bomb_ends_with_63_at_once_and_without_its_memory(
    run_app: Program, bomb: WireServer, how: str
) -> None:
    run = run_app(
        f"""{_RSS}
http.get(URL, compressed=True, max_size=1)
before = rss()
start = time.ticks_ms()
r = {how.format(", max_size=100000")}
seconds = time.ticks_diff(time.ticks_ms(), start) / 1000
show(r.status_code(), bytes(r.body()) == bytes(100000), seconds < 0.5, rss() - before < 2 << 20,
     http.stats()["free"])
""",
        URL=bomb.url,
    )
    assert run.shown == (63, True, True, True, 16)


def test_bomb_of_160_mib_ends_with_63_by_itself(run_app: Program, wire: WireFactory) -> None:
    """The default limit is 16 MiB."""
    run = run_app(
        "r = http.get(URL, compressed=True); show(r.status_code(), len(r.body()), http.stats()['free'])",
        URL=wire(coded("gzip", gzip.compress(bytes(160 << 20), compresslevel=1))).url,
        heap="32M",
    )
    assert run.shown == (63, 16 << 20, 16)


def test_bomb_in_on_data_ends_with_63(run_app: Program, bomb: WireServer) -> None:
    run = run_app(
        """
        sizes = []
        r = http.get(URL, compressed=True, max_size=100000, on_data=lambda view: sizes.append(len(view)))
        show(r.status_code(), sum(sizes), http.stats()["free"])
        """,
        URL=bomb.url,
    )
    assert run.shown == (63, 100_000, 16)


def test_bomb_leaves_no_file(run_app: Program, bomb: WireServer, tmp_path: Path) -> None:
    run = run_app(
        "show(http.get(URL, compressed=True, max_size=100000, file='file').status_code())", URL=bomb.url
    )
    assert run.shown == (63,)
    assert [path.name for path in tmp_path.iterdir()] == ["app.py"]


@pytest.mark.parametrize(("limit", "status"), [(len(_TEXT), 200), (len(_TEXT) - 1, 63), (0, 200)])
def test_max_size_counts_decoded_bytes(run_app: Program, wire: WireFactory, limit: int, status: int) -> None:
    run = run_app(
        "show(http.get(URL, compressed=True, max_size=LIMIT).status_code())",
        URL=wire(coded("gzip", gzip.compress(_TEXT))).url,
        LIMIT=limit,
    )
    assert run.shown == (status,)


def test_progress_counts_decoded_bytes_of_an_unknown_total(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        calls = []
        http.get(URL, compressed=True, on_progress=lambda *numbers: calls.append(numbers))
        show(calls[-1], {total for _, total in calls})
        """,
        URL=wire(coded("gzip", gzip.compress(_TEXT))).url,
    )
    assert run.shown == ((len(_TEXT), -1), {-1})


_GARBAGE: dict[str, Reply] = {
    "gzip": coded("gzip", b"this is not compressed"),
    "deflate": coded("deflate", b"\xff\xff\xff this is not compressed"),
    "spoilt": coded("gzip", gzip.compress(_TEXT)[:30] + b"\xff" * 30),
    "wrong checksum": coded("gzip", gzip.compress(_TEXT)[:-8] + bytes(8)),
    "unknown coding": coded("x-unheard-of", b"data"),
}


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize("garbage", _GARBAGE)
def test_garbage_is_61(run_app: Program, wire: WireFactory, how: str, garbage: str) -> None:
    run = run_app(
        f"r = {how.format('')}\nshow(r.status_code(), r.error(), http.stats()['free'])",
        URL=wire(_GARBAGE[garbage]).url,
    )
    status, error, free = run.shown
    assert (status, free) == (61, 16)
    assert "coding" in error.lower() or "encoding" in error.lower()  # and nothing of a disk


def test_truncated_body_is_18_and_keeps_what_had_arrived(run_app: Program, wire: WireFactory) -> None:
    data = gzip.compress(numbered_bytes(100_000))
    server = wire([head(200, f"Content-Length: {len(data)}", "Content-Encoding: gzip"), data[:-99], CLOSE])
    run = run_app(
        "r = http.get(URL, compressed=True); show(r.status_code(), bytes(r.body()))", URL=server.url
    )
    status, body = run.shown
    assert status == 18
    assert body
    assert numbered_bytes(100_000).startswith(body)


@pytest.mark.parametrize("function", ["get", "get_async"])
@pytest.mark.parametrize("value", ["1", "None", "'gzip'", "['gzip']"])
def test_wrong_compressed_raises_and_takes_no_slot(
    run_app: Program, function: str, value: str, refused_url: str
) -> None:
    run = run_app(
        f"""
        try:
            http.{function}(URL, compressed={value})
        except TypeError as e:
            show("compressed" in str(e), http.stats()["free"])
        """,
        URL=refused_url,
    )
    assert run.shown == (True, 16)


@pytest.mark.needs("memory")
def test_slow_app_makes_memory_grow_by_a_few_chunks(run_app: Program, wire: WireFactory) -> None:
    """Waiting data stays compressed: 16 KiB of gzip are 16 MiB, and the whole body is 128 MiB."""
    bomb = wire(coded("gzip", gzip.compress(bytes(128 << 20))))
    run = run_app(
        _RSS
        + """
def take(view):
    sizes.append(len(view))
    time.sleep(0.02)
    if len(sizes) == 10:
        show(max(sizes) <= 64 << 10, (rss() - before) >> 10)
        request.cancel()


sizes = []
http.get(URL, compressed=True, max_size=1)
before = rss()
request = http.get_async(URL, show, compressed=True, on_data=take, max_size=0)
""",
        URL=bomb.url,
        heap="1M",
    )
    small, grown_kib = run.shown
    assert small
    assert grown_kib < 2048  # with the heap of Python


_MEMBERS = gzip.compress(_TEXT[:5000]) + gzip.compress(b"") + gzip.compress(_TEXT[5000:])
_WHOLE = {
    "members": ("gzip", _MEMBERS),
    "zeros behind": ("gzip", gzip.compress(_TEXT) + bytes(512)),
    "a zero behind": ("gzip", gzip.compress(_TEXT) + bytes(1)),
    "CRLF behind": ("gzip", gzip.compress(_TEXT) + b"\r\n"),
    "half a mark of a member behind": ("gzip", gzip.compress(_TEXT) + b"\x1f"),
    "text behind members": ("gzip", _MEMBERS + b"<!-- cached -->" * 2000),
    "x-gzip": ("x-gzip", gzip.compress(_TEXT)),
    "deflate": ("deflate", zlib.compress(_TEXT)),
    "CRLF behind deflate": ("deflate", zlib.compress(_TEXT) + b"\r\n"),
    "raw deflate": ("deflate", raw_deflate(_TEXT)),
    "raw deflate of a stored block": ("deflate", b"\x01\x03\x00\xfc\xffabc"),
    "CRLF behind raw deflate": ("deflate", raw_deflate(_TEXT) + b"\r\n"),
    "identity": ("identity", _TEXT),
    "identity and gzip": ("Identity,, GZIP , none", gzip.compress(_TEXT)),
}


def _pieces(data: bytes, size: int) -> list[bytes]:
    """Send the first and the last bytes in pieces of this size; 0: everything in one piece."""
    edge = 16 if size else 0
    tail = max(edge, len(data) - edge)
    cuts = {0, *range(0, edge, size or 1), *range(tail, len(data), size or 1), len(data)}
    return [data[start:end] for start, end in itertools.pairwise(sorted(cuts)) if start < len(data)]


@pytest.mark.parametrize("size", [0, 1, 2, 7])
@pytest.mark.parametrize("what", _WHOLE)
def test_all_members_are_the_body_and_what_is_none_is_dropped(
    run_app: Program, wire: WireFactory, what: str, size: int
) -> None:
    """RFC 1952 2.2. The pieces may split the header, which tells the kind, and the trailer."""
    coding, data = _WHOLE[what]
    server = wire(
        head(200, f"Content-Encoding: {coding}", "Transfer-Encoding: chunked") + chunked(*_pieces(data, size))
    )
    run = run_app(
        """
        got = bytearray()
        r = http.get(URL, compressed=True, on_data=got.extend)
        show(r.status_code(), r.error(), bytes(got), bytes(http.get(URL, compressed=True).body()) == got)
        """,
        URL=server.url,
    )
    assert run.shown == (200, "", b"abc" if "stored" in what else _TEXT, True)


def test_codings_in_two_fields_and_in_a_folded_one(run_app: Program, wire: WireFactory) -> None:
    data = gzip.compress(_TEXT)
    two = reply(200, data, "Content-Encoding: identity", "Content-Encoding: gzip")
    folded = reply(200, data, "Content-Encoding: identity,\r\n gzip")
    run = run_app(
        'show(*[bytes(http.get(URL + path, compressed=True).body()) for path in ("/two", "/folded")])',
        URL=wire(by_path({"/two": two, "/folded": folded})).url,
    )
    assert run.shown == (_TEXT, _TEXT)


_SPOILT = {
    "too short": ("gzip", gzip.compress(_TEXT)[:-20]),
    "without its checksum": ("gzip", gzip.compress(_TEXT)[:-8]),
    "the first byte": ("gzip", b"\x1f"),
    "a second member that is too short": ("gzip", gzip.compress(_TEXT) + gzip.compress(_TEXT)[:-5]),
    "a second member that is spoilt": ("gzip", gzip.compress(_TEXT) + gzip.compress(_TEXT)[:-5] + bytes(5)),
    "deflate that is too short": ("deflate", zlib.compress(_TEXT)[:-5]),
    "raw deflate that is too short": ("deflate", raw_deflate(_TEXT)[:-5]),
    "neither kind of deflate": ("deflate", b"\x07\x07\x07\x07"),
    "gzip as deflate": ("deflate", gzip.compress(_TEXT)),
    "deflate with a dictionary": ("deflate", b"\x78\xbb" + bytes(40)),
    "gzip of gzip": ("gzip, gzip", gzip.compress(gzip.compress(_TEXT))),
    "deflate, then gzip": ("deflate, gzip", gzip.compress(zlib.compress(_TEXT))),
    "gzip, then deflate": ("gzip,deflate", zlib.compress(gzip.compress(_TEXT))),
    "br": ("br", b"\x0b\x02\x80hello\x03"),
    "gzip and br": ("gzip, br", gzip.compress(_TEXT)),
}


@pytest.mark.parametrize("what", _SPOILT)
def test_body_that_is_not_what_its_coding_says_is_61_and_no_file(
    run_app: Program, wire: WireFactory, what: str
) -> None:
    (run_app.folder / "file").write_bytes(b"old")
    run = run_app(
        """
        r = http.get(URL, compressed=True, file="file")
        with open("file") as f:
            show(r.status_code(), bool(r.error()), f.read())
        show(http.get(URL, compressed=True).status_code(), http.stats()["free"])
        """,
        URL=wire(coded(*_SPOILT[what])).url,
    )
    assert run.ok().lines == [(61, True, "old"), (61, 16)]


def test_stream_that_waits_gets_every_byte_once(run_app: Program, wire: WireFactory) -> None:
    """Each piece that arrives is larger, once decoded, than the free buffer."""
    body = b"".join(b"%08d" % (number // 100) for number in range(1 << 20))
    data = gzip.compress(body[: 1 << 20]) + gzip.compress(body[1 << 20 :])
    run = run_app(
        """
        import hashlib

        def take(view):
            sha.update(view)
            sizes.append(len(view))

        sha = hashlib.sha256()
        sizes = []
        r = http.get(URL, compressed=True, on_data=take, max_size=0)
        show(r.status_code(), r.error(), sum(sizes), sha.digest())
        """,
        URL=wire(coded("gzip", data)).url,
    )
    assert run.shown == (200, "", len(body), hashlib.sha256(body).digest())
