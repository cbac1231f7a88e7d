# SPDX-License-Identifier: MIT
"""An app that starts sixteen requests and ends while they are in flight.

    isolated.py ROUND.json

ROUND has its number, a seed, how the app ends ("exit" or "fault"; otherwise the test ends it) and where.
"""

import asyncio
import json
import random
import sys
from time import ticks_diff, ticks_ms

import http
import ledger
import wakeup

with open(sys.argv[1]) as f:
    SITE = json.load(f)
NUMBER = SITE["number"]
HOW = SITE["how"]
WHERE = SITE["where"]
random.seed(SITE["seed"])
DELAY_MS = random.getrandbits(8) % 30
with open(SITE["large"], "rb") as f:
    LARGE = f.read()
calls_left = 1 + random.getrandbits(8) % 4  # until the end, if it is in a callback
ledger.running = NUMBER


class AppFault(Exception):
    pass


def end():
    if HOW == "exit" or (HOW == "fault" and WHERE != "task"):
        ledger.over()
    if HOW == "exit":
        sys.exit(7)
    if HOW == "fault":
        raise AppFault(NUMBER)


def called(where):
    global calls_left
    ledger.called(NUMBER, where)
    if where == WHERE:
        calls_left -= 1
        if calls_left == 0:
            end()


def on_complete(response):
    called("on_complete")


def on_data(chunk):
    called("on_data")


def on_progress(received, total):
    called("on_progress")


def on_timer():
    called("timer")


def get(url, **options):
    return lambda: http.get_async(url + "?id=%d" % NUMBER, on_complete, **options)


def post(url, **options):
    return lambda: http.post_async(url + "?id=%d" % NUMBER, on_complete, **options)


WEB = SITE["http"]
TLS = SITE["https"]
WIRE = SITE["wire"]
CACERT = SITE["cacert"]
STARTS = [
    # requests that end soon; some are handed over and some are not
    get(WEB + "/echo"),
    get(SITE["named"] + "/echo"),
    get(TLS + "/echo", cacert=CACERT),
    get(WEB + "/cookie", cookies=http.Cookies()),
    get(WEB + "/large", on_progress=on_progress),
    get(WEB + "/large", on_data=on_data),
    # requests that stay in each state longer than the app runs
    get(WEB + "/slow", on_data=on_data),
    get(TLS + "/slow", cacert=CACERT, on_progress=on_progress),
    get(WEB + "/slow", file="%s/%d" % (SITE["downloads"], NUMBER)),
    get(WIRE + "/hold"),
    get(WIRE + "/hold-body"),
    get(WIRE + "/hold-hop"),
    get(SITE["dead"] + "/"),
    get(SITE["dead_tls"] + "/", cacert=CACERT),
    post(WIRE + "/hold", data=LARGE),
    post(WIRE + "/hold", files={"f": SITE["large"]}),
]


def compute(ms):
    start = ticks_ms()
    while ticks_diff(ticks_ms(), start) < ms:
        ledger.called(NUMBER, "main")


async def await_it(request):
    await request
    ledger.called(NUMBER, "task")


async def end_later():
    await asyncio.sleep_ms(DELAY_MS)
    end()
    await asyncio.sleep(60)


async def tasks():
    requests = [start() for start in STARTS]
    print("ready", NUMBER)
    try:
        await asyncio.gather(end_later(), *[await_it(request) for request in requests])
    except AppFault:  # other tasks and callbacks may have had their turn since
        ledger.over()
        raise


STARTS.sort(key=lambda start: random.random())
if WHERE == "task":
    asyncio.run(tasks())
else:
    timer = wakeup.Timer(on_timer, DELAY_MS, 1)
    for start in STARTS:
        start()
    print("ready", NUMBER)
    if WHERE == "main":
        compute(DELAY_MS)
        end()
    elif WHERE == "sync":
        http.get(WIRE + "/hold")
