# SPDX-License-Identifier: MIT
"""A carousel: it shows the slides of a list on the splash screen, one after the other.

Settings: carousel_url; carousel_ca, a certificate (PEM) to trust instead of the system's; carousel_rounds,
0 for ever; carousel_dwell_ms, how long a slide stays; carousel_retry_ms, the longest wait after a failure.
What came once stays when the server fails. A slide that does not come is left out until it does.
"""

from datastore import KvStore
from feed import Feed
from splashscreen import Alignment, Splashscreen
from wakeup import Timer

screen, setting, place = Splashscreen(), KvStore().get, {"x": 960, "y": 980, "alignment": Alignment.MIDDLE}
url, retry_ms = setting("carousel_url"), int(setting("carousel_retry_ms") or 1000)
rounds, dwell_ms = int(setting("carousel_rounds") or 0), int(setting("carousel_dwell_ms") or 10000)


def poll(address, check, every=60):
    ca = setting("carousel_ca") or None
    return Feed(address, None, every, check=check, cacert=ca, retry_first=retry_ms / 1000, retry_most=60)


def read_list(response):  # {"slides": [{"image": address, "caption": text}, ...]}
    try:
        slides = [(slide["image"], slide["caption"] + "") for slide in response.json()["slides"]]
        return [(a if "://" in a else url[: url.rfind("/") + 1] + a, text) for a, text in slides] or slides[0]
    except (IndexError, KeyError, TypeError, ValueError):
        raise ValueError("not a list of slides")


def check_png(response):
    if response.body()[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("not a PNG image")


def show(slides):  # a generator: it gives how many milliseconds to wait
    feeds, number, said = {}, 0, ""
    while number == 0 or number != rounds:
        while not slides.last() or slides.state() == "fetching":
            if said != (said := slides.error()) and said:
                screen.add_text_box("" if feeds else "Waiting for content")
                yield 20  # it is drawn
                print("the list:", said)
            yield 100
        number, listed = number + 1, read_list(slides.last())
        for address in set(feeds) - set(dict(listed)):
            feeds.pop(address).stop()
        for address, _ in listed:
            try:
                feeds[address] = feeds.get(address) or poll(address, check_png)
            except ValueError as e:
                print("%s, leaving it out" % e)
        for address, caption in listed:
            feed, name = feeds.get(address), address.split("?")[0].split("/")[-1]
            while feed and not feed.last() and not feed.error():
                yield 100
            if feed and (image := feed.last()):
                screen.set_background(image.body())
                text = caption.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
                # White on black can be read on any slide.
                screen.add_text_box(text and '<span background="black"> %s </span>' % text, place)
                screen.add_text_box("")  # the message area
                took_ms = image.timings()["total"] * 1000
                print("round %d: %s, %d bytes, %d ms" % (number, name, len(image.body()), took_ms))
            elif feed:
                print("%s: %s, leaving it out" % (name, feed.error()))
            yield dwell_ms
        slides.refresh()  # each round fetches the list anew
        yield 20
    for feed in [slides] + list(feeds.values()):
        feed.stop()


def go_on():
    if (wait_ms := next(turns, None)) is not None:
        Timer(go_on, wait_ms)


turns = show(poll(url, read_list, 86400))
go_on()
