# SPDX-License-Identifier: MIT
"""Helpers of the cookie tests: the first lines of each app, and a server that echoes cookies."""

from servers.wire import Request, reply

# The first lines of every such app. sent() returns the Cookie header that the server (echo) received.
_APP = """\
jar = http.Cookies()


def sent(url, jar=jar, **options):
    return http.get(url, cookies=jar, **options).text()


def names():
    return sorted(cookie["name"] for cookie in jar.list())


def raised(call):
    try:
        call()
        return None
    except Exception as e:
        return type(e).__name__


"""


def app(code: str) -> str:
    """The source of an app: the common first lines, then this code."""
    lines = code.strip("\n").split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    return _APP + "\n".join(line[indent:] for line in lines)


def echo(request: Request) -> bytes:
    """Reply with the cookies of the request, sorted. Set each cookie that its header X-Set lists (a|b)."""
    cookies = "; ".join(sorted((request.header("Cookie") or "").split("; ")))
    sets = [value for value in (request.header("X-Set") or "").split("|") if value]
    return reply(200, cookies.encode(), *[f"Set-Cookie: {value}" for value in sets])


def cookie(line: str, host: str = "127.0.0.1", path: str = "/", secure: bool = False) -> str:
    """A cookie name=value as a line of the Netscape format."""
    name, _, value = line.partition("=")
    return "\t".join([host, "FALSE", path, "TRUE" if secure else "FALSE", "0", name, value])
