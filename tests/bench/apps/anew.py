# SPDX-License-Identifier: MIT
# anew.py URL COUNT CACERT CLOSE: COUNT requests over HTTPS, one after the other. CLOSE=1: each on a new
# connection.
import sys

import http

with open(sys.argv[3]) as file:
    cacert = file.read()
headers = {"Connection": "close"} if sys.argv[4] == "1" else {}
for _ in range(int(sys.argv[2])):
    response = http.get(sys.argv[1], headers, cacert=cacert)
    if response.status_code() != 200:
        raise ValueError(response.error())
    response.body()
