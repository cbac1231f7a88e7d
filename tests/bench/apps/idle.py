# SPDX-License-Identifier: MIT
# idle.py URL: an idle app with a request that the server does not answer, and a timer that is due in an hour.
import sys

import http
from wakeup import wakeup

timer = wakeup(print, 3600 * 1000)
http.get_async(sys.argv[1], print, timeout=3600)
print("idle")
