# SPDX-License-Identifier: MIT
# first_byte.py URL: as `curl URL`.
import sys

import http

sys.stdout.write(http.get(sys.argv[1]).body())
