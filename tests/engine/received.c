// SPDX-License-Identifier: MIT
// Header fields as they arrive: the collector alone, and behind a real libcurl.

#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#include "http/engine/response.h"
#include "http/engine/state.h"

static CURLcode collect(http_response_t *c, const char *line) {
    // A copy of the exact size, so that valgrind sees a read past the end of the line.
    size_t len = strlen(line);
    char *own = malloc(len == 0 ? 1 : len);
    memcpy(own, line, len);
    CURLcode code = http_response_read_line(c, own, len);
    free(own);
    return code;
}

static void collect_all(http_response_t *c, const char *const *lines, size_t count) {
    for (size_t i = 0; i < count; i++) {
        CHECK_INT(collect(c, lines[i]), CURLE_OK);
    }
}

// "name=value|name=value|" of what was collected.
static const char *collected(const http_response_t *c) {
    static char text[4096];
    text[0] = 0;
    if (c->data == NULL) {
        return text;
    }
    const char *p = http_response_fields(c);
    for (size_t i = 0; i < c->count; i++) {
        const char *value = p + strlen(p) + 1;
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s=%s|", p, value);
        p = value + strlen(value) + 1;
    }
    CHECK_INT(p - c->data, (long long)c->len);
    return text;
}

static void fields_are_collected_in_order_repeats_kept(void) {
    static const char *const lines[] = {
        "HTTP/1.1 200 OK\r\n", "A: 1\r\n", "b:2\r\n", "A: \t 3 \t\r\n", "Empty:\r\n", "C : 4\r\n", "\r\n",
    };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_TEXT(collected(&c), "A=1|b=2|A=3|Empty=|C=4|");
    CHECK_INT(c.status, 200);
    CHECK(c.complete);
    CHECK_INT(c.location, 0);
    http_response_clear(&c);
    CHECK(c.data == NULL && c.count == 0 && c.len == 0);
}

static void line_ends_may_be_bare_or_missing(void) {
    static const char *const lines[] = { "HTTP/1.0 404 Not Found\n", "A: 1\n", "B: 2", "\n" };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_TEXT(collected(&c), "A=1|B=2|");
    CHECK_INT(c.status, 404);
    http_response_clear(&c);
}

static void folds_are_joined_with_one_blank(void) {
    static const char *const lines[] = {
        "HTTP/1.1 200 OK\r\n", "A: 1\r\n", "  2\r\n", "\t3 \r\n", "B:\r\n", " only\r\n", "C: x\r\n", " \t \r\n", "\r\n",
    };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_TEXT(collected(&c), "A=1 2 3|B=only|C=x|");
    http_response_clear(&c);
}

static void fold_before_any_field_is_refused(void) {
    static const char *const lines[] = { "HTTP/1.1 200 OK\r\n" };
    // Also if an earlier message had fields.
    static const char *const again[] = { "HTTP/1.1 100 Continue\r\n", "Early: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n" };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_INT(collect(&c, " fold\r\n"), CURLE_WEIRD_SERVER_REPLY);
    http_response_clear(&c);
    collect_all(&c, again, LEN(again));
    CHECK_INT(collect(&c, "\tfold: 1\r\n"), CURLE_WEIRD_SERVER_REPLY);
    CHECK_INT(c.count, 0);
    CHECK_INT(c.len, sizeof("OK"));
    http_response_clear(&c);
}

static void fold_of_a_line_that_is_ignored_is_ignored(void) {
    static const char *const lines[] = {
        "HTTP/1.1 200 OK\r\n", "A: 1\r\n", "nonsense\r\n", " fold\r\n", ": no name\r\n", " fold\r\n", "\r\n",
    };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_TEXT(collected(&c), "A=1|");
    http_response_clear(&c);
}

static void line_without_colon_or_name_is_ignored(void) {
    static const char *const lines[] = {
        "HTTP/1.1 200 OK\r\n", "A: 1\r\n", "nonsense\r\n", ": no name\r\n", "B: x:y\r\n", "\r\n",
    };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_TEXT(collected(&c), "A=1|B=x:y|");
    http_response_clear(&c);
}

