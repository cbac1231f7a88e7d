// SPDX-License-Identifier: MIT
// Cancel in every state: the id has no further event, and its slot is free at once.

#include "harness.h"

#include "http/engine/event.h"
#include "http/engine/state.h"

// Cancels a pending request and checks the state afterwards.
static void cancel_pending(http_id_t id) {
    http_result_t result;
    unsigned before = in_flight();
    int64_t start_us = http_event_now_us();
    CHECK(http_engine_cancel(id));
    CHECK(ms_since(start_us) < 2000); // it does not wait for the resolver
    CHECK_INT(in_flight(), before - 1);
    CHECK(!http_engine_cancel(id)); // twice is safe
    CHECK(!http_engine_is_done(id));
    CHECK(!http_engine_take(id, &result));
    CHECK_INT(http_engine_wait(id, LONG_MS), HTTP_WAIT_READY); // unknown now
    CHECK_INT(http_engine_wait(0, 20), HTTP_WAIT_TIMEOUT);
    CHECK_INT(next_done(), 0);
    CHECK_INT(fetch_status(page("/ok")), 200); // the engine goes on
}

static void cancel_right_after_submit(void) {
    cancel_pending(submit(page("/ok")));
    cancel_pending(submit_quiet(page("/ok")));
}

static void cancel_while_resolving(void) {
    http_id_t id = submit(HUNG);
    CHECK_INT(http_engine_wait(id, 50), HTTP_WAIT_TIMEOUT); // the resolver hangs by now
    cancel_pending(id);
}

static void cancel_while_connecting(void) {
    http_id_t id = submit(dead());
    CHECK_INT(http_engine_wait(id, 50), HTTP_WAIT_TIMEOUT);
    cancel_pending(id);
}

static void cancel_before_the_answer(void) {
    http_id_t id = submit(page("/hold/cancel"));
    tell("/seen/cancel"); // meanwhile the thread drives
    cancel_pending(id);
}

static void cancel_amid_the_headers(void) {
    http_id_t id = submit(page("/stall/headers"));
    drive_until_header(id);
    cancel_pending(id);
}

static void cancel_amid_the_body(void) {
    http_id_t id = submit(page("/stall/body"));
    drive_until_body(id);
    cancel_pending(id);
}

static void cancel_while_the_thread_drives(void) {
    // The server sends a byte again and again, so that the thread is busy when the cancel comes.
    for (int i = 0; i < 20; i++) {
        http_id_t id = submit(page(i % 2 == 0 ? "/drip/headers" : "/drip/body"));
        sleep_ms(i);
        CHECK(http_engine_cancel(id));
    }
    CHECK_INT(in_flight(), 0);
    CHECK_INT(next_done(), 0);
}

static void cancel_of_a_done_one_drops_result_and_notice(void) {
    http_id_t id = submit(page("/bytes/100000"));
    CHECK_INT(http_engine_wait(id, LONG_MS), HTTP_WAIT_READY);
    cancel_pending(id);
    id = submit(page("/ok"));
    CHECK_INT(http_engine_wait(0, LONG_MS), HTTP_WAIT_READY);
    CHECK_INT(next_done(), id); // the notice has come, the result has not been taken
    cancel_pending(id);
}

static void cancel_of_a_taken_one_drops_the_notice(void) {
    http_id_t id = submit(page("/ok"));
    CHECK_INT(finish_status(id), 200);
    CHECK(!http_engine_cancel(id)); // was not pending any more
    CHECK_INT(next_done(), 0);
    CHECK_INT(http_engine_wait(0, 1), HTTP_WAIT_TIMEOUT);
    CHECK(http_state.requests == NULL);
}

static void cancel_of_unknown_ids_is_false(void) {
    CHECK(!http_engine_cancel(0));
    CHECK(!http_engine_cancel(1));
    http_id_t id = submit_quiet(page("/ok"));
    CHECK(!http_engine_cancel(id + 1));
    CHECK_INT(finish_status(id), 200);
    CHECK(!http_engine_cancel(id));
    CHECK(!http_engine_cancel(UINT32_MAX));
}

static void cancel_leaves_the_others_alone(void) {
    http_id_t a = submit(page("/gate/others"));
    http_id_t b = submit(page("/gate/others"));
    http_id_t c = submit(page("/gate/others"));
    CHECK(http_engine_cancel(b));
    tell("/open/others");
    CHECK_INT(finish_status(a), 200);
    CHECK_INT(finish_status(c), 200);
    http_id_t first = next_done();
    http_id_t second = next_done();
    CHECK((first == a && second == c) || (first == c && second == a));
    CHECK_INT(next_done(), 0);
}

static void ids_are_not_given_twice(void) {
    http_id_t last = 0;
    for (int i = 0; i < 50; i++) {
        http_id_t id = submit(page("/ok"));
        CHECK(id > last);
        CHECK(http_engine_cancel(id));
        last = id;
    }
}

static void cancel_all_ends_requests_in_every_state(void) {
    http_engine_cancel_all(); // before anything
    http_id_t taken = submit(page("/ok"));
    CHECK_INT(finish_status(taken), 200);
    http_id_t done = submit(page("/ok"));
    CHECK_INT(http_engine_wait(done, LONG_MS), HTTP_WAIT_READY);
    http_id_t body = submit(page("/stall/body"));
    drive_until_body(body);
    http_id_t ids[] = { taken, done, body, submit(dead()), submit(HUNG), submit("nonsense"), submit(page("/hold/all")) };
    CHECK_INT(http_engine_wait(ids[6], 50), HTTP_WAIT_TIMEOUT);
    int64_t start_us = http_event_now_us();
    http_engine_cancel_all();
    CHECK(ms_since(start_us) < 2000);
    CHECK_INT(in_flight(), 0);
    CHECK(http_state.requests == NULL);
    CHECK_INT(http_engine_wait(0, 20), HTTP_WAIT_TIMEOUT);
    CHECK_INT(next_done(), 0);
    for (size_t i = 0; i < LEN(ids); i++) {
        CHECK(!http_engine_cancel(ids[i]));
    }
    CHECK_INT(fetch_status(page("/ok")), 200);
}

static void cancel_amid_a_redirect_chain(void) {
    for (int i = 0; i < 10; i++) {
        http_request_args_t request = get(page("/slowly-round"));
        request.options.redirects = 1000;
        http_id_t id = http_engine_submit(&request);
        http_engine_wait(id, 30 * i); // some of them right between two hops
        CHECK(http_engine_cancel(id));
    }
    CHECK_INT(in_flight(), 0);
    CHECK_INT(next_done(), 0);
}

const test_t cancel_tests[] = {
    TEST(cancel_right_after_submit),
    TEST(cancel_while_resolving),
    TEST(cancel_while_connecting),
    TEST(cancel_before_the_answer),
    TEST(cancel_amid_the_headers),
    TEST(cancel_amid_the_body),
    TEST(cancel_while_the_thread_drives),
    TEST(cancel_of_a_done_one_drops_result_and_notice),
    TEST(cancel_of_a_taken_one_drops_the_notice),
    TEST(cancel_of_unknown_ids_is_false),
    TEST(cancel_leaves_the_others_alone),
    TEST(ids_are_not_given_twice),
    TEST(cancel_all_ends_requests_in_every_state),
    TEST(cancel_amid_a_redirect_chain),
    { NULL, NULL },
};
