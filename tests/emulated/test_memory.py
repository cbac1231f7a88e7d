# SPDX-License-Identifier: MIT
"""What sixteen bodies over TLS cost the booted machine, and what happens when its memory runs out."""

import json
from pathlib import Path

import pytest
from machine import read_data_disk
from servers.certs import Certs
from servers.nginx import Nginx
from servers.wire import WireFactory, head
from support.emulated_machine import Boots

_SIZE = 1 << 20
_MOST = 24 * 1000 * 1000
_SIXTEEN = """
def peak():
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024

def done(r):
    codes.append(r.status_code())
    sizes.append(len(r.body()))
    if len(codes) == 16:
        show(set(codes), set(sizes), peak())

codes, sizes = [], []
before = peak()
for _ in range(16):
    http.get_async(URL, done, cacert=CA, timeout=50)
# Nothing is handed over before all sixteen are complete.
while http.stats()["bytes_held"] < 16 * SIZE and http.stats()["in_flight"] == 16:
    time.sleep_ms(20)
show(before, http.stats()["bytes_held"], peak())
"""


def test_16_https_requests_of_1_mb_at_once_take_at_most_24_mb(
    boots: Boots, web: Nginx, certs: Certs, capsys: pytest.CaptureFixture[str]
) -> None:
    """The program's memory, not the machine's."""
    run = boots(_SIXTEEN, URL=web.https + "/1m", CA=certs.ca_pem, SIZE=_SIZE)
    (before, held, complete), (codes, sizes, peak) = run.ok().lines
    with capsys.disabled():
        print(f"\n16 HTTPS requests of 1 MiB: {complete:,} bytes when all are complete,")
        print(f"{peak:,} when their bodies were read one after the other, {before:,} before them")
    assert (held, codes, sizes) == (16 * _SIZE, {200}, {_SIZE})
    assert peak <= _MOST


_FILL = """
count = 0
blocks = []

def fill():
    while True:
        blocks.append(bytes(1000))

"""


def test_bodies_that_do_not_fit_are_status_27(boots: Boots, wire: WireFactory) -> None:
    size = 12 << 20
    server = wire([head(200, f"Content-Length: {size}"), bytes(size)])
    run = boots(
        """
        def done(r):
            codes.append(r.status_code())
            if len(codes) == 8:
                show(*codes)

        codes = []
        for _ in range(8):
            http.get_async(URL, done)
        """,
        URL=server.url,
    )
    codes = set(run.shown)
    assert 27 in codes
    assert codes <= {27, 200}


@pytest.mark.parametrize("framing", ["Content-Length", "chunked"])
def test_one_body_that_does_not_fit_is_status_27(boots: Boots, wire: WireFactory, framing: str) -> None:
    block = bytes(1 << 20)
    if framing == "chunked":
        answer = [head(200, "Transfer-Encoding: chunked")] + [b"100000\r\n" + block + b"\r\n"] * 64
    else:
        answer = [head(200, f"Content-Length: {64 << 20}")] + [block] * 64
    run = boots("show(http.get(URL, max_size=0).status_code())", URL=wire(answer).url)
    assert run.shown == (27,)


def test_list_that_grows_is_a_memoryerror(boots: Boots) -> None:
    run = boots(
        _FILL
        + """
try:
    fill()
except MemoryError:
    count = len(blocks)
    blocks.clear()
    show(count)
"""
    )
    assert run.shown[0] > 10000


def test_list_that_grows_is_an_app_fault_and_drawn(boots: Boots, data: Path, tmp_path: Path) -> None:
    run = boots(_FILL + "fill()\n", data=data)
    assert run.returncode == 1
    assert "MemoryError" in run.stdout
    drawn = json.loads((read_data_disk(data, "screen", tmp_path) / "screen.json").read_text())
    assert drawn["boxes"][0]["lines"][0].startswith("MemoryError")


def test_files_in_memory_leave_the_program_its_own(boots: Boots) -> None:
    run = boots(
        _FILL
        + """
for path in "/tmp/file", "/file":
    try:
        with open(path, "wb") as f:
            while True:
                f.write(bytes(4096))
    except OSError as e:
        show(path, e.errno)
try:
    fill()
except MemoryError:
    count = len(blocks)
    blocks.clear()
    show(count > 10000)
"""
    )
    assert run.ok().lines == [("/tmp/file", 28), ("/file", 28), (True,)]
