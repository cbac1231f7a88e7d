# SPDX-License-Identifier: MIT
"""pycurl_sync.py URL COUNT WARM [FILE]: the same as apps/sync.py, with one handle of pycurl."""

import sys
import time
from io import BytesIO
from pathlib import Path

import pycurl


def perform(easy: pycurl.Curl, count: int, file: str | None) -> None:
    """Make count requests, one after the other."""
    for _ in range(count):
        headers: list[bytes] = []
        easy.setopt(pycurl.HEADERFUNCTION, headers.append)
        with Path(file).open("wb") if file else BytesIO() as body:
            easy.setopt(pycurl.WRITEDATA, body)
            easy.perform()
            assert easy.getinfo(pycurl.RESPONSE_CODE) == 200
            dict(line.decode("latin-1").split(":", 1) for line in headers if b":" in line)
            if not file:
                assert body.getvalue()


url, count, warm, *file = sys.argv[1:]
easy = pycurl.Curl()
easy.setopt(pycurl.URL, url)
perform(easy, int(warm), *file or [None])
start = time.monotonic()
perform(easy, int(count), *file or [None])
print(f"seconds {time.monotonic() - start:.6f}")
