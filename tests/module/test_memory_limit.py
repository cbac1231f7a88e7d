# SPDX-License-Identifier: MIT
"""Memory that runs out is a MemoryError or status 27, and never the end of the process."""

import json
from pathlib import Path

import pytest
from servers.certs import Certs
from servers.nginx import Nginx
from servers.wire import WireFactory, head
from support.program import Program

pytestmark = pytest.mark.needs("memory_limit")

_MIB = 1 << 20
_LIMIT = {"DL7450_MEMORY": "48M"}
_READ_LIMIT = """
def limit():
    with open("/proc/self/limits") as f:
        for line in f:
            if line.startswith("Max data size"):
                return line.split()[3]


"""


def test_bodies_that_do_not_fit_are_status_27(run_app: Program, web: Nginx) -> None:
    run = run_app(
        """
        def done(r):
            codes.append(r.status_code())
            if len(codes) == 8:
                show(*sorted(codes))
                show(http.get(URL + "/1m").status_code(), http.stats()["free"], http.stats()["bytes_held"])

        codes = []
        for _ in range(8):
            http.get_async(URL + "/12m", done)
        """,
        URL=web.http,
        env=_LIMIT,
    )
    codes, after = run.ok().lines
    assert set(codes) == {27, 200}
    assert after == (200, 16, 0)


@pytest.mark.parametrize("framing", ["Content-Length", "chunked"])
def test_one_body_that_does_not_fit_is_status_27(run_app: Program, wire: WireFactory, framing: str) -> None:
    block = bytes(_MIB)
    fields = (
        [f"Content-Length: {64 * _MIB}"] if framing == "Content-Length" else ["Transfer-Encoding: chunked"]
    )
    parts = (
        [block] * 64
        if framing == "Content-Length"
        else [b"100000\r\n" + block + b"\r\n"] * 64 + [b"0\r\n\r\n"]
    )
    run = run_app(
        """
        r = http.get(URL, max_size=0)
        show(r.status_code(), http.stats()["free"])
        """,
        URL=wire([head(200, *fields), *parts]).url,
        env=_LIMIT,
    )
    assert run.shown == (27, 16)


def test_list_that_grows_is_a_memoryerror_and_requests_still_work(
    run_app: Program, web: Nginx, certs: Certs
) -> None:
    run = run_app(
        """
        blocks = []
        r = None
        try:
            while True:
                blocks.append(bytes(1000))
        except MemoryError:
            for _ in range(100):
                blocks.pop()
        r = http.get(URL + "/1m", cacert=CA)  # of what the heap leaves to libcurl
        show(r.status_code(), len(blocks) > 20000)
        blocks = None
        gc.collect()  # now, and not when the heap is full: gives what is free back
        show(len(http.get(URL + "/12m", cacert=CA).body()))
        """,
        URL=web.https,
        CA=certs.ca_pem,
        env=_LIMIT,
    )
    assert run.ok().lines == [(200, True), (12 * _MIB,)]


def test_heap_that_the_app_fills_is_an_app_fault_and_drawn(run_app: Program, tmp_path: Path) -> None:
    run = run_app(
        """
        blocks = []

        def fill():
            size = 1 << 20
            while True:
                try:
                    blocks.append(bytearray(size))
                except MemoryError:
                    if size == 16:
                        raise
                    size >>= 1

        fill()
        """,
        env=_LIMIT | {"DL7450_SCREEN": str(tmp_path / "screen")},
    )
    assert run.returncode == 1
    assert "MemoryError" in run.stderr
    (box,) = json.loads((tmp_path / "screen/screen.json").read_text())["boxes"]
    assert box["lines"][0].startswith("MemoryError")


def test_limit_is_a_part_of_what_the_machine_has(run_app: Program) -> None:
    run = run_app(_READ_LIMIT + "show(int(limit()))\n")
    lines = Path("/proc/meminfo").read_text().splitlines()
    total = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemTotal"))
    assert 0 < run.shown[0] < total


@pytest.mark.parametrize(
    ("setting", "least", "most"), [("48M", 48 * _MIB, 64 * _MIB), ("65536k", 64 * _MIB, 80 * _MIB)]
)
def test_limit_can_be_set(run_app: Program, setting: str, least: int, most: int) -> None:
    run = run_app(_READ_LIMIT + "show(int(limit()), gc.mem_free())\n", env={"DL7450_MEMORY": setting})
    limit, free = run.shown
    assert least <= limit <= most
    assert least // 2 < free < limit


def test_limit_of_0_is_none(run_app: Program) -> None:
    assert run_app(_READ_LIMIT + "show(limit())\n", env={"DL7450_MEMORY": "0"}).shown == ("unlimited",)


def test_limit_of_who_starts_the_program_counts(run_app: Program) -> None:
    run = run_app(_READ_LIMIT + "show(int(limit()))\n", wrapper=["prlimit", f"--data={40 * _MIB}"])
    assert run.shown == (40 * _MIB,)
