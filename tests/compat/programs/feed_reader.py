# SPDX-License-Identifier: MIT
# A reader of feeds, as apps write it for requests: conditional requests, charsets, a limit for large bodies, many feeds.
import requests

LIMIT = 20000


def tag(text, name):
    found = []
    at = text.find("<" + name + ">")
    while at >= 0:
        end = text.find("</" + name + ">", at)
        found.append(text[at + len(name) + 2 : end].strip())
        at = text.find("<" + name + ">", end)
    return found


class Reader:
    def __init__(self):
        self.session = requests.Session()
        self.session.headers["User-Agent"] = "feed-reader/2"
        self.session.max_redirects = 5
        self.known = {}

    def fetch(self, url):
        headers = {}
        known = self.known.get(url)
        if known:
            headers["If-None-Match"] = known[0]
        with self.session.get(url, headers=headers, stream=True, timeout=10) as response:
            if response.status_code == requests.codes.not_modified:
                return known[1]
            response.raise_for_status()
            size = response.headers.get("Content-Length")
            if size and int(size) > LIMIT:
                raise ValueError("too large: " + size)
            content = b""
            for chunk in response.iter_content(chunk_size=512):
                content += chunk
                if len(content) > LIMIT:
                    raise ValueError("too large")
            if "charset" not in response.headers.get("Content-Type", ""):
                names = requests.utils.get_encodings_from_content(content[:200].decode("utf-8"))
                response.encoding = names[0] if names else "utf-8"
            text = content.decode(response.encoding)
        self.known[url] = ('"etag"', text)
        return text

    def titles(self, url):
        try:
            return tag(self.fetch(url), "title")
        except requests.exceptions.TooManyRedirects:
            return ["too many redirects"]
        except requests.exceptions.HTTPError as e:
            return ["status %d" % e.response.status_code]
        except requests.exceptions.ConnectionError:
            return ["no connection"]
        except ValueError as e:
            return [str(e)]


FEED = '<?xml version="1.0" encoding="utf-8"?><rss><title>News</title><item><title>\xdcber alles</title></item></rss>'
reader = Reader()
url = SITE + "/text?body=" + requests.utils.quote(FEED, safe="") + "&type=application/rss%2Bxml"
check("titles", reader.titles(url))
check("again", reader.titles(url))
check("moved", reader.titles(SITE + "/redirect/301?to=" + requests.utils.quote(url[len(SITE) :], safe="")))
check("too large", reader.titles(SITE + "/bytes/30000"))
check("not found", reader.titles(SITE + "/status/404"))
check("too many redirects", reader.titles(SITE + "/hops/6"))
check("no connection", reader.titles(REFUSED))
check("lines", [line.decode() for line in requests.get(SITE + "/lines", stream=True).iter_lines() if line])
events = requests.get(SITE + "/jsonlines/4", stream=True)
check("events", [line for line in events.iter_lines()])
