# SPDX-License-Identifier: MIT
"""Rows about requests as apps write them: with header fields, a timeout, JSON, and certificates."""

from collections.abc import Iterator

from bench.clients import cpython
from bench.context import Bench
from bench.table import Goal, Row
from bench.web import AUTHORITIES, KIB

_KINDS = (
    ("GET with 3 fields and a timeout", "get", "fields", 1.25),
    ("POST of JSON with 3 fields and a timeout", "post", "json", 1.40),
)


def fields(bench: Bench) -> Iterator[Row]:
    """Requests with header fields and a timeout; the floor sets the same options anew each time."""
    count = bench.measure.instructions
    for what, method, kind, most in _KINDS:
        url = bench.web.posted if method == "post" else bench.web.body(KIB)
        for clients in bench.both:
            values = {
                "floor": count(lambda n, c=clients, u=url, k=kind: c.floor("sync", u, n, 0, k), 100, 600),
                "module": count(lambda n, c=clients, u=url, m=method: c.module("fields", u, n, m), 100, 600),
            }
            if clients is bench.machine:
                values["pycurl"] = count(
                    lambda n, u=url, m=method: cpython("pycurl_fields", u, n, m), 20, 120, runs=1
                )
            figures = {name: f"{value / 1000:,.1f} k" for name, value in values.items()}
            yield Row(
                f"{what}, libcurl {clients.libcurl}: instructions / floor",
                values["module"] / values["floor"],
                Goal(most),
                figures,
            )
            if "pycurl" in values:
                yield Row(f"{what}: instructions / pycurl", values["module"] / values["pycurl"], Goal(0.90))


def cacert(bench: Bench) -> Iterator[Row]:
    """GET of 1 KiB over HTTPS on a kept connection, with a bundle of all public authorities."""
    url = bench.web.secure_body(KIB)
    bundle = bench.web.bundle
    count = bench.measure.instructions
    for clients in bench.both:
        values = {
            "floor": count(lambda n, c=clients: c.floor("sync", url, n, 0, "memory", bundle), 20, 220),
            "module": count(lambda n, c=clients: c.module("cacert", url, n, bundle), 20, 220),
        }
        yield Row(
            f"HTTPS, cacert of {AUTHORITIES}, kept, libcurl {clients.libcurl}: instructions / floor",
            values["module"] / values["floor"],
            Goal(1.15),
            {name: f"{value / 1000:,.1f} k" for name, value in values.items()},
        )


def resumed(bench: Bench) -> Iterator[Row]:
    """The handshake of a new connection to a server that was seen before, beside a full one."""
    web = bench.web
    count = bench.measure.instructions
    clients = bench.firmware

    def request(origin: str, close: int) -> float:
        return count(lambda n: clients.module("anew", f"{origin}/{KIB}", n, web.ca, close), 5, 25, runs=1)

    kept = request(web.https, 0)
    full, again = request(web.forgetful, 1) - kept, request(web.https, 1) - kept
    yield Row(
        f"HTTPS, new connection, libcurl {clients.libcurl}: resumed handshake / full one",
        again / full,
        Goal(0.40),
        {"floor": f"{full / 1000:,.0f} k", "module": f"{again / 1000:,.0f} k"},
    )


def objects(bench: Bench) -> Iterator[Row]:
    """The objects of a response, beside equal objects that MicroPython makes from bytes."""
    url = bench.web.objects
    count = bench.measure.instructions
    for what, kind in (
        ("headers() of 20 fields", "headers"),
        ("json() of 10 KB", "json"),
        ("text() of 10 KB", "text"),
    ):
        values = {
            who: count(lambda n, k=kind, w=who: bench.machine.module("objects", url, n, k, w), 10, 60, runs=1)
            for who in ("micropython", "http")
        }
        yield Row(
            f"{what}: instructions / MicroPython's (as floor)",
            values["http"] / values["micropython"],
            Goal(1.30),
            {"floor": f"{values['micropython'] / 1000:,.1f} k", "module": f"{values['http'] / 1000:,.1f} k"},
        )
