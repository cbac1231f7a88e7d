# SPDX-License-Identifier: MIT
"""The soak's app: requests of all kinds, started, cancelled, waited for and awaited in a random mix.

    mixed.py SETTINGS.json

Each request has an id, which the answer repeats. It has a Ticket here until it has ended. A call for a
request without a Ticket is an error and ends the app, and so is a Ticket that is left when nothing is
pending. After each batch, when nothing is pending, the app prints a line of figures and continues when a
line comes on stdin. If that says "again", the app makes a request more and prints the figures again.
"""

import asyncio
import gc
import json
import os
import random
import sys
from time import ticks_diff, ticks_ms

import http
import idle
import wakeup
from traffic import AGAIN, DECK, DOWNLOADS, LARGE, MEETING, SITE, SMALL

SLOTS = 16
PROBLEM = 3  # exit code

tickets = {}  # the pending ones, by id
kinds = {}  # name: [requests, {status: count}]; status 0 is cancelled
ways = {"sync": 0, "with a callback": 0, "awaited or waited for": 0}
submitted = 0
refused = 0
waits_for = None  # the Ticket of the sync call that runs
calling = None  # the Ticket whose callback runs


def wrong(what):
    print(json.dumps({"wrong": what}))
    sys.exit(PROBLEM)


def chance(percent):
    return random.random() * 100 < percent


def pick(items):
    return items[random.getrandbits(24) % len(items)]


# ------------------------------------------------------------------------------------------------
# One request from its start to its end


