# SPDX-License-Identifier: MIT
# hold.py URL CACERT: the memory, in bytes, of 16 requests whose bodies the server does not finish.
import sys
import time


def memory():
    # The kernel counts these page by page, unlike those in /proc/self/status.
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
time.sleep(0.8)  # after this time every request has received a part of its body
held = memory()
if any(request.done() for request in requests):
    raise ValueError("a request ended")
print("memory", held - before)
http.cancel_all()
