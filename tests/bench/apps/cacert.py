# SPDX-License-Identifier: MIT
# cacert.py URL COUNT CACERT: COUNT requests over HTTPS, one after the other, each with the same certificates.
import sys

import http

with open(sys.argv[3]) as file:
    cacert = file.read()
for _ in range(int(sys.argv[2])):
    response = http.get(sys.argv[1], cacert=cacert)
    if response.status_code() != 200:
        raise ValueError(response.error())
    response.headers()
    response.body()
