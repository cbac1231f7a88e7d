# SPDX-License-Identifier: MIT
# A client of a JSON API, as apps write it for requests: a session with a token, retries, pages, and errors.
import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import HTTPError, RequestException, RetryError, Timeout
from urllib3.util.retry import Retry


class BearerAuth(requests.auth.AuthBase):
    def __init__(self, token):
        self.token = token

    def __call__(self, r):
        r.headers["Authorization"] = "Bearer " + self.token
        return r


class ApiError(Exception):
    pass


class Client:
    def __init__(self, base, token, timeout=(3.05, 27)):
        self.base = base
        self.timeout = timeout
        self.calls = 0
        self.session = requests.Session()
        self.session.auth = BearerAuth(token)
        self.session.headers.update({"Accept": "application/json", "User-Agent": "api-client/1.0"})
        self.session.hooks["response"].append(self.count)
        retry = Retry(total=3, backoff_factor=0.001, status_forcelist=[502, 503, 504])
        adapter = HTTPAdapter(max_retries=retry)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)

    def count(self, response, *args, **kwargs):
        self.calls += 1

    def call(self, method, path, **kwargs):
        try:
            response = self.session.request(method, self.base + path, timeout=self.timeout, **kwargs)
            response.raise_for_status()
        except Timeout:
            raise ApiError("timeout")
        except HTTPError as e:
            raise ApiError("status %d" % e.response.status_code)
        except RetryError:
            raise ApiError("too many retries")
        except RequestException as e:
            raise ApiError(type(e).__name__)
        try:
            return response.json()
        except ValueError:
            return response.text

    def pages(self, path):
        url = self.base + path
        while url:
            response = self.session.get(url, timeout=self.timeout)
            yield response.status_code
            link = response.links.get("next")
            url = self.base + link["url"] if link and response.url.endswith("/fields") else None

    def close(self):
        self.session.close()


client = Client(SITE, "t0ken")
user = client.call("GET", "/echo", params={"user": "a b", "tags": ["x", "y"]})
check("path", user["path"])
check("token", user["headers"]["authorization"])
check("agent", [user["headers"]["user-agent"], user["headers"]["accept"]])
made = client.call("POST", "/echo", json={"name": "new", "size": [1, 2.5, None]})
check("made", [made["method"], made["body"], made["headers"]["content-type"]])
check("replaced", client.call("PUT", "/echo", data={"k": "v"})["body"])
check("patched", client.call("PATCH", "/echo", data=b"raw")["body"])
check("deleted", client.call("DELETE", "/echo")["method"])
check("text", client.call("GET", "/"))
check("not found", lambda: client.call("GET", "/status/404"))
try:
    client.call("GET", "/status/403")
except ApiError as e:
    check("message", str(e))
check("flaky", client.call("GET", "/flaky/client-%s?status=503&times=2" % SIDE))
try:
    client.call("GET", "/flaky/never-%s?status=503&times=99" % SIDE)
except ApiError as e:
    check("too many", str(e))
try:
    client.call("GET", "/slow/0.5", **{})
    client.timeout = 0.05
    client.call("GET", "/slow/0.5")
except ApiError as e:
    check("slow", str(e))
client.timeout = 5
check("pages", list(client.pages("/fields")))
client.session.cookies.set("theme", "dark")
check("cookie", client.call("GET", "/echo")["headers"]["cookie"])
check("calls", client.calls)
client.close()
