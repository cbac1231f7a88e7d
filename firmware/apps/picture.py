# SPDX-License-Identifier: MIT
"""Shows a picture that somebody changes now and then, and says when it is old.

Settings: picture_url; picture_file, where the last one survives a restart, may be left out.
"""

from datastore import KvStore
from feed import Feed
from splashscreen import Alignment, Splashscreen

STALE_S = 3600
NOTE = {"x": 960, "y": 1040, "alignment": Alignment.MIDDLE}

settings = KvStore()
screen = Splashscreen()


def check(response):
    if response.body()[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("not a PNG image")


def show(response):
    screen.set_background(response.body())
    screen.add_text_box("", NOTE)


def old(seconds):
    screen.add_text_box("as of %d minutes ago" % (seconds // 60), NOTE)


Feed(
    settings.get("picture_url"),
    show,
    every=60,
    check=check,
    on_stale=old,
    stale_after=STALE_S,
    file=settings.get("picture_file") or None,
)
