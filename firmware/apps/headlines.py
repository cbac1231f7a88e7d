# SPDX-License-Identifier: MIT
"""Headlines from several servers, one after the other. A server that fails costs its own headlines' age only.

Settings: headlines_urls, the addresses, separated by blanks; each has {"headlines": ["...", ...]}.
Headlines that are older than a day are not shown.
"""

from datastore import KvStore
from feed import Feed
from splashscreen import Alignment, Splashscreen
from wakeup import Timer

DWELL_MS = 10000
MOST_AGE_S = 86400
PLACE = {"x": 960, "y": 980, "alignment": Alignment.MIDDLE}
screen = Splashscreen()


def read(response):
    """The headlines. ValueError if there are none."""
    try:
        return [line.replace("&", "&amp;").replace("<", "&lt;") for line in response.json()["headlines"]]
    except (AttributeError, KeyError, TypeError):
        raise ValueError("no headlines")


def fresh():
    for feed in feeds:
        age = feed.age()
        if age is not None and age < MOST_AGE_S:
            yield from read(feed.last())


def turns():
    while True:
        for line in list(fresh()) or [""]:
            screen.add_text_box(line, PLACE)
            yield


feeds = [Feed(url, every=600, check=read) for url in KvStore().get("headlines_urls").split()]
turn = turns()
Timer(lambda: next(turn), 1000, DWELL_MS)
