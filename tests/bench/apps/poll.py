# SPDX-License-Identifier: MIT
# poll.py URL: one request every 100 ms, until the program is killed.
import sys

import http
import wakeup


def on_complete(response):
    if response.status_code() != 200:
        raise ValueError(response.error())
    response.body()


def task():
    http.get_async(sys.argv[1], on_complete)


wakeup.Timer(task, 100, 100)
