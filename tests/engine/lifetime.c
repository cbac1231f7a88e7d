// SPDX-License-Identifier: MIT
// Deinit and a new start, connections that are kept, and that nothing leaks.

#include "harness.h"

#include "http/engine/event.h"
#include "http/engine/state.h"

static void deinit_before_anything_is_nothing(void) {
    http_engine_deinit();
    http_engine_deinit();
    CHECK_INT(fetch_status(page("/ok")), 200);
}

static void deinit_with_work_pending_and_start_anew(void) {
    for (int round = 0; round < 3; round++) {
        http_id_t done = submit(page("/bytes/100000"));
        CHECK_INT(http_engine_wait(done, LONG_MS), HTTP_WAIT_READY);
        http_id_t taken = submit(page("/ok"));
        CHECK_INT(finish_status(taken), 200);
        http_id_t body = submit(page("/stall/body"));
        drive_until_body(body);
        http_id_t ids[] = { done, taken, body, submit(page("/hold/deinit")), submit(dead()), submit(HUNG), submit_quiet(HUNG) };
        CHECK_INT(http_engine_wait(ids[5], 30), HTTP_WAIT_TIMEOUT);
        int64_t start_us = http_event_now_us();
        http_engine_deinit();
        CHECK(ms_since(start_us) < 3000);
        CHECK_INT(in_flight(), 0);
        CHECK_INT(next_done(), 0);
        for (size_t i = 0; i < LEN(ids); i++) {
            http_result_t result;
            CHECK(!http_engine_is_done(ids[i]) && !http_engine_take(ids[i], &result) && !http_engine_cancel(ids[i]));
            CHECK_INT(http_engine_wait(ids[i], HTTP_WAIT_FOREVER), HTTP_WAIT_READY);
        }
        http_engine_interrupt(); // may come at any moment, now too
        CHECK_INT(http_engine_wait(0, HTTP_WAIT_FOREVER), HTTP_WAIT_INTERRUPTED);
    }
    CHECK_INT(fetch_status(page("/ok")), 200);
}

static void ids_of_before_a_deinit_are_not_given_again(void) {
    http_id_t before = submit(page("/hold/again"));
    http_engine_deinit();
    http_id_t after = submit(page("/hold/again"));
    CHECK(after > before);
    CHECK(!http_engine_cancel(before));
    CHECK(http_engine_cancel(after));
}

static void deinit_closes_every_descriptor_and_thread(void) {
    CHECK_INT(fetch_status(page("/ok")), 200); // descriptors that stay until the process ends are open now
    http_engine_deinit();
    int fds = count_fds();
    int threads = count_threads();
    for (int round = 0; round < 5; round++) {
        CHECK_INT(http_engine_fd() >= 0, HTTP_ENGINE_THREAD);
        for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
            submit(page(i % 2 == 0 ? "/ok" : "/hold/closes"));
        }
        CHECK_INT(http_engine_wait(0, LONG_MS), HTTP_WAIT_READY);
        http_engine_deinit();
        CHECK_INT(count_fds(), fds);
        CHECK(threads_become(threads));
    }
}

// Each round stops at another moment.
static void deinit_at_any_moment_leaves_nothing(void) {
    static const char *const paths[] = { "/ok", "/bytes/100000", "/chunked/50000", "/stall/headers", "/stall/body",
                                         "/hold/any", "/to/302?/hold/any", "/to/302?/ok" };
    const char *urls[LEN(paths)];
    for (size_t i = 0; i < LEN(paths); i++) {
        urls[i] = page(paths[i]);
    }
    const char *nowhere = dead();
    CHECK_INT(fetch_status(urls[0]), 200);
    http_engine_deinit();
    int fds = count_fds();
    int threads = count_threads();
    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
            submit(i % 7 == 6 ? nowhere : urls[(round + i) % LEN(urls)]);
        }
        if (round % 2 == 0) {
            http_engine_wait(0, round % 5);
        } else {
            sleep_ms(round % 9);
        }
        if (round % 3 == 0) {
            http_engine_cancel_all();
            CHECK_INT(in_flight(), 0);
            CHECK_INT(next_done(), 0);
            CHECK_INT(fetch_status(urls[0]), 200);
        }
        http_engine_deinit();
        CHECK_INT(in_flight(), 0);
        CHECK_INT(next_done(), 0);
        CHECK_INT(count_fds(), fds);
        CHECK(threads_become(threads));
    }
}

static void fd_of_a_new_beginning_works(void) {
    http_engine_fd();
    http_engine_deinit();
    CHECK_INT(fetch_status(page("/ok")), 200);
    int fd = http_engine_fd();
    http_engine_clear_fd();
    http_id_t id = submit("nonsense");
    CHECK(readable(fd, LONG_MS));
    CHECK_INT(next_done(), id);
    http_engine_cancel_all();
}

