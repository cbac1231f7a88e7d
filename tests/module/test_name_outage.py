# SPDX-License-Identifier: MIT
"""A DNS outage: an app asks again and again, and the number of waiting resolver threads is bounded."""

from servers.wire import WireFactory, reply
from support.program import Program

_SLOTS = 16
_ATTEMPTS = """
        import os

        def threads():
            return len(os.listdir("/proc/self/task"))

        def attempts(url, rounds, seconds):
            statuses = []
            for _ in range(rounds):
                requests = [http.get_async(url, timeout=seconds) for _ in range(16)]
                statuses += [r.wait().status_code() for r in requests]
            return statuses
"""


def test_threads_that_wait_for_the_resolver_are_bounded(run_app: Program, hung_dns: dict[str, str]) -> None:
    run = run_app(
        _ATTEMPTS
        + """
        before = threads()
        statuses = attempts("http://hang.invalid/", 20, 0.05)
        r = http.get("http://hang.invalid/")
        more = threads() - before
        show(more, statuses.count(28), statuses.count(6), r.status_code(), r.error(), http.stats()["free"])
        """,
        env=hung_dns,
    )
    more, hung, refused, status, error, free = run.shown
    assert hung + refused == 20 * _SLOTS
    assert _SLOTS <= hung <= 2 * _SLOTS
    assert more <= 2 * _SLOTS + 1  # one more for the engine's thread
    assert (status, free) == (6, _SLOTS)
    assert error == "name resolution hangs: too many attempts are still waiting"


def test_cancelled_requests_count_too(run_app: Program, hung_dns: dict[str, str]) -> None:
    run = run_app(
        _ATTEMPTS
        + """
        before = threads()
        for _ in range(10):
            requests = [http.get_async("http://hang.invalid/") for _ in range(16)]
            compute(0.02)
            http.cancel_all()
        show(threads() - before, http.get("http://hang.invalid/").status_code())
        """,
        env=hung_dns,
    )
    more, status = run.shown
    assert more <= 2 * _SLOTS + 1
    assert status == 6


def test_addresses_need_no_resolver_and_work_all_the_same(
    run_app: Program, wire: WireFactory, hung_dns: dict[str, str]
) -> None:
    run = run_app(
        _ATTEMPTS
        + """
        attempts("http://hang.invalid/", 2, 0.05)
        show(http.get("http://hang.invalid/").status_code(), http.get(URL).status_code())
        """,
        URL=wire(reply()).url,
        env=hung_dns,
    )
    assert run.shown == (6, 200)


def test_names_are_asked_for_again_after_a_minute(
    run_app: Program, hung_dns: dict[str, str], fast_clock: dict[str, str]
) -> None:
    run = run_app(
        _ATTEMPTS
        + """
        attempts("http://hang.invalid/", 2, 5)
        before = http.get("http://hang.invalid/", timeout=5).status_code()
        time.sleep(61)
        show(before, http.get("http://hang.invalid/", timeout=5).status_code())
        """,
        env=hung_dns | {"DL7450_CONDITIONS": hung_dns["DL7450_CONDITIONS"] + fast_clock["DL7450_CONDITIONS"]},
    )
    assert run.shown == (6, 28)


def test_names_that_answer_do_not_count(
    run_app: Program, wire: WireFactory, hung_dns: dict[str, str]
) -> None:
    server = wire([0.2, reply()])
    run = run_app(
        _ATTEMPTS
        + """
        statuses = attempts("http://nowhere.invalid/", 3, 5) + attempts(URL, 3, 0.05)
        show(statuses.count(6), statuses.count(28), http.get(URL).status_code())
        """,
        URL=f"http://localhost:{server.port}",
        env=hung_dns,
    )
    assert run.shown == (3 * _SLOTS, 3 * _SLOTS, 200)
