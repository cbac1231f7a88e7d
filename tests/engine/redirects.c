// SPDX-License-Identifier: MIT
// Redirects: first the rules alone (there is no https server here), then real hops.

#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#include "http/engine/fields.h"
#include "http/engine/redirect.h"
#include "http/engine/state.h"
#include "http/engine/url.h"

// A request that received a redirect. It was never submitted; it uses only the engine's memory functions.
static http_request_t *redirected(const char *method, const char *url, int status) {
    http_request_t *r = calloc(1, sizeof(*r));
    r->method_copy = strdup(method);
    r->method = r->method_copy;
    r->options.redirects = 10;
    r->response.status = status;
    CHECK_INT(http_url_parse(&r->target, url, strlen(url)), CURLE_OK);
    return r;
}

static void add_field(http_request_t *r, const char *line) {
    r->fields = curl_slist_append(r->fields, line);
}

static void add_body(http_request_t *r, const char *body) {
    r->parts = &r->body;
    r->part_count = 1;
    r->body.data = strdup(body);
    r->body_len = r->body.len = strlen(body);
}

static void discard(http_request_t *r) {
    http_url_clear(&r->target);
    curl_slist_free_all(r->fields);
    free(r->method_copy);
    free(r->body.data);
    free(r);
}

static bool sends(const http_request_t *r, const char *name) {
    return http_fields_have(r->fields, name);
}

static CURLcode prepare(http_request_t *r, const char *location) {
    const char *text = NULL;
    CURLcode code = http_redirect_prepare(r, location, &text);
    CHECK((code == CURLE_OK) == (text == NULL));
    return code;
}

static void method_and_body_follow_the_status(void) {
    static const struct {
        int status;
        const char *method;
        const char *becomes;
    } rules[] = {
        { 301, "GET", "GET" }, { 302, "GET", "GET" }, { 303, "GET", "GET" }, { 307, "GET", "GET" }, { 308, "GET", "GET" },
        { 301, "HEAD", "HEAD" }, { 302, "HEAD", "HEAD" }, { 303, "HEAD", "HEAD" }, { 307, "HEAD", "HEAD" },
        { 301, "POST", "GET" }, { 302, "POST", "GET" }, { 303, "POST", "GET" },
        { 307, "POST", "POST" }, { 308, "POST", "POST" },
        { 301, "PUT", "PUT" }, { 302, "PUT", "PUT" }, { 303, "PUT", "GET" }, { 307, "PUT", "PUT" }, { 308, "PUT", "PUT" },
        { 303, "DELETE", "GET" }, { 302, "DELETE", "DELETE" },
    };
    for (size_t i = 0; i < LEN(rules); i++) {
        http_request_t *r = redirected(rules[i].method, "http://host/", rules[i].status);
        add_body(r, "data");
        CHECK_INT(prepare(r, "http://host/next"), CURLE_OK);
        if (!CHECK_TEXT(r->method, rules[i].becomes)) {
            CHECK_INT(rules[i].status, -1);
        }
        // A request that keeps its method keeps its body; after a 303 it is a GET without a body.
        bool keeps_body = strcmp(rules[i].method, rules[i].becomes) == 0
            && !(rules[i].status == 303 && strcmp(rules[i].becomes, "GET") == 0);
        CHECK_INT(r->body_len, keeps_body ? 4 : 0);
        CHECK((r->body.data != NULL) == keeps_body);
        CHECK_INT(r->options.redirects, 9);
        check_target(&r->target, "http://host/next");
        discard(r);
    }
}

static http_request_t *with_fields(const char *method, const char *url, int status) {
    http_request_t *r = redirected(method, url, status);
    static const char *const lines[] = {
        "Authorization: a", "Cookie: b", "X-Api-Key: c", "Host: d", "Accept: e", "accept-language: f", "User-Agent: g",
        "Content-Type: h", "Content-Encoding: i", "Referer;", "Accept-Encoding:",
    };
    for (size_t i = 0; i < LEN(lines); i++) {
        add_field(r, lines[i]);
    }
    return r;
}

