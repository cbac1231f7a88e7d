# SPDX-License-Identifier: MIT
"""What the tests of cookies share: the start of each app, and a server that says what it was sent."""

from servers.wire import Request, reply

# What every such app has: sent() is the Cookie header that a wire server of echoes was sent.
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
    """The app with what every such app has."""
    lines = code.strip("\n").split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    return _APP + "\n".join(line[indent:] for line in lines)


def echo(request: Request) -> bytes:
    """Says which cookies it was sent; sets those that stand, URL-free, in the header X-Set."""
    cookies = "; ".join(sorted((request.header("Cookie") or "").split("; ")))
    sets = [value for value in (request.header("X-Set") or "").split("|") if value]
    return reply(200, cookies.encode(), *[f"Set-Cookie: {value}" for value in sets])


def cookie(line: str, host: str = "127.0.0.1", path: str = "/", secure: bool = False) -> str:
    """A cookie name=value as a line of the Netscape format."""
    name, _, value = line.partition("=")
    return "\t".join([host, "FALSE", path, "TRUE" if secure else "FALSE", "0", name, value])
