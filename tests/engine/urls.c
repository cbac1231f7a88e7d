// SPDX-License-Identifier: MIT
// URLs taken apart. These tests need no server.

#include <stdlib.h>

#include "harness.h"

static CURLcode parse(http_target_t *target, const char *url) {
    return http_target_parse(target, url, strlen(url));
}

static int code_of(const char *url) {
    http_target_t target;
    CURLcode code = parse(&target, url);
    CHECK(code == CURLE_OK || (target.url == NULL && target.user == NULL && target.password == NULL));
    http_target_clear(&target);
    return code;
}

static bool same_origin(const char *a, const char *b) {
    http_target_t of_a;
    http_target_t of_b;
    bool same = false;
    if (CHECK_INT(parse(&of_a, a), CURLE_OK) & CHECK_INT(parse(&of_b, b), CURLE_OK)) {
        CHECK_INT(http_target_same_origin(&of_a, &of_b, &same), CURLE_OK);
    }
    http_target_clear(&of_a);
    http_target_clear(&of_b);
    return same;
}

static void check_url(const char *url, const char *expected_url, const char *expected_origin) {
    http_target_t target;
    if (CHECK_INT(parse(&target, url), CURLE_OK)) {
        check_target(&target, expected_url);
    }
    http_target_clear(&target);
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
        "http://host/a b", "http://host/a\tb", "http://[::1/", "http://a%00b@host/", "http://host/?a b",
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
    http_target_clear(&target);
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
    http_target_clear(&target);
}

static void bytes_behind_the_host_that_are_no_ascii_are_encoded(void) {
    check_url("http://host/\xc3\xa9?\xe2\x82\xac#\xff", "http://host/%C3%A9?%E2%82%AC#%FF", "http://host:80");
    check_url("http://host?\xc3\xa9", "http://host/?%C3%A9", "http://host:80");
    check_url("http://host/%c3%a9", "http://host/%c3%a9", "http://host:80");
}

static void query_and_path_stay_as_they_are(void) {
    check_url("http://host/a/%20/b;c=1?x=%26&y=a+b&z[]='", "http://host/a/%20/b;c=1?x=%26&y=a+b&z[]='", "http://host:80");
}

static void every_byte_of_a_url_is_taken_or_refused(void) {
    for (int byte = 1; byte < 256; byte++) {
        char url[] = "http://host/a_b?c_d";
        url[13] = (char)byte;
        url[17] = (char)byte;
        http_target_t target;
        CURLcode code = parse(&target, url);
        bool is_control = byte < 0x20 || byte == 0x7f || byte == ' ';
        if (!CHECK_INT(code, is_control ? CURLE_URL_MALFORMAT : CURLE_OK)) {
            CHECK_INT(byte, -1);
        }
        char *text = http_target_get(&target, CURLUPART_URL);
        for (const char *p = text; p != NULL && *p != 0; p++) {
            CHECK(*p > 0x20 && *p < 0x7f);
        }
        free(text);
        http_target_clear(&target);
    }
}

static void url_needs_no_terminator(void) {
    // Only valgrind sees it: the bytes behind the length are not the engine's.
    static const char *const urls[] = { "http://127.0.0.1:1/path", "http://127.0.0.1:1", "http://", "http:", "http", "" };
    for (size_t i = 0; i < LEN(urls); i++) {
        size_t len = strlen(urls[i]);
        char *url = malloc(len + (len == 0));
        memcpy(url, urls[i], len);
        http_target_t target;
        CHECK_INT(http_target_parse(&target, url, len), i < 2 ? CURLE_OK : CURLE_URL_MALFORMAT);
        http_target_clear(&target);
        free(url);
    }
}

static void url_ends_at_its_length(void) {
    http_target_t target;
    CHECK_INT(http_target_parse(&target, "http://host/abcdef", 15), CURLE_OK);
    check_target(&target, "http://host/abc");
    http_target_clear(&target);
    CHECK_INT(http_target_parse(&target, "http://host/", 4), CURLE_URL_MALFORMAT);
    http_target_clear(&target);
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
    TEST(scheme_host_and_port_make_an_origin),
    TEST(zone_of_a_link_local_address_is_part_of_the_origin),
    TEST(zone_of_an_address_is_a_name),
    TEST(user_info_is_taken_out_and_decoded),
    TEST(bytes_behind_the_host_that_are_no_ascii_are_encoded),
    TEST(query_and_path_stay_as_they_are),
    TEST(every_byte_of_a_url_is_taken_or_refused),
    TEST(url_needs_no_terminator),
    TEST(url_ends_at_its_length),
    TEST(bad_url_completes_like_any_other),
    { NULL, NULL },
};