static void bytes_that_are_no_ascii_stay_as_they_are(void) {
    static const char *const lines[] = { "HTTP/1.1 200 OK\r\n", "A: caf\xe9\r\n", "B\xfc: \xff\x80\r\n", "\r\n" };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_TEXT(collected(&c), "A=caf\xe9|B\xfc=\xff\x80|");
    http_response_clear(&c);
}

// RFC 9110 5.5. Some versions of libcurl reject such a line before.
static void cr_and_nul_within_a_field_read_as_blanks(void) {
    static const char *const lines[] = { "HTTP/1.1 200 OK\r\n", "A: a\rb\r\n", "B\rc: \r d\r\r\n", " \re\rf\r\n" };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    static const char nul[] = "H\0I: j\0K: l\r\n";
    CHECK_INT(http_response_read_line(&c, nul, sizeof(nul) - 1), CURLE_OK);
    CHECK_TEXT(collected(&c), "A=a b|B c=d e f|H I=j K: l|");
    http_response_clear(&c);
}

static void line_that_begins_with_a_bare_cr_is_refused(void) {
    static const char *const lines[] = { "HTTP/1.1 200 OK\r\n", "A: 1\r\n" };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_INT(collect(&c, "\rB: 2\r\n"), CURLE_WEIRD_SERVER_REPLY);
    http_response_clear(&c);
    // For libcurl the body begins after it.
    http_result_t result = fetch(raw("HTTP/1.1 200 OK\r\nA: 1\r\n\rB: 2\r\nContent-Length: 5\r\n\r\nhello"));
    CHECK_INT(result.status, CURLE_WEIRD_SERVER_REPLY);
    http_result_clear(&result);
}

static void body_that_was_held_back_has_a_second_message(void) {
    static const char *const lines[] = { "HTTP/1.1 200 OK\r\n", "A: 1\r\n", "\r\n", "HTTP/1.1 201 Created\r\n", "B: 2\r\n", "\r\n" };
    http_response_t c = { .body_held_back = true };
    collect_all(&c, lines, LEN(lines));
    CHECK_TEXT(collected(&c), "B=2|");
    CHECK_INT(c.status, 201);
    CHECK_INT(collect(&c, "HTTP/1.1 200 OK\r\n"), CURLE_WEIRD_SERVER_REPLY);
    http_response_clear(&c);
}

static void status_line_starts_anew_after_an_interim_response(void) {
    static const char *const lines[] = {
        "HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", "Location: /early\r\n", "\r\n",
        "HTTP/1.1 201 Created\r\n", "A: 1\r\n", "\r\n",
    };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_TEXT(collected(&c), "A=1|");
    CHECK_INT(c.status, 201);
    CHECK_INT(c.location, 0);
    http_response_clear(&c);
}

static void trailers_are_dropped_and_count_as_fields(void) {
    static const char *const lines[] = { "HTTP/1.1 200 OK\r\n", "A: 1\r\n", "\r\n" };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    for (int i = 1; i < HTTP_FIELDS_MAX_LINES; i++) {
        CHECK_INT(collect(&c, "Location: /trailer\r\n"), CURLE_OK);
    }
    CHECK_INT(collect(&c, "Location: /trailer\r\n"), CURLE_RECV_ERROR);
    CHECK_TEXT(collected(&c), "A=1|");
    CHECK_INT(c.location, 0);
    http_response_clear(&c);

    static char half[HTTP_FIELDS_MAX_BYTES / 2];
    memset(half, 'a', sizeof(half));
    half[1] = ':';
    collect_all(&c, lines, LEN(lines));
    CHECK_INT(http_response_read_line(&c, half, sizeof(half)), CURLE_OK);
    CHECK_INT(http_response_read_line(&c, half, sizeof(half)), CURLE_RECV_ERROR);
    http_response_clear(&c);
}

