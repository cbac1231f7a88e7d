# SPDX-License-Identifier: MIT
"""pycurl_fields.py URL COUNT METHOD: the same as apps/fields.py, with one handle of pycurl."""

import json
import sys
from io import BytesIO

import pycurl

FIELDS = ["Accept: application/json", "Authorization: Bearer 0123456789abcdef", "X-Request-Id: 42"]


def perform(easy: pycurl.Curl, *, post: bool) -> None:
    """Make one request."""
    lines: list[bytes] = []
    body = BytesIO()
    fields = list(FIELDS)
    if post:
        fields += ["Content-Type: application/json", "Expect:"]
        easy.setopt(pycurl.POST, 1)
        easy.setopt(pycurl.POSTFIELDS, json.dumps({"id": 42, "name": "dock", "on": True, "value": 21.5}))
    easy.setopt(pycurl.HTTPHEADER, fields)
    easy.setopt(pycurl.TIMEOUT_MS, 10000)
    easy.setopt(pycurl.HEADERFUNCTION, lines.append)
    easy.setopt(pycurl.WRITEDATA, body)
    easy.perform()
    assert easy.getinfo(pycurl.RESPONSE_CODE) == 200
    dict(line.decode("latin-1").split(":", 1) for line in lines if b":" in line)
    assert body.getvalue()


url, count, method = sys.argv[1:]
easy = pycurl.Curl()
easy.setopt(pycurl.URL, url)
for _ in range(int(count)):
    perform(easy, post=method == "post")
