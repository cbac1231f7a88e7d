# SPDX-License-Identifier: MIT
"""CEF Python's name for webrequest; nothing else of CEF Python is here."""

import webrequest as cefpython
