# SPDX-License-Identifier: MIT
"""A power cut around a download to a file: what the next boot finds on the disk."""

from hashlib import sha256
from pathlib import Path

from servers.wire import HOLD, Reply, Request, WireFactory, WireServer, head, numbered_bytes, reply
from support.emulated_machine import BOOT_SECONDS, Boots

_OLD = b"what was there before" * 1000
_NEW = numbered_bytes(1 << 20)
_HALF = len(_NEW) // 2

_READ = """
import hashlib
import os

def found():
    names = sorted(name for name in os.listdir("/data") if name != "lost+found")
    with open("/data/file", "rb") as f:
        show(names, hashlib.sha256(f.read()).digest())

found()
"""


def _digest(content: bytes) -> bytes:
    return sha256(content).digest()


def _answer(request: Request) -> Reply:
    half = [head(200, f"Content-Length: {len(_NEW)}") + _NEW[:_HALF], HOLD]
    return {"/old": reply(200, _OLD), "/new": reply(200, _NEW), "/half": half}[request.target]


def _cut(boots: Boots, data: Path, server: WireServer, code: str) -> None:
    """Boot, and cut the power when the app says so."""
    with boots.on("import os\n" + code, data=data, URL=server.url, HALF=_HALF) as machine:
        machine.wait_for("cut now", BOOT_SECONDS)
        machine.cut_power()


def test_power_cut_in_the_middle_of_a_download_leaves_the_old_file(
    boots: Boots, wire: WireFactory, data: Path
) -> None:
    server = wire(_answer)
    _cut(
        boots,
        data,
        server,
        """
def progress(received, total):
    if received == HALF:
        # This syncs the folder too: the half file's name beside it is then on the disk.
        http.get(URL + "/old", file="/data/other")
        print("cut now")

show(http.get(URL + "/old", file="/data/file").status_code())
http.get_async(URL + "/half", file="/data/file", on_progress=progress, timeout=0)
""",
    )
    run = boots(
        _READ + "show(http.get(URL + '/new', file='/data/file').status_code())\nfound()",
        data=data,
        URL=server.url,
    )
    (left, before), status, (names, after) = run.ok().lines
    assert (left, before) == (["file", "file.0.part", "other"], _digest(_OLD))
    assert (status, names, after) == ((200,), ["file", "other"], _digest(_NEW))


def test_power_cut_right_after_a_download_leaves_the_new_file(
    boots: Boots, wire: WireFactory, data: Path
) -> None:
    server = wire(_answer)
    _cut(
        boots,
        data,
        server,
        """
http.get(URL + "/old", file="/data/file")
show(http.get(URL + "/new", file="/data/file").status_code())
print("cut now")
time.sleep(60)
""",
    )
    assert boots(_READ, data=data).shown == (["file"], _digest(_NEW))


def test_power_cut_while_a_file_is_replaced_again_and_again_leaves_a_whole_one(
    boots: Boots, wire: WireFactory, data: Path
) -> None:
    _cut(
        boots,
        data,
        wire(_answer),
        """
for number in range(10000):
    http.get(URL + ("/old" if number % 2 else "/new"), file="/data/file")
    if number == 5:
        print("cut now")
""",
    )
    names, digest = boots(_READ, data=data).shown
    assert set(names) <= {"file", "file.0.part"}
    assert digest in (_digest(_OLD), _digest(_NEW))


def test_power_cut_while_a_feed_replaces_its_file_leaves_whole_content(
    boots: Boots, wire: WireFactory, data: Path
) -> None:
    """The content changes all the time; what the next boot shows is one of the two, and whole."""
    answers = 0

    def answer(request: Request) -> Reply:
        nonlocal answers
        answers += 1
        return reply(200, _OLD if answers % 2 else _NEW)

    server = wire(answer)
    _cut(
        boots,
        data,
        server,
        """
import feed

changes = []

def changed(response):
    changes.append(1)
    if len(changes) == 6:
        print("cut now")

feed.Feed(URL, changed, every=0.001, file="/data/file")
""",
    )
    run = boots(
        """
import feed
import hashlib

def changed(response):
    show(response.header("Age") is not None, hashlib.sha256(response.body()).digest())
    news.stop()

news = feed.Feed(URL, changed, file="/data/file", first_within=1000)
""",
        data=data,
        URL=server.url,
    )
    stored, digest = run.shown
    assert stored
    assert digest in (_digest(_OLD), _digest(_NEW))
