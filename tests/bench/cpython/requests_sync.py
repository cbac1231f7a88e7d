# SPDX-License-Identifier: MIT
"""requests_sync.py URL COUNT WARM [FILE]: the same as apps/sync.py, with a Session of requests."""

import sys
import time
from pathlib import Path

import requests

PIECE = 64 * 1024


def perform(session: requests.Session, url: str, count: int, file: str | None) -> None:
    """Make count requests, one after the other."""
    for _ in range(count):
        response = session.get(url, stream=file is not None)
        response.raise_for_status()
        if file:
            with Path(file).open("wb") as output:
                for piece in response.iter_content(PIECE):
                    output.write(piece)
        else:
            dict(response.headers)
            assert response.content


url, count, warm, *file = sys.argv[1:]
session = requests.Session()
session.trust_env = False
perform(session, url, int(warm), *file or [None])
start = time.monotonic()
perform(session, url, int(count), *file or [None])
print(f"seconds {time.monotonic() - start:.6f}")
