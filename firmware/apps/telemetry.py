# SPDX-License-Identifier: MIT
"""Sends a reading each minute. Readings wait while the server fails, and none is counted twice.

Settings: telemetry_url. It gets POSTs of {"dock": ..., "batch": 17, "dropped": 0, "readings": [...]}.
Readings wait in a bounded queue: the oldest are dropped, and counted. A batch that was acknowledged (2xx) is
never sent again. One that may have arrived is sent again unchanged, under the same number.
"""

import random
import time

import http
from datastore import KvStore
from dock import DockInfo
from network import LAN
from wakeup import Timer

EVERY_MS = 60 * 1000
MOST_WAITING = 1000
MOST_IN_BATCH = 100
RETRY_MS, MOST_RETRY_MS = 5 * 1000, 600 * 1000


class Sender:
    def __init__(self, url):
        self.url = url
        self.dock = DockInfo().dock_id()
        self.waiting = []
        self.batch = []  # on its way, or not acknowledged
        self.number = 0  # of the batch
        self.dropped = 0
        self.failures = 0
        self.busy = False  # a request is pending, or the next try is planned

    def add(self, reading):
        self.waiting.append(reading)
        if len(self.waiting) > MOST_WAITING:
            self.waiting.pop(0)
            self.dropped += 1
        if not self.busy:
            self.send()

    def send(self):
        if not self.batch:
            self.number += 1
            self.batch, self.waiting = self.waiting[:MOST_IN_BATCH], self.waiting[MOST_IN_BATCH:]
            self.message = {
                "dock": self.dock,
                "batch": self.number,
                "dropped": self.dropped,
                "readings": self.batch,
            }
        self.busy = True
        if LAN().ifconfig()[0]:
            http.post_async(self.url, self.sent, json=self.message, timeout=20)
        else:
            Timer(self.send, 1000)

    def sent(self, response):
        self.busy = False
        if 200 <= response.status_code() < 300:
            self.failures = 0
            self.batch = []
            if self.waiting:
                self.send()
        else:
            most = min(MOST_RETRY_MS, RETRY_MS << min(self.failures, 10))
            self.failures += 1
            self.busy = True
            Timer(self.send, random.randint(0, most))


def measure():
    sender.add([time.time(), http.stats()["submitted"]])


sender = Sender(KvStore().get("telemetry_url"))
Timer(measure, 0, EVERY_MS)
