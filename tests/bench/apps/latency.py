# SPDX-License-Identifier: MIT
# latency.py URL COUNT: when, in us of CLOCK_MONOTONIC, the callback of each of COUNT requests was called.
import sys
import time

import http

url, count = sys.argv[1], int(sys.argv[2])
times = []


def on_complete(response):
    times.append(time.ticks_us())
    if response.status_code() != 200:
        raise ValueError(response.error())
    if len(times) < count:
        http.get_async(url, on_complete)
    else:
        print("times", *times)


http.get_async(url, on_complete)
