# SPDX-License-Identifier: MIT
"""requests_get.py URL COUNT: the same as apps/compat_requests.py, with requests of CPython."""

import sys

import requests

for _ in range(int(sys.argv[2])):
    response = requests.get(sys.argv[1], timeout=60)
    assert response.status_code == 200
    assert response.headers["Content-Length"]
    assert response.content
