# SPDX-License-Identifier: MIT
"""json() takes what RFC 8259 allows and nothing else, and json= sends what every reader takes."""

import json
import random
import struct

import pytest
from servers.wire import CLOSE, Reply, WireFactory, head, reply
from support.program import Program

_DEPTH = 512

# As bytes; which of them are JSON is CPython's decision.
_TEXTS: list[bytes] = [
    *(b"4" * 4300, b"4" * 4301, b"-" + b"4" * 4301),
    *(b"null", b"true", b"false", b"0", b"-0", b"1", b"-1", b"123456789012345678901234567890", b'""'),
    *(b"[]", b"{}", b" \t\r\n[ \t\r\n1 , 2 ] \n", b'{ "a" : 1 , "b" : [ { } , [ ] ] }', b'{"a":1,"a":2}'),
    *(b'{"":0}', b"[[[[]]],{}]", b"0.5", b"-0.0", b"1e5", b"1E5", b"1e+5", b"1e-5", b"1.5e300", b"1e400"),
    *(b"-1e400", b"1e-400", b"0e1", b"0.0e0", b"0.1", b"0.30000000000000004", b"1.7976931348623157e308"),
    *(b"5e-324", b"2.2250738585072011e-308", b"9007199254740993.0"),
    *(b"[1.0,2.50,100000000000000000000000.0]", b"123456789.123456789e-20"),
    *(b'"gr\xc3\xbc\xc3\x9fe \xe2\x82\xac"', b'"\xf0\x9f\x98\x80"', b'"\\"\\\\\\/\\b\\f\\n\\r\\t"'),
    *(b'"\\u0000"', b'"\\u00e9\\u20AC"', b'"\x7f"', b'"\\ud83d\\ude00"', b'"\\uD83D\\uDE00x"'),
    *(b'"\\ud800\\udc00\\udbff\\udfff"', b'{"\\ud83d\\ude00":"\\u0041"}', b'"\\ud800"', b'"\\udc00"'),
    *(b'"\\ude00\\ud83d"', b'"\\ud83dx"', b'"\\ud83d\\n"', b'"\\ud83d\\u0041"', b'"\\ud83d\\ud83d"'),
    *(b"\xef\xbb\xbf[1]", b"\xef\xbb\xbf", b"\xef\xbb[1]", b"\xef\xbb\xbf\xef\xbb\xbf[1]"),
    *(b"[\xef\xbb\xbf1]", b"[1]\xef\xbb\xbf", b"", b" ", b"\n", b"\x00", b"[1]\x00", b"\x00[1]"),
    *(b"[1\x00]", b'"\x00"', b"nul", b"nulll", b"Null", b"None", b"True", b"tru", b"nullnull", b"+1"),
    *(b".5", b"-.5", b"1.", b"1.e5", b"01", b"-01", b"00", b"0x10", b"1e", b"1e+", b"1e-", b"1e5.5"),
    *(b"1_000", b"-", b"--1", b"1-2", b"NaN", b"Infinity", b"-Infinity", b"nan", b"inf", b"[NaN]"),
    *(b"1e5e5", b"1 2", b"1,2", b"[1 2]", b"0 0", b"\xef\xbc\x91", b"1\xa0", b"[", b"[1", b"[1,", b"[1,]"),
    *(b"[,1]", b"[1,,2]", b"[,]", b"]", b"[1]]", b"[1}", b"[1:2]", b"[1];", b"[1] x", b"[1][2]", b"[]]"),
    *(b"{", b'{"a"', b'{"a":', b'{"a": }', b'{"a":1', b'{"a":1,', b'{"a":1,}', b'{"a" 1}', b'{"a",1}'),
    *(b'{,"a":1}', b"{1:2}", b"{null:1}", b'{"a":1]', b'{"a":1 "b":2}', b"{a:1}", b"{'a':1}"),
    *(b'{"a":1;"b":2}', b'{"a":1}}', b'{"a":1,,"b":2}', b'{"a"::1}', b"{:1}", b"{[]:1}"),
    *(b'{"a": 1, "b": 2', b'{"a":1,"b"', b'{"a":tru', b'{"a":"b', b'{"a":"b\\', b'{"a":"b\\"', b'{"a":12'),
    *(b'{"a":1}x', b'{"a"}', b"{}{}", b'"', b'"a', b"'a'", b'"a"b"', b'"\\"', b'"\\x41"', b'"\\a"'),
    *(b'"\\0"', b'"\\\'"', b'"\\U00000041"', b'"\\u"', b'"\\u12"', b'"\\u123g"', b'"\\u 123"'),
    *(b'"\\u+123"', b'"\\u-123"', b'"\\ud83d\\u"', b'"\\ud83d\\ude0"', b'"a\nb"', b'"a\tb"', b'"\x1f"'),
    *(b'"\\\n"', b'"\\\xc3\xa9"', b'"\xff"', b'"\xc3"', b'"\xc3\xa9\xa9"', b'"\xe2\x82"', b'"\xe2\x82x"'),
    *(b'"\x80"', b'"\xc0\x80"', b'"\xc1\xbf"', b'"\xe0\x80\xaf"', b'"\xe0\x9f\xbf"', b'"\xe0\xa0\x80"'),
    *(b'"\xed\x9f\xbf"', b'"\xed\xa0\x80"', b'"\xed\xa0\xbd\xed\xb8\x80"', b'"\xee\x80\x80"'),
    *(b'"\xef\xbf\xbf"', b'"\xf0\x8f\xbf\xbf"', b'"\xf0\x90\x80\x80"', b'"\xf4\x8f\xbf\xbf"'),
    *(b'"\xf4\x90\x80\x80"', b'"\xf5\x80\x80\x80"', b'"\xf8\x88\x80\x80\x80"', b"\xff\xfe[\x001\x00]\x00"),
    *(b"[\x001\x00]\x00",),
    *(b'\xff\xfe\x00\x00[\x00\x00\x00"\x00\x00\x00a\x00\x00\x00"\x00\x00\x00]\x00\x00\x00', b"[\xc2\xa01]"),
    *(b"[1]\xe2\x80\xa8", b"[1]\x0b", b"\x0c1", b"// c\n1", b"/* c */1", b"[1] // c", b"#1", b"<html>"),
    *(b"undefined", b"[true,false,null,tru]", b"[nulL]", b"[-]", b"[1.]", b"[.1]", b"[01]"),
]  # fmt: skip

