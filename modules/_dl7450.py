# SPDX-License-Identifier: MIT
"""What the firmware runs first, as __main__: the app's names go into this module's own dict."""

__import__("sys").path.insert(0, ".frozen")  # before the working directory: nothing shadows http
__import__("_app").main(globals())
