// SPDX-License-Identifier: MIT
// Bodies: every way of framing them, and the limit.

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness.h"

#include "http/engine/drive.h"

// The pages' bodies are the big-endian numbers 0, 1, 2, ...
static bool is_numbered(const http_result_t *result) {
    for (size_t i = 0; i < result->body_len; i++) {
        if (result->body[i] != (uint8_t)((i / 4) >> (24 - 8 * (i % 4)))) {
            return false;
        }
    }
    return true;
}

static void bodies_of_every_framing_arrive_whole(void) {
    static const char *const kinds[] = { "bytes", "unsized", "chunked" };
    static const int sizes[] = { 0, 8, 4096, 4104, 100000, 3000000 };
    for (size_t kind = 0; kind < LEN(kinds); kind++) {
        for (size_t i = 0; i < LEN(sizes); i++) {
            if (kind == 2 && sizes[i] == 0) {
                continue; // an empty chunk would end the body twice
            }
            http_result_t result = fetch(page_for("/%s/%d", kinds[kind], sizes[i]));
            CHECK_INT(result.status, 200);
            CHECK_INT(result.body_len, sizes[i]);
            CHECK_INT(result.received, sizes[i]);
            CHECK(kind == 2 || is_numbered(&result));
            CHECK((result.body == NULL) == (sizes[i] == 0));
            http_result_clear(&result);
        }
    }
}

static void statuses_without_a_body_have_none(void) {
    static const char *const replies[] = {
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    };
    for (size_t i = 0; i < LEN(replies); i++) {
        http_result_t result = fetch(raw(replies[i]));
        CHECK(result.status == 204 || result.status == 304 || result.status == 200);
        CHECK(result.body == NULL && result.body_len == 0);
        http_result_clear(&result);
    }
}

static http_result_t fetch_limited(const char *url, uint64_t max_size) {
    http_request_args_t request = get(url);
    request.options.max_size = max_size;
    return perform(&request);
}

static void body_of_exactly_the_limit_is_taken(void) {
    static const char *const kinds[] = { "bytes", "unsized", "chunked" };
    for (size_t kind = 0; kind < LEN(kinds); kind++) {
        static const int sizes[] = { 8, 40000 };
        for (size_t i = 0; i < LEN(sizes); i++) {
            const char *url = page_for("/%s/%d", kinds[kind], sizes[i]);
            http_result_t result = fetch_limited(url, sizes[i]);
            CHECK_INT(result.status, 200);
            CHECK_INT(result.body_len, sizes[i]);
            http_result_clear(&result);
            result = fetch_limited(url, sizes[i] - 1);
            CHECK_INT(result.status, CURLE_FILESIZE_EXCEEDED);
            CHECK_INT(result.body_len, sizes[i] - 1); // what had arrived, up to the limit
            char text[64];
            snprintf(text, sizeof(text), "body larger than max_size (%d bytes)", sizes[i] - 1);
            CHECK_TEXT(result.error, text);
            http_result_clear(&result);
        }
    }
}

static void no_limit_is_no_limit(void) {
    http_result_t result = fetch_limited(page("/chunked/5000000"), 0);
    CHECK_INT(result.status, 200);
    CHECK_INT(result.body_len, 5000000);
    http_result_clear(&result);
}

static void body_of_a_redirect_is_limited_too(void) {
    http_result_t result = fetch_limited(page("/big-redirect/2000"), 1000);
    CHECK_INT(result.status, CURLE_FILESIZE_EXCEEDED);
    CHECK(result.body == NULL);
    http_result_clear(&result);
    result = fetch_limited(page("/big-redirect/2000"), 3000);
    CHECK_INT(result.status, 200);
    CHECK(body_is(&result, "hello"));
    http_result_clear(&result);
}

static size_t allocated(http_id_t id) {
    drive_until_body(id);
    http_drive_enter();
    size_t alloc = request_of(id)->body_alloc;
    http_drive_leave();
    return alloc;
}