static void connections_are_kept_for_the_next_request(void) {
    http_result_t first = fetch(page("/connection"));
    for (int i = 0; i < 3; i++) {
        CHECK_INT(fetch_status(page("/ok")), 200);
    }
    http_id_t id = submit(page("/connection")); // also when the thread drives
    http_result_t last = finish(id);
    CHECK(first.body_len == last.body_len && memcmp(first.body, last.body, last.body_len) == 0);
    http_result_clear(&first);
    http_result_clear(&last);
}

static void request_on_a_connection_that_was_closed_meanwhile_is_repeated(void) {
    for (int i = 0; i < 5; i++) {
        // The server promises keep-alive and then closes the connection.
        CHECK_INT(fetch_status(raw("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")), 200);
        CHECK_INT(fetch_status(page("/ok")), 200);
    }
}

static void many_requests_leave_nothing_behind(void) {
    int fds = 0;
    int threads = 0;
    const char *url = page("/ok");
    for (int i = 0; i < 2000; i++) {
        if (i == 40) { // warm by now
            fds = count_fds();
            threads = count_threads();
        }
        http_id_t id = i % 2 == 0 ? submit_quiet(url) : submit(url);
        http_result_t result = finish(id);
        if (!CHECK_INT(result.status, 200)) {
            CHECK_TEXT(result.error, NULL);
            i = 2000;
        }
        http_result_clear(&result);
        CHECK_INT(next_done(), i % 2 == 0 ? 0 : id);
    }
    CHECK_INT(count_fds(), fds);
    CHECK(threads_become(threads));
    CHECK(http_state.requests == NULL);
    CHECK_INT(in_flight(), 0);
}

// Each kind of request once, for valgrind.
static void mixed_use_loses_no_memory(void) {
    static const char *const fields[] = { "X-A: 1", "User-Agent:", "X-B;" };
    for (int round = 0; round < 2; round++) {
        CHECK_INT(fetch_status(page("/ok")), 200);
        http_request_args_t request = get(page("/to/303?/chunked/50000"));
        request.method = "POST";
        request.body = "data";
        request.body_len = 4;
        request.fields = fields;
        request.field_count = LEN(fields);
        request.options.max_size = 60000;
        http_result_t result = perform(&request);
        CHECK_INT(result.status, 200);
        http_result_clear(&result);
        request.options.max_size = 20000;
        CHECK_INT(finish_status(http_engine_submit(&request)), CURLE_FILESIZE_EXCEEDED);
        request.url = elsewhere("/lie/100/40?close");
        request.url_len = strlen(request.url);
        CHECK_INT(finish_status(http_engine_submit(&request)), CURLE_PARTIAL_FILE);
        CHECK_INT(fetch_status(page("/to/302?ftp://host/")), CURLE_UNSUPPORTED_PROTOCOL);
        CHECK_INT(fetch_status(page("/fields/100/1")), CURLE_RECV_ERROR);
        CHECK_INT(fetch_status("http://joe:pass@127.0.0.1:1/?q"), CURLE_COULDNT_CONNECT);
        request = get(page("/ok"));
        request.texts[HTTP_TEXT_CACERT] = bytes_of("");
        CHECK_INT(finish_status(http_engine_submit(&request)), CURLE_SSL_CACERT_BADFILE);
        request = get(page("/stall/body"));
        request.options.timeout_ms = 50;
        CHECK_INT(finish_status(http_engine_submit(&request)), CURLE_OPERATION_TIMEDOUT);

        http_id_t body = submit(page("/stall/body"));
        drive_until_body(body);
        CHECK(http_engine_cancel(body));
        http_id_t done = submit(page("/bytes/5000"));
        CHECK_INT(http_engine_wait(done, LONG_MS), HTTP_WAIT_READY);
        CHECK(http_engine_cancel(done));
        http_id_t taken = submit(page("/ok"));
        CHECK_INT(finish_status(taken), 200);
        CHECK(!http_engine_cancel(taken));

        for (int i = 0; i < HTTP_ENGINE_SLOTS + 2; i++) {
            submit(page(i % 3 == 0 ? "/stall/headers" : "/hold/mixed"));
        }
        CHECK_INT(http_engine_wait(0, LONG_MS), HTTP_WAIT_READY); // the refused ones
        http_engine_fd();
        http_engine_deinit();
    }
}

const test_t lifetime_tests[] = {
    TEST(deinit_before_anything_is_nothing),
    TEST(deinit_with_work_pending_and_start_anew),
    TEST(ids_of_before_a_deinit_are_not_given_again),
    TEST(deinit_closes_every_descriptor_and_thread),
    TEST(deinit_at_any_moment_leaves_nothing),
    TEST(fd_of_a_new_beginning_works),
    TEST(connections_are_kept_for_the_next_request),
    TEST(request_on_a_connection_that_was_closed_meanwhile_is_repeated),
    TEST(many_requests_leave_nothing_behind),
    TEST(mixed_use_loses_no_memory),
    { NULL, NULL },
};
