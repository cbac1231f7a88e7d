# SPDX-License-Identifier: MIT
# bodies.py CACERT URL SIZE: 16 bodies in memory at the same time, then each is read.
import sys
import time

import http


def done(response):
    if response.status_code() != 200 or len(response.body()) != size:
        raise ValueError(response.error())


with open(sys.argv[1]) as file:
    cacert = file.read()
size = int(sys.argv[3])
for _ in range(16):
    http.get_async(sys.argv[2], done, cacert=cacert)
# Nothing is handed over before all sixteen are complete.
while http.stats()["bytes_held"] < 16 * size and http.stats()["in_flight"] == 16:
    time.sleep_ms(20)
