# SPDX-License-Identifier: MIT
"""Follows server-sent events (the EventSource of HTML) and shows the last one on the splash screen.

What it needs stands in the dock's key-value store:

    events_url        where the events are
    events_ca         the certificate (PEM) to trust instead of the system's; may be left out
    events_retry_ms   how long to wait before it connects again, milliseconds; default 3000; the server's
                      field `retry` changes it

When the connection ends, it connects again and names the last event (Last-Event-ID). A server that
answers 204 wants no further connection: then the app ends, and the last event stays on the screen.
"""

import asyncio
import http

from datastore import KvStore
from splashscreen import Alignment, Splashscreen

MAX_LINE = 4096  # bytes of one line that are shown
PLACE = {"x": 960, "y": 540, "alignment": Alignment.MIDDLE}


class Events:
    """One event after the other, over as many connections as it takes."""

    def __init__(self, settings):
        self.url = settings.get("events_url")
        self.ca = settings.get("events_ca") or None
        self.retry_ms = int(settings.get("events_retry_ms") or 3000)
        self.last_id = ""
        self.screen = Splashscreen()

    async def run(self):
        while True:
            status = await self.follow()
            if status == 204:
                return
            print("events: status %d; again in %d ms" % (status, self.retry_ms))
            await asyncio.sleep_ms(self.retry_ms)

    async def follow(self):
        headers = {"Accept": "text/event-stream"}
        if self.last_id:
            headers["Last-Event-ID"] = self.last_id
        # There is no deadline: the next event may come tomorrow.
        with await http.get_async(self.url, headers=headers, cacert=self.ca, stream=True, timeout=0) as r:
            if r.status_code() == 200:
                try:
                    await self.read(asyncio.StreamReader(r))
                except OSError as e:
                    return e.errno  # also what status_code() now says
            return r.status_code()

    async def read(self, reader):
        data = []
        while line := await reader.readline():
            try:
                line = str(line[:MAX_LINE], "utf-8").rstrip("\r\n")
            except UnicodeError:
                continue  # RFC 3629: no text
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if not line:
                self.show("\n".join(data))
                data = []
            elif name == "data":
                data.append(value)
            elif name == "id":
                self.last_id = value
            elif name == "retry" and value.isdigit():
                self.retry_ms = int(value)

    def show(self, text):
        if text:
            self.screen.add_text_box(text.split("\n"), PLACE)
            print("event %s: %s" % (self.last_id or "-", text))


asyncio.run(Events(KvStore()).run())
