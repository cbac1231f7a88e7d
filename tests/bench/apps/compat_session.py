# SPDX-License-Identifier: MIT
# compat_session.py URL COUNT: the same as compat_requests.py, with one Session.
import sys

import requests

session = requests.Session()
for _ in range(int(sys.argv[2])):
    r = session.get(sys.argv[1])
    if r.status_code != 200 or not r.headers["Content-Length"] or not r.content:
        raise ValueError(r.reason)
