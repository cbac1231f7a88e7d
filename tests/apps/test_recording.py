# SPDX-License-Identifier: MIT
"""`dock record` and `dock replay`, and the same in tests: answers of servers, stored once and played back."""

import gzip
import json
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from dock_tool.failure import Exit, Failure
from dock_tool.record import _read
from dock_tool.recording import load
from dock_tool.testing import Dock
from servers.certs import Certs
from servers.wire import CLOSE, HOLD, Handler, Request, WireFactory, head, reply
from support.program import clean_environment

pytestmark = [pytest.mark.needs("preload", "trace"), pytest.mark.usefixtures("plugin_program")]

DOCK = Path(sys.executable).with_name("dock")
Runs = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def does(tmp_path: Path) -> Runs:
    """does(code, *command, args=()): runs `dock COMMAND app.py`."""

    def run(
        code: str, *command: str | Path, args: tuple[str, ...] = (), env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        (tmp_path / "app.py").write_text(code)
        return subprocess.run(
            [DOCK, *command, tmp_path / "app.py", *args],
            env=clean_environment(env),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


def stored(folder: Path) -> str:
    """All that a recording has, as text."""
    return "\n".join(path.read_bytes().decode("latin-1") for path in sorted(folder.iterdir()))


_SHOP = """
import http, sys
url = sys.argv[1]
for number in range(3):
    r = http.get(url + "/list?page=1&api_key=topsecret", headers={"Authorization": "Bearer the-bearer-token"})
    print(r.status_code(), r.reason(), r.header("Content-Type"), r.json()["number"], len(r.text()))
for body in ("one", "two", "one"):
    print(http.post(url + "/say", data=body).text())
print(http.post(url + "/say", data=iter(["in ", "chunks"])).text())
print(http.get(url + "/moved").url().rpartition("/")[2], http.head(url + "/list").header("Content-Length"))
print(http.get(url + "/packed", compressed=True).text())
"""


def shop() -> Handler:
    """A server whose answers differ each time."""
    count = 0

    def answer(request: Request) -> bytes:
        nonlocal count
        count += 1
        if request.method == "HEAD":
            return head(200, "Content-Length: 77")
        if request.target.startswith("/list"):
            body = {"number": count, "access_token": "token-of-the-answer", "echo": "topsecret"}
            return reply(
                200,
                json.dumps(body).encode(),
                "Content-Type: application/json",
                "Set-Cookie: sid=the-cookie-value; Path=/",
            )
        if request.target == "/moved":
            return reply(302, b"", "Location: /there")
        if request.target == "/packed":
            return reply(200, gzip.compress(b"unpacked"), "Content-Encoding: gzip")
        return reply(200, b"%d: %s %s" % (count, request.target.encode(), request.body))

    return answer


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_replay_is_as_the_servers_were_and_needs_none(
    does: Runs, wire: WireFactory, certs: Certs, tls: ssl.SSLContext, tmp_path: Path, scheme: str
) -> None:
    folder = tmp_path / "shop"
    server = wire(shop(), tls=tls if scheme == "https" else None)
    url = f"{scheme}://localhost:{server.port}"
    recorded = does(_SHOP, "record", folder, args=(f"{url}",), env={"SSL_CERT_FILE": str(certs.ca_file)})
    assert (recorded.returncode, recorded.stderr) == (0, f"dock: 11 answers stored in {folder}\n")
    asked = len(server.requests)
    for _ in range(2):  # a replay changes nothing
        replayed = does(_SHOP, "replay", folder, args=(url,))
        assert replayed.returncode == 0, replayed.stderr
        assert replayed.stderr == f"dock: 11 answers of {folder} played\n"
        # The first three differ by what was removed from them.
        assert replayed.stdout.splitlines()[3:] == recorded.stdout.splitlines()[3:]
        assert [line.split()[:4] for line in replayed.stdout.splitlines()[:3]] == [
            line.split()[:4] for line in recorded.stdout.splitlines()[:3]
        ]
    assert len(server.requests) == asked


def test_secrets_are_removed_wherever_they_stand(does: Runs, wire: WireFactory, tmp_path: Path) -> None:
    code = """
import http, sys
from datastore import KvStore
token = KvStore().get("bot_token")
url = sys.argv[1]
jar = http.Cookies()
sent = {"X-Api-Key": "field-key", "X-User": "user-number-5"}
http.get(url + "/bot" + token + "/list?api_key=topsecret&a=1", headers=sent, cookies=jar)
http.get(url + "/list", cookies=jar, auth=("me", "password-of-me"))
http.post(url + "/login", form={"user": "me", "password": "form-password"})
print(http.post(url + "/login", json={"client_secret": "json-secret"}).text())
"""
    store = tmp_path / "store"
    store.mkdir()
    (store / "kv.json").write_text('{"bot_token": "the/bot token"}')
    folder = tmp_path / "shop"
    url = wire(shop()).url.replace("//", "//name:user-info-password@")
    done = does(code, "record", "--hide", "x-user", folder, args=(url,), env={"DL7450_ROM": str(store)})
    assert done.returncode == 0, done.stderr
    text = stored(folder)
    for secret in (
        *(
            "topsecret",
            "field-key",
            "user-number-5",
            "password",
            "form-password",
            "json-secret",
            "bot%20token",
        ),
        *("the/bot", "the-cookie-value", "token-of-the-answer", "bWU6cGFzc3dvcmQtb2YtbWU="),
    ):
        assert secret not in text.replace("password=", "").replace('"password', ""), secret
    for kept in ('["X-User", "(removed)"]', "sid=(removed); Path=/", "api_key=(removed)&a=1", "user=me"):
        assert kept in text
    # In a stored URL it stands for any text: the app may have its secret still, or none.
    for value in ("the/bot token", "x"):
        (store / "kv.json").write_text(json.dumps({"bot_token": value}))
        again = does(code, "replay", folder, args=(url,), env={"DL7450_ROM": str(store)})
        assert (again.returncode, again.stdout) == (0, done.stdout.replace("json-secret", "(removed)"))


def test_what_is_not_an_answer_is_not_stored(
    does: Runs, wire: WireFactory, tmp_path: Path, refused_port: int
) -> None:
    code = """
import http, sys
url, dead = sys.argv[1:]
print(http.get(url + "/good").status_code())
print(http.get(url + "/cut").status_code())
print(http.get("http://127.0.0.1:%s/" % dead).status_code())
http.get(url + "/stream", stream=True).close()
request = http.get_async(url + "/slow")
http.get(url + "/good")
request.cancel()
"""

    def answer(request: Request) -> object:
        return {
            "/good": reply(200, b"good"),
            "/cut": [head(200, "Content-Length: 10"), b"short", CLOSE],
            "/stream": reply(200, bytes(3 << 20)),
            "/slow": [HOLD],
        }[request.target]

    folder = tmp_path / "shop"
    done = does(code, "record", folder, args=(wire(answer).url, str(refused_port)))
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["200", "18", "7"]
    lines = done.stderr.splitlines()
    assert "/cut: 18 " in lines[0]
    assert f":{refused_port}/: 7 " in lines[1]
    assert "/stream: " in lines[2]
    assert lines[3].endswith("/slow: cancelled")
    assert lines[4:] == [f"dock: 2 answers stored in {folder}"]
    assert [path.name for path in sorted(folder.iterdir())] == [
        "001-GET-127.0.0.1-good.body.txt",  # both answers have this body
        "recording.json",
    ]


def test_large_body_is_whole(does: Runs, wire: WireFactory, tmp_path: Path) -> None:
    code = "import http, sys; print(http.get(sys.argv[1]).body() == bytes(range(256)) * 20000)"
    url = wire(reply(200, bytes(range(256)) * 20000)).url + "/"
    assert does(code, "record", tmp_path / "shop", args=(url,)).stdout == "True\n"
    assert does(code, "replay", tmp_path / "shop", args=(url,)).stdout == "True\n"


def test_what_was_not_recorded_is_said(does: Runs, wire: WireFactory, tmp_path: Path) -> None:
    code = "import http, sys\nfor url in sys.argv[1:]:\n    print(http.get(url, timeout=5).status_code())"
    server = wire(reply(200, b"x"))
    folder = tmp_path / "shop"
    assert does(code, "record", folder, args=(f"{server.url}/a",)).returncode == 0
    asked = len(server.requests)
    urls = (f"{server.url}/a", f"{server.url}/b", "http://other.example/", "http://192.0.2.1/")
    done = does(code, "replay", folder, args=urls)
    assert done.returncode == Exit.NOT_RECORDED
    assert done.stdout.split() == ["200", "52", "6", "7"]
    assert done.stderr.splitlines()[0] == f"dock: no answer is stored for GET {server.url}/b"
    assert "no answer is stored for GET http://other.example/" in done.stderr
    assert "no answer is stored for GET http://192.0.2.1/" in done.stderr
    assert len(server.requests) == asked


def test_the_time_of_day_is_that_of_the_recording(does: Runs, wire: WireFactory, tmp_path: Path) -> None:
    code = "import http, sys, time; http.get(sys.argv[1]); print(time.time())"
    url = wire(reply(200, b"x")).url + "/"
    folder = tmp_path / "shop"
    assert does(code, "record", folder, args=(url,)).returncode == 0
    index = json.loads((folder / "recording.json").read_text())
    index["time"] = "2020-02-02T02:02:02+00:00"
    (folder / "recording.json").write_text(json.dumps(index))
    assert 1580608922 <= int(does(code, "replay", folder, args=(url,)).stdout) < 1580608982


def test_certificate_of_the_apps_own_cannot_be_replayed(
    does: Runs, wire: WireFactory, certs: Certs, tls: ssl.SSLContext, tmp_path: Path
) -> None:
    code = "import http, sys; print(http.get(sys.argv[1], cacert=sys.argv[2]).status_code())"
    url = f"https://localhost:{wire(reply(200, b'x'), tls=tls).port}/"
    folder = tmp_path / "shop"
    assert does(code, "record", folder, args=(url, certs.ca_pem)).stdout == "200\n"
    done = does(code, "replay", folder, args=(url, certs.ca_pem))
    assert (done.returncode, done.stdout) == (Exit.NOT_RECORDED, "60\n")
    assert "one that the app names with cacert= cannot be replayed" in done.stderr


def test_ctrl_c_ends_a_recording_and_it_is_stored(wire: WireFactory, tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(
        "import http, sys\nfrom wakeup import Timer\nhttp.get(sys.argv[1])\n"
        "print('asked')\nTimer(print, 90000, 90000)\n"
    )
    command = [DOCK, "record", tmp_path / "shop", app, wire(reply(200, b"x")).url + "/"]
    process = subprocess.Popen(
        command, env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0, said
    assert said.endswith(f"dock: 1 answer stored in {tmp_path / 'shop'}\n")
    assert len(load(tmp_path / "shop").answers) == 1


def test_line_that_a_killed_app_has_not_finished_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_text('{"event": "state", "t": 7, "state": "running"}\n{"event": "sta')
    assert _read(path).last_ms == 7


def test_program_that_the_system_does_not_start(does: Runs, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"\x7fELF of another machine")
    other.chmod(0o755)
    (tmp_path / "simulation.so").touch()
    for command in (["record", tmp_path / "shop"], ["run", "--trace", tmp_path / "trace"]):
        done = does("pass", *command, env={"DL7450_BINARY": str(other)})
        assert (done.returncode, done.stderr) == (19, f"dock: cannot start {other}: Exec format error\n")
    dock = Dock(tmp_path, other)
    with pytest.raises(Failure, match=r"cannot start .*other: Exec format error"):
        dock.run(tmp_path / "app.py")


def test_record_refuses(does: Runs, wire: WireFactory, tmp_path: Path) -> None:
    code = "import http, sys; http.get(sys.argv[1])"
    url = wire(reply(200, b"x")).url + "/"

    def said(*command: str | Path, code: str = code) -> tuple[int, str]:
        done = does(code, *command, args=(url,))
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr

    file, other, folder = tmp_path / "file", tmp_path / "other", tmp_path / "shop"
    file.write_text("")
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    assert said("record", file) == (Exit.USAGE, f"dock: {file} is no folder\n")
    assert said("record", other)[1] == f"dock: {other} has other files than a recording: name a new folder\n"
    assert said("record", "--replace", other)[0] == Exit.USAGE
    assert said("record", file / "shop") == (Exit.USAGE, f"dock: {file} is no folder\n")
    code_, text = said("record", folder, code="print('nothing')")
    assert (code_, text) == (Exit.OTHER, "dock: no server has answered: nothing is stored\n")
    assert not folder.exists()
    assert said("record", tmp_path / "recordings/shop")[0] == 0  # the folder around it need not exist
    assert len(load(tmp_path / "recordings/shop").answers) == 1
    assert said("record", folder)[0] == 0
    (folder / "README.md").write_text("what this is")
    assert said("record", folder) == (Exit.USAGE, f"dock: {folder} has a recording: --replace records anew\n")
    before = sorted(path.name for path in folder.iterdir())
    assert said("record", "--replace", folder)[0] == 0
    assert sorted(path.name for path in folder.iterdir()) == before
    missing = subprocess.run(
        [DOCK, "record", tmp_path / "new", tmp_path / "none.py"], capture_output=True, text=True, check=False
    )
    assert (missing.returncode, missing.stderr) == (
        Exit.NO_LOCAL_FILE,
        f"dock: no such app here: {tmp_path / 'none.py'}\n",
    )


def test_app_that_fails_is_recorded_and_its_code_is_given(
    does: Runs, wire: WireFactory, tmp_path: Path
) -> None:
    code = "import http, sys\nhttp.get(sys.argv[1])\n1 / 0"
    url = wire(reply(200, b"x")).url + "/"
    for command in ("record", "replay"):
        done = does(code, command, tmp_path / "shop", args=(url,))
        assert done.returncode == 1
        assert "ZeroDivisionError" in done.stderr


_ONE = {
    "request": {"method": "GET", "url": "http://shop.example/", "fields": [], "body": None},
    "response": {"status": 200, "reason": "OK", "fields": [["A", "b"]], "body": "body.txt"},
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("{", "is damaged: JSONDecodeError"),
        ("[]", "is damaged: TypeError"),
        ({"version": 2}, "has version 2: this dock is older, and knows 1"),
        ({"time": "yesterday"}, "is damaged: ValueError"),
        ({"answers": [{}]}, "is damaged: KeyError: 'request'"),
        ({"response": {"body": "../secret.txt"}}, "'../secret.txt' is no file of the recording"),
        ({"response": {"body": "none.txt"}}, "none.txt, which cannot be read"),
        ({"response": {"status": 7}}, "7 is no status: 200 to 599"),
        ({"response": {"fields": [["A", "b\r\nC: d"]]}}, "a header field has a line end in it"),
        ({"request": {"url": "ftp://shop.example/"}}, "is damaged: KeyError: 'ftp'"),
    ],
)
def test_recording_that_is_damaged(dock: Dock, tmp_path: Path, change: dict | str, said: str) -> None:
    (tmp_path / "body.txt").write_text("body")
    content: dict = {
        "version": 1,
        "time": "2026-01-01T00:00:00+00:00",
        "answers": [json.loads(json.dumps(_ONE))],
    }
    if isinstance(change, str):
        text = change
    else:
        for key, value in change.items():
            if key in _ONE:
                content["answers"][0][key] |= value
            else:
                content[key] = value
        text = json.dumps(content)
    (tmp_path / "recording.json").write_text(text)
    with pytest.raises(Failure) as caught:
        dock.replay(tmp_path)
    assert said in str(caught.value)
    assert str(tmp_path / "recording.json") in str(caught.value)


def test_recording_that_is_not_there_or_comes_too_late(dock: Dock, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(Failure) as raised:
            dock.replay(folder)
        advice = "(pytest --dock-record makes one)"
        assert str(raised.value) == f"no recording here: {folder}/recording.json {advice}"
    (tmp_path / "body.txt").write_text("body")
    content = {"version": 1, "time": "2026-01-01T00:00:00+00:00", "answers": [_ONE]}
    (tmp_path / "recording.json").write_text(json.dumps(content))
    (tmp_path / "app.py").write_text("pass")
    dock.run(tmp_path / "app.py")
    with pytest.raises(RuntimeError, match="before run"):
        dock.replay(tmp_path)


# As a user has it: a test in a folder of its own.
_TEST = """
def test_shop(dock):
    dock.replay("shop")
    app = dock.run("app.py")
    app.clock.forward(hours=2)
    assert app.log == {log!r}
    assert not app.faults
"""
_POLLER = """
import http
from wakeup import Timer

def ask():
    http.get_async(URL, lambda r: print(r.status_code(), r.text()))

Timer(ask, 1000, 3600000)
"""


def test_pytest_records_and_replays(wire: WireFactory, tmp_path: Path) -> None:
    count = iter(range(1, 99))
    server = wire(lambda request: reply(200, b"answer %d" % next(count)))
    (tmp_path / "app.py").write_text(f"URL = '{server.url}/list'\n" + _POLLER)

    def pytest_in_folder(log: str, *options: str) -> str:
        (tmp_path / "test_mine.py").write_text(_TEST.format(log=log))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, "test_mine.py"],
            cwd=tmp_path,
            env=dict(os.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    log = "200 answer 1\n200 answer 2\n"
    assert "1 failed" in pytest_in_folder("other", "--dock-record")
    assert not (tmp_path / "shop").exists()  # a test that fails stores nothing
    log = "200 answer 3\n200 answer 4\n"
    assert "1 passed" in pytest_in_folder(log, "--dock-record")
    asked = len(server.requests)
    assert "1 passed" in pytest_in_folder(log)
    assert len(server.requests) == asked
    (tmp_path / "app.py").write_text(f"URL = '{server.url}/other?token=abc'\n" + _POLLER)
    shown = pytest_in_folder("52 \n52 \n")
    assert "1 error" in shown
    assert f"no answer is stored for GET {server.url}/other?token=(removed)\n" in shown


def test_condition_of_one_host_does_not_hit_another(dock: Dock, tmp_path: Path) -> None:
    (tmp_path / "body.txt").write_text("body")
    answers = [json.loads(json.dumps(_ONE).replace("shop", name)) for name in ("shop", "other")]
    content = {"version": 1, "time": "2026-01-01T00:00:00+00:00", "answers": answers}
    (tmp_path / "recording.json").write_text(json.dumps(content))
    (tmp_path / "app.py").write_text(
        "import http\nfor name in ('shop', 'other'):\n"
        "    print(http.get('http://%s.example/' % name).status_code())"
    )
    dock.replay(tmp_path)
    dock.network.refused("shop.example")
    assert dock.run(tmp_path / "app.py").log == "7\n200\n"
