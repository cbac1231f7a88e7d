# SPDX-License-Identifier: MIT
"""The strict mode of the host build: with DL7450_STRICT=1 it warns of what the dock may not have or do.

Source of the rules: the DL-7450 SDK documentation. Each warning is one line on stderr, once.
"""

import gc
import sys

import _loop
import _markup
import _program
import _wakeup
import http
import idle
import splashscreen
import wakeup  # noqa: F401 - it must be loaded before the app's imports are looked at

_TYPING = const(0)  # what it guards is for type checkers, and no code
if _TYPING:
    from collections.abc import Callable
    from typing import Any

# The modules that the documentation and the vendor's samples have.
DOCUMENTED = (
    "binascii builtins datastore datetime dock framebuf gpio hashlib hmac http i2c image io iperf json "
    "monitor mqtt network splashscreen time usb vision_client wakeup"
).split()

# How large a body() may be. The dock's memory is not public: boards/DL7450/board.md assumes 24 MB for the
# program, and body() needs the memory twice for a moment.
BODY_BYTES = 8 * 1024 * 1024

_STRETCH_MS = 1000

_said: set[str] = set()


def start(app: bool) -> Callable[[str, dict[str, Any]], None]:
    """Begin to watch. app: whether there is an app; at the REPL nothing is told about the time.

    Returns the function for _program.on_import().
    """
    idle.step = _watched(idle.step)
    idle.wait = _unwatched(idle.wait)
    _loop._wait = _unwatched(_loop._wait)
    http.Response.body = _checked_body(http.Response.body)
    splashscreen.Splashscreen.add_text_box = _checked_text(splashscreen.Splashscreen.add_text_box)
    idle.add(lambda: False, lambda: None, lambda: _program.watch(0))
    if app:
        _program.watch(_STRETCH_MS)
    return _imported


def _warn(text: str, key: str | None = None) -> None:
    key = key or text
    if key not in _said:
        _said.add(key)
        print("dl7450: strict: " + text, file=sys.stderr)


def _imported(name: str, importer: dict[str, Any]) -> None:
    _loop.attach()
    if importer.get("__name__") != "__main__" or name == "_dl7450":  # that import ends when the app has ended
        return
    name = name.split(".")[0]
    if getattr(sys.modules.get(name), "__file__", "").startswith("/"):
        _warn("the app imports %s, which is a file beside it: on the dock an app is one file" % name)
    elif name not in DOCUMENTED:
        _warn("the app imports %s: the dock's documentation has no such module" % name)


def _watched(step: Callable[[], bool]) -> Callable[[], bool]:
    def watched() -> bool:
        _program.watch(_STRETCH_MS)
        return step()

    return watched


def _unwatched(wait: Callable[..., None]) -> Callable[..., None]:
    def unwatched(*args: Any) -> None:
        _program.watch(0)
        _look_for_dropped_timers()
        try:
            wait(*args)
        finally:
            _program.watch(_STRETCH_MS)

    return unwatched


def _look_for_dropped_timers() -> None:
    if _wakeup.due() is None:
        return
    gc.collect()
    while True:
        task = _wakeup.dropped()
        if task is None:
            return
        name = getattr(task, "__name__", None) or repr(task)
        _warn("nothing references the Timer of %s: the dock may collect it, and then it never fires" % name)


def _checked_body(body: Callable[[Any], bytearray]) -> Callable[[Any], bytearray]:
    def checked_body(self: Any) -> bytearray:
        data = body(self)
        if len(data) > BODY_BYTES:
            _warn(
                "a body() of %d bytes: the memory of the dock may be too small; "
                "file= and on_data= take bodies of any size" % len(data),
                "body",
            )
        return data

    return checked_body


def _checked_text(add_text_box: Callable[..., None]) -> Callable[..., None]:
    def checked_text_box(self: Any, text: str | list[str], attributes: Any = None) -> None:
        add_text_box(self, text, attributes)
        wrong = _markup.fault(text if isinstance(text, str) else "\n".join(text))
        if wrong:
            _warn("add_text_box(): Pango refuses this markup: " + wrong)

    return checked_text_box
