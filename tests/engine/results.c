// SPDX-License-Identifier: MIT
// Statuses, error texts, and the other parts of a result.

#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#include "http/engine/complete.h"
#include "http/engine/event.h"
#include "http/engine/state.h"
#include "http/engine/url.h"

// A transfer that was never submitted, and is completed by hand.
static http_result_t completed(http_request_t *r, CURLcode code, const char *text) {
    http_complete(r, code, text);
    CHECK_INT(r->state, HTTP_STATE_DONE);
    http_result_t result = r->result;
    http_url_clear(&r->target);
    free(r);
    return result;
}

static http_request_t *running(const char *url) {
    http_request_t *r = calloc(1, sizeof(*r));
    r->slot = &http_state.slots[0];
    r->slot->error_buffer[0] = 0;
    CHECK_INT(http_url_parse(&r->target, url, strlen(url)), CURLE_OK);
    return r;
}

static void no_libcurl_code_reads_as_an_http_status(void) {
    for (int code = 1; code < 200; code++) { // 7.88.1 has codes up to 99, later versions more
        http_request_t *r = running("http://host/");
        r->result.status = 200; // had arrived
        http_result_t result = completed(r, (CURLcode)code, NULL);
        CHECK_INT(result.status, code < 100 ? code : HTTP_STATUS_OUT_OF_MEMORY);
        CHECK(result.error != NULL && result.error[0] != 0);
        if (code >= 100) {
            char start[40];
            snprintf(start, sizeof(start), "libcurl error %d: ", code);
            CHECK(result.error != NULL && strncmp(result.error, start, strlen(start)) == 0);
        }
        http_result_clear(&result);
    }
}

static void success_has_no_error(void) {
    http_request_t *r = running("http://host/");
    r->result.status = 404;
    strcpy(r->slot->error_buffer, "left over");
    http_result_t result = completed(r, CURLE_OK, NULL);
    CHECK_INT(result.status, 404);
    CHECK(result.error == NULL);
    CHECK_TEXT(result.url, "http://host/");
    http_result_clear(&result);
}

static const char *error_of(const char *url, const char *libcurl_text, const char *own_text) {
    static char error[CURL_ERROR_SIZE];
    http_request_t *r = running(url);
    strcpy(r->slot->error_buffer, libcurl_text);
    http_result_t result = completed(r, CURLE_COULDNT_CONNECT, own_text);
    snprintf(error, sizeof(error), "%s", result.error);
    http_result_clear(&result);
    return error;
}

static void error_text_is_one_printable_line(void) {
    CHECK_TEXT(error_of("http://host/", "no route", NULL), "no route");
    CHECK_TEXT(error_of("http://host/", "no route", "own words"), "own words");
    CHECK_TEXT(error_of("http://host/", "", NULL), curl_easy_strerror(CURLE_COULDNT_CONNECT));
    CHECK_TEXT(error_of("http://host/", "one\r\ntwo", NULL), "one");
    CHECK_TEXT(error_of("http://host/", "caf\xe9\t\x1b[1m\x7f", NULL), "caf???[1m?");
}

static void error_text_that_holds_a_secret_is_replaced(void) {
    const char *plain = curl_easy_strerror(CURLE_COULDNT_CONNECT);
    CHECK_TEXT(error_of("http://host/p?key=abc", "bad http://host/p?key=abc", NULL), plain);
    CHECK_TEXT(error_of("http://joe:pass@host/", "refused joe", NULL), plain);
    CHECK_TEXT(error_of("http://joe:pass@host/", "refused pass", NULL), plain);
    CHECK_TEXT(error_of("http://joe:pass@host/p?key=abc", "refused host", NULL), "refused host");
    CHECK_TEXT(error_of("http://:@host/?", "refused", NULL), "refused");
}

static void http_statuses_are_given_as_they_are(void) {
    static const int statuses[] = { 201, 204, 226, 299, 304, 400, 404, 418, 500, 599, 999 };
    for (size_t i = 0; i < LEN(statuses); i++) {
        char reply[80];
        snprintf(reply, sizeof(reply), "HTTP/1.1 %d Odd\r\nContent-Length: 0\r\n\r\n", statuses[i]);
        CHECK_INT(fetch_status(raw(reply)), statuses[i]);
    }
}

static int status_of_line(const char *line) {
    char reply[80];
    snprintf(reply, sizeof(reply), "%s\r\nContent-Length: 5\r\n\r\nhello", line);
    http_result_t result = fetch(raw(reply));
    int status = result.status;
    CHECK(result.error != NULL);
    http_result_clear(&result);
    return status;
}

static void http_status_below_100_never_reads_as_a_libcurl_code(void) {
    static const char *const lines[] = { "HTTP/1.1 099 Odd", "HTTP/1.1 28 Odd", "HTTP/1.0 007 Odd", "HTTP/1.1 0 Odd" };
    for (size_t i = 0; i < LEN(lines); i++) {
        int status = status_of_line(lines[i]); // which of the two depends on libcurl's version
        CHECK(status == CURLE_UNSUPPORTED_PROTOCOL || status == CURLE_WEIRD_SERVER_REPLY);
    }
    CHECK_INT(status_of_line("HTTP/2 099 Odd"), CURLE_WEIRD_SERVER_REPLY); // libcurl would let this through
}

