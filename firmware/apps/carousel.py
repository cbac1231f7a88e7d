# SPDX-License-Identifier: MIT
"""A carousel for the splash screen: fetches a list of slides and shows one after the other.

What it needs stands in the dock's key-value store:

    carousel_url        where the list is: {"slides": [{"image": ..., "caption": ...}, ...]};
                        an image's address is absolute, or relative to the list's folder
    carousel_ca         the certificate (PEM) to trust instead of the system's; may be left out
    carousel_rounds     how often to go through the list, 0 for ever; default 0
    carousel_dwell_ms   how long a slide stays, milliseconds; default 10000
    carousel_retry_ms   how long to wait after a first failure, milliseconds; default 1000

Nothing that a server does ends the app. After a failure it waits, each time twice as long up to a
minute, and tries again; a slide that keeps failing is left out until the next round. An address that can
never work - one that is no URL - is not tried again: of the list it is the app's end, with exit code 1.
"""

import http
import json
import sys
import time

from datastore import KvStore
from splashscreen import Alignment, Splashscreen
from wakeup import Timer

TIMEOUT_S = 20  # for one request, everything included
MAX_RETRY_MS = 60 * 1000
SLIDE_TRIES = 3
NO_URL = 3  # libcurl's number
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
CAPTION = {"x": 960, "y": 980, "alignment": Alignment.MIDDLE}


class Carousel:
    """Runs on callbacks alone: each method starts one thing and returns at once."""

    def __init__(self, settings):
        self.url = settings.get("carousel_url")
        self.ca = settings.get("carousel_ca") or None
        self.rounds = int(settings.get("carousel_rounds") or 0)
        self.dwell_ms = int(settings.get("carousel_dwell_ms") or 10000)
        self.first_retry_ms = int(settings.get("carousel_retry_ms") or 1000)
        self.screen = Splashscreen()
        self.timer = None  # a Timer that nobody references may be collected before it is due
        self.retry_ms = self.first_retry_ms
        self.round = 0
        self.slides = []
        self.tries = 0
        self.empty = True  # nothing has been shown yet

    def start_round(self):
        """Fetch the list anew for each round, so that it may change while the carousel runs."""
        self.fetch(self.url, self.use_list, self.list_failed)

    def use_list(self, body):
        self.slides = read_list(body, self.url)
        self.retry_ms = self.first_retry_ms
        self.round += 1
        self.next_slide()

    def list_failed(self, why, for_good=False):
        if for_good:
            print("the list: %s; nothing can come from carousel_url" % why)
            self.screen.add_text_box("carousel_url is no address")
            self.timer = Timer(give_up, 0)  # when that is drawn
        else:
            self.try_again(self.start_round, "the list: " + why)

    def next_slide(self):
        self.tries = 0
        if self.slides:
            self.load_slide()
        elif self.rounds == 0 or self.round < self.rounds:
            self.start_round()
        # Otherwise nothing is planned any more, and the last slide stays.

    def load_slide(self):
        self.fetch(self.slides[0][0], self.use_slide, self.slide_failed)

    def use_slide(self, body):
        if body[: len(PNG_SIGNATURE)] != PNG_SIGNATURE:
            raise ValueError("not a PNG image")
        address, caption = self.slides[0]
        self.screen.set_background(body)
        self.retry_ms = self.first_retry_ms
        self.screen.add_text_box(caption, CAPTION)
        if self.empty:
            self.empty = False
            self.screen.add_text_box("")  # the message area
        took_ms = time.ticks_diff(time.ticks_ms(), self.started)
        print("round %d: %s, %d bytes, %d ms" % (self.round, name_of(address), len(body), took_ms))
        self.slides.pop(0)
        self.timer = Timer(self.next_slide, self.dwell_ms)

    def slide_failed(self, why, for_good=False):
        why = name_of(self.slides[0][0]) + ": " + why
        self.tries = SLIDE_TRIES if for_good else self.tries + 1
        if self.tries < SLIDE_TRIES:
            self.try_again(self.load_slide, why)
        else:
            self.slides.pop(0)
            self.try_again(self.next_slide, why + ", leaving it out")

    def fetch(self, url, use, failed):
        """Get url, then call use(body), or failed(why, for_good) if there is nothing usable.

        use says with a ValueError that it is not; for_good: nor will it be at the next try.
        """

        def on_complete(response):
            status = response.status_code()
            if status != 200:  # below 100 it is libcurl's number for what went wrong
                failed("status %d" % status, status == NO_URL)
                return
            try:
                use(response.body())
            except ValueError as e:
                failed(str(e))

        self.started = time.ticks_ms()
        try:
            http.get_async(url, on_complete, timeout=TIMEOUT_S, cacert=self.ca)
        except ValueError as e:
            # The address comes from the server: one that is no URL must not end the app either.
            failed(str(e), True)

    def try_again(self, what, why):
        print("%s; going on in %d ms" % (why, self.retry_ms))
        if self.empty:
            self.screen.add_text_box("Waiting for content")
        self.timer = Timer(what, self.retry_ms)
        self.retry_ms = min(self.retry_ms * 2, MAX_RETRY_MS)


def give_up():
    sys.exit(1)


def read_list(body, base):
    """The slides that body lists: [(address, caption), ...]. ValueError if it is no such list."""
    try:
        slides = json.loads(body)["slides"]
        folder = base[: base.rfind("/") + 1]
        found = []
        for slide in slides:
            address = slide["image"]
            if "://" not in address:
                address = folder + address
            found.append((address, caption_of(slide["caption"])))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ValueError("not a list of slides")
    if not found:
        raise ValueError("an empty list")
    return found


def caption_of(text):
    """text as Pango markup. Text is white: on black it can be read whatever the slide is."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return '<span background="black"> %s </span>' % text if text else ""


def name_of(address):
    """The file's name, for people: without the query, which may hold a key."""
    return address.split("?")[0].split("/")[-1]


# The main part only starts things. Timers and responses do the rest, so the object needs a name.
carousel = Carousel(KvStore())
carousel.start_round()
