# SPDX-License-Identifier: MIT
"""The door sign of a meeting room: what is on now, and what comes next, from a calendar in JSON.

Settings: calendar_url, where the day's meetings are:
{"room": "Rosewood", "meetings": [{"title": "Budget", "start": 1767258000, "end": 1767261600}, ...]},
times in seconds since 1970, in any order.
"""

import time

from datastore import KvStore
from feed import Feed
from splashscreen import Alignment, Splashscreen
from wakeup import Timer

PLACE = {"x": 960, "y": 400, "alignment": Alignment.MIDDLE}
screen = Splashscreen()
shown = []


def read(response):
    """(room, [(start, end, title), ...]) in the order of their starts. ValueError if it is no calendar."""
    try:
        calendar = response.json()
        meetings = sorted((m["start"] + 0, m["end"] + 0, escape(m["title"])) for m in calendar["meetings"])
        return escape(calendar["room"]), meetings
    except (AttributeError, KeyError, TypeError):
        raise ValueError("not a calendar")


def escape(text):  # a text box reads Pango markup
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def draw(response=None):
    global shown
    if feed.last():
        room, meetings = read(feed.last())
        now = time.time()
        lines = [room, "free"]
        for start, end, title in meetings:
            if start <= now < end:
                lines[1] = title
            elif start > now:
                lines.append("next: " + title)
                break
        if feed.state() == "stale":
            lines.append("(the calendar does not answer)")
        if lines != shown:  # each drawing costs
            shown = lines
            screen.add_text_box(lines, PLACE)


feed = Feed(
    KvStore().get("calendar_url"), draw, 300, check=read, stale_after=1800, on_stale=lambda seconds: draw()
)
Timer(draw, 1000, 1000)  # meetings begin and end without an answer of the server's
