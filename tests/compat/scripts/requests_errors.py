# SPDX-License-Identifier: MIT
# The exceptions: their classes, what raises them, and what they know.
import requests
from requests import exceptions

NAMES = """RequestException InvalidJSONError JSONDecodeError HTTPError ConnectionError ProxyError SSLError Timeout
ConnectTimeout ReadTimeout URLRequired TooManyRedirects MissingSchema InvalidSchema InvalidURL InvalidHeader
InvalidProxyURL ChunkedEncodingError ContentDecodingError StreamConsumedError RetryError UnrewindableBodyError""".split()
BASES = [getattr(exceptions, name) for name in NAMES] + [OSError, ValueError, TypeError, RuntimeError]
BASE_NAMES = NAMES + ["OSError", "ValueError", "TypeError", "RuntimeError"]
for name in NAMES:
    kind = getattr(exceptions, name)
    check(name, [base for base, other in zip(BASE_NAMES, BASES) if issubclass(kind, other)])
for name in (
    "RequestException",
    "ConnectionError",
    "HTTPError",
    "URLRequired",
    "TooManyRedirects",
    "ConnectTimeout",
    "ReadTimeout",
    "Timeout",
    "JSONDecodeError",
):
    check("requests." + name, getattr(requests, name) is getattr(exceptions, name))


def caught(raised, *bases):
    found = []
    for base in bases:
        try:
            try:
                raise raised
            except base:
                found.append(base.__name__)
        except Exception:
            found.append("not " + base.__name__)
    return found


check(
    "except ConnectTimeout",
    caught(requests.ConnectTimeout(), requests.Timeout, requests.ConnectionError, OSError, ValueError),
)
check(
    "except InvalidURL",
    caught(exceptions.InvalidURL(), ValueError, requests.RequestException, requests.Timeout),
)
check("except tuple", caught(requests.ConnectTimeout(), (KeyError, requests.Timeout)[1]))
e = requests.RequestException("text", request=1, response=None)
check("attributes", [e.args, str(e), e.request, e.response])
e = requests.HTTPError("text", response=requests.get(SITE + "/"))
check("request of the response", e.request.url == SITE + "/")
e = exceptions.JSONDecodeError("msg", "a\nbc", 3)
check("JSONDecodeError attributes", [e.msg, e.doc, e.pos, e.lineno, e.colno, str(e), e.response])

for name, call in (
    ("refused", lambda: requests.get(REFUSED)),
    ("no such host", lambda: requests.get("http://nowhere.invalid/")),
    ("closed", lambda: requests.get(SITE + "/close")),
    ("no HTTP", lambda: requests.get(SITE + "/nonsense")),
    ("short body", lambda: requests.get(SITE + "/short")),
    ("bad chunk", lambda: requests.get(SITE + "/badchunk")),
    ("bad gzip", lambda: requests.get(SITE + "/badgzip")),
    ("no scheme", lambda: requests.get("example.org")),
    ("no host", lambda: requests.get("http://")),
    ("bad port", lambda: requests.get("http://example.org:x/")),
    ("unknown scheme", lambda: requests.get("gopher://example.org/")),
    ("None", lambda: requests.get(None)),
    ("a header with a line feed", lambda: requests.get(SITE, headers={"X": "a\nb"})),
    ("read timeout", lambda: requests.get(SITE + "/slow/0.6", timeout=0.1)),
    ("read timeout of a pair", lambda: requests.get(SITE + "/slow/0.6", timeout=(5, 0.1))),
    ("read timeout in the body", lambda: requests.get(SITE + "/drip/0.6", timeout=0.1)),
    ("connect timeout", lambda: requests.get(DEAD, timeout=(0.1, 5))),
    ("connect timeout of both", lambda: requests.get(DEAD, timeout=0.1)),
    ("proxy that is not there", lambda: requests.get(SITE, proxies={"http": REFUSED})),
    ("SOCKS", lambda: requests.get(SITE, proxies={"http": "socks5://127.0.0.1:1"})),
    ("timeout of three", lambda: requests.get(SITE, timeout=(1, 2, 3))),
    ("timeout 0", lambda: requests.get(SITE, timeout=0)),
    ("timeout below 0", lambda: requests.get(SITE, timeout=-1)),
    ("timeout str", lambda: requests.get(SITE, timeout="x")),
    ("NaN", lambda: requests.post(SITE, json=float("nan"))),
):
    check("raised: " + name, call)
check("in time", requests.get(SITE + "/slow/0.05", timeout=5).status_code)
check("in time, pair", requests.get(SITE + "/slow/0.05", timeout=(5, 5)).status_code)
check("in time, None", requests.get(SITE, timeout=None).status_code)
check("in time, pair of None", requests.get(SITE, timeout=(None, None)).status_code)
try:
    requests.get(REFUSED)
except requests.ConnectionError as e:
    check("request of the exception", [e.request.url == REFUSED, e.response])


def stream(path, timeout=None):
    def result():
        with requests.get(SITE + path, stream=True, timeout=timeout) as r:
            status = r.status_code
            try:
                for _ in r.iter_content(4):
                    pass
            except requests.RequestException as e:
                return [status, type(e).__name__]
            return status

    return result


check("stream: short body", stream("/short"))
check("stream: bad chunk", stream("/badchunk"))
check("stream: bad gzip", stream("/badgzip"))
check("stream: read timeout", stream("/drip/0.6", 0.1))
check("stream: no answer", stream("/close"))