_PLAIN = """
import struct


def plain(value):
    if isinstance(value, float):
        return ("float", struct.pack("<d", value))
    if isinstance(value, str):
        return ("str", value.encode())
    if isinstance(value, list):
        return ("list", [plain(item) for item in value])
    if isinstance(value, dict):
        return ("dict", sorted((key.encode(), plain(item)) for key, item in value.items()))
    return (type(value).__name__, value)


def decoded(r):
    try:
        return plain(r.json())
    except ValueError:
        return "ValueError"

"""


def _plain(value: object) -> tuple[str, object]:
    """As plain() above; UnicodeEncodeError, a ValueError, for half of a surrogate pair."""
    if isinstance(value, float):
        return "float", struct.pack("<d", value)
    if isinstance(value, str):
        return "str", value.encode()
    if isinstance(value, list):
        return "list", [_plain(item) for item in value]
    if isinstance(value, dict):
        return "dict", sorted((key.encode(), _plain(item)) for key, item in value.items())
    return type(value).__name__, value


def _no_json(constant: str) -> None:
    raise ValueError(constant)


def _expected(text: bytes) -> object:
    try:
        return _plain(json.loads(text.decode("utf-8").removeprefix("\ufeff"), parse_constant=_no_json))
    except ValueError:
        return "ValueError"


def _decode(run_app: Program, wire: WireFactory, texts: list[bytes]) -> list[object]:
    server = wire(lambda request: reply(200, texts[int(request.target[1:])]))
    code = _PLAIN + "for i in range(N):\n    show(decoded(http.get(URL + '/%d' % i)))\n"
    return [shown for (shown,) in run_app(code, URL=server.url, N=len(texts)).ok().lines]


def test_json_is_what_rfc_8259_allows(run_app: Program, wire: WireFactory) -> None:
    expected = [_expected(text) for text in _TEXTS]
    assert 50 < expected.count("ValueError") < len(_TEXTS) - 50
    for text, got, right in zip(_TEXTS, _decode(run_app, wire, _TEXTS), expected, strict=True):
        assert got == right, text[:100]


def test_object_that_was_cut_anywhere_is_a_valueerror(run_app: Program, wire: WireFactory) -> None:
    text = '{"a": [1.5e3, true, null, "ü\\n\\ud83d\\ude00"], "b": {"c": -2}}'.encode()
    texts = [text[:n] for n in range(len(text))]
    assert _decode(run_app, wire, [*texts, text]) == ["ValueError"] * len(texts) + [_expected(text)]


