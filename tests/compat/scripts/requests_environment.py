# SPDX-License-Identifier: MIT
# What the environment says: http_proxy is the site, REQUESTS_CA_BUNDLE its authority.
import requests


def path(r):
    return r.json()["path"]


check("proxy", path(requests.get("http://far.invalid/echo")))
s = requests.Session()
check("proxy of a session", path(s.get("http://far.invalid/echo")))
check(
    "proxy with a prepared request",
    path(s.send(requests.Request("GET", "http://far.invalid/echo").prepare())),
)
s.trust_env = False
check("not trusted", lambda: s.get("http://far.invalid/echo"))
check("not trusted, directly", path(s.get(SITE + "/echo")))
check("authorities", requests.get(TLS).text)
check("authorities of a session", lambda: s.get(TLS).text)
check("authorities of a call", lambda: requests.get(TLS, verify=OTHER_CA))
settings = requests.Session().merge_environment_settings(TLS, {}, None, None, None)
check("settings", settings["verify"] == CA)
