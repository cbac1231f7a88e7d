# SPDX-License-Identifier: MIT
# idle.py URL: a request that the server does not answer, a timer that is due in an hour, and nothing to do.
import sys

import http
from wakeup import wakeup

timer = wakeup(print, 3600 * 1000)
http.get_async(sys.argv[1], print, timeout=3600)
print("idle")