static void content_behind_a_chunk_length_that_is_misread_is_no_trailer(void) {
    static const char *const lines[] = { "HTTP/1.1 200 OK\r\n", "A: 1\r\n", "\r\n" };
    static const char *const refused[] = { "{\"a\": \"b\"}\r\n", "some text\r\n", "some text: b\r\n", " A: b\r\n", ": b\r\n" };
    for (size_t i = 0; i < LEN(refused); i++) {
        http_response_t c = { 0 };
        collect_all(&c, lines, LEN(lines));
        CHECK_INT(collect(&c, refused[i]), CURLE_WEIRD_SERVER_REPLY);
        http_response_clear(&c);
        collect_all(&c, lines, LEN(lines));
        CHECK_INT(collect(&c, "B: 1\r\n"), CURLE_OK);
        CHECK_INT(collect(&c, "\tfold\r\n"), CURLE_OK);
        CHECK_INT(collect(&c, refused[i]), i == 3 ? CURLE_OK : CURLE_WEIRD_SERVER_REPLY); // there it is a fold
        http_response_clear(&c);
    }
}

static CURLcode collect_lines(const char *const *lines, size_t count) {
    http_response_t c = { 0 };
    CURLcode code = CURLE_OK;
    for (size_t i = 0; i < count && code == CURLE_OK && lines[i] != NULL; i++) {
        code = collect(&c, lines[i]);
    }
    code = code == CURLE_OK ? collect(&c, "\r\n") : code;
    CHECK_INT(c.why != NULL, code != CURLE_OK);
    http_response_clear(&c);
    return code;
}

// RFC 9110 8.6, RFC 9112 6.3.
static void lengths_are_one_number_or_refused(void) {
    static const struct {
        const char *lines[4];
        bool taken;
    } cases[] = {
        { { "Content-Length: 10\r\n", "content-length:10\r\n" }, true },
        { { "Content-Length: 10\r\n", "B: 1\r\n", "Content-Length: 0010\r\n" }, true },
        { { "Content-Length: 10, 10\r\n", "Content-Length:\t10\t,10 , 010\r\n" }, true },
        { { "Content-Length: 10\r\n", " , 10\r\n" }, true },
        { { "Content-Length:\r\n", " 10\r\n" }, true }, // but not by libcurl
        { { "Content-Length: 9223372036854775806\r\n" }, true },
        { { "Content-Length-X: 1\r\n", "Content-Length: 2\r\n" }, true },
        { { "Content-Length: 0\r\n", "Content-Length: 0\r\n" }, true },
        { { "Content-Length: 10\r\n", "Content-Length: 11\r\n" }, false },
        { { "Content-Length: 10\r\n", "CONTENT-LENGTH: 1\r\n", "B: 1\r\n" }, false },
        { { "Content-Length: 0\r\n", "Content-Length: 1\r\n" }, false },
        { { "A: 1\r\n", "Content-Length: 1, 2\r\n" }, false },
        { { "Content-Length: 10,\r\n" }, false },
        { { "Content-Length: ,10\r\n" }, false },
        { { "Content-Length: 10,,10\r\n" }, false },
        { { "Content-Length:\r\n" }, false },
        { { "Content-Length: 0x1d\r\n" }, false },
        { { "Content-Length: 1e9\r\n" }, false },
        { { "Content-Length: 2 9\r\n" }, false },
        { { "Content-Length: 29;x\r\n" }, false },
        { { "Content-Length: 29.0\r\n" }, false },
        { { "Content-Length: 29_0\r\n" }, false },
        { { "Content-Length: 29 bytes\r\n" }, false },
        { { "Content-Length: +29\r\n" }, false },
        { { "Content-Length: -29\r\n" }, false },
        { { "Content-Length: 29\v\r\n" }, false },
        { { "Content-Length: 2\r\n", " 9\r\n" }, false },
        { { "Content-Length : 29\r\n" }, false },
        { { "Content-Length: 9223372036854775807\r\n" }, false },
        { { "Content-Length: 99999999999999999999999\r\n" }, false },
        { { "Transfer-Encoding: chunked\r\n", "A: 1\r\n", " fold\r\n" }, true },
        { { "Transfer-Encoding: chunked\r\n", " \r\n" }, true },
        { { "Transfer-Encoding : chunked\r\n" }, false },
        { { "Transfer-Encoding:\r\n", " chunked\r\n" }, false },
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        const char *lines[LEN(cases[i].lines) + 1] = { "HTTP/1.1 200 OK\r\n" };
        memcpy(lines + 1, cases[i].lines, sizeof(cases[i].lines));
        CURLcode code = collect_lines(lines, LEN(lines));
        if (!CHECK_INT(code, cases[i].taken ? CURLE_OK : CURLE_WEIRD_SERVER_REPLY)) {
            CHECK_TEXT(cases[i].lines[0], "");
        }
    }
}