def test_text_with_one_byte_changed_is_read_as_cpython_reads_it(run_app: Program, wire: WireFactory) -> None:
    chance = random.Random(8259)
    seed = (
        b'{"a": [10.5e-3, true, null, "\xc3\xbc\\n\\ud83d\\ude00"], "b": {"c": -2, "d": "\xf0\x9f\x98\x80"}}'
    )
    texts = []
    for _ in range(400):
        text = bytearray(seed)
        text[chance.randrange(len(text))] = chance.choice([*b'"\\{}[]:,.-+eE0 u\n', chance.randrange(256)])
        texts.append(bytes(text))
    for text, got in zip(texts, _decode(run_app, wire, texts), strict=True):
        assert got == _expected(text), text


@pytest.mark.needs("no_sanitizer")
@pytest.mark.parametrize(
    ("text", "taken"),
    [
        (b"[" * _DEPTH + b"]" * _DEPTH, True),
        (b"[" * (_DEPTH + 1) + b"]" * (_DEPTH + 1), False),
        (b'{"a":' * _DEPTH + b"1" + b"}" * _DEPTH, True),
        (b"[" * 100_000, False),
        (b"[" * 100_000 + b"]" * 100_000, False),
        (b'{"a":' * 100_000, False),
        (b"[" + b"[]," * 100_000 + b"[]]", True),
    ],
    ids=["512", "513", "512 objects", "100,000 open", "100,000", "100,000 objects", "100,000 side by side"],
)
def test_depth_of_json_has_a_bound(run_app: Program, wire: WireFactory, text: bytes, taken: bool) -> None:
    run = run_app(
        """
        r = http.get(URL)
        try:
            r.json()
            show(True)
        except ValueError as e:
            show(False)
        """,
        URL=wire(reply(200, text)).url,
    )
    assert run.shown == (taken,)


def test_large_json_is_read_and_stays_a_body(run_app: Program, wire: WireFactory) -> None:
    value = [{"id": i, "name": f"nämé {i}", "x": i / 7} for i in range(20_000)]
    text = json.dumps(value).encode()
    assert len(text) > 1_000_000
    run = run_app(
        """
        r = http.get(URL)
        value = r.json()
        show(len(value), value[19999]["name"], value[7]["x"], len(r.body()), r.json() == value)
        """,
        URL=wire(reply(200, text)).url,
    )
    assert run.shown == (20_000, "nämé 19999", 1.0, len(text), True)


@pytest.mark.parametrize(
    ("answer", "status"),
    [([head(200, "Content-Length: 99") + b'{"a": 1}', CLOSE], 18), ([CLOSE], 52)],
    ids=["truncated", "closed"],
)
def test_json_of_a_failed_request_says_why_it_failed(
    run_app: Program, wire: WireFactory, answer: Reply, status: int
) -> None:
    run = run_app(
        """
        r = http.get(URL)
        try:
            r.json()
        except ValueError as e:
            show(str(e), r.error())
        """,
        URL=wire(answer).url,
    )
    text, error = run.shown
    assert text == f"the request failed, status {status}: {error}"
    assert error


def test_json_of_a_refused_request_says_why_it_failed(run_app: Program, refused_url: str) -> None:
    run = run_app(
        """
        try:
            http.get(URL).json()
        except ValueError as e:
            show(str(e))
        """,
        URL=refused_url,
    )
    (text,) = run.shown
    assert text.startswith("the request failed, status 7: ")
    assert len(text) > 40


def test_text_about_what_is_no_json_says_where_and_not_what(run_app: Program, wire: WireFactory) -> None:
    run = run_app(
        """
        try:
            http.get(URL).json()
        except ValueError as e:
            show(str(e))
        """,
        URL=wire(reply(404, b'{"a": secret}')).url,
    )
    assert run.shown == ("body is no JSON: byte 7 of 13",)


# ----------------------------------------------------------------------------------------------------
# json=


def _sent(run_app: Program, wire: WireFactory, setup: str) -> bytes:
    """The body of http.post(URL, json=value), where setup makes value."""
    server = wire(reply())
    run = run_app(f"{setup}\nshow(http.post(URL, json=value).status_code())", URL=server.url)
    assert run.shown == (200,)
    return server.request.body


def test_float_is_sent_so_that_it_is_the_same_when_it_is_read(run_app: Program, wire: WireFactory) -> None:
    chance = random.Random(754)
    floats = [
        0.1 + 0.2,
        0.1,
        1.0,
        -0.0,
        1e22,
        1e23,
        5e-324,
        1.7976931348623157e308,
        2.2250738585072014e-308,
        1e16,
    ]
    while len(floats) < 10_000:
        (value,) = struct.unpack("<d", chance.randbytes(8))
        floats.append(value if value - value == 0 else chance.random())
    packed = struct.pack(f"<{len(floats)}d", *floats)
    server = wire(lambda request: reply(200, request.body))
    run = run_app(
        f"""
        import struct
        value = list(struct.unpack("<{len(floats)}d", bytes.fromhex(PACKED)))
        back = http.post(URL, json=value).json()
        show(struct.pack("<{len(floats)}d", *back).hex() == PACKED, {{type(x).__name__ for x in back}})
        """,
        URL=server.url,
        PACKED=packed.hex(),
    )
    assert run.shown == (True, {"float"})
    read = json.loads(server.request.body)
    assert struct.pack(f"<{len(floats)}d", *read) == packed
    assert server.request.body.startswith(b"[0.30000000000000004, 0.1, 1.0, -0.0, 1e+22, 1e+23, ")


