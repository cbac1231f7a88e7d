// SPDX-License-Identifier: MIT
// URLs taken apart. These tests need no server.

#include <stdlib.h>

#include "harness.h"

#include "http/engine/state.h"
#include "http/engine/url.h"

static CURLcode parse(http_target_t *target, const char *url) {
    return http_url_parse(target, url, strlen(url));
}

static int code_of(const char *url) {
    http_target_t target;
    CURLcode code = parse(&target, url);
    CHECK(code == CURLE_OK || (target.url == NULL && target.user == NULL && target.password == NULL));
    http_url_clear(&target);
    return code;
}

static bool same_origin(const char *a, const char *b) {
    http_target_t of_a;
    http_target_t of_b;
    bool same = false;
    if (CHECK_INT(parse(&of_a, a), CURLE_OK) & CHECK_INT(parse(&of_b, b), CURLE_OK)) {
        same = http_url_same_origin(&of_a, &of_b);
    }
    http_url_clear(&of_a);
    http_url_clear(&of_b);
    return same;
}

static void check_url(const char *url, const char *expected_url, const char *expected_origin) {
    http_target_t target;
    if (CHECK_INT(parse(&target, url), CURLE_OK)) {
        check_target(&target, expected_url);
    }
    http_url_clear(&target);
    CHECK(same_origin(url, expected_origin));
}

static void http_and_https_are_taken_in_any_case(void) {
    check_url("http://host/a", "http://host/a", "http://host:80");
    check_url("https://host/a", "https://host/a", "https://host:443");
    check_url("HTTP://host/a", "http://host/a", "http://host:80");
    check_url("hTTpS://host/a", "https://host/a", "https://host:443");
}

static void other_schemes_are_1(void) {
    static const char *const urls[] = {
        "ftp://host/", "file:///etc/hostname", "gopher://host/", "ws://host/", "httpx://host/", "htt://host/",
        "telnet://host/", "a://b",
    };
    for (size_t i = 0; i < LEN(urls); i++) {
        if (!CHECK_INT(code_of(urls[i]), CURLE_UNSUPPORTED_PROTOCOL)) {
            CHECK_TEXT(urls[i], "");
        }
    }
}

static void malformed_urls_are_3(void) {
    static const char *const urls[] = {
        "", "host", "host/path", "/path", "//host/path", "://host", "http:", "http:/", "http:/host", "http:host", "http://",
        "http://?q", "http:///", "http//host", "localhost:80/", "http://host:99999/", "http://host:port/", "http://ho st/",
        "http://h\tost/", "http://host /", "http://[::1/", "http://a%00b@host/", "http://me\x01@host/", "http://ho\"st/", "http://a@b@host/",
        "http://%D/", "http://a%2541/", "http://a%7F/", "http://a\x7f/", "http://me@h%25/", "http:///h%/",
        "?http://host/", "mailto:a@b",
    };
    for (size_t i = 0; i < LEN(urls); i++) {
        if (!CHECK_INT(code_of(urls[i]), CURLE_URL_MALFORMAT)) {
            CHECK_TEXT(urls[i], "");
        }
    }
}

static void what_cannot_be_a_scheme_is_3(void) {
    // RFC 3986 3.1: a letter, then letters, digits, "+", "-" and ".".
    static const char *const urls[] = { " http://host/", "ht tp://host/", "\xc3\xa9://host/", "1http://host/", "a@b://host/" };
    for (size_t i = 0; i < LEN(urls); i++) {
        if (!CHECK_INT(code_of(urls[i]), CURLE_URL_MALFORMAT)) {
            CHECK_TEXT(urls[i], "");
        }
    }
}

static void missing_path_becomes_a_slash(void) {
    check_url("http://host", "http://host/", "http://host:80");
    check_url("http://host:8080", "http://host:8080/", "http://host:8080");
    check_url("http://host?q=1", "http://host/?q=1", "http://host:80");
    check_url("http://host:80?q=http://x/", "http://host:80/?q=http://x/", "http://host:80");
    check_url("http://[::1]:8080/x", "http://[::1]:8080/x", "http://[::1]:8080");
}

