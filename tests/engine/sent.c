// SPDX-License-Identifier: MIT
// What goes over the wire, and that all of it is copied at submit. /echo answers with the request.

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static bool echo_ends_with(const http_result_t *result, const void *data, size_t len) {
    return result->body_len >= len && memcmp(result->body + result->body_len - len, data, len) == 0;
}

static void get_sends_these_fields_and_no_others(void) {
    http_result_t result = fetch(page("/echo"));
    char expected[256];
    snprintf(expected, sizeof(expected), "GET /echo HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\nUser-Agent: DL-7450\r\n"
        "Content-Length: 0\r\n\r\n", getenv("ENGINE_SITE") + strlen("http://"));
    CHECK(body_is(&result, expected));
    http_result_clear(&result);
}

static void post_without_data_has_length_0(void) {
    http_request_args_t request = get(page("/echo"));
    request.method = "POST";
    http_result_t result = perform(&request);
    CHECK_INT(result.status, 200);
    CHECK(body_holds(&result, "POST /echo HTTP/1.1\r\n") && body_holds(&result, "Content-Length: 0\r\n"));
    CHECK(!body_holds(&result, "Content-Type") && !body_holds(&result, "Expect") && !body_holds(&result, "Transfer-Encoding"));
    http_result_clear(&result);
    request.body = ""; // an empty body is the same
    result = perform(&request);
    CHECK(body_holds(&result, "Content-Length: 0\r\n") && !body_holds(&result, "Content-Type"));
    http_result_clear(&result);
}

static void length_0_can_be_left_out(void) {
    http_request_args_t request = get(page("/echo"));
    request.options.omit_content_length = true;
    http_result_t result = perform(&request);
    CHECK_INT(result.status, 200);
    CHECK(!body_holds(&result, "Content-Length"));
    http_result_clear(&result);
}

static void body_is_sent_whole_with_embedded_nul(void) {
    static const char data[] = "a\0b\r\n\r\n\0\xff end";
    static const char *const methods[] = { "POST", "GET", "PUT", "DELETE" };
    for (size_t i = 0; i < LEN(methods); i++) {
        http_request_args_t request = get(page("/echo"));
        request.method = methods[i];
        request.body = data;
        request.body_len = sizeof(data);
        http_result_t result = perform(&request);
        char line[80];
        snprintf(line, sizeof(line), "%s /echo HTTP/1.1\r\n", methods[i]);
        CHECK(body_holds(&result, line));
        snprintf(line, sizeof(line), "Content-Length: %d\r\n", (int)sizeof(data));
        CHECK(body_holds(&result, line));
        CHECK(echo_ends_with(&result, data, sizeof(data)));
        CHECK(!body_holds(&result, "Content-Type") && !body_holds(&result, "Expect"));
        http_result_clear(&result);
    }
}

static void large_body_is_sent_without_expect(void) {
    size_t len = 3 << 20;
    char *data = malloc(len);
    for (size_t i = 0; i < len; i++) {
        data[i] = (char)(i * 31 + i / 251);
    }
    http_request_args_t request = get(page("/echo"));
    request.method = "POST";
    request.body = data;
    request.body_len = len;
    http_result_t result = perform(&request);
    CHECK(echo_ends_with(&result, data, len));
    CHECK(!body_holds(&result, "Expect"));
    http_result_clear(&result);
    free(data);
}

static void fields_are_sent_as_given(void) {
    static const char *const fields[] = {
        "X-A: 1", "x-a: two words", "X-Empty;", "X-Latin: caf\xe9", "User-Agent:", "Accept: text/plain",
    };
    http_request_args_t request = get(page("/echo"));
    request.fields = fields;
    request.field_count = LEN(fields);
    http_result_t result = perform(&request);
    CHECK(body_holds(&result, "\r\nX-A: 1\r\nx-a: two words\r\nX-Empty:\r\nX-Latin: caf\xe9\r\n"));
    CHECK(body_holds(&result, "\r\nAccept: text/plain\r\n") && !body_holds(&result, "*/*"));
    CHECK(!body_holds(&result, "User-Agent"));
    http_result_clear(&result);
}

static void head_has_no_body_whatever_its_length(void) {
    http_request_args_t request = get(page("/bytes/4000"));
    request.method = "HEAD";
    request.options.timeout_ms = LONG_MS;
    // The server sends a body nevertheless: it is not part of the response.
    http_result_t result = perform(&request);
    CHECK_INT(result.status, 200);
    CHECK_TEXT(field_of(&result, "Content-Length"), "4000");
    CHECK(result.body == NULL);
    http_result_clear(&result);
}

// All arguments are heap buffers of the exact size, which are overwritten and freed right after submit.
static http_id_t submit_and_scribble(const char *url) {
    char *own_url = strdup(url);
    char *method = strdup("POST");
    char *line = strdup("X-A: value");
    char *body = malloc(4);
    const char **field = malloc(sizeof(*field));
    memcpy(body, "data", 4);
    *field = line;
    http_request_args_t *request = malloc(sizeof(*request));
    *request = get(own_url);
    request->method = method;
    request->fields = field;
    request->field_count = 1;
    request->body = body;
    request->body_len = 4;
    http_id_t id = http_engine_submit(request);
    memset(own_url, '!', strlen(own_url));
    memset(method, '!', strlen(method));
    memset(line, '!', strlen(line));
    memset(body, '!', 4);
    memset(field, 0xff, sizeof(*field));
    memset(request, 0xff, sizeof(*request));
    free(own_url);
    free(method);
    free(line);
    free(body);
    free(field);
    free(request);
    return id;
}

