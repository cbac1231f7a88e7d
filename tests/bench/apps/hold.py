# SPDX-License-Identifier: MIT
# hold.py URL CACERT: the memory of 16 requests that the server does not let end, in bytes.
import sys
import time


def memory():
    # Counted page by page, other than in /proc/self/status.
    with open("/proc/self/smaps_rollup") as file:
        for line in file:
            if line.startswith("Anonymous:"):
                return int(line.split()[1]) * 1024
    raise OSError("no such line")


before = memory()
import http  # noqa: E402

with open(sys.argv[2]) as file:
    cacert = file.read()
requests = [http.get_async(sys.argv[1], cacert=cacert) for _ in range(16)]
time.sleep(0.8)  # all of them are in the middle of their bodies
held = memory()
if any(request.done() for request in requests):
    raise ValueError("a request ended")
print("memory", held - before)
http.cancel_all()