static void default_port_is_the_same_origin(void) {
    check_url("http://host:80/", "http://host:80/", "http://host:80");
    check_url("https://host:443/", "https://host:443/", "https://host:443");
    check_url("https://host:80/", "https://host:80/", "https://host:80");
}

static void has_text(const char *url, const char *expected) {
    http_target_t target;
    if (CHECK_INT(parse(&target, url), CURLE_OK)) {
        CHECK_TEXT(target.url->text, expected);
    }
    http_url_clear(&target);
}

static void default_port_is_not_in_the_text(void) {
    has_text("http://host:80/a?b#c", "http://host/a?b#c");
    has_text("https://[::1]:443", "https://[::1]/");
    has_text("http://host:443/", "http://host:443/");
    has_text("https://host:80/", "https://host:80/");
}

static void scheme_host_and_port_make_an_origin(void) {
    CHECK(same_origin("http://me:secret@Host/a?b#c", "HTTP://hOST:80/d"));
    CHECK(same_origin("http://[::1]/", "http://[::1]:80/"));
    CHECK(!same_origin("http://host/", "https://host/"));
    CHECK(!same_origin("http://host/", "http://host:8080/"));
    CHECK(!same_origin("http://host:443/", "https://host:443/"));
    CHECK(!same_origin("http://host/", "http://host./"));
    CHECK(!same_origin("http://host/", "http://a.host/"));
    CHECK(!same_origin("http://host/", "http://hos/"));
}

static void zone_of_a_link_local_address_is_part_of_the_origin(void) {
    CHECK(same_origin("http://[fe80::1%25a]/", "http://[fe80::1%25a]:80/"));
    CHECK(!same_origin("http://[fe80::1%25a]/", "http://[fe80::1%25b]/"));
    CHECK(!same_origin("http://[fe80::1%25a]/", "http://[fe80::1]/"));
}

static void zone_of_an_address_is_a_name(void) {
    CHECK_INT(code_of("http://[fe80::1%25eth0.1]/"), CURLE_OK);
    CHECK_INT(code_of("http://:@[fe80::1%0:@[::%0]"), CURLE_URL_MALFORMAT);
    CHECK_INT(code_of("http://[fe80::1%25a@b]/"), CURLE_URL_MALFORMAT);
}

static void check_user(const char *url, const char *user, const char *password) {
    http_target_t target;
    if (CHECK_INT(parse(&target, url), CURLE_OK)) {
        check_target(&target, "http://host/p");
        CHECK_TEXT(target.user, user);
        CHECK_TEXT(target.password, password);
    }
    http_url_clear(&target);
}

static void user_info_is_taken_out_and_decoded(void) {
    check_user("http://host/p", NULL, NULL);
    check_user("http://me:secret@host/p", "me", "secret");
    check_user("http://me@host/p", "me", NULL);
    check_user("http://m%40e:s%3Ae%2Fc@host/p", "m@e", "s:e/c");
    check_user("http://me:@host/p", "me", "");
    http_target_t target;
    CHECK_INT(parse(&target, "http://:secret@host/p"), CURLE_OK);
    CHECK_TEXT(target.password, "secret");
    check_target(&target, "http://host/p");
    http_url_clear(&target);
}