static void same_origin_keeps_every_field(void) {
    static const char *const locations[] = { "http://host/next", "http://HOST/next", "http://host:80/next", "HTTP://host/next" };
    for (size_t i = 0; i < LEN(locations); i++) {
        http_request_t *r = with_fields("GET", "http://host/", 302);
        CHECK_INT(prepare(r, locations[i]), CURLE_OK);
        CHECK(sends(r, "Authorization") && sends(r, "Cookie") && sends(r, "X-Api-Key") && sends(r, "Host"));
        CHECK(sends(r, "Accept") && sends(r, "Accept-Language") && sends(r, "User-Agent") && sends(r, "Content-Type"));
        CHECK(sends(r, "Referer") && sends(r, "Accept-Encoding"));
        discard(r);
    }
}

static void other_origin_gets_accept_and_user_agent_only(void) {
    static const char *const locations[] = {
        "http://other/", "https://host/", "http://host:8080/", "http://host.other/", "http://sub.host/",
    };
    for (size_t i = 0; i < LEN(locations); i++) {
        http_request_t *r = with_fields("GET", "http://host/", 307);
        CHECK_INT(prepare(r, locations[i]), CURLE_OK);
        CHECK(!sends(r, "Authorization") && !sends(r, "Cookie") && !sends(r, "X-Api-Key") && !sends(r, "Host"));
        CHECK(!sends(r, "Content-Type") && !sends(r, "Referer"));
        CHECK(sends(r, "Accept") && sends(r, "Accept-Language") && sends(r, "User-Agent"));
        CHECK(sends(r, "Accept-Encoding")); // an omission: nothing is sent
        discard(r);
    }
}

static void same_address_on_another_link_is_another_origin(void) {
    http_request_t *r = with_fields("GET", "http://me:secret@[fe80::1%25a]/", 307);
    CHECK_INT(prepare(r, "http://[fe80::1%25a]/next"), CURLE_OK);
    CHECK(sends(r, "X-Api-Key") && r->target.user != NULL);
    CHECK_INT(prepare(r, "http://[fe80::1%25b]/next"), CURLE_OK);
    CHECK(!sends(r, "X-Api-Key") && r->target.user == NULL);
    discard(r);
}

static void fields_about_a_dropped_body_are_dropped(void) {
    http_request_t *r = with_fields("POST", "http://host/", 302);
    add_body(r, "data");
    CHECK_INT(prepare(r, "http://host/"), CURLE_OK);
    CHECK(!sends(r, "Content-Type") && !sends(r, "Content-Encoding"));
    CHECK(sends(r, "X-Api-Key"));
    discard(r);
    r = with_fields("POST", "http://host/", 307);
    add_body(r, "data");
    CHECK_INT(prepare(r, "http://host/"), CURLE_OK);
    CHECK(sends(r, "Content-Type") && sends(r, "Content-Encoding"));
    discard(r);
}

static void user_info_stays_with_its_origin(void) {
    http_request_t *r = redirected("GET", "http://me:secret@host/", 302);
    CHECK_INT(prepare(r, "http://you:other@host/next"), CURLE_OK);
    CHECK_TEXT(r->target.user, "me");
    CHECK_TEXT(r->target.password, "secret");
    check_target(&r->target, "http://host/next");
    CHECK_INT(prepare(r, "http://you:other@elsewhere/"), CURLE_OK);
    CHECK(r->target.user == NULL && r->target.password == NULL);
    CHECK_INT(prepare(r, "http://host/back"), CURLE_OK);
    CHECK(r->target.user == NULL && r->target.password == NULL);
    discard(r);
}

static void https_never_goes_back_to_http(void) {
    http_request_t *r = redirected("GET", "https://host/", 301);
    CHECK_INT(prepare(r, "http://host/"), CURLE_UNSUPPORTED_PROTOCOL);
    check_target(&r->target, "https://host/"); // nothing changed
    CHECK_INT(r->options.redirects, 10);
    CHECK_INT(prepare(r, "https://other/"), CURLE_OK);
    CHECK_INT(prepare(r, "HTTP://other/"), CURLE_UNSUPPORTED_PROTOCOL);
    discard(r);
    r = redirected("GET", "http://host/", 301);
    CHECK_INT(prepare(r, "https://host/"), CURLE_OK);
    discard(r);
}