class Ticket:
    def __init__(self, kind):
        global submitted
        submitted += 1
        self.id = submitted
        self.kind = kind
        self.full = False  # no slot was free when it was started
        self.received = 0
        self.progress = 0
        self.request = None
        self.head = None
        self.was_read = False
        self.at_cancel = None  # or (the Response that was there,)
        self.options = {}
        for name, value in kind.options.items():
            if name == "on_data":
                value = self.on_data
            elif name == "on_progress":
                value = self.on_progress
            elif name == "on_upload_progress":
                value = self.on_upload_progress
            elif name == "on_head":
                value = self.on_head
            elif callable(value):
                value = value(self.id)
            self.options[name] = value
        tickets[self.id] = self

    def url(self):
        return self.kind.url if "params" in self.options else self.kind.url % self.id

    def tells(self):
        options = self.options
        callbacks = ("on_data", "on_progress", "on_upload_progress", "on_head")
        return hasattr(options.get("data"), "__next__") or any(name in options for name in callbacks)

    def set_off(self, way):
        global refused
        ways[way] += 1
        if http.stats()["free"] == 0:
            gc.collect()  # as the module does: streams that nobody has give their slots back
        self.full = http.stats()["free"] == 0
        refused += self.full

    def perform(self):
        """As a sync call."""
        global waits_for
        self.set_off("sync")
        outer = waits_for
        waits_for = self
        response = http.request(self.kind.method, self.url(), **self.options)
        waits_for = outer
        self.end(response)

    def start(self, callback):
        """As an async call."""
        self.set_off("with a callback" if callback else "awaited or waited for")
        self.request = http.request_async(
            self.kind.method, self.url(), self.on_complete if callback else None, **self.options
        )
        if self.request.status() not in ("pending", "failed") and not self.request.done():
            wrong("status at the start: " + self.request.status())
        return self.request

    def on_complete(self, response):
        global calling
        self.check_moment("on_complete")
        calling = self
        self.end(response)
        after_callback(self)
        calling = None

    def check_moment(self, what):
        if self.id not in tickets:
            wrong("%s of %s %d, which is over" % (what, self.kind.name, self.id))
        if waits_for not in (None, self) or (calling is not None and waits_for is not self):
            wrong("%s of %s inside something else" % (what, self.kind.name))

    def on_data(self, chunk):
        self.check_moment("on_data")
        if not len(chunk) or chunk != LARGE[self.received : self.received + len(chunk)]:
            wrong("wrong data in " + self.kind.name)
        self.received += len(chunk)
        if self.request is not None and chance(1):
            self.cancel()

    def on_head(self, response):
        self.check_moment("on_head")
        if self.head is not None or response.status_code() != 200 or len(response.history()) == 0:
            wrong("on_head of %s got %r" % (self.kind.name, response))
        self.head = response

    def on_progress(self, received, total):
        self.check_moment("on_progress")
        if received < self.progress or (total >= 0 and received > total):
            wrong("progress %d after %d" % (received, self.progress))
        self.progress = received

    def on_upload_progress(self, sent, total):
        self.check_moment("on_upload_progress")
        if sent < self.progress or (total >= 0 and sent > total):
            wrong("upload progress %d after %d of %d" % (sent, self.progress, total))
        self.progress = sent

    def wait(self, seconds):
        """As request.wait(); the callback, if there is one, is still to come."""
        global waits_for
        outer = waits_for
        waits_for = self
        response = self.request.wait(seconds)
        waits_for = outer
        if response is not None and self.id in tickets:
            self.check(response, False)
        return response

    def cancel(self):
        """Cancel it, and check that it has no other end."""
        if self.request.status() == "canceled":
            return  # wait_for() has cancelled it, and its task has not run yet
        pending = self.request.cancel()
        if self.request.cancel():
            wrong("cancelled twice")
        response = self.request.response()
        if pending != (response is None) or pending != (self.request.status() == "canceled"):
            wrong("cancel() of %s: %r, %r" % (self.kind.name, pending, self.request))
        self.at_cancel = (response,)
        self.end(response, False)

    def waited(self, response):
        """Check the result of a wait. cancel() may have ended the request meanwhile."""
        if self.at_cancel is None:
            self.end(response)
        elif self.at_cancel != (response,):
            wrong("%s was cancelled, and %r came" % (self.kind.name, response))

    def end(self, response, told=True):
        """Check the end: response, or None if it was cancelled; told: all its data and progress came."""
        if tickets.pop(self.id, None) is not self:
            wrong("a second end of %s %d" % (self.kind.name, self.id))
        status = 0
        if response is not None:
            self.check(response, told)
            status = response.status_code()
        count = kinds.setdefault(self.kind.name, [0, {}])
        count[0] += 1
        count[1][status] = count[1].get(status, 0) + 1
        if "file" in self.options:
            self.check_file(status)

    def check(self, response, told):
        """Check that it is the answer to this request."""
        status = response.status_code()
        statuses = (89,) if self.full else self.kind.statuses
        if status not in statuses:
            wrong("%s %d ended with %d: %s" % (self.kind.name, self.id, status, response.error()))
        if status < 100:
            return
        if response.header("x-id") != str(self.id):
            wrong("%s %d got the answer to %s" % (self.kind.name, self.id, response.header("x-id")))
        if "on_head" in self.options and told and self.head is not response:
            wrong("%s: on_head got another Response" % self.kind.name)
        if "stream" in self.options:
            self.read(response)
            return
        if self.kind.body is not None and status == self.kind.statuses[0]:
            if response.text() != self.kind.body(self.id):
                wrong("%s %d: wrong body %r" % (self.kind.name, self.id, response.text()))
        if self.kind.size is not None:
            self.check_size(response, told)

    def read(self, response):
        """Read the stream in one of the ways, to its end or not."""
        if self.was_read or self.at_cancel is not None:
            return
        self.was_read = True
        how = random.getrandbits(2)
        data = b""
        try:
            if how == 0:
                response.read(10)
                response.close()
                return
            if how == 1:
                data = response.read()
            elif how == 2:
                data = response.body()
            else:
                buffer = memoryview(bytearray(3000))
                while size := response.readinto(buffer):
                    data += bytes(buffer[:size])
        except OSError as e:
            if e.errno not in self.kind.statuses[1:] or response.status_code() != e.errno:
                wrong("%s: reading failed with %r" % (self.kind.name, e))
            return
        except ValueError as e:
            if self.request is None or self.request.status() != "success":
                wrong("%s: %r" % (self.kind.name, e))
            return  # wait_for() has cancelled it at the last moment, which closes it
        if len(self.kind.statuses) > 1:
            wrong("%s: reading did not fail" % self.kind.name)
        if self.kind.size is not None and data != (LARGE if self.kind.size == len(LARGE) else SMALL):
            wrong("%s: wrong body" % self.kind.name)
        if self.kind.body is not None and str(data, "utf-8") != self.kind.body(self.id):
            wrong("%s: wrong body" % self.kind.name)

    def check_size(self, response, told):
        if not told and ("on_data" in self.options or "on_progress" in self.options):
            return  # the response was asked for before they were delivered
        size = self.received if "on_data" in self.options else len(response.body())
        if "file" in self.options:
            size = os.stat(self.options["file"])[6]
        if size != self.kind.size:
            wrong("%s: %d bytes, not %d" % (self.kind.name, size, self.kind.size))
        if "on_progress" in self.options and self.progress not in (0, size):
            wrong("%s: the last progress was %d" % (self.kind.name, self.progress))
        if len(response.body()) and response.body() != (LARGE if size == len(LARGE) else SMALL):
            wrong(self.kind.name + ": wrong body")

    def check_file(self, status):
        # A cancelled request may have been complete; then only its callback is not called.
        path = self.options["file"]
        if status == 200 or (status == 0 and path.rsplit("/", 1)[1] in os.listdir(DOWNLOADS)):
            with open(path, "rb") as f:
                if f.read() != LARGE:
                    wrong("wrong content of the file")
            os.remove(path)


# ------------------------------------------------------------------------------------------------
# Ways to use requests. Each starts this many and returns when nothing is pending.

budget = 0
target = 0


