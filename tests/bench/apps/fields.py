# SPDX-License-Identifier: MIT
# fields.py URL COUNT METHOD: COUNT requests as apps write them. METHOD is get, or post, which sends JSON.
import sys

import http


def get(url):
    headers = {"Accept": "application/json", "Authorization": "Bearer 0123456789abcdef", "X-Request-Id": "42"}
    return http.get(url, headers=headers, timeout=10)


def post(url):
    headers = {"Accept": "application/json", "Authorization": "Bearer 0123456789abcdef", "X-Request-Id": "42"}
    return http.post(
        url, headers=headers, json={"id": 42, "name": "dock", "on": True, "value": 21.5}, timeout=10
    )


request = {"get": get, "post": post}[sys.argv[3]]
for _ in range(int(sys.argv[2])):
    response = request(sys.argv[1])
    if response.status_code() != 200:
        raise ValueError(response.error())
    response.headers()
    response.body()