static void other_schemes_and_bad_locations_are_not_followed(void) {
    http_request_t *r = redirected("GET", "http://host/", 301);
    CHECK_INT(prepare(r, "ftp://host/"), CURLE_UNSUPPORTED_PROTOCOL);
    CHECK_INT(prepare(r, "file:///etc/hostname"), CURLE_UNSUPPORTED_PROTOCOL);
    CHECK_INT(prepare(r, "http://"), CURLE_URL_MALFORMAT);
    CHECK_INT(prepare(r, "http://ho st/"), CURLE_URL_MALFORMAT);
    CHECK_INT(prepare(r, "http:next"), CURLE_URL_MALFORMAT);
    CHECK_INT(prepare(r, "mailto:a@b"), CURLE_URL_MALFORMAT);
    CHECK_INT(prepare(r, "3h://8/"), CURLE_URL_MALFORMAT);
    CHECK_INT(prepare(r, "http:/ /"), CURLE_URL_MALFORMAT);
    check_target(&r->target, "http://host/");
    discard(r);
}

static void location_is_encoded_as_an_app_s_url_is(void) {
    static const char *const locations[][2] = {
        { "a b", "http://host/p/a%20b" },
        { "/a b?c d", "http://host/a%20b?c%20d" },
        { "http://host/a b", "http://host/a%20b" },
        { "http://host/a\tb", "http://host/a%09b" },
        { "a\tb", "http://host/p/a%09b" },
        { "//host/{\xe9}", "http://host/%7B%E9%7D" }, // as Latin-1 has it: nobody knows
        { "\xc3\xa9?\xc3\xa9", "http://host/p/%C3%A9?%C3%A9" },
        { "?\"|\"", "http://host/p/q?%22%7C%22" },
        { "%zz", "http://host/p/%25zz" },
        { "a%20%C3%A9", "http://host/p/a%20%C3%A9" },
    };
    for (size_t i = 0; i < LEN(locations); i++) {
        http_request_t *r = redirected("GET", "http://host/p/q?r", 302);
        if (CHECK_INT(prepare(r, locations[i][0]), CURLE_OK)) {
            check_target(&r->target, locations[i][1]);
        }
        discard(r);
    }
}

static void location_is_relative_to_a_base_without_its_fragment(void) {
    static const char *const locations[][2] = {
        { "home", "http://host/a/home#/login?x" },
        { "../home", "http://host/home#/login?x" },
        { "?q=1", "http://host/a/app?q=1#/login?x" },
        { "#new", "http://host/a/app?y/z#new" },
        { "#", "http://host/a/app?y/z" },
        { "/", "http://host/#/login?x" },
        { "//other", "http://other/#/login?x" },
        { "https://other/z", "https://other/z#/login?x" },
        { "http://other/z#mine", "http://other/z#mine" },
        { ".", "http://host/a/#/login?x" },
    };
    for (size_t i = 0; i < LEN(locations); i++) {
        http_request_t *r = redirected("GET", "http://host/a/app?y/z#/login?x", 302);
        if (CHECK_INT(prepare(r, locations[i][0]), CURLE_OK)) {
            check_target(&r->target, locations[i][1]);
        }
        discard(r);
    }
}

static void one_hop_too_many_is_47(void) {
    http_request_t *r = redirected("GET", "http://host/", 301);
    r->options.redirects = 1;
    CHECK_INT(prepare(r, "http://host/a"), CURLE_OK);
    CHECK_INT(prepare(r, "http://host/b"), CURLE_TOO_MANY_REDIRECTS);
    check_target(&r->target, "http://host/a");
    discard(r);
}

// ------------------------------------------------------------------------------------------------
// Over real hops

static void hops_end_at_the_page_that_answers(void) {
    static const int statuses[] = { 301, 302, 303, 307, 308 };
    for (size_t i = 0; i < LEN(statuses); i++) {
        http_result_t result = fetch(page_for("/to/%d?/to/302?%%252Fok", statuses[i]));
        CHECK_INT(result.status, 200);
        CHECK(body_is(&result, "hello")); // and nothing of the redirects' own bodies
        CHECK_TEXT(field_of(&result, "X-Page"), "ok");
        CHECK(field_of(&result, "Location") == NULL);
        CHECK_TEXT(result.url, page("/ok"));
        CHECK(result.received > 5); // received counts the redirects' bodies too
        http_result_clear(&result);
    }
}