# Not by chr(): MicroPython keeps each string that it makes so, and searches all of them for the next one.
_ALL_CHARACTERS = """
data = bytearray()
for i in range(0xd800):
    if i < 0x80:
        data.append(i)
    elif i < 0x800:
        data.extend(bytes((0xc0 | i >> 6, 0x80 | i & 63)))
    else:
        data.extend(bytes((0xe0 | i >> 12, 0x80 | i >> 6 & 63, 0x80 | i & 63)))
value = str(data, "utf-8")
"""


@pytest.mark.parametrize(
    ("setup", "value"),
    [
        ("value = {1: 2, None: 3, 1.5: 4, 'a': 5}", {"1": 2, "null": 3, "1.5": 4, "a": 5}),
        ("value = {True: False}", {"true": False}),
        ("value = {0.1 + 0.2: 1}", {"0.30000000000000004": 1}),
        ("value = [1 << 70, -(1 << 70), 0]", [1 << 70, -(1 << 70), 0]),
        (_ALL_CHARACTERS, "".join(chr(i) for i in range(0xD800))),
        ("value = chr(0xd7ff) + chr(0xe000) + chr(0x10ffff)", "\ud7ff\ue000\U0010ffff"),
        ("from collections import namedtuple\nvalue = namedtuple('P', 'x y')(1, (2,))", [1, [2]]),
        ("from collections import OrderedDict\nvalue = OrderedDict([('b', 1), ('a', 2)])", {"b": 1, "a": 2}),
        ("class I(int):\n    pass\nvalue = {I(1): [I(-2), I(1 << 70)]}", {"1": [-2, 1 << 70]}),
    ],
    ids=[
        "keys",
        "bool key",
        "float key",
        "large ints",
        "all characters",
        "edges",
        "namedtuple",
        "OrderedDict",
        "derived from int",
    ],
)
def test_json_that_is_sent_is_read_by_cpython(
    run_app: Program, wire: WireFactory, setup: str, value: object
) -> None:
    body = _sent(run_app, wire, setup)
    assert json.loads(body.decode("utf-8"), parse_constant=_no_json) == value


@pytest.mark.parametrize(
    ("setup", "error"),
    [
        ("value = '\\ud800'", "ValueError"),
        ("value = ['a', {'b': 'x\\udfff'}]", "ValueError"),
        ("value = {'\\ud83d\\ude00': 1}", "ValueError"),
        ("value = float('nan')", "ValueError"),
        ("value = [float('inf')]", "ValueError"),
        ("value = {float('-inf'): 1}", "ValueError"),
        ("value = []\nvalue.append(value)", "ValueError"),
        ("value = {}\nvalue['a'] = [value]", "ValueError"),
        ("value = []\nfor _ in range(100000):\n    value = [value]", "ValueError"),
        ("value = b'a'", "TypeError"),
        ("value = {b'a': 1}", "TypeError"),
        ("value = {(1, 2): 3}", "TypeError"),
        ("value = [object()]", "TypeError"),
        ("value = {'a': {1, 2}}", "TypeError"),
        ("value = [lambda: 0]", "TypeError"),
        # These hold no dict, list, ... yet: super().__init__() was not called.
        ("class D(dict):\n    pass\nvalue = object.__new__(D)", "TypeError"),
        ("class L(list):\n    pass\nvalue = {'a': object.__new__(L)}", "TypeError"),
        ("class S(str):\n    pass\nvalue = {object.__new__(S): 1}", "TypeError"),
        ("class F(float):\n    pass\nvalue = [object.__new__(F)]", "TypeError"),
    ],
)
def test_what_is_no_json_is_not_sent(run_app: Program, refused_url: str, setup: str, error: str) -> None:
    run = run_app(
        f"{setup}\n"
        """
try:
    http.post(URL, json=value)
except Exception as e:
    show(type(e).__name__, str(e)[:5], http.stats()["submitted"])
""",
        URL=refused_url,
    )
    assert run.shown == (error, "json:", 0)
