// SPDX-License-Identifier: MIT
// Ids, slots, notices: every id completes exactly once, and at most 16 hold a slot.

#include "harness.h"

#include "http/engine/state.h"

static void each_id_has_one_result_and_one_notice(void) {
    http_id_t ids[8];
    bool noticed[LEN(ids)] = { false };
    for (size_t i = 0; i < LEN(ids); i++) {
        ids[i] = submit(page("/ok"));
    }
    for (size_t n = 0; n < LEN(ids); n++) {
        CHECK_INT(http_engine_wait(0, LONG_MS), HTTP_WAIT_READY);
        http_id_t id = next_done();
        size_t i = 0;
        while (i < LEN(ids) && ids[i] != id) {
            i++;
        }
        if (CHECK(i < LEN(ids)) && CHECK(!noticed[i])) {
            noticed[i] = true;
            CHECK(http_engine_is_done(id));
            CHECK_INT(finish_status(id), 200);
            http_result_t again;
            CHECK(!http_engine_take(id, &again));
            CHECK(!http_engine_is_done(id));
            CHECK(!http_engine_cancel(id));
        }
    }
    CHECK_INT(next_done(), 0);
    CHECK_INT(in_flight(), 0);
    CHECK(http_state.requests == NULL);
}

static void notices_come_in_order_of_completion(void) {
    http_id_t a = submit(page("/gate/order-a"));
    http_id_t b = submit(page("/gate/order-b"));
    http_id_t c = submit(page("/gate/order-c"));
    tell("/open/order-b");
    CHECK_INT(http_engine_wait(b, LONG_MS), HTTP_WAIT_READY);
    tell("/open/order-c");
    CHECK_INT(http_engine_wait(c, LONG_MS), HTTP_WAIT_READY);
    http_id_t refused = submit("nonsense"); // completes at once
    tell("/open/order-a");
    CHECK_INT(http_engine_wait(a, LONG_MS), HTTP_WAIT_READY);
    CHECK_INT(finish_status(c), 200); // taking out of order changes nothing
    CHECK_INT(next_done(), b);
    CHECK_INT(next_done(), c);
    CHECK_INT(next_done(), refused);
    CHECK_INT(next_done(), a);
    CHECK_INT(next_done(), 0);
    CHECK_INT(finish_status(a), 200);
    CHECK_INT(finish_status(b), 200);
    CHECK_INT(finish_status(refused), CURLE_URL_MALFORMAT);
    CHECK(http_state.requests == NULL);
}

static void result_and_notice_come_in_either_order(void) {
    http_id_t id = submit(page("/ok"));
    CHECK_INT(finish_status(id), 200);
    CHECK_INT(http_engine_wait(0, LONG_MS), HTTP_WAIT_READY);
    CHECK_INT(next_done(), id);
    id = submit(page("/ok"));
    CHECK_INT(http_engine_wait(0, LONG_MS), HTTP_WAIT_READY);
    CHECK_INT(next_done(), id);
    CHECK_INT(finish_status(id), 200);
    CHECK(http_state.requests == NULL);
}

static void no_notice_without_asking_for_one(void) {
    CHECK_INT(fetch_status(page("/ok")), 200);
    http_id_t id = submit_quiet(page("/ok"));
    CHECK_INT(http_engine_wait(id, LONG_MS), HTTP_WAIT_READY);
    CHECK_INT(next_done(), 0);
    CHECK_INT(http_engine_wait(0, 1), HTTP_WAIT_TIMEOUT);
    CHECK_INT(finish_status(id), 200);
}

static void nothing_to_take_while_pending(void) {
    http_id_t id = submit(page("/gate/pending"));
    http_result_t result;
    CHECK(!http_engine_is_done(id));
    CHECK(!http_engine_take(id, &result));
    CHECK_INT(next_done(), 0);
    tell("/open/pending");
    CHECK_INT(finish_status(id), 200);
}

static void unknown_ids_are_not_done(void) {
    http_result_t result;
    CHECK(!http_engine_is_done(0) && !http_engine_is_done(12345));
    CHECK(!http_engine_take(0, &result) && !http_engine_take(12345, &result));
    CHECK_INT(next_done(), 0);
}

static void fill(http_id_t ids[HTTP_ENGINE_SLOTS], const char *url) {
    for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
        ids[i] = submit(url);
    }
    CHECK_INT(in_flight(), HTTP_ENGINE_SLOTS);
}

static void request_17_is_refused_with_89_at_once(void) {
    http_id_t ids[HTTP_ENGINE_SLOTS];
    CHECK_INT(HTTP_ENGINE_SLOTS, 16);
    fill(ids, page("/hold/refused"));
    for (int quiet = 0; quiet < 2; quiet++) {
        http_id_t id = quiet ? submit_quiet(page("/ok")) : submit(page("/ok"));
        CHECK(http_engine_is_done(id));
        CHECK_INT(http_engine_wait(id, 0), HTTP_WAIT_READY);
        CHECK_INT(next_done(), quiet ? 0 : id);
        http_result_t result = finish(id);
        CHECK_INT(result.status, HTTP_STATUS_NO_SLOT);
        CHECK(result.error != NULL && result.body == NULL && result.url == NULL && result.fields == NULL);
        http_result_clear(&result);
    }
    http_engine_cancel_all();
}

