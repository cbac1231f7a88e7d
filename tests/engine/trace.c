// SPDX-License-Identifier: MIT
// The trace, and its end while a request is under way.

#include "harness.h"

// How many events of each kind there were. The app thread and the driver thread tell them with the lock held.
static unsigned told[HTTP_TRACE_CANCELLED + 1];

static void count(const http_trace_t *event) {
    told[event->kind]++;
}

static unsigned all_told(void) {
    unsigned sum = 0;
    for (size_t i = 0; i < LEN(told); i++) {
        sum += told[i];
    }
    return sum;
}

static void each_step_of_a_request_is_told(void) {
    http_engine_trace(count);
    CHECK_INT(fetch_status(page("/ok")), 200);
    http_engine_trace(NULL);
    CHECK_INT(told[HTTP_TRACE_REQUEST], 1);
    CHECK_INT(told[HTTP_TRACE_HOP], 1);
    CHECK_INT(told[HTTP_TRACE_SENT_HEAD], 1);
    CHECK(told[HTTP_TRACE_HEAD] > 1);
    CHECK(told[HTTP_TRACE_BODY] > 0);
    CHECK_INT(told[HTTP_TRACE_HOP_END], 1);
    CHECK_INT(told[HTTP_TRACE_DONE], 1);
}

// libcurl goes on to call the handle's debug callback.
static void nothing_is_told_when_the_trace_has_ended(void) {
    http_engine_trace(count);
    http_request_args_t request = get(page("/stall/body"));
    http_id_t id = http_engine_submit(&request);
    CHECK_INT(told[HTTP_TRACE_REQUEST], 1);
    http_engine_trace(NULL);
    unsigned before = all_told();
    http_engine_wait(id, 50);
    CHECK(http_engine_cancel(id));
    CHECK_INT(all_told(), before);
}

const test_t trace_tests[] = {
    TEST(each_step_of_a_request_is_told),
    TEST(nothing_is_told_when_the_trace_has_ended),
    { NULL, NULL },
};
