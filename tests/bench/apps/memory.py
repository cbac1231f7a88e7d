# SPDX-License-Identifier: MIT
# memory.py SMALL_URL LARGE_URL [FILE]: the bytes that the large body adds to the program's memory.
import sys

import http

small, large, options = sys.argv[1], sys.argv[2], {"max_size": 0}


def read(name):
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    raise OSError("no such line")


def forget_peak():
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")


if len(sys.argv) > 3:
    options["file"] = sys.argv[3]
http.get(small, **options).body()  # now the program has allocated what it needs only once
before = read("VmRSS:")
forget_peak()
response = http.get(large, **options)
if response.status_code() != 200:
    raise ValueError(response.error())
print("arriving", read("VmHWM:") - before)
response.body()
print("handover", read("VmHWM:") - before)
print("afterwards", read("VmRSS:") - before)
