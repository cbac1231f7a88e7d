# SPDX-License-Identifier: MIT
"""What the firmware runs first, in the module __main__, whose dict the app's names go into."""

import sys

import __main__

path = [entry for entry in sys.path if entry not in (".frozen", "")]
# The firmware's modules come from the firmware: nothing in the working directory shadows them, nor
# what they import.
sys.path[:] = [".frozen"]
import _app  # noqa: E402

sys.path[:] = [".frozen", ""] + path
_app.main(__main__.__dict__)
