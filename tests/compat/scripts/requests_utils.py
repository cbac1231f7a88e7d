# SPDX-License-Identifier: MIT
# requests.utils: what the documents name, and what code uses most.
import io

import requests
from requests import utils
from requests.hooks import default_hooks, dispatch_hook

check("default_user_agent", [utils.default_user_agent(), utils.default_user_agent("me")])
check("default_headers", sorted(utils.default_headers().items()))
for name, header in (
    ("none", None),
    ("html", "text/html"),
    ("html utf-8", "text/html; charset=UTF-8"),
    ("quotes", "text/html; charset='utf-8'"),
    ("json", "application/json"),
    ("image", "image/png"),
    ("more", "text/plain; x=y; CharSet=koi8-r; z"),
    ("no value", "text/plain; charset"),
):
    headers = requests.structures.CaseInsensitiveDict()
    if header:
        headers["Content-Type"] = header
    check("get_encoding_from_headers " + name, lambda: utils.get_encoding_from_headers(headers))
check("get_encodings_from_content", utils.get_encodings_from_content('<html><meta charset="utf-8"></html>'))
check(
    "get_encodings_from_content pragma",
    utils.get_encodings_from_content('<meta http-equiv="Content-type" content="text/html;charset=UTF-8" />'),
)
check(
    "get_encodings_from_content xml",
    utils.get_encodings_from_content('<?xml version="1.0" encoding="US-ASCII"?>'),
)
check("get_encodings_from_content none", utils.get_encodings_from_content("<html>"))
check(
    "get_encodings_from_content several",
    utils.get_encodings_from_content("<META charset=a><meta charset='b'>"),
)
check("get_unicode_from_response", utils.get_unicode_from_response(requests.get(SITE + "/")))
check(
    "get_unicode_from_response, no charset",
    utils.get_unicode_from_response(requests.get(SITE + "/hex?hex=6162")),
)
for name, value in (
    (
        "two",
        '<http:/.../front.jpeg>; rel=front; type="image/jpeg",<http://.../back.jpeg>; rel=back;type="image/jpeg"',
    ),
    ("one", "<http:/.../front.jpeg>"),
    ("semicolon", "<http:/.../front.jpeg>;"),
    ("empty", ""),
    ("comma in the URL", "<http://h/a,b>; rel=x, <http://h/c>; rel=y"),
    ("no brackets", "http://h/; rel=x"),
):
    check("parse_header_links " + name, utils.parse_header_links(value))
for name, url in (
    ("pair", "http://user:pass@h/"),
    ("encoded", "http://us%20er:pa%40ss@h/"),
    ("none", "http://h/"),
    ("user only", "http://user@h/"),
    ("empty password", "http://user:@h/"),
    ("colon in the password", "http://user:a:b@h/"),
):
    check("get_auth_from_url " + name, utils.get_auth_from_url(url))
check(
    "urldefragauth",
    [utils.urldefragauth(u) for u in ("http://u:p@h/path?a=b#test", "http://h/path", "http://h")],
)
check(
    "requote_uri",
    [
        utils.requote_uri(u)
        for u in ("http://h/a b", "http://h/%41%20", "http://h/?ppicture=66%--l", "http://h/\xf8")
    ],
)
check("quote", [utils.quote("a b/c&\xf8"), utils.quote("a/b", safe=""), utils.quote(b"\xff")])
check(
    "unquote",
    [utils.unquote("a%20b%C3%B8"), utils.unquote("50%"), utils.unquote("%zz%41"), utils.unquote("%ff")],
)
check("super_len", [utils.super_len(x) for x in ("abc", "\xf8", b"ab", [1, 2], io.BytesIO(b"12345"))])
moved = io.BytesIO(b"12345")
moved.read(2)
check("super_len from its position", utils.super_len(moved))
check("super_len of an iterator", utils.super_len(iter([1])))
check(
    "to_key_val_list",
    [utils.to_key_val_list([("a", 1)]), utils.to_key_val_list({"a": 1}), utils.to_key_val_list(None)],
)
check("to_key_val_list wrongly", lambda: utils.to_key_val_list("string"))
proxies = {"http": "http://http.proxy", "http://some.host": "http://some.host.proxy", "all": "socks5://all"}
check(
    "select_proxy",
    [utils.select_proxy(u, proxies) for u in ("http://x/", "hTTp://Some.Host/a", "https://x/")],
)
check("select_proxy none", [utils.select_proxy("http://x/", None), utils.select_proxy("http://x/", {})])
check("select_proxy of all hosts", utils.select_proxy("ftp://h/", {"all://h": "a", "all": "b"}))
check("check_header_validity", lambda: utils.check_header_validity(("a", "b\nc")))
check("check_header_validity good", utils.check_header_validity(("a", "b")))
p = requests.Request("POST", "http://h/", data=io.BytesIO(b"abc")).prepare()
p.body.read()
utils.rewind_body(p)
check("rewind_body", p.body.read())
p = requests.Request("POST", "http://h/", data=iter([b"abc"])).prepare()
check("rewind_body of an iterator", lambda: utils.rewind_body(p))
check("DEFAULT_CA_BUNDLE_PATH", isinstance(utils.DEFAULT_CA_BUNDLE_PATH, str))
check("default_hooks", default_hooks())
check(
    "dispatch_hook",
    [
        dispatch_hook("response", {"response": [lambda x: x + "Z"]}, "D"),
        dispatch_hook("response", {"response": lambda x: None}, "D"),
        dispatch_hook("response", None, "D"),
    ],
)
check("__version__", requests.__version__)
check("__title__", requests.__title__)
check(
    "get_encodings_from_content of a long text",
    utils.get_encodings_from_content("<html>" + "a" * 20000 + "<meta x='y' charset=z>"),
)
check(
    "get_encodings_from_content of lines",
    utils.get_encodings_from_content("<meta\n charset='a'><meta name=x charset='b'>"),
)
