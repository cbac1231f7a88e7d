# SPDX-License-Identifier: MIT
# sync.py URL COUNT WARM: WARM + COUNT requests, one after the other; the last COUNT are timed.
import sys
import time

import http


def perform(url, n):
    for _ in range(n):
        response = http.get(url)
        if response.status_code() != 200:
            raise ValueError(response.error())
        response.headers()
        response.body()


perform(sys.argv[1], int(sys.argv[3]))
start = time.ticks_us()
perform(sys.argv[1], int(sys.argv[2]))
print("seconds %f" % (time.ticks_diff(time.ticks_us(), start) / 1e6))
