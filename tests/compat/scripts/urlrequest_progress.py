# SPDX-License-Identifier: MIT
# on_progress, chunk_size, file_path.
import os

from asked import Asked, ask, run

for name, path, options in (
    ("one piece", "/text?body=hello", {}),
    ("empty", "/text", {}),
    ("pieces", "/bytes/100", {"chunk_size": 40}),
    ("a whole number of pieces", "/bytes/80", {"chunk_size": 40}),
    ("default", "/bytes/20000", {}),
    ("many", "/bytes/4000", {"chunk_size": 100}),
    ("unknown length", "/lines", {}),
    ("404", "/status/404", {}),
    ("redirect", "/redirect/302?to=/", {"chunk_size": 10}),
    ("JSON", '/text?body={"a":1}&type=application/json', {}),
    ("JSON, decode=False", '/text?body={"a":1}&type=application/json', {"decode": False}),
    ("JSON that is none", "/text?body=[&type=application/json", {}),
    ("JSON that is no UTF-8", "/hex?hex=5b22ff225d&type=application/json", {}),
    ("HEAD", "/bytes/100", {"method": "HEAD"}),
    ("POST", "/echo", {"req_body": "x", "decode": False, "chunk_size": 1000}),
):
    asked = ask(SITE + path, progress=True, **options)
    events = [e if e[0] != "error" else (e[0], isinstance(e[1], Exception)) for e in asked.events]
    if name in ("default", "POST"):
        events = [(e[0], len(e[1]) > 0) if e[0] == "success" else e for e in events]
    if name == "POST":  # the length of an echo depends on what is sent
        events = [e if e[0] != "progress" else (e[0], e[1] == e[2]) for e in events]
    check(name, events)

asked = Asked(SITE + "/drip/0.3", progress=True, chunk_size=1)
seen = []
asked.during = lambda request: seen.append(
    (request.resp_status, request.resp_headers["Content-Length"], request.is_finished)
)
run(asked)
check("status and fields during on_progress", seen)
check("drip", asked.events)

at = "file-%s.bin" % SIDE


def read(name):
    with open(name, "rb") as file:
        found = file.read()
    os.remove(name)
    return found


for name, path, options in (
    ("file", "/bytes/300", {}),
    ("file of 404", "/status/404", {}),
    ("file of 500", "/status/500", {}),
    ("file of a redirect", "/redirect/302?to=/", {}),
    ("file of 206", "/status/206", {}),
    ("file of 206 that was asked for", "/status/206", {"req_headers": {"Range": "bytes=0-10"}}),
    ("file, empty", "/text", {}),
    ("file of 404, empty", "/nowhere", {"method": "HEAD"}),
    ("file of JSON", "/text?body=[1]&type=application/json", {}),
    ("file of JSON, decode=False", "/text?body=[1]&type=application/json", {"decode": False}),
    ("file of JSON, 404", "/nowhere?type=application/json", {}),
    ("file of chunks", "/lines", {}),
    ("file with progress", "/bytes/100", {"progress": True, "chunk_size": 30}),
    ("file of 404 with progress", "/status/404", {"progress": True, "chunk_size": 5}),
):
    asked = ask(SITE + path, file_path=at, **options)
    check(name, [asked.events, read(at), asked.request.result, asked.request.file_path == at])

with open(at, "wb") as file:
    file.write(b"what was there before, and is longer than the body")
ask(SITE + "/text?body=new", file_path=at)
check("file that is there", read(at))
asked = ask(SITE + "/text?body=new", file_path="nowhere/file.bin")
check("file in a folder that is not there", [asked.names(), isinstance(asked.request.error, OSError)])
asked = ask(SITE + "/status/404", file_path="nowhere/file.bin")
check("file of 404 in a folder that is not there", [asked.names(), isinstance(asked.request.error, OSError)])
check("files that are left", sorted(name for name in os.listdir(".") if name.startswith("file")))