static void the_number_of_hops_is_the_limit(void) {
    http_request_args_t request = get(page("/to/302?/ok"));
    request.options.redirects = 1;
    http_result_t result = perform(&request);
    CHECK_INT(result.status, 200);
    http_result_clear(&result);
    request.options.redirects = 0;
    result = perform(&request);
    CHECK_INT(result.status, CURLE_TOO_MANY_REDIRECTS);
    CHECK_TEXT(result.error, "too many redirects");
    CHECK_TEXT(result.url, request.url);
    http_result_clear(&result);
    request.options.redirects = -1;
    result = perform(&request);
    CHECK_INT(result.status, 302);
    CHECK_TEXT(field_of(&result, "Location"), "/ok");
    CHECK(body_is(&result, "this is only the redirect"));
    CHECK(result.error == NULL);
    http_result_clear(&result);
}

static void statuses_that_are_no_redirect_are_not_followed(void) {
    static const int statuses[] = { 300, 304, 305, 306, 399, 200, 201, 404 };
    for (size_t i = 0; i < LEN(statuses); i++) {
        CHECK_INT(fetch_status(page_for("/to/%d?/ok", statuses[i])), statuses[i]);
    }
}

static void redirect_without_a_location_is_the_response(void) {
    http_result_t result = fetch(raw("HTTP/1.1 302 Found\r\nContent-Length: 5\r\n\r\nhello"));
    CHECK_INT(result.status, 302);
    CHECK(body_is(&result, "hello"));
    http_result_clear(&result);
    result = fetch(raw("HTTP/1.1 302 Found\r\nLocation:  \r\nContent-Length: 5\r\n\r\nhello"));
    CHECK_INT(result.status, 302);
    CHECK(body_is(&result, "hello"));
    http_result_clear(&result);
}

static void redirect_to_another_scheme_is_1(void) {
    http_result_t result = fetch(page("/to/302?file:///etc/hostname"));
    CHECK_INT(result.status, CURLE_UNSUPPORTED_PROTOCOL);
    CHECK(result.body == NULL);
    CHECK_TEXT(result.error, "redirect to another protocol than http and https");
    http_result_clear(&result);
}

static http_result_t post_with_secrets(const char *url) {
    static const char *const fields[] = { "X-Api-Key: topsecret", "Accept: text/plain", "Content-Type: text/x-data" };
    http_request_args_t request = get(url);
    request.method = "POST";
    request.body = "the data";
    request.body_len = 8;
    request.fields = fields;
    request.field_count = LEN(fields);
    return perform(&request);
}

static void post_becomes_get_on_the_wire(void) {
    http_result_t result = post_with_secrets(page("/to/303?/echo"));
    CHECK(body_holds(&result, "GET /echo HTTP/1.1\r\n"));
    CHECK(body_holds(&result, "Content-Length: 0\r\n"));
    CHECK(body_holds(&result, "X-Api-Key: topsecret\r\n"));
    CHECK(!body_holds(&result, "text/x-data") && !body_holds(&result, "the data"));
    http_result_clear(&result);
    result = post_with_secrets(page("/to/307?/echo"));
    CHECK(body_holds(&result, "POST /echo HTTP/1.1\r\n"));
    CHECK(body_holds(&result, "Content-Length: 8\r\n"));
    CHECK(body_holds(&result, "Content-Type: text/x-data\r\n") && body_holds(&result, "\r\n\r\nthe data"));
    http_result_clear(&result);
}

static void secrets_do_not_leave_the_origin_on_the_wire(void) {
    char location[256];
    snprintf(location, sizeof(location), "/to/308?%s", elsewhere("/echo"));
    const char *url = page(location);
    char with_user[512];
    snprintf(with_user, sizeof(with_user), "http://me:mypass@%s", url + strlen("http://"));
    http_result_t result = post_with_secrets(with_user);
    CHECK_INT(result.status, 200);
    CHECK_TEXT(result.url, elsewhere("/echo"));
    CHECK(body_holds(&result, "POST /echo HTTP/1.1\r\n") && body_holds(&result, "\r\n\r\nthe data"));
    CHECK(body_holds(&result, "Accept: text/plain\r\n"));
    CHECK(!body_holds(&result, "topsecret") && !body_holds(&result, "Authorization"));
    http_result_clear(&result);
    // To the same origin both are sent.
    snprintf(with_user, sizeof(with_user), "http://me:mypass@%s", page("/to/308?/echo") + strlen("http://"));
    result = post_with_secrets(with_user);
    CHECK(body_holds(&result, "topsecret") && body_holds(&result, "Authorization: Basic bWU6bXlwYXNz\r\n"));
    http_result_clear(&result);
}

