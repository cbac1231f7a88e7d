# SPDX-License-Identifier: MIT
# Proxies: the site answers as one too.
import requests

PROXY = {"http": SITE}


def through(r):
    found = r.json()
    return [found["path"], found["headers"]["host"], found["headers"].get("proxy-authorization")]


check("of a call", through(requests.get("http://far.invalid/echo?a=b", proxies=PROXY)))
check("of all schemes", through(requests.get("http://far.invalid/echo", proxies={"all": SITE})))
check(
    "of a host",
    through(requests.get("http://far.invalid/echo", proxies={"http://far.invalid": SITE, "http": REFUSED})),
)
check("of another host", requests.get(SITE + "/echo", proxies={"http://far.invalid": REFUSED}).status_code)
check("of another scheme", requests.get(SITE + "/echo", proxies={"https": REFUSED}).status_code)
s = requests.Session()
s.proxies.update(PROXY)
check("of a session", through(s.get("http://far.invalid/echo")))
check("of a call before a session's", lambda: s.get("http://far.invalid/echo", proxies={"http": REFUSED}))
check(
    "account",
    through(requests.get("http://far.invalid/echo", proxies={"http": SITE.replace("//", "//us%40er:pass@")})),
)
check("without a scheme", through(requests.get("http://far.invalid/echo", proxies={"http": SITE[7:]})))
check("redirect", through(requests.get("http://far.invalid/redirect/302?to=/echo", proxies=PROXY)))
check("body", requests.post("http://far.invalid/echo", data="body", proxies=PROXY).json()["body"])
check("refused", lambda: requests.get("http://far.invalid/echo", proxies={"http": REFUSED}))
check(
    "https over a proxy that refuses",
    lambda: requests.get("https://far.invalid/", proxies={"https": REFUSED}),
)
p = requests.Request("GET", "http://far.invalid/echo").prepare()
check("of send", through(requests.Session().send(p, proxies=PROXY)))
s = requests.Session()
s.proxies = PROXY
check("of a session with send", through(s.send(p)))
