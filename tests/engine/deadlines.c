// SPDX-License-Identifier: MIT
// One deadline covers everything. The bounds are wide: a request must end, and not before the deadline.

#include "harness.h"

#include "http/engine/event.h"

#define DEADLINE_MS (300)

static void ends_on_time(const char *url) {
    http_request_args_t request = get(url);
    request.options.timeout_ms = DEADLINE_MS;
    request.options.redirects = 1000;
    int64_t start_us = http_event_now_us();
    http_result_t result = perform(&request);
    int64_t ms = ms_since(start_us);
    CHECK_INT(result.status, CURLE_OPERATION_TIMEDOUT);
    CHECK(result.error != NULL);
    CHECK(ms >= DEADLINE_MS - 5); // libcurl rounds to whole ms
    CHECK(ms < 3000);
    http_result_clear(&result);
    CHECK_INT(in_flight(), 0);
}

static void deadline_covers_a_hung_resolver(void) {
    ends_on_time(HUNG);
}

static void deadline_covers_connecting(void) {
    ends_on_time(dead());
}

static void deadline_covers_the_wait_for_an_answer(void) {
    ends_on_time(page("/hold/deadline"));
}

static void deadline_covers_dripping_headers(void) {
    ends_on_time(page("/drip/headers"));
}

static void deadline_covers_a_dripping_body(void) {
    ends_on_time(page("/drip/body"));
}

static void deadline_covers_all_redirects_together(void) {
    ends_on_time(page("/slowly-round"));
}

static void deadline_covers_a_redirect_to_a_hung_resolver(void) {
    ends_on_time(page("/to/302?" HUNG));
}

static void timed_out_request_keeps_what_had_arrived(void) {
    http_request_args_t request = get(page("/stall/body"));
    request.options.timeout_ms = DEADLINE_MS;
    http_result_t result = perform(&request);
    CHECK_INT(result.status, CURLE_OPERATION_TIMEDOUT);
    CHECK(body_is(&result, "abc"));
    CHECK_TEXT(field_of(&result, "Content-Length"), "100");
    http_result_clear(&result);
}

static void deadline_is_each_requests_own(void) {
    http_request_args_t request = get(page("/gate/own"));
    request.options.timeout_ms = DEADLINE_MS;
    http_id_t brief = http_engine_submit(&request);
    request.options.timeout_ms = 0;
    http_id_t patient = http_engine_submit(&request);
    CHECK_INT(finish_status(brief), CURLE_OPERATION_TIMEDOUT);
    CHECK(!http_engine_is_done(patient));
    tell("/open/own");
    CHECK_INT(finish_status(patient), 200);
    http_engine_cancel_all();
}

static void deadline_counts_from_submit(void) {
    http_request_args_t request = get(page("/hold/from-submit"));
    request.options.timeout_ms = DEADLINE_MS;
    http_id_t id = http_engine_submit(&request);
    sleep_ms(DEADLINE_MS + 50);
    int64_t start_us = http_event_now_us();
    CHECK_INT(finish_status(id), CURLE_OPERATION_TIMEDOUT);
    CHECK(ms_since(start_us) < DEADLINE_MS - 50);
    http_engine_cancel_all();
}

static void deadline_of_any_length_is_taken(void) {
    static const int32_t timeouts[] = { 0, 60 * 1000, INT32_MAX - 1, INT32_MAX };
    for (size_t i = 0; i < LEN(timeouts); i++) {
        http_request_args_t request = get(page("/to/302?/ok"));
        request.options.timeout_ms = timeouts[i];
        http_result_t result = perform(&request);
        CHECK_INT(result.status, 200);
        http_result_clear(&result);
    }
}

static void deadline_of_1_ms_ends(void) {
    http_request_args_t request = get(page("/hold/at-once"));
    request.options.timeout_ms = 1;
    http_result_t result = perform(&request);
    CHECK_INT(result.status, CURLE_OPERATION_TIMEDOUT);
    http_result_clear(&result);
}

