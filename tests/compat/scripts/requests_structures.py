# SPDX-License-Identifier: MIT
# The dictionaries of requests, and the names of status codes.
import requests
from requests.structures import CaseInsensitiveDict, LookupDict

d = CaseInsensitiveDict()
d["Accept"] = "a"
d["X-Thing"] = "b"
check("get item", d["ACCEPT"])
check("get", d.get("x-thing"))
check("get missing", d.get("nope"))
check("get default", d.get("nope", 5))
check("missing", lambda: d["nope"])
check("in", ["accept" in d, "ACCEPT" in d, "nope" in d])
check("len", len(d))
check("list", list(d))
check("keys", list(d.keys()))
check("values", list(d.values()))
check("items", [list(pair) for pair in d.items()])
check("lower_items", [list(pair) for pair in d.lower_items()])
check("repr", repr(CaseInsensitiveDict({"a": "b"})))
check("str", str(CaseInsensitiveDict({"a": "b"})))
check("equal", d == {"accept": "a", "x-THING": "b"})
check("not equal", d == {"accept": "a"})
check("equal other type", d == 3)
check("unequal operator", d != {"accept": "a"})
d["ACCEPT"] = "c"
check("last spelling is kept", list(d))
check("last value is kept", d["accept"])
e = d.copy()
e["accept"] = "other"
check("copy is separate", [d["accept"], e["accept"]])
check("copy type", type(e))
del e["ACCept"]
check("delete", list(e))


def delete_missing():
    del e["nope"]


check("delete missing", delete_missing)
check("pop", e.pop("X-THING"))
check("pop default", e.pop("nope", 1))
check("pop missing", lambda: e.pop("nope"))
check("setdefault", [e.setdefault("K", "v"), e.setdefault("k", "w")])
e.update({"Q": "1"})
e.update([("r", "2")], s="3")
check("update", sorted(e.items()))
check("popitem empty", lambda: CaseInsensitiveDict().popitem())
check("popitem", list(CaseInsensitiveDict(a=1).popitem()))
e.clear()
check("clear", [len(e), bool(e)])
check("from pairs", sorted(CaseInsensitiveDict([("a", 1), ("B", 2)]).items()))
check("from keywords", sorted(CaseInsensitiveDict(a=1, B=2).items()))
check("key of another type", lambda: CaseInsensitiveDict({1: 2}))

u = LookupDict(name="u")
u.title = "x"
check("lookup item", u["title"])
check("lookup missing item", u["nope"])
check("lookup get", [u.get("title"), u.get("nope"), u.get("nope", 3)])
check("lookup repr", repr(u))
check("lookup name", u.name)
check("lookup missing attribute", lambda: u.nope)

codes = requests.codes
check("codes repr", repr(codes))
check("codes item", codes["temporary_redirect"])
check("codes attribute", codes.teapot)
check("codes upper", codes.OK)
check("codes mixed case", lambda: codes.Ok)
check("codes art", [codes["\\o/"], codes["/o\\"], codes["\\o-"], codes["-o-"], codes["-O-"]])
check("codes art in capitals", [codes["\\O/"], codes["/O\\"]])
check("codes check mark", [codes["\u2713"], codes["\u2717"]])
check("codes name with two codes", [codes.uri_too_long, codes.request_uri_too_long])
check("codes hyphen", codes["early-hints"])
check("codes missing item", codes["nope"])
check("codes missing attribute", lambda: codes.nope)
check("codes number", codes["200"])
check("codes get", [codes.get("ok"), codes.get("nope", 1)])

NAMES = """continue switching_protocols processing checkpoint uri_too_long request_uri_too_long ok okay all_ok
all_okay all_good created accepted non_authoritative_info non_authoritative_information no_content reset_content
reset partial_content partial multi_status multiple_status multi_stati multiple_stati already_reported im_used
multiple_choices moved_permanently moved found see_other other not_modified use_proxy switch_proxy
temporary_redirect temporary_moved temporary permanent_redirect resume_incomplete resume bad_request bad
unauthorized payment_required payment forbidden not_found method_not_allowed not_allowed not_acceptable
proxy_authentication_required proxy_auth proxy_authentication request_timeout timeout conflict gone length_required
precondition_failed precondition request_entity_too_large content_too_large request_uri_too_large
unsupported_media_type unsupported_media media_type requested_range_not_satisfiable requested_range
range_not_satisfiable expectation_failed im_a_teapot teapot i_am_a_teapot misdirected_request unprocessable_entity
unprocessable unprocessable_content locked failed_dependency dependency unordered_collection unordered too_early
upgrade_required upgrade precondition_required too_many_requests too_many header_fields_too_large fields_too_large
no_response none retry_with retry blocked_by_windows_parental_controls parental_controls
unavailable_for_legal_reasons legal_reasons client_closed_request internal_server_error server_error not_implemented
bad_gateway service_unavailable unavailable gateway_timeout http_version_not_supported http_version
variant_also_negotiates insufficient_storage bandwidth_limit_exceeded bandwidth not_extended
network_authentication_required network_auth network_authentication""".split()
check("codes of all names", [getattr(codes, name) for name in NAMES])
check("codes of all names in capitals", [getattr(codes, name.upper()) for name in NAMES])
