# SPDX-License-Identifier: MIT
"""What outlives the apps that run one after the other in a process: who is running, and who was called.

isolated.py tells; tests/soak/isolation.py asks at the REPL.
"""

import asyncio
import json

import _http
import http
import idle

SLOTS = 16
running = 0  # the number of the app that runs; 0 is none
left = None  # requests that were in flight when it ended
late = []  # what was called of apps that were over


def called(number, what):
    """Something of the app was called."""
    if number != running:
        late.append("%s of app %d" % (what, number))


def over():
    """The app ends now."""
    global running, left
    left = http.stats()["in_flight"]
    running = 0


async def awaited(url, statuses):
    statuses.append((await http.get_async(url)).status_code())


def check(url):
    """The next app: print what is left of the one before, and use all slots in all ways."""
    global running
    running = 0
    stats = http.stats()
    statuses = []
    for _ in range(SLOTS):
        http.get_async(url, lambda response: statuses.append(response.status_code()))
    idle.run()
    _http.fd()  # else the loop opens the pipe only when it has to wait, and descriptors are counted
    asyncio.run(awaited(url.replace("/meet", "/body"), statuses))
    figures = {"stats": stats, "statuses": statuses, "late": late, "left": left}
    print(json.dumps(figures))
