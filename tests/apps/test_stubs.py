# SPDX-License-Identifier: MIT
"""The type stubs against the program: the same names, and calls that it takes or refuses."""

import ast
import json
import re
from fnmatch import fnmatch
from itertools import combinations
from pathlib import Path

import pytest
from support.program import Program
from support.stubs import FOLDER, MODULES, calls, read, refused, values

DEVICES = {"gpio", "i2c", "iperf", "mqtt", "usb", "vision_client"}
PNG = b"\x89PNG\r\n\x1a\n and no more"
URL = "'http://127.0.0.1:1/'"

# How to get an object of each class; a class that is not here is called without arguments.
OBJECTS = {
    "feed.Feed": f"Feed({URL})",
    "http.Request": f"get_async({URL})",
    "urlrequest.UrlRequest": f"UrlRequest({URL})",
    "webrequest.Request": "Request",
    "webrequest.WebRequest": "WebRequest",
    "webrequest.Response": f"Response(__import__('http').get({URL}))",
    "http.Response": f"get({URL})",
    "monitor.Monitor": "Monitor(b'')",
    "wakeup.Timer": "Timer(print, 10000)",
    "hmac.HMAC": "new(b'key')",
    "gpio.DigitalInput": "DigitalInput('A', True)",
    "gpio.DigitalOutput": "DigitalOutput('A', True)",
    "i2c.I2cError": "I2cError(4, 'text')",
    "iperf.IperfClient": "IperfClient('127.0.0.1')",
    "mqtt.MqttClient": "MqttClient('tcp://127.0.0.1', 'id')",
    "datetime.date": "date(2024, 5, 6)",
    "datetime.time": "time(1)",
    "datetime.datetime": "datetime(2024, 5, 6, tzinfo=timezone.utc)",
    "datetime.timezone": "timezone.utc",
}
# Values for parameters that take only some of their type, or whose first one would take long.
GIVEN = {
    "http.*.url": [URL],
    "http.*.method": ["'PURGE'"],
    "feed.*.url": [URL],
    "urlrequest.*.url": [URL],
    "urlrequest.*.verify": ["True"],
    "urlrequest.*.method": ["'PUT'", "None"],
    "urlrequest.*.req_body": ["b'x'", "'x'", "None"],
    "urlrequest.*.auth": ["('user', 'password')", "None"],
    "urlrequest.*.ca_file": ["None"],
    "urlrequest.*.file_path": ["None"],
    "http.Cookies.load.text": ["''"],
    "http.Response.text.encoding": ["'utf-8'", "'latin-1'"],
    "http.Request.throw.exception": ["ValueError()"],
    "idle.wait.ms": ["0"],
    "idle.wait.streams": ["[]", "None"],
    "idle.add.due": ["lambda: None"],
    "time.sleep.seconds": ["0.001", "0"],
    "time.strptime.time_string": ["'2024'"],
    "time.strptime.format": ["'%Y'"],
    "time.ticks_add.delta": ["1", "-1"],
    "datetime.*.tz": ["timezone.utc", "None"],
    "datetime.*.dt": ["datetime.EPOCH"],
    "datetime.*.fromisoformat.*": ["'2024-01-02'"],
    "datetime.time.fromisoformat.time_string": ["'07:55'"],
    "mqtt.MqttClient.broker_url": ["'tcp://127.0.0.1'"],
    "gpio.create.pin_name": ["'JOYSTICK_UP'"],
    "image.ImageToken.never": ["1"],
    "splashscreen.Splashscreen.set_background.image_type": ["__import__('image').PNG"],
    "i2c.*.bus": ["Bus.I2C1"],
}
# The program does not check the types of these, for MicroPython or CPython, the model, does not.
UNCHECKED = (
    "urlrequest.*.method",  # checked in the request
    "urlrequest.*.decode",
    "urlrequest.*.debug",
    "urlrequest.*.ca_file",
    "urlrequest.*.verify",
    "webrequest.Response.response",
    "urlrequest.*.delay",
    "urlrequest.*.proxy_headers",
    "urlrequest.*.resp",
    "datetime.datetime.isoformat.sep",
    "datetime.t*z*.*.dt",
    "http.gather.return_exceptions",
    "idle.add.*",
    "idle.wait.streams",  # used without a thread only
    "mqtt.MqttError.message",
    "i2c.*",
    "time.ticks_*",
)
# The stub says nothing of these calls: what they take is not what an app passes.
NOT_CALLED = {
    "webrequest.Response.SetStatus", "webrequest.Response.SetStatusText", "webrequest.Response.SetMimeType",
    "webrequest.Response.SetHeaderMap", "webrequest.Response.SetHeaderMultimap",
    "http.Request.send", "http.Request.throw", "http.Response.read", "http.Response.readinto",
    "http.Response.readline", "image.ImageToken", "idle.run", "idle.step",
}  # fmt: skip