static void what_may_not_stand_in_a_url_is_encoded(void) {
    static const char *const urls[][2] = {
        { "http://host/\xc3\xa9?\xe2\x82\xac#\xff", "http://host/%C3%A9?%E2%82%AC#%FF" },
        { "http://host/a b", "http://host/a%20b" },
        { "http://host/a b?c d#e f", "http://host/a%20b?c%20d#e%20f" },
        { "http://host/\t\x01\x1f\x7f", "http://host/%09%01%1F%7F" },
        { "http://host/<a>\"\\b^`{c|d}", "http://host/%3Ca%3E%22%5Cb%5E%60%7Bc%7Cd%7D" },
        { "http://host/?<a>\"\\b^`{c|d}", "http://host/?%3Ca%3E%22%5Cb%5E%60%7Bc%7Cd%7D" },
        { "http://host/#<a>\"\\b^`{c|d}", "http://host/#%3Ca%3E%22%5Cb%5E%60%7Bc%7Cd%7D" },
        { "http://host/100%", "http://host/100%25" },
        { "http://host/%zz%4%", "http://host/%25zz%254%25" },
        { "http://host/%e9%2F%20", "http://host/%e9%2F%20" },
        { "http://host/%C3%A9 \xc3\xa9", "http://host/%C3%A9%20%C3%A9" },
        { "http://host/!$&'()*+,;=:@-._~?/?[]", "http://host/!$&'()*+,;=:@-._~?/?[]" },
        { "http://host/\xff\xfe", "http://host/%FF%FE" },
        { "http://host?\xc3\xa9", "http://host/?%C3%A9" },
        { "http://host#\xc3\xa9", "http://host/#%C3%A9" },
        { "http://host/ ", "http://host/%20" },
    };
    for (size_t i = 0; i < LEN(urls); i++) {
        check_url(urls[i][0], urls[i][1], "http://host:80");
        check_url(urls[i][1], urls[i][1], "http://host:80"); // and once more it stays
    }
}

static void user_info_is_encoded_and_then_decoded(void) {
    check_user("http://m e:s\"c\xc3\xa9{}|@host/p", "m e", "s\"c\xc3\xa9{}|");
    check_user("http://m%:100%@host/p", "m%", "100%");
    check_user("http://me\\@host/p", "me\\", NULL);
}

// Only if this libcurl supports it; tests/module/test_urls.py tests a libcurl without it.
static void international_host_becomes_ascii(void) {
    static const char *const urls[][2] = {
        { "http://b\xc3\xbc" "cher.example/\xc3\xbc", "http://xn--bcher-kva.example/%C3%BC" },
        { "http://B\xc3\x9c" "CHER.Example:8080", "http://xn--bcher-kva.example:8080/" },
        { "http://b%C3%BC" "cher.example/", "http://xn--bcher-kva.example/" },
        { "http://fa\xc3\x9f.de/", "http://xn--fa-hia.de/" }, // UTS 46 nontransitional
        { "http://\xe4\xbe\x8b\xe3\x80\x82jp/", "http://xn--fsq.jp/" }, // an ideographic full stop
        { "http://me:x@\xc3\xbc.example/", "http://xn--tda.example/" },
        { "http://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/", "http://127.0.0.1/" },
        { "http://xn--bcher-kva.example/", "http://xn--bcher-kva.example/" },
    };
    for (size_t i = 0; i < LEN(urls); i++) {
        http_target_t target;
        if (CHECK_INT(parse(&target, urls[i][0]), CURLE_OK)) {
            check_target(&target, urls[i][1]);
            CHECK(target.why_not == NULL);
        }
        http_url_clear(&target);
    }
    CHECK(same_origin("http://b\xc3\xbc" "cher.example/", "http://xn--bcher-kva.example:80/x"));
}

static void international_host_that_is_none_is_3(void) {
    static const char *const urls[] = {
        "http://c\xe2\x84\x80.example/", // U+2100 stands for "a/c"
        "http://\xef\xbc\x8f.example/", // U+FF0F for "/"
        "http://a\xef\xbc\xa0" "b/", // U+FF20 for "@"
        "http://\xff.example/", "http://%ff/", "http://\xc2\xad/", "http://\xc3\xbc" "a b/",
    };
    for (size_t i = 0; i < LEN(urls); i++) {
        if (!CHECK_INT(code_of(urls[i]), CURLE_URL_MALFORMAT)) {
            CHECK_INT(i, -1);
        }
    }
}

