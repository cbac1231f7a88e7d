# SPDX-License-Identifier: MIT
# An uploader, as apps write it for requests: multipart with files, a body in pieces with progress, and a log of it.
import hashlib
import io

import requests

SIZE = 50000


class Progress:
    """A file that tells how much of it was read."""

    def __init__(self, file, size, told):
        self.file = file
        self.size = size
        self.told = told
        self.sent = 0

    def __len__(self):
        return self.size

    def __iter__(self):
        return self

    def __next__(self):
        data = self.read(8192)
        if not data:
            raise StopIteration
        return data

    def read(self, size=-1):
        data = self.file.read(size)
        self.sent += len(data)
        self.told(self.sent, self.size)
        return data


def hexdigest(data):
    h = hashlib.sha256(data)
    return "".join(["%02x" % byte for byte in h.digest()])


data = bytes([i % 251 for i in range(SIZE)])
with open("upload.bin", "wb") as f:
    f.write(data)

session = requests.Session()
with open("upload.bin", "rb") as f:
    found = session.post(SITE + "/upload", data=f).json()
check("file", [found["size"], found["length"], found["coding"], found["sha256"] == hexdigest(data)])

told = []
with open("upload.bin", "rb") as f:
    found = session.put(SITE + "/upload", data=Progress(f, SIZE, lambda sent, size: told.append(sent))).json()
check("progress", [found["size"], found["length"], found["sha256"] == hexdigest(data)])
check("told", [told[-1], told == sorted(told), len(told) > 3])


def pieces():
    with open("upload.bin", "rb") as f:
        while True:
            piece = f.read(7000)
            if not piece:
                return
            yield piece


found = session.post(SITE + "/upload", data=pieces()).json()
check("pieces", [found["size"], found["length"], found["coding"], found["sha256"] == hexdigest(data)])

with open("upload.bin", "rb") as f:
    fields = [("title", "A text"), ("tags", ["a", "b"])]
    files = [
        ("photo", ("photo.jpg", f, "image/jpeg")),
        ("notes", ("notes.txt", io.BytesIO(b"some notes"), "text/plain", {"X-Part": "1"})),
        ("plain", b"just bytes"),
    ]
    request = requests.Request("POST", SITE + "/echo", data=fields, files=files)
    prepared = session.prepare_request(request)
response = session.send(prepared)
body = response.json()["body"]
boundary = prepared.headers["Content-Type"].split("boundary=")[1]
check("parts", body.count("--" + boundary + "\r\n"))
check("end", body.endswith("--" + boundary + "--\r\n"))
check("length", int(response.json()["headers"]["content-length"]) == len(prepared.body) == len(body))
for text in (
    'name="title"',
    'name="tags"',
    'name="photo"; filename="photo.jpg"',
    "Content-Type: image/jpeg",
    "X-Part: 1",
):
    check("part with " + text.replace("=", " "), text in body)
response = session.post(SITE + "/redirect/307?to=/upload", files={"f": ("again.bin", data)})
check("again after a redirect", [response.json()["size"] > SIZE, len(response.history)])
try:
    session.post(REFUSED, files={"f": data})
except requests.ConnectionError as e:
    check("no connection", e.request.method)
