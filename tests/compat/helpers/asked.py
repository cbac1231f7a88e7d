# SPDX-License-Identifier: MIT
"""What the scripts of UrlRequest import, on CPython with Kivy and on the program."""

import time

from kivy.network.urlrequest import UrlRequest

try:
    from kivy.clock import Clock
except ImportError:
    import idle

    Clock = None

_SECONDS = 20


class Asked:
    """A request whose callbacks are recorded: events has (name, arguments), with on_finish at the end."""

    def __init__(self, url, kind=UrlRequest, **options):
        self.events = []
        self.during = None  # called with the request in each on_progress
        options["on_finish"] = self._finish
        if options.pop("progress", False):
            options["on_progress"] = self._progress
        for name in ("success", "redirect", "failure", "error"):
            options.setdefault("on_" + name, self._recorder(name))
        options.setdefault("on_cancel", self._cancel)
        self.request = kind(url, **options)

    def _recorder(self, name):
        return lambda request, value: self.events.append((name, value))

    def _progress(self, request, current, total):
        self.events.append(("progress", current, total))
        if self.during:
            self.during(request)

    def _cancel(self, request):
        self.events.append(("cancel",))

    def _finish(self, request):
        self.events.append(("finish",))

    def names(self):
        """The names of the events."""
        return [event[0] for event in self.events]

    def done(self):
        """Whether on_finish has come."""
        return self.names()[-1:] == ["finish"]


def run(*asked):
    """Let callbacks run until each of these has had its on_finish."""
    if Clock is None:
        idle.run()
    end = time.time() + _SECONDS
    while not all([one.done() for one in asked]):
        if Clock is None or time.time() > end:
            raise RuntimeError("a request has not ended")
        Clock.tick()


def ask(url, **options):
    """Return a request that has ended."""
    asked = Asked(url, **options)
    run(asked)
    return asked


def ask_all(**requests):
    """Return what ask() would, by name, of (url, options); all run at the same time."""
    asked = {}
    for name, (url, options) in requests.items():
        asked[name] = Asked(url, **options)
    run(*asked.values())
    return asked
