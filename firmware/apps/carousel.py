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

screen, setting = Splashscreen(), KvStore().get
url, retry_ms = setting("carousel_url"), int(setting("carousel_retry_ms") or 1000)
rounds, dwell_ms = int(setting("carousel_rounds") or 0), int(setting("carousel_dwell_ms") or 10000)
options = {"cacert": setting("carousel_ca") or None, "retry_first": retry_ms / 1000, "retry_most": 60}


def read_list(response):  # {"slides": [{"image": address, "caption": text}, ...]}
    try:
        slides = [(slide["image"], slide["caption"] + "") for slide in response.json()["slides"]]
        return [(a if "://" in a else url[: url.rfind("/") + 1] + a, text) for a, text in slides] or slides[0]
    except (IndexError, KeyError, TypeError, ValueError):
        raise ValueError("not a list of slides")


def display(image, caption, what):
    screen.set_background(image.body())
    text = caption.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text and '<span background="black"> %s </span>' % text  # white text, on any slide
    screen.add_text_box(text, {"x": 960, "y": 980, "alignment": Alignment.MIDDLE})
    screen.add_text_box("")  # the message area
    print("%s, %d bytes, %d ms" % (what, len(image.body()), image.timings()["total"] * 1000))


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
            yield 20
        number, listed = number + 1, read_list(slides.last())
        for address in set(feeds) - set(dict(listed)):
            feeds.pop(address).stop()
        for address, _ in listed:
            try:
                feeds[address] = feeds.get(address) or Feed(address, check=check_png, **options)
            except ValueError as e:
                print("%s, leaving it out" % e)
        for address, caption in listed:
            feed, name = feeds.get(address), address.split("?")[0].split("/")[-1]
            while feed and not feed.last() and not feed.error():
                yield 20
            if feed and feed.last():
                display(feed.last(), caption, "round %d: %s" % (number, name))
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


turns = show(Feed(url, every=86400, check=read_list, **options))
go_on()
