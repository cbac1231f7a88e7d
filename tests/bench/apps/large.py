# SPDX-License-Identifier: MIT
# large.py URL COUNT WARM response: WARM + COUNT requests of a large body, up to the Response,
# large.py URL COUNT WARM body: and the body is asked for,
# large.py URL COUNT WARM PATH: or it goes to this file,
# large.py URL COUNT WARM stream: or it is read in pieces of 64 KiB. The last COUNT are timed.
import sys
import time

import http

url, count, warm, to = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
options = {"max_size": 0}
buffer = bytearray(1 << 16)
if "/" in to:
    options["file"] = to
elif to == "stream":
    options["stream"] = True


def perform(n):
    for _ in range(n):
        response = None  # free the previous Response
        response = http.get(url, **options)
        if response.status_code() != 200:
            raise ValueError(response.error())
        if to == "body":
            response.body()
        elif to == "stream":
            while response.readinto(buffer):
                pass


perform(warm)
start = time.ticks_us()
perform(count)
print("seconds %f" % (time.ticks_diff(time.ticks_us(), start) / 1e6))