static void refused_request_never_held_a_slot(void) {
    http_id_t ids[HTTP_ENGINE_SLOTS];
    fill(ids, page("/hold/never"));
    http_id_t refused = submit(page("/ok"));
    CHECK_INT(in_flight(), HTTP_ENGINE_SLOTS);
    CHECK_INT(finish_status(refused), HTTP_STATUS_NO_SLOT);
    CHECK_INT(in_flight(), HTTP_ENGINE_SLOTS);
    CHECK_INT(finish_status(submit(page("/ok"))), HTTP_STATUS_NO_SLOT); // taking it freed nothing
    http_id_t cancelled = submit(page("/ok"));
    CHECK(http_engine_cancel(cancelled));
    CHECK_INT(in_flight(), HTTP_ENGINE_SLOTS);
    CHECK_INT(fetch_status(page("/ok")), HTTP_STATUS_NO_SLOT);
    CHECK(http_engine_cancel(ids[7]));
    CHECK_INT(fetch_status(page("/ok")), 200);
    http_engine_cancel_all();
}

static void refused_requests_are_noticed_in_order(void) {
    http_id_t ids[HTTP_ENGINE_SLOTS];
    fill(ids, page("/gate/in-order"));
    http_id_t first = submit(page("/ok"));
    http_id_t second = submit(page("/ok"));
    tell("/open/in-order");
    for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
        CHECK_INT(http_engine_wait(ids[i], LONG_MS), HTTP_WAIT_READY);
    }
    CHECK_INT(next_done(), first);
    CHECK_INT(next_done(), second);
    int rest = 0;
    while (next_done() != 0) {
        rest++;
    }
    CHECK_INT(rest, HTTP_ENGINE_SLOTS);
    http_engine_cancel_all();
}

static void slot_is_held_until_the_result_is_taken(void) {
    http_id_t ids[HTTP_ENGINE_SLOTS];
    fill(ids, page("/ok"));
    for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
        CHECK_INT(http_engine_wait(ids[i], LONG_MS), HTTP_WAIT_READY);
    }
    CHECK_INT(next_done() != 0, true); // a notice frees nothing
    CHECK_INT(fetch_status(page("/ok")), HTTP_STATUS_NO_SLOT);
    http_result_t result;
    CHECK(http_engine_take(ids[3], &result));
    http_result_clear(&result);
    CHECK_INT(in_flight(), HTTP_ENGINE_SLOTS - 1);
    CHECK_INT(fetch_status(page("/ok")), 200);
    http_engine_cancel_all();
}

static void sixteen_run_at_the_same_time(void) {
    // Nobody gets an answer before all have asked.
    http_id_t ids[HTTP_ENGINE_SLOTS];
    for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
        ids[i] = submit(page_for("/gate/same-%d", i));
    }
    char path[32];
    for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
        tell(strcpy(path, page_for("/seen/same-%d", i) + strlen(page(""))));
    }
    for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
        tell(strcpy(path, page_for("/open/same-%d", i) + strlen(page(""))));
        http_result_t result = finish(ids[i]);
        CHECK_INT(result.status, 200);
        CHECK(body_is(&result, path + strlen("/open/"))); // each got its own
        http_result_clear(&result);
    }
}

static void stats_count_what_happens(void) {
    http_stats_t stats;
    http_engine_stats(&stats);
    CHECK(stats.in_flight == 0 && stats.refused == 0 && stats.submitted == 0 && stats.bytes_held == 0);
    http_id_t a = submit(page("/bytes/1000"));
    http_id_t b = submit(page("/bytes/200"));
    CHECK_INT(http_engine_wait(a, LONG_MS), HTTP_WAIT_READY);
    CHECK_INT(http_engine_wait(b, LONG_MS), HTTP_WAIT_READY);
    http_engine_stats(&stats);
    CHECK_INT(stats.in_flight, 2);
    CHECK_INT(stats.submitted, 2);
    CHECK_INT(stats.bytes_held, 1200);
    CHECK_INT(finish_status(a), 200);
    http_engine_stats(&stats);
    CHECK_INT(stats.in_flight, 1);
    CHECK_INT(stats.bytes_held, 200);
    CHECK(http_engine_cancel(b));
    http_id_t ids[HTTP_ENGINE_SLOTS];
    fill(ids, page("/hold/stats"));
    CHECK_INT(fetch_status(page("/ok")), HTTP_STATUS_NO_SLOT);
    http_engine_cancel_all();
    http_engine_stats(&stats);
    CHECK_INT(stats.in_flight, 0);
    CHECK_INT(stats.refused, 1);
    CHECK_INT(stats.submitted, 3 + HTTP_ENGINE_SLOTS);
    CHECK_INT(stats.bytes_held, 0);
}

static void ids_begin_again_behind_the_last_one_and_are_never_0(void) {
    need(http_state_init(), "the engine");
    http_state.last_id = UINT32_MAX - 1;
    CHECK_INT(submit_quiet(page("/ok")), UINT32_MAX);
    http_id_t id = submit_quiet(page("/ok"));
    CHECK_INT(id, 1);
    CHECK_INT(finish_status(id), 200);
    CHECK_INT(finish_status(UINT32_MAX), 200);
}

const test_t slots_tests[] = {
    TEST(each_id_has_one_result_and_one_notice),
    TEST(notices_come_in_order_of_completion),
    TEST(result_and_notice_come_in_either_order),
    TEST(no_notice_without_asking_for_one),
    TEST(nothing_to_take_while_pending),
    TEST(unknown_ids_are_not_done),
    TEST(request_17_is_refused_with_89_at_once),
    TEST(refused_request_never_held_a_slot),
    TEST(refused_requests_are_noticed_in_order),
    TEST(slot_is_held_until_the_result_is_taken),
    TEST(sixteen_run_at_the_same_time),
    TEST(stats_count_what_happens),
    TEST(ids_begin_again_behind_the_last_one_and_are_never_0),
    { NULL, NULL },
};