static void libcurl_code_wins_over_the_http_status(void) {
    http_result_t result = fetch(page("/lie/100/40?close"));
    CHECK_INT(result.status, CURLE_PARTIAL_FILE);
    CHECK_INT(result.body_len, 40); // what had arrived
    CHECK_TEXT(field_of(&result, "Content-Length"), "100");
    CHECK(result.error != NULL);
    http_result_clear(&result);
}

static void nobody_there_is_7_and_no_reply_is_52(void) {
    CHECK_INT(fetch_status("http://127.0.0.1:1/"), CURLE_COULDNT_CONNECT);
    CHECK_INT(fetch_status(page("/raw?")), CURLE_GOT_NOTHING);
}

static void result_tells_when_what_happened(void) {
    int64_t start_us = http_event_now_us();
    http_result_t result = fetch(page("/to/302?/ok"));
    int64_t total_us = http_event_now_us() - start_us;
    CHECK_INT(result.status, 200);
    CHECK(result.time_us[HTTP_TIME_FIRST_BYTE] > 0);
    CHECK(result.time_us[HTTP_TIME_FIRST_BYTE] <= result.time_us[HTTP_TIME_TOTAL]);
    CHECK(result.time_us[HTTP_TIME_TOTAL] <= total_us);
    CHECK_INT(result.time_us[HTTP_TIME_TLS], 0);
    http_result_clear(&result);
    result = fetch("nonsense");
    CHECK_INT(result.time_us[HTTP_TIME_CONNECT], 0);
    CHECK_INT(result.time_us[HTTP_TIME_FIRST_BYTE], 0);
    http_result_clear(&result);
}

static void result_url_has_no_user_info(void) {
    char url[256];
    snprintf(url, sizeof(url), "http://joe:pass@%s", page("/ok?q=1") + strlen("http://"));
    http_result_t result = fetch(url);
    CHECK_TEXT(result.url, page("/ok?q=1"));
    http_result_clear(&result);
}

static void cleared_result_is_empty(void) {
    http_result_t result = fetch(page("/ok"));
    CHECK(result.body != NULL && result.fields != NULL && result.url != NULL);
    http_result_clear_body(&result);
    CHECK(result.body == NULL && result.body_len == 0 && result.fields != NULL);
    http_result_clear(&result);
    CHECK(result.fields == NULL && result.field_count == 0 && result.url == NULL && result.status == 0);
    http_result_clear(&result); // twice is nothing
}

static void text_without_a_certificate_is_77_on_any_url(void) {
    static const char *const texts[] = { "", "garbage", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN CERT" };
    for (size_t i = 0; i < LEN(texts); i++) {
        http_request_args_t request = get(page("/ok"));
        request.texts[HTTP_TEXT_CACERT] = bytes_of(texts[i]);
        http_result_t result = perform(&request);
        CHECK_INT(result.status, CURLE_SSL_CACERT_BADFILE);
        http_result_clear(&result);
    }
}

static int status_with(const char *cacert, uint32_t number) {
    http_request_args_t request = get(page("/ok"));
    request.texts[HTTP_TEXT_CACERT] = bytes_of(cacert);
    request.cacert_number = number;
    return finish_status(http_engine_submit(&request));
}

static void certificates_with_the_number_of_the_last_are_not_compared(void) {
    static const char good[] = "-----BEGIN CERTIFICATE-----";
    static const char bad[] = "-----BEGIN CERTIFICATE--xxx";
    CHECK_INT(status_with(good, 1), 200);
    CHECK_INT(status_with(bad, 1), 200);
    CHECK_INT(status_with(bad, 2), CURLE_SSL_CACERT_BADFILE);
    CHECK_INT(status_with(good, 0), 200);
    CHECK_INT(status_with(bad, 0), CURLE_SSL_CACERT_BADFILE);
    CHECK_INT(status_with(good, 2), 200);
    CHECK_INT(status_with(good, 3), 200);
    CHECK_INT(status_with(bad, 2), CURLE_SSL_CACERT_BADFILE);
    http_engine_deinit(); // the numbers of before mean nothing
    CHECK_INT(status_with(good, 2), 200);
    for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
        submit(page("/hold/certificates"));
    }
    CHECK_INT(status_with(bad, 4), HTTP_STATUS_NO_SLOT);
    http_engine_cancel_all();
    CHECK_INT(status_with(bad, 4), CURLE_SSL_CACERT_BADFILE); // those with this number were not looked at before
}

const test_t results_tests[] = {
    TEST(no_libcurl_code_reads_as_an_http_status),
    TEST(success_has_no_error),
    TEST(error_text_is_one_printable_line),
    TEST(error_text_that_holds_a_secret_is_replaced),
    TEST(http_statuses_are_given_as_they_are),
    TEST(http_status_below_100_never_reads_as_a_libcurl_code),
    TEST(libcurl_code_wins_over_the_http_status),
    TEST(nobody_there_is_7_and_no_reply_is_52),
    TEST(result_tells_when_what_happened),
    TEST(result_url_has_no_user_info),
    TEST(cleared_result_is_empty),
    TEST(text_without_a_certificate_is_77_on_any_url),
    TEST(certificates_with_the_number_of_the_last_are_not_compared),
    { NULL, NULL },
};