// RFC 9112 4.
static void status_lines_have_one_form(void) {
    static const struct {
        const char *line;
        int status; // 0: refused
    } cases[] = {
        { "HTTP/1.1 200 OK\r\n", 200 }, { "HTTP/1.0 204\r\n", 204 }, { "HTTP/1.1 200 \r\n", 200 },
        { "HTTP/1.1 200  OK\n", 200 }, { "HTTP/1.1 999 ?\r\n", 999 }, { "HTTP/1.9 100 Continue\r\n", 100 },
        { "HTTP/1.1  200 OK\r\n", 0 }, { "HTTP/1.1\t200 OK\r\n", 0 }, { "HTTP/1.1 200\tOK\r\n", 0 },
        { "HTTP/1.1 200OK\r\n", 0 }, { "HTTP/1.1 2000 OK\r\n", 0 }, { "HTTP/1.1 1100 OK\r\n", 0 },
        { "HTTP/1.1 20 OK\r\n", 0 }, { "HTTP/1.1 20\r\n", 0 }, { "HTTP/1.1 -20 OK\r\n", 0 }, { "HTTP/1.1 2x0 OK\r\n", 0 },
        { "HTTP/1.1 099 Odd\r\n", 0 }, { "HTTP/1.1 000 Odd\r\n", 0 }, { "HTTP/1.1 101 Odd\r\n", 0 }, { "HTTP/1.1 OK\r\n", 0 },
        { "HTTP/1.1\r\n", 0 }, { "HTTP/1 200 OK\r\n", 0 }, { "HTTP/2 200 OK\r\n", 0 }, { "HTTP/2.0 200 OK\r\n", 0 },
        { "http/1.1 200 OK\r\n", 0 }, { " HTTP/1.1 200 OK\r\n", 0 }, { "ICY 200 OK\r\n", 0 }, { "A: b\r\n", 0 }, { "\r\n", 0 },
    };
    static const char *const interim[] = { "HTTP/1.1 103 Early\r\n", "A: 1\r\n", "\r\n" };
    for (int behind = 0; behind < 2; behind++) {
        for (size_t i = 0; i < LEN(cases); i++) {
            http_response_t c = { 0 };
            collect_all(&c, interim, behind ? LEN(interim) : 0);
            CURLcode code = collect(&c, cases[i].line);
            if (!CHECK_INT(code, cases[i].status == 0 ? CURLE_WEIRD_SERVER_REPLY : CURLE_OK)
                || !CHECK_INT(c.status, cases[i].status)) {
                CHECK_TEXT(cases[i].line, "");
            }
            http_response_clear(&c);
        }
    }
}

