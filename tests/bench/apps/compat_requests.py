# SPDX-License-Identifier: MIT
# compat_requests.py URL COUNT: requests of the package requests, one after the other.
import sys

import requests

for _ in range(int(sys.argv[2])):
    r = requests.get(sys.argv[1])
    if r.status_code != 200 or not r.headers["Content-Length"] or not r.content:
        raise ValueError(r.reason)
