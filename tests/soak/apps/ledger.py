# SPDX-License-Identifier: MIT
"""A record that outlives the apps of one process: which app runs, and whose callbacks were called.

isolated.py writes it; tests/soak/isolation.py reads it at the REPL.
"""

import asyncio
import json

import _http
import http
import idle

SLOTS = 16
running = 0  # the number of the app that runs; 0 is none
left = None  # requests that were in flight when it ended
late = []  # calls of apps that had already ended


def called(number, what):
    """Record a call of this app."""
    if number != running:
        late.append("%s of app %d" % (what, number))


def over():
    """Record the end of the app."""
    global running, left
    left = http.stats()["in_flight"]
    running = 0


async def awaited(url, statuses):
    statuses.append((await http.get_async(url)).status_code())


def check(url):
    """Play the next app: print what is left of the one before, and use all slots in all ways."""
    global running
    running = 0
    stats = http.stats()
    statuses = []
    for _ in range(SLOTS):
        http.get_async(url, lambda response: statuses.append(response.status_code()))
    idle.run()
    _http.fd()  # opens the pipe now and not at the first wait, because descriptors are counted
    asyncio.run(awaited(url.replace("/meet", "/body"), statuses))
    figures = {"stats": stats, "statuses": statuses, "late": late, "left": left}
    print(json.dumps(figures))