static void declared_length_never_allocates_beyond_the_limit(void) {
    http_request_args_t request = get(page("/lie/9000000000000000000/100"));
    request.options.max_size = 1000;
    http_id_t id = http_engine_submit(&request);
    size_t alloc = allocated(id);
    CHECK(alloc >= 100 && alloc <= 1000);
    CHECK(http_engine_cancel(id));
    request.options.max_size = 0; // and stays sensible without a limit
    id = http_engine_submit(&request);
    CHECK(allocated(id) <= 16 * 1024 * 1024);
    CHECK(http_engine_cancel(id));
}

static void declared_length_is_allocated_once(void) {
    http_id_t id = submit(page("/lie/100000/100"));
    CHECK_INT(allocated(id), 100000);
    CHECK(http_engine_cancel(id));
}

static void growth_never_allocates_beyond_the_limit(void) {
    http_request_args_t request = get(page("/lie/9000/5000")); // the first allocation is the limit
    request.options.max_size = 5001;
    http_id_t id = http_engine_submit(&request);
    CHECK(allocated(id) <= 5001);
    CHECK(http_engine_cancel(id));
    // Unknown length: first 4096 bytes, then each time one and a half times as many.
    request = get(raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "4\r\nabcd\r\n"));
    request.options.max_size = 3;
    http_result_t result = perform(&request);
    CHECK_INT(result.status, CURLE_FILESIZE_EXCEEDED);
    CHECK(body_is(&result, "abc"));
    http_result_clear(&result);
}

static void cut_bodies_keep_what_had_arrived(void) {
    http_result_t result = fetch(page("/lie/4000/400?close"));
    CHECK_INT(result.status, CURLE_PARTIAL_FILE);
    CHECK_INT(result.body_len, 400);
    CHECK(is_numbered(&result));
    http_result_clear(&result);
    result = fetch(raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"));
    CHECK_INT(result.status, CURLE_PARTIAL_FILE);
    CHECK(body_is(&result, "hello"));
    http_result_clear(&result);
}

// ------------------------------------------------------------------------------------------------
// A server that resets the connection during the upload: the shared server would read to the end.

static void *reset_amid_upload(void *listener) {
    int fd = accept(*(int *)listener, NULL, NULL);
    char buffer[1024];
    CHECK(read(fd, buffer, sizeof(buffer)) > 0);
    struct linger at_once = { .l_onoff = 1 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(fd);
    return NULL;
}

static void reset_amid_an_upload_is_an_error_and_no_signal(void) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(listener, (struct sockaddr *)&address, len) == 0 && listen(listener, 1) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &len) == 0);
    pthread_t server;
    CHECK(pthread_create(&server, NULL, reset_amid_upload, &listener) == 0);
    char url[64];
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(address.sin_port));
    http_request_args_t request = get(url);
    request.method = "POST";
    request.body_len = 8 << 20;
    request.body = calloc(1, request.body_len);
    http_result_t result = perform(&request);
    CHECK(result.status == CURLE_SEND_ERROR || result.status == CURLE_RECV_ERROR || result.status == CURLE_GOT_NOTHING);
    http_result_clear(&result);
    free((void *)request.body);
    pthread_join(server, NULL);
    close(listener);
}

const test_t bodies_tests[] = {
    TEST(bodies_of_every_framing_arrive_whole),
    TEST(statuses_without_a_body_have_none),
    TEST(body_of_exactly_the_limit_is_taken),
    TEST(no_limit_is_no_limit),
    TEST(body_of_a_redirect_is_limited_too),
    TEST(declared_length_never_allocates_beyond_the_limit),
    TEST(declared_length_is_allocated_once),
    TEST(growth_never_allocates_beyond_the_limit),
    TEST(cut_bodies_keep_what_had_arrived),
    TEST(reset_amid_an_upload_is_an_error_and_no_signal),
    { NULL, NULL },
};