def after_callback(ticket):
    if ticket.kind is MEETING:
        return
    fill()
    if chance(3) and budget > 0:
        begin().perform()
    if chance(5):
        disturb()
    if chance(1):
        gc.collect()


def begin():
    global budget
    budget -= 1
    return Ticket(pick(DECK))


def fill():
    """Start requests until this many are in flight, sometimes one too many."""
    while budget > 0 and (len(tickets) < target or chance(1)):
        begin().start(True)


def disturb():
    """Cancel one that is pending, or wait for it."""
    mine = [t for t in tickets.values() if t.request is not None]
    if mine:
        ticket = pick(mine)
        if chance(60):
            ticket.cancel()
        elif ticket is not calling and calling is None:
            ticket.wait(random.random() * 0.003)
        else:
            ticket.request.done()


def with_callbacks(count):
    """Callbacks that start the next request, and a timer that cancels."""
    global budget, target
    budget = count
    target = 1 + random.getrandbits(8) % SLOTS

    def tick():
        disturb()
        fill()
        if budget <= 0:
            timer.cancel()

    timer = wakeup.Timer(tick, 1, 1 + random.getrandbits(3))
    fill()
    idle.run()


async def worker():
    while budget > 0:
        how = random.getrandbits(3)
        if how == 0:
            begin().perform()
        elif how == 1:
            mine = [begin() for _ in range(2)]
            for ticket, response in zip(mine, await asyncio.gather(*[t.start(False) for t in mine])):
                ticket.waited(response)
        elif how == 2:
            ticket = begin()
            try:
                ticket.waited(await asyncio.wait_for(ticket.start(False), random.random() * 0.01))
            except asyncio.TimeoutError:
                if ticket.request.status() == "pending":
                    wrong("wait_for() left a pending request")
                ticket.waited(ticket.request.response())  # it may have ended just before
        elif how == 3:
            begin().start(True)  # its callback runs while the loop waits
            await asyncio.sleep_ms(1)
        else:
            ticket = begin()
            ticket.waited(await ticket.start(False))


async def workers():
    await asyncio.gather(*[worker() for _ in range(12)])
    while tickets:  # those with callbacks
        await asyncio.sleep_ms(1)


def with_asyncio(count):
    """Tasks that await."""
    global budget, target
    budget = count
    target = 0
    asyncio.run(workers())
    asyncio.new_event_loop()
    idle.run()


def in_a_row(count):
    """Sync calls, wait() and polling."""
    global budget
    budget = count
    while budget > 0:
        how = random.getrandbits(2)
        ticket = begin()
        if how > 1:
            ticket.perform()
            continue
        ticket.start(False)
        # A polled request gets its data and progress at idle, after its end. Its iterator runs at idle only.
        if how == 1 or ticket.tells():
            ticket.waited(ticket.wait(None))
            continue
        start = ticks_ms()
        while not ticket.request.done():
            if ticks_diff(ticks_ms(), start) > 60000:
                wrong(ticket.kind.name + " is never done")
        ticket.waited(ticket.request.response())
    idle.run()


def meet():
    """Use all slots at once. Afterwards exactly their connections are kept, so that figures compare."""
    for _ in range(SLOTS):
        Ticket(MEETING).start(True)
    idle.run()


def report(batch):
    """Check that nothing is left, and print the figures."""
    while tell(batch) == "again\n":
        Ticket(AGAIN).start(True)
        idle.run()


def tell(batch):
    """One line of figures; returns the answer."""
    stats = http.stats()
    if tickets:
        wrong(
            "batch %d: no end of " % batch
            + ", ".join("%s %d: %r" % (t.kind.name, t.id, t.request) for t in tickets.values())
        )
    if stats != {"in_flight": 0, "free": SLOTS, "submitted": submitted, "refused": refused, "bytes_held": 0}:
        wrong("stats: %r with %d submitted, %d refused" % (stats, submitted, refused))
    if os.listdir(DOWNLOADS):
        wrong("files: %r" % os.listdir(DOWNLOADS))
    gc.collect()
    figures = {"requests": submitted, "python": gc.mem_alloc(), "c": int(os.getenv("C_HEAP") or 0)}
    print(json.dumps(figures))
    answer = sys.stdin.readline()
    if not answer:
        sys.exit(PROBLEM)  # stdin was closed: the test has ended
    return answer


WAYS = (with_callbacks, with_asyncio, with_callbacks, in_a_row, with_callbacks)


def main():
    batch = 0
    report(-1)
    while submitted < SITE["requests"]:
        random.seed(SITE["seed"] + batch)
        for _ in range(8):  # otherwise neighbouring seeds give similar numbers
            random.random()
        use = WAYS[batch % len(WAYS)]
        use(SITE["batch"] - SLOTS)
        meet()
        report(batch)
        batch += 1
    print(json.dumps({"kinds": kinds, "ways": ways}))


main()
