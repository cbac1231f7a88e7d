# SPDX-License-Identifier: MIT
"""pycurl_multi.py URL COUNT WARM: the same as apps/multi.py, with pycurl's multi interface."""

import sys
import time
from io import BytesIO

import pycurl

IN_FLIGHT = 16

url, count, warm = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
multi = pycurl.CurlMulti()
bodies: dict[pycurl.Curl, BytesIO] = {}
started = done = 0
start = time.monotonic()


def fetch(easy: pycurl.Curl) -> None:
    """Start the next request."""
    global started
    started += 1
    bodies[easy] = BytesIO()
    easy.setopt(pycurl.WRITEDATA, bodies[easy])
    multi.add_handle(easy)


for _ in range(IN_FLIGHT):
    easy = pycurl.Curl()
    easy.setopt(pycurl.URL, url)
    fetch(easy)
while done < warm + count:
    multi.perform()
    _, good, bad = multi.info_read()
    assert not bad, bad
    for easy in good:
        assert easy.getinfo(pycurl.RESPONSE_CODE) == 200
        assert bodies[easy].getvalue()
        multi.remove_handle(easy)
        done += 1
        if done == warm:
            start = time.monotonic()
        if started < warm + count:
            fetch(easy)
    if not good:
        multi.select(10)
print(f"seconds {time.monotonic() - start:.6f}")