static void location_counts_only_with_a_value(void) {
    static const struct {
        const char *lines[3];
        const char *location; // NULL is none
    } cases[] = {
        { { "Location: \t\r\n" }, NULL },
        { { "X-Location: /x\r\n" }, NULL },
        { { "Location : /x\r\n" }, NULL }, // another field for libcurl
        { { "lOCATION: /x\r\n" }, "/x" },
        { { "Location:\r\n", "Location: /x\r\n", "Location: /y\r\n" }, "/x" },
        { { "Location:\r\n", " /x\r\n" }, "/x" },
        { { "Location: /x\r\n", "\t/y\r\n", "A: 1\r\n" }, "/x /y" },
        { { "Location: /x\r\n", " \r\n" }, "/x" },
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        http_response_t c = { 0 };
        CHECK_INT(collect(&c, "HTTP/1.1 302 Found\r\n"), CURLE_OK);
        for (size_t j = 0; j < LEN(cases[i].lines) && cases[i].lines[j] != NULL; j++) {
            CHECK_INT(collect(&c, cases[i].lines[j]), CURLE_OK);
        }
        CHECK_INT(collect(&c, "\r\n"), CURLE_OK);
        CHECK_TEXT(c.location == 0 ? NULL : c.data + c.location, cases[i].location);
        http_response_clear(&c);
    }
}

static void more_than_100_lines_are_refused(void) {
    static const char *const kinds[] = { "A: 1\r\n", "no colon\r\n", " fold\r\n" };
    for (size_t kind = 0; kind < LEN(kinds); kind++) {
        http_response_t c = { 0 };
        CHECK_INT(collect(&c, "HTTP/1.1 200 OK\r\n"), CURLE_OK);
        CHECK_INT(collect(&c, "A: 1\r\n"), CURLE_OK);
        for (int i = 1; i < 100; i++) {
            CHECK_INT(collect(&c, kinds[kind]), CURLE_OK);
        }
        CHECK_INT(collect(&c, kinds[kind]), CURLE_RECV_ERROR);
        http_response_clear(&c);
    }
}

static CURLcode collect_long(http_response_t *c, size_t value_len) {
    char *line = malloc(value_len + 6);
    memcpy(line, "A: ", 3);
    memset(line + 3, 'v', value_len);
    memcpy(line + 3 + value_len, "\r\n", 3);
    CURLcode code = collect(c, line);
    free(line);
    return code;
}

static void more_than_32_kib_of_fields_are_refused(void) {
    http_response_t c = { 0 };
    CHECK_INT(collect(&c, "HTTP/1.1 200 OK\r\n"), CURLE_OK);
    CHECK_INT(collect_long(&c, 32 * 1024 - 6), CURLE_OK); // the reason, "A: " and so many are 32 KiB
    CHECK_INT(collect_long(&c, 1), CURLE_RECV_ERROR);
    http_response_clear(&c);

    CHECK_INT(collect(&c, "HTTP/1.1 200 OK\r\n"), CURLE_OK);
    CHECK_INT(collect_long(&c, 32 * 1024 - 5), CURLE_RECV_ERROR);
    http_response_clear(&c);

    CHECK_INT(collect(&c, "HTTP/1.1 200 OK\r\n"), CURLE_OK);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(collect_long(&c, 10000), CURLE_OK);
    }
    CHECK_INT(collect_long(&c, 10000), CURLE_RECV_ERROR);
    http_response_clear(&c);

    // The limit is for one answer, together with its interim responses.
    static const struct {
        const char *status_line;
        CURLcode code;
    } first[] = {
        { "HTTP/1.1 401 Unauthorized\r\n", CURLE_OK },
        { "HTTP/1.1 103 Early Hints\r\n", CURLE_RECV_ERROR },
    };
    for (size_t i = 0; i < LEN(first); i++) {
        CHECK_INT(collect(&c, first[i].status_line), CURLE_OK);
        CHECK_INT(collect_long(&c, 30000), CURLE_OK);
        CHECK_INT(collect(&c, "\r\n"), CURLE_OK);
        CHECK_INT(collect(&c, "HTTP/1.1 200 OK\r\n"), CURLE_OK);
        CHECK_INT(collect_long(&c, 30000), first[i].code);
        http_response_clear(&c);
    }
}