static void resolver_that_was_left_behind_does_no_harm(void) {
    http_id_t ids[4];
    http_request_args_t request = get(HUNG);
    request.options.timeout_ms = 100;
    for (size_t i = 0; i < LEN(ids); i++) {
        ids[i] = http_engine_submit(&request);
    }
    for (size_t i = 0; i < LEN(ids); i++) {
        CHECK_INT(finish_status(ids[i]), CURLE_OPERATION_TIMEDOUT);
    }
    CHECK_INT(fetch_status(page("/ok")), 200);
    int64_t start_us = http_event_now_us();
    http_engine_deinit();
    CHECK(ms_since(start_us) < 3000);
    CHECK_INT(fetch_status(page("/ok")), 200);
}

static int limited(const char *url, uint32_t connect_ms, uint32_t stall_ms, http_fault_t fault) {
    http_request_args_t request = get(url);
    request.options.timeout_ms = LONG_MS;
    request.options.connect_timeout_ms = connect_ms;
    request.options.stall_timeout_ms = stall_ms;
    request.options.redirects = 3;
    int64_t start_us = http_event_now_us();
    http_result_t result = perform(&request);
    int64_t ms = ms_since(start_us);
    int status = result.status;
    CHECK_INT(result.fault, fault);
    CHECK(ms >= DEADLINE_MS && ms < 3000);
    http_result_clear(&result);
    CHECK_INT(in_flight(), 0);
    return status;
}

static void limit_for_connecting_ends_what_does_not_connect(void) {
    CHECK_INT(limited(HUNG, DEADLINE_MS, 0, HTTP_FAULT_CONNECT_TIMEOUT), CURLE_OPERATION_TIMEDOUT);
    CHECK_INT(limited(dead(), DEADLINE_MS, 50, HTTP_FAULT_CONNECT_TIMEOUT), CURLE_OPERATION_TIMEDOUT);
    CHECK_INT(limited(page("/to/302?" HUNG), DEADLINE_MS, 0, HTTP_FAULT_CONNECT_TIMEOUT), CURLE_OPERATION_TIMEDOUT);
    CHECK_INT(limited(page("/slowly-round"), DEADLINE_MS, 0, HTTP_FAULT_MANY_REDIRECTS), CURLE_TOO_MANY_REDIRECTS);
}

static void limit_for_stalls_ends_what_stands_still(void) {
    CHECK_INT(limited(page("/hold/stalls"), 50, DEADLINE_MS, HTTP_FAULT_STALL_TIMEOUT), CURLE_OPERATION_TIMEDOUT);
    CHECK_INT(limited(page("/stall/headers"), 0, DEADLINE_MS, HTTP_FAULT_STALL_TIMEOUT), CURLE_OPERATION_TIMEDOUT);
    CHECK_INT(limited(page("/stall/body"), 0, DEADLINE_MS, HTTP_FAULT_STALL_TIMEOUT), CURLE_OPERATION_TIMEDOUT);
    CHECK_INT(limited(page("/slowly-round"), 0, DEADLINE_MS, HTTP_FAULT_MANY_REDIRECTS), CURLE_TOO_MANY_REDIRECTS);
}

const test_t deadlines_tests[] = {
    TEST(deadline_covers_a_hung_resolver),
    TEST(deadline_covers_connecting),
    TEST(deadline_covers_the_wait_for_an_answer),
    TEST(deadline_covers_dripping_headers),
    TEST(deadline_covers_a_dripping_body),
    TEST(deadline_covers_all_redirects_together),
    TEST(deadline_covers_a_redirect_to_a_hung_resolver),
    TEST(timed_out_request_keeps_what_had_arrived),
    TEST(deadline_is_each_requests_own),
    TEST(deadline_counts_from_submit),
    TEST(deadline_of_any_length_is_taken),
    TEST(deadline_of_1_ms_ends),
    TEST(limit_for_connecting_ends_what_does_not_connect),
    TEST(limit_for_stalls_ends_what_stands_still),
    TEST(resolver_that_was_left_behind_does_no_harm),
    { NULL, NULL },
};