SETUP = """
import asyncio
import idle
from array import array
class Client:
    OnUploadProgress = OnDownloadProgress = OnDownloadData = OnRequestComplete = lambda self, **named: None
def outcome(code, names):
    try:
        eval(code, names)
        return ''
    except BaseException as e:
        return '%s: %s' % (type(e).__name__, e)
def public(thing, prefix=''):
    for name in dir(thing):
        value = getattr(thing, name)
        if not name.startswith('_') and type(value) is not type(sys):
            yield prefix + name
            if isinstance(value, type) and not prefix:
                yield from public(value, name + '.')
"""


def _unchecked(path: str, names: list[str]) -> set[str]:
    return {name for name in names if any(fnmatch(f"{path}.{name}", pattern) for pattern in UNCHECKED)}


def _given(path: str, names: list[str]) -> dict[str, list[str]]:
    return {
        name: texts
        for name in names
        for pattern, texts in GIVEN.items()
        if fnmatch(f"{path}.{name}", pattern)
    }


def _generated(module: str) -> dict[str, tuple[bool, set[str]]]:
    """Calls of every function of a module, as code: whether the stub allows them, and its errors."""
    stub = read(module)
    made: dict[str, tuple[bool, set[str]]] = {}
    for name, function in stub.functions.items():
        path = f"{module}.{name}"
        if path in NOT_CALLED:
            continue
        owner, _, method = name.rpartition(".")
        called = f"{OBJECTS.get(f'{module}.{owner}', owner + '()')}.{method}" if owner else name
        names = [p.name for signature in function.signatures for p in signature.parameters]
        for arguments, allowed in calls(function, _given(path, names), _unchecked(path, names)):
            code = f"{called}({arguments})"
            made[f"run({code})" if function.is_async else code] = allowed, function.errors
    return made


def _ask(run_app: Program, rom: Path, module: str, codes: list[str]) -> tuple[list[str], set[str]]:
    """What each call raises, "" for nothing, and the public names of the module."""
    (rom / "images" / "default.png").write_bytes(PNG)
    (rom / "kv.json").write_text(json.dumps({"key": "value"}))
    code = f"""
{SETUP}
import {module} as module
names = {{name: getattr(module, name) for name in dir(module)}}
names.update(array=array, PATH=PATH, run=asyncio.run, CLIENT=Client)
show([outcome(code, names) for code in CODES], list(public(module)))
idle.stop()
"""
    (run_app.folder / "part").write_bytes(b"text")
    env = {"DL7450_ROM": str(rom), "TZ": "UTC0"}
    results, names = run_app(code, CODES=codes, PATH=str(run_app.folder / "part"), env=env).lines[0]
    return results, set(names)


def _wrong(codes: dict[str, tuple[bool, set[str]]], results: list[str]) -> dict[str, str]:
    found = {}
    for (code, (allowed, errors)), result in zip(codes.items(), results, strict=True):
        error = result.partition(":")[0]
        if allowed and error and (error not in errors or error == "TypeError"):
            found[code] = f"the stub allows it, the program says {result}"
        elif not allowed and error not in ("TypeError", "ValueError"):
            found[code] = f"the stub refuses it, the program says {result or 'nothing'}"
    return found


@pytest.mark.parametrize(
    "module",
    [
        pytest.param(name, marks=pytest.mark.needs("devices") if name in DEVICES else ())
        for name in MODULES
        if name != "requests"
    ],
)
def test_stub_is_true(run_app: Program, rom: Path, module: str) -> None:
    stub = read(module)
    codes = _generated(module)
    attributes = {
        f"{OBJECTS.get(f'{module}.{owner}', owner + '()')}.{name}": (True, set())
        for owner, _, name in (attribute.rpartition(".") for attribute in stub.attributes)
    }
    results, public = _ask(run_app, rom, module, [*codes, *attributes])
    assert _wrong(codes | attributes, results) == {}
    public -= {name for name in public if name.startswith("MCP9808")}  # the stand-in's own
    # The three are the class UrlRequest itself.
    public -= {name for name in public if re.match(r"UrlRequest(Base|Requests|Urllib)\.", name)}
    imported = stub.imported | ({"const", "sha256", "LAN", "Timer"} - stub.names)
    imported_members = {name for name in public if name.partition(".")[0] in imported}
    inherited = {
        f"{owner}.{name}" for owner in ("MqttError", "I2cError") for name in ("args", "errno", "value")
    }
    assert public - inherited - imported_members == stub.names - stub.attributes | (stub.attributes & public)


# Options whose values are not any of their type.
OPTIONS = {
    "auth": ["('user', 'password')", "('digest', 'user', 'password')", "None"],
    "file": ["PATH + '.new'", "None"],
    "proxy": ["'http://127.0.0.1:1'", "''", "None"],
    "json": ["{'a': [1, 2.5, None, True]}", "'text'"],
    "verify": ["True"],
    "on_response": ["print", "None"],
}
SINKS = ("file", "on_data", "stream", "on_head", "on_progress")


def _options(suffix: str) -> list[dict[str, list[str]]]:
    """What the overloads of a function allow: for each of them, the options and their types."""
    allowed = read("http").options
    return [allowed[name + suffix] for name in ("WholeBody", "InPieces", "Streamed")]