static void query_and_path_stay_as_they_are(void) {
    check_url("http://host/a/%20/b;c=1?x=%26&y=a+b&z[]='", "http://host/a/%20/b;c=1?x=%26&y=a+b&z[]='", "http://host:80");
}

static void every_byte_behind_the_host_is_taken(void) {
    for (int byte = 1; byte < 256; byte++) {
        char url[] = "http://host/a_b?c_d";
        url[13] = (char)byte;
        url[17] = (char)byte;
        http_target_t target;
        CURLcode code = parse(&target, url);
        if (!CHECK_INT(code, CURLE_OK)) {
            CHECK_INT(byte, -1);
        }
        char *text = http_url_get(&target, CURLUPART_URL);
        for (const char *p = text; p != NULL && *p != 0; p++) {
            CHECK(*p > 0x20 && *p < 0x7f);
        }
        free(text);
        http_url_clear(&target);
    }
}

static void url_needs_no_terminator(void) {
    // Only valgrind would see it: the engine may not read bytes after the length.
    static const char *const urls[] = { "http://127.0.0.1:1/path", "http://127.0.0.1:1", "http://", "http:", "http", "" };
    for (size_t i = 0; i < LEN(urls); i++) {
        size_t len = strlen(urls[i]);
        char *url = malloc(len + (len == 0));
        memcpy(url, urls[i], len);
        http_target_t target;
        CHECK_INT(http_url_parse(&target, url, len), i < 2 ? CURLE_OK : CURLE_URL_MALFORMAT);
        http_url_clear(&target);
        free(url);
    }
}

static void url_ends_at_its_length(void) {
    http_target_t target;
    CHECK_INT(http_url_parse(&target, "http://host/abcdef", 15), CURLE_OK);
    check_target(&target, "http://host/abc");
    http_url_clear(&target);
    CHECK_INT(http_url_parse(&target, "http://host/", 4), CURLE_URL_MALFORMAT);
    http_url_clear(&target);
}

static void bad_url_completes_like_any_other(void) {
    http_result_t result = fetch("ftp://me:secret@127.0.0.1:1/x");
    CHECK_INT(result.status, HTTP_STATUS_UNSUPPORTED_PROTOCOL);
    CHECK(result.error != NULL && result.error[0] != 0);
    CHECK(result.url == NULL && result.fields == NULL && result.body == NULL);
    http_result_clear(&result);
    CHECK_INT(fetch_status("127.0.0.1:1/x"), CURLE_URL_MALFORMAT);
    CHECK_INT(fetch_status(""), CURLE_URL_MALFORMAT);
    CHECK_INT(in_flight(), 0);
}

const test_t urls_tests[] = {
    TEST(http_and_https_are_taken_in_any_case),
    TEST(other_schemes_are_1),
    TEST(malformed_urls_are_3),
    TEST(what_cannot_be_a_scheme_is_3),
    TEST(missing_path_becomes_a_slash),
    TEST(default_port_is_the_same_origin),
    TEST(default_port_is_not_in_the_text),
    TEST(scheme_host_and_port_make_an_origin),
    TEST(zone_of_a_link_local_address_is_part_of_the_origin),
    TEST(zone_of_an_address_is_a_name),
    TEST(user_info_is_taken_out_and_decoded),
    TEST(what_may_not_stand_in_a_url_is_encoded),
    TEST(user_info_is_encoded_and_then_decoded),
    TEST(international_host_becomes_ascii),
    TEST(international_host_that_is_none_is_3),
    TEST(query_and_path_stay_as_they_are),
    TEST(every_byte_behind_the_host_is_taken),
    TEST(url_needs_no_terminator),
    TEST(url_ends_at_its_length),
    TEST(bad_url_completes_like_any_other),
    { NULL, NULL },
};