static http_result_t fetch_with_jar(http_jar_t *jar, const char *url, const char *field) {
    http_request_args_t request = get(url);
    request.jar = jar;
    request.fields = &field;
    request.field_count = 1;
    return perform(&request);
}

static void own_cookies_follow_those_of_the_jar_over_hops(void) {
    http_jar_t *jar = http_jar_new();
    CHECK(http_jar_load(jar, "127.0.0.1\tFALSE\t/\tFALSE\t0\ta\tjar"));
    CHECK(http_jar_load(jar, "127.0.0.1\tFALSE\t/\tFALSE\t0\tb\tjar"));
    http_result_t result = fetch_with_jar(jar, page("/to/302?/echo"), "Cookie: a=own; z=9");
    CHECK(body_holds(&result, "\r\nCookie: b=jar; a=own; z=9\r\n"));
    http_result_clear(&result);
    result = fetch_with_jar(jar, page("/echo"), "Cookie:");
    CHECK(!body_holds(&result, "Cookie"));
    http_result_clear(&result);
    result = fetch_with_jar(jar, "http://127.0.0.1:1/", "Cookie: a=own");
    CHECK_INT(result.status, CURLE_COULDNT_CONNECT);
    http_result_clear(&result);
    http_jar_release(jar);
}

static void cookie_that_is_over_or_has_no_name_is_not_kept(void) {
    http_jar_t *jar = http_jar_new();
    http_result_t result = fetch_with_jar(jar, raw("HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Expires=Fri, 31 Dec 1909 23:59:59 GMT\r\n"
        "Set-Cookie: =v; path=/\r\nSet-Cookie: ;;\r\nSet-Cookie:\r\nSet-Cookie: b=2; Path=x\r\n\r\n"), "X: 1");
    CHECK_INT(result.status, 200);
    http_result_clear(&result);
    char *text = http_jar_save(jar);
    CHECK_TEXT(text, "127.0.0.1\tFALSE\t/\tFALSE\t0\tb\t2\n");
    free(text);
    http_jar_release(jar);
}

static void location_with_a_blank_before_the_colon_is_another_field(void) {
    http_result_t result = fetch(raw("HTTP/1.1 302 Found\r\nLocation : /ok\r\nContent-Length: 4\r\n\r\nbody"));
    CHECK_INT(result.status, 302);
    CHECK(body_is(&result, "body")); // nothing is followed, so it is the answer
    http_result_clear(&result);
}

const test_t redirects_tests[] = {
    TEST(method_and_body_follow_the_status),
    TEST(same_origin_keeps_every_field),
    TEST(other_origin_gets_accept_and_user_agent_only),
    TEST(same_address_on_another_link_is_another_origin),
    TEST(fields_about_a_dropped_body_are_dropped),
    TEST(user_info_stays_with_its_origin),
    TEST(https_never_goes_back_to_http),
    TEST(other_schemes_and_bad_locations_are_not_followed),
    TEST(location_is_encoded_as_an_app_s_url_is),
    TEST(location_is_relative_to_a_base_without_its_fragment),
    TEST(one_hop_too_many_is_47),
    TEST(hops_end_at_the_page_that_answers),
    TEST(the_number_of_hops_is_the_limit),
    TEST(statuses_that_are_no_redirect_are_not_followed),
    TEST(redirect_without_a_location_is_the_response),
    TEST(redirect_to_another_scheme_is_1),
    TEST(post_becomes_get_on_the_wire),
    TEST(secrets_do_not_leave_the_origin_on_the_wire),
    TEST(location_with_a_blank_before_the_colon_is_another_field),
    TEST(own_cookies_follow_those_of_the_jar_over_hops),
    TEST(cookie_that_is_over_or_has_no_name_is_not_kept),
    { NULL, NULL },
};