static void everything_is_copied_at_submit(void) {
    static const char *const paths[] = { "/echo", "/to/307?/echo" };
    for (size_t i = 0; i < LEN(paths); i++) {
        http_result_t result = finish(submit_and_scribble(page(paths[i])));
        CHECK_INT(result.status, 200);
        CHECK(body_holds(&result, "POST /echo HTTP/1.1\r\n") && body_holds(&result, "X-A: value\r\n"));
        CHECK(echo_ends_with(&result, "\r\n\r\ndata", 8));
        http_result_clear(&result);
    }
    while (next_done() != 0) {
    }
}

// Feeds "abc" until `pieces` are fed, and then the end. Returns the result.
static http_result_t feed(const char *url, int64_t fed_len, int pieces, bool notify) {
    http_request_args_t request = get(url);
    request.method = "PUT";
    request.options.fed = true;
    request.options.fed_len = fed_len;
    request.options.notify = notify;
    http_id_t id = http_engine_submit(&request);
    http_engine_feed(id, "early", 5); // nobody has asked: ignored
    while (!http_engine_is_done(id) && CHECK_INT(http_engine_wait(id, LONG_MS), HTTP_WAIT_READY)) {
        if (http_engine_next(id).event == HTTP_EVENT_WANT) {
            char piece[] = "abc";
            http_engine_feed(id, piece, pieces > 0 ? 3 : 0);
            memset(piece, '!', sizeof(piece));
            pieces--;
        }
    }
    http_engine_feed(id, "late", 4);
    http_result_t result = finish(id);
    while (notify && next_done() != 0) {
    }
    CHECK_INT(in_flight(), 0);
    return result;
}

static void body_that_is_fed_is_sent_as_it_comes(void) {
    for (int i = 0; i < 4; i++) {
        http_result_t result = feed(page("/echo"), i & 1 ? 6 : -1, 2, i & 2);
        CHECK_INT(result.status, 200);
        CHECK(body_holds(&result, i & 1 ? "Content-Length: 6\r\n" : "Transfer-Encoding: chunked\r\n"));
        CHECK(body_holds(&result, i & 1 ? "\r\n\r\nabcabc" : "\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n"));
        http_result_clear(&result);
    }
}

static void body_that_is_fed_keeps_to_its_length(void) {
    static const int lengths[] = { 1, 3, 5, 7, 9 };
    for (size_t i = 0; i < LEN(lengths); i++) {
        http_result_t result = feed(page("/echo"), lengths[i], 2, false);
        CHECK_INT(result.status, CURLE_READ_ERROR);
        CHECK_INT(result.fault, HTTP_FAULT_ITERATOR);
        CHECK_TEXT(result.error, "data: the iterator contradicts Content-Length");
        http_result_clear(&result);
    }
}

static void body_that_is_fed_is_not_sent_again(void) {
    http_result_t result = feed(page("/to/307?/echo"), -1, 2, false);
    CHECK_INT(result.status, CURLE_SEND_FAIL_REWIND);
    CHECK_INT(result.fault, HTTP_FAULT_REWIND);
    http_result_clear(&result);
    result = feed(page("/to/303?/echo"), -1, 2, false);
    CHECK_INT(result.status, 200);
    CHECK(body_holds(&result, "GET /echo"));
    http_result_clear(&result);
}

// open() waits for the other end of a pipe.
static void pipe_to_send_is_refused_at_once(void) {
    char path[] = "/tmp/http-engine-XXXXXX";
    need(mkdtemp(path) != NULL, "a folder");
    char pipe[sizeof(path) + 5];
    sprintf(pipe, "%s/pipe", path);
    CHECK(mkfifo(pipe, 0600) == 0);
    http_part_t part = { .content = bytes_of(pipe), .is_path = true };
    http_request_args_t request = get(page("/echo"));
    request.parts = &part;
    request.part_count = 1;
    http_result_t result = perform(&request);
    CHECK_INT(result.status, CURLE_READ_ERROR);
    CHECK_INT(result.fault, HTTP_FAULT_UPLOAD_FILE);
    http_result_clear(&result);
    unlink(pipe);
    rmdir(path);
}

static void request_that_wants_can_be_cancelled(void) {
    http_request_args_t request = get(page("/echo"));
    request.options.fed = true;
    request.options.fed_len = -1;
    http_id_t id = http_engine_submit(&request);
    CHECK_INT(http_engine_wait(0, LONG_MS), HTTP_WAIT_READY);
    CHECK_INT(http_engine_next(0).event, HTTP_EVENT_WANT);
    CHECK_INT(http_engine_next(0).event, HTTP_EVENT_WANT); // until it is fed
    http_engine_feed(id, "abc", 3);
    CHECK(http_engine_cancel(id));
    CHECK_INT(http_engine_next(0).event, HTTP_EVENT_NONE);
    CHECK_INT(in_flight(), 0);
}

const test_t sent_tests[] = {
    TEST(get_sends_these_fields_and_no_others),
    TEST(post_without_data_has_length_0),
    TEST(length_0_can_be_left_out),
    TEST(body_is_sent_whole_with_embedded_nul),
    TEST(large_body_is_sent_without_expect),
    TEST(fields_are_sent_as_given),
    TEST(head_has_no_body_whatever_its_length),
    TEST(everything_is_copied_at_submit),
    TEST(body_that_is_fed_is_sent_as_it_comes),
    TEST(body_that_is_fed_keeps_to_its_length),
    TEST(body_that_is_fed_is_not_sent_again),
    TEST(pipe_to_send_is_refused_at_once),
    TEST(request_that_wants_can_be_cancelled),
    { NULL, NULL },
};
