# SPDX-License-Identifier: MIT
"""The first code of the firmware. It runs in the module __main__, whose dict also gets the app's names."""

import sys

import __main__

path = [entry for entry in sys.path if entry not in (".frozen", "")]
# Modules of the firmware, and the modules that these import, come from the firmware: no file in the
# working directory shadows them.
sys.path[:] = [".frozen"]
import _app  # noqa: E402

sys.path[:] = [".frozen", ""] + path
_app.main(__main__.__dict__)