def _taken(name: str, types: list[str]) -> list[str]:
    return OPTIONS.get(name) or [value for kind in types for value in values(kind)]


@pytest.mark.parametrize(
    ("function", "suffix"), [("get", ""), ("get_async", "Async"), ("head", ""), ("request_async", "Async")]
)
def test_options_are_true(run_app: Program, rom: Path, function: str, suffix: str) -> None:
    """Each option takes what the stub says; options together are refused if no overload has both."""
    overloads = _options(suffix)
    method = "'GET', " if "request" in function else ""
    start = f"{function}({method}{URL}, "
    codes: dict[str, tuple[bool, set[str]]] = {}
    bodies = ("json", "form", "files") if function == "head" else ()
    types = {name: [t for o in overloads for t in o.get(name, [])] for o in overloads for name in o}
    for name in types.keys() - bodies:
        for value in _taken(name, types[name]):
            codes[f"{start}{name}={value})"] = True, set()
        for value in refused(types[name]):
            codes[f"{start}{name}={value})"] = False, set()
    used = {name: [t for t in types[name] if t not in ("None", "Literal[False]")] for name in SINKS}
    for one, other in combinations(SINKS, 2):
        is_allowed = any(_is_used(o, one) and _is_used(o, other) for o in overloads)
        code = f"{start}{one}={_taken(one, used[one])[0]}, {other}={_taken(other, used[other])[0]})"
        codes[code] = is_allowed, set()
    codes[f"{start}no_such_option=1)"] = False, set()
    results, _ = _ask(run_app, rom, "http", list(codes))
    assert _wrong(codes, results) == {}
    assert len(codes) > 80
    assert sum(not allowed for allowed, _ in codes.values()) > 20


def _is_used(overload: dict[str, list[str]], name: str) -> bool:
    return set(overload.get(name, ())) - {"None", "Literal[False]"} != set()


# Objects of the classes whose attributes are those of the object.
REQUESTS_OBJECTS = {
    "requests.Response": "response",
    "requests.Request": "requests.Request()",
    "requests.PreparedRequest": "requests.PreparedRequest()",
    "requests.Session": "requests.Session()",
    "requests.cookies.Cookie": "requests.cookies.create_cookie('a', 'b')",
    "requests.cookies.RequestsCookieJar": "requests.cookies.RequestsCookieJar()",
    "requests.exceptions.RequestException": "requests.RequestException()",
    "requests.structures.CaseInsensitiveDict": "requests.structures.CaseInsensitiveDict()",
}


def _names_of_requests(path: Path) -> tuple[list[str], set[str]]:
    """Code that fails unless what a file of the stub says is there, and the names of the file."""
    module = "requests" if path.stem == "__init__" else f"requests.{path.stem}"
    codes, names = [], set()
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
            continue
        names.add(node.name)
        own = f"{module}.{node.name}"
        codes.append(own)
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(base) for base in node.bases]
            codes += [f"1 / issubclass({own}, {_base(base, path)})" for base in bases]
            holder = REQUESTS_OBJECTS.get(own, own)
            members = [item.name for item in node.body if isinstance(item, ast.FunctionDef)]
            members += [ast.unparse(item.target) for item in node.body if isinstance(item, ast.AnnAssign)]
            codes += [f"{holder}.{name}" for name in members if not name.startswith("_")]
    return codes, names


def _base(name: str, path: Path) -> str:
    is_own = f"class {name}(" in path.read_text() or f"class {name}:" in path.read_text()
    return f"requests.{path.stem}.{name}" if is_own else name


def test_stub_of_requests_says_what_is_there(run_app: Program, rom: Path) -> None:
    codes: list[str] = []
    names: dict[str, set[str]] = {}
    for path in sorted((FOLDER / "requests-stubs").glob("*.pyi")):
        more, names[path.stem] = _names_of_requests(path)
        codes += more
    assert len(codes) > 150
    options = sorted(read("requests").options["_All"])
    assert len(options) > 12
    taken = [f"requests.request('GET', {URL}, {name}=None)" for name in options]
    taken += [f"requests.get({URL}, no_such_option=1)"]
    setup = "import " + ", ".join(f"requests.{name}" for name in sorted(names) if name != "__init__")
    run = run_app(
        f"""
{SETUP}
import requests
{setup}
response = requests.Response()
response.status_code = 200
response._content = b''
response.request = requests.PreparedRequest()
show([outcome(code, dict(requests=requests, response=response)) for code in CODES])
show([outcome(code, dict(requests=requests)) for code in TAKEN])
show([list(public(m)) for m in (requests, requests.exceptions)])
""",
        CODES=codes,
        TAKEN=taken,
    )
    (found,), (results,), ((top, exceptions),) = run.ok().lines
    assert {code: text for code, text in zip(codes, found, strict=True) if text} == {}
    assert [text.partition(":")[0] for text in results] == ["ConnectionError"] * len(options) + ["TypeError"]
    assert {name for name in exceptions if "." not in name} - {"bases"} == names["exceptions"]
    assert {name for name in top if "." not in name} - names["exceptions"] - {"codes"} <= names["__init__"]