static void line_that_looks_like_a_status_line_amid_fields_changes_nothing(void) {
    static const char *const lines[] = {
        "HTTP/1.1 200 OK\r\n", "A: 1\r\n", "HTTP/1.1 302 Found\r\n", "B: 2\r\n", "\r\n",
    };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_TEXT(collected(&c), "A=1|B=2|");
    CHECK_INT(c.status, 200);
    http_response_clear(&c);
}

static void message_behind_a_refused_expect_starts_anew(void) {
    static const char *const lines[] = { "HTTP/1.1 417 No\r\n", "A: 1\r\n", "\r\n", "HTTP/1.1 200 OK\r\n", "B: 2\r\n", "\r\n" };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_TEXT(collected(&c), "B=2|");
    CHECK_INT(c.status, 200);
    http_response_clear(&c);
}

static void second_message_behind_the_answer_is_refused(void) {
    static const char *const lines[] = { "HTTP/1.1 307 Redirect\r\n", "Location: /\r\n", "\r\n" };
    http_response_t c = { 0 };
    collect_all(&c, lines, LEN(lines));
    CHECK_INT(collect(&c, "HTTP/1.1 307 Redirect\r\n"), CURLE_WEIRD_SERVER_REPLY);
    http_response_clear(&c);
}

// ------------------------------------------------------------------------------------------------
// Together with libcurl

static void body_survives_a_line_that_looks_like_a_status_line(void) {
    // It has a colon, so libcurl takes it as a field, and the status is 200.
    http_result_t result = fetch(raw("HTTP/1.1 200 OK\r\nX-A: 1\r\nHTTP/1.1 302 Found: x\r\nLocation: /ok\r\n"
        "Content-Length: 5\r\n\r\nhello"));
    CHECK_INT(result.status, 200);
    CHECK(body_is(&result, "hello"));
    CHECK_TEXT(field_of(&result, "X-A"), "1");
    http_result_clear(&result);
}

static void result_has_the_fields_of_the_final_response_only(void) {
    http_result_t result = fetch(raw("HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\n"
        "HTTP/1.1 200 OK\r\nX-A: 1\r\nX-Fold: a\r\n b\r\nx-a: caf\xe9\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n0\r\nX-Trailer: 1\r\n\r\n"));
    CHECK_INT(result.status, 200);
    CHECK_INT(result.field_count, 4);
    CHECK_TEXT(field_of(&result, "X-Fold"), "a b");
    CHECK_TEXT(field_of(&result, "X-A"), "1");
    CHECK(field_of(&result, "X-Early") == NULL);
    CHECK(field_of(&result, "X-Trailer") == NULL);
    CHECK(body_is(&result, "hello"));
    http_result_clear(&result);
}

static void too_many_fields_are_56(void) {
    http_result_t result = fetch(page("/fields/99/1"));
    CHECK_INT(result.status, 200); // and Content-Length
    CHECK_INT(result.field_count, 100);
    http_result_clear(&result);
    result = fetch(page("/fields/100/1"));
    CHECK_INT(result.status, CURLE_RECV_ERROR);
    CHECK_TEXT(result.error, "response headers too large");
    CHECK(result.body == NULL);
    http_result_clear(&result);
}

static void too_large_fields_are_56(void) {
    CHECK_INT(fetch_status(page("/fields/3/10000")), 200);
    CHECK_INT(fetch_status(page("/fields/4/10000")), CURLE_RECV_ERROR);
    CHECK_INT(fetch_status(page("/fields/1/40000")), CURLE_RECV_ERROR);
}

static void nul_in_a_field_never_shifts_the_others(void) {
    // tell apart: raw() ends at a NUL, so the NUL is spelled in the URL.
    http_result_t result = fetch(page("/raw?HTTP/1.1%20200%20OK%0D%0AX-A:%20a%00X-B%00b%0D%0AX-C:%20c%0D%0A"
        "Content-Length:%200%0D%0A%0D%0A"));
    CHECK_INT(result.status, CURLE_WEIRD_SERVER_REPLY); // libcurl's verdict
    CHECK(field_of(&result, "X-B") == NULL);
    http_result_clear(&result);
}

