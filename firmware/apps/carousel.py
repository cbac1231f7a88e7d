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

screen, get, place = Splashscreen(), KvStore().get, {"x": 960, "y": 980, "alignment": Alignment.MIDDLE}
# waits: for a feed, not for the time
url, retry_s, waits = get("carousel_url"), int(get("carousel_retry_ms") or 1000) / 1000, False
rounds, dwell_ms, feeds = int(get("carousel_rounds") or 0), int(get("carousel_dwell_ms") or 10000), {}


def how():
    return {"on_error": go_on, "retry_first": retry_s, "retry_most": 60, "cacert": get("carousel_ca") or None}


def read_list(response):  # {"slides": [{"image": address, "caption": text}, ...]}
    try:
        slides = [(slide["image"], slide["caption"] + "") for slide in response.json()["slides"]]
        return [(a if "://" in a else url[: url.rfind("/") + 1] + a, text) for a, text in slides] or slides[0]
    except (IndexError, KeyError, TypeError, ValueError):
        raise ValueError("not a list of slides")


def check_png(response):
    if response.body()[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("not a PNG image")


def show(slides):  # a generator: it gives how many milliseconds to wait; None: until a feed has news
    screen.add_text_box("Waiting for content")
    while not slides.last():
        yield None
        if slides.error():
            print("the list:", slides.error())
    for number in range(1, (rounds or 1 << 30) + 1):
        listed = read_list(slides.last())
        for address in set(feeds) - set(dict(listed)):
            feeds.pop(address).stop()
        for at, (address, _) in enumerate(listed):
            try:
                feeds[address] = feeds.get(address) or Feed(address, go_on, check=check_png, **how())
            except ValueError as e:
                print("slide %d: %s, leaving it out" % (at + 1, e))
        for at, (address, caption) in enumerate(listed):
            feed, name = feeds.get(address), address.split("?")[0].split("/")[-1]
            while feed and not feed.last() and not feed.error():
                yield None
            if feed and (r := feed.last()):
                screen.set_background(r.body())
                text = caption.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
                # White on black can be read on any slide.
                screen.add_text_box(text and '<span background="black"> %s </span>' % text, place)
                screen.add_text_box("")  # the message area
                print(f"round {number}: {name}, {len(r.body())} bytes, {r.timings()['total'] * 1000:.0f} ms")
            elif feed:
                print("%s: %s, leaving it out" % (name, feed.error()))
            if at == len(listed) - 1:
                slides.refresh()  # each round shows the newest list
            yield max(1, dwell_ms)
    for feed in [slides] + list(feeds.values()):
        feed.stop()


def go_on(news=None):
    global waits
    if news is None or waits:
        wait_ms = next(turns, 0)
        waits = wait_ms is None
        if wait_ms:
            Timer(go_on, wait_ms)


turns = show(Feed(url, go_on, 86400, check=read_list, **how()))
go_on()
