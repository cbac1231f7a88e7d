# SPDX-License-Identifier: MIT
# handshakes.py URL CACERT COUNT: on how many connections COUNT requests in a row were answered; the
# server's answer is the connection's number.
import sys

import http

with open(sys.argv[2]) as file:
    cacert = file.read()
connections = set()
for _ in range(int(sys.argv[3])):
    response = http.get(sys.argv[1], cacert=cacert)
    if response.status_code() != 200:
        raise ValueError(response.error())
    connections.add(response.text())
print("handshakes", len(connections))