// Versions of libcurl read different values from them.
static void odd_status_lines_are_refused(void) {
    static const char *const lines[] = {
        "HTTP/2 1100 OK", "HTTP/2 99 OK", "HTTP/2 302 Found", "HTTP/\x04 302 Found", "HTTP/\x04 99 OK", "HTTP/1.1 1100 OK",
        "HTTP/1.1 099 Odd", "HTTP/1.1 101 Odd", "HTTP/1.1 OK", "HTTP/1.1  302 Found", "HTTP/1.1\t302 Found", "HTTP/1.2 302 Found",
        "http/1.1 302 Found", "HTTP/1.1 302Found", "HTTP/1.1 103 Early\r\n\r\nhttp/1.1 302 Found",
    };
    for (size_t i = 0; i < LEN(lines); i++) {
        char reply[128];
        snprintf(reply, sizeof(reply), "%s\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", lines[i]);
        if (!CHECK_INT(fetch_status(raw(reply)), CURLE_WEIRD_SERVER_REPLY)) {
            CHECK_TEXT(lines[i], "");
        }
    }
    CHECK_INT(fetch_status(raw("ICY 200 OK\r\n\r\n")), CURLE_UNSUPPORTED_PROTOCOL);
}

// curl#11101: libcurl before 8.1.0 reads freed memory when an easy handle that has completed one
// transfer gets a reply that starts with a fold. Only valgrind sees it.
static void reply_that_starts_with_a_fold_is_no_use_after_free(void) {
    for (int i = 0; i < 3; i++) {
        CHECK_INT(fetch_status(page("/ok")), 200);
        http_result_t result = fetch(raw("HTTP/1.1 200 OK\r\n fold: 1\r\nContent-Length: 5\r\n\r\nhello"));
        CHECK_INT(result.status, CURLE_WEIRD_SERVER_REPLY);
        http_result_clear(&result);
        // Two hops of one request, too.
        int status = fetch_status(page("/to/302?/raw?HTTP/1.1%252020020%2520OK%250D%250A%2520fold%250D%250A%250D%250A"));
        CHECK_INT(status, CURLE_WEIRD_SERVER_REPLY);
    }
}

const test_t received_tests[] = {
    TEST(fields_are_collected_in_order_repeats_kept),
    TEST(line_ends_may_be_bare_or_missing),
    TEST(folds_are_joined_with_one_blank),
    TEST(fold_before_any_field_is_refused),
    TEST(fold_of_a_line_that_is_ignored_is_ignored),
    TEST(line_without_colon_or_name_is_ignored),
    TEST(bytes_that_are_no_ascii_stay_as_they_are),
    TEST(cr_and_nul_within_a_field_read_as_blanks),
    TEST(line_that_begins_with_a_bare_cr_is_refused),
    TEST(body_that_was_held_back_has_a_second_message),
    TEST(status_line_starts_anew_after_an_interim_response),
    TEST(trailers_are_dropped_and_count_as_fields),
    TEST(content_behind_a_chunk_length_that_is_misread_is_no_trailer),
    TEST(lengths_are_one_number_or_refused),
    TEST(status_lines_have_one_form),
    TEST(location_counts_only_with_a_value),
    TEST(more_than_100_lines_are_refused),
    TEST(more_than_32_kib_of_fields_are_refused),
    TEST(line_that_looks_like_a_status_line_amid_fields_changes_nothing),
    TEST(message_behind_a_refused_expect_starts_anew),
    TEST(second_message_behind_the_answer_is_refused),
    TEST(body_survives_a_line_that_looks_like_a_status_line),
    TEST(result_has_the_fields_of_the_final_response_only),
    TEST(too_many_fields_are_56),
    TEST(too_large_fields_are_56),
    TEST(nul_in_a_field_never_shifts_the_others),
    TEST(odd_status_lines_are_refused),
    TEST(reply_that_starts_with_a_fold_is_no_use_after_free),
    { NULL, NULL },
};
