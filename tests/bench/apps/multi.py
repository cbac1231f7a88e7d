# SPDX-License-Identifier: MIT
# multi.py URL COUNT WARM: WARM + COUNT requests, 16 at a time; the last COUNT are timed.
import sys
import time

import http

url, count, warm = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
started = done = 0
start = time.ticks_us()


def fetch():
    global started
    started += 1
    http.get_async(url, on_complete)


def on_complete(response):
    global done, start
    if response.status_code() != 200:
        raise ValueError(response.error())
    response.body()
    done += 1
    if done == warm:
        start = time.ticks_us()
    if started < warm + count:
        fetch()
    elif done == started:
        print("seconds %f" % (time.ticks_diff(time.ticks_us(), start) / 1e6))


for _ in range(16):
    fetch()
