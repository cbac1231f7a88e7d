# SPDX-License-Identifier: MIT
# first_byte.py URL: does the same as `curl URL`.
import sys

import http

sys.stdout.write(http.get(sys.argv[1]).body())
