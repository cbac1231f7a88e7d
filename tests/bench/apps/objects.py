# SPDX-License-Identifier: MIT
# objects.py URL COUNT WHAT WHO: make the objects of one response COUNT times. WHO is http, or micropython:
# then MicroPython makes equal objects from bytes.
import json
import sys

import http

response = http.get(sys.argv[1])
if response.status_code() != 200:
    raise ValueError(response.error())
body = bytes(response.body())
pairs = [(name.encode(), value.encode()) for name, value in response.header_list()]


def headers():
    return {str(name, "utf-8"): str(value, "utf-8") for name, value in pairs}


def text():
    return str(body, "utf-8")


def loads():
    return json.loads(body)


theirs = {"headers": headers, "text": text, "json": loads}[sys.argv[3]]
ours = {"headers": response.headers, "text": response.text, "json": response.json}[sys.argv[3]]
if ours() != theirs() or (sys.argv[3] == "headers" and len(ours()) < 20):
    raise ValueError("the objects differ")
make = ours if sys.argv[4] == "http" else theirs
for _ in range(int(sys.argv[2])):
    make()
