// SPDX-License-Identifier: MIT
// A chain of redirects. Input: the method, the status and the first URL, then one Location a line. Each is
// used as it is, or as libcurl resolves it.

#include <stdlib.h>
#include <strings.h>

#include "fuzz.h"

#include "http/engine/fields.h"
#include "http/engine/redirect.h"
#include "http/engine/state.h"
#include "http/engine/upload.h"
#include "http/engine/url.h"

#define START_USER "me"
#define START_PASSWORD "secret"
#define MAX_REDIRECTS (5)
#define MOST_HOPS (MAX_REDIRECTS + 3)

static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "DELETE", "PURGE" };
static const int statuses[] = { 301, 302, 303, 307, 308 };
static const char *const starts[] = {
    "http://me:secret@host/a/b?q", "https://me:secret@host/a/b?q", "https://me:secret@host:8443/", "http://me:secret@[::1]:80/", "http://me:secret@[fe80::1%25a]/",
};
static const char *const fields[] = {
    "Authorization: a", "Cookie: b", "X-Api-Key: c", "Accept: d", "User-Agent: e", "Content-Type: f", "Referer;", "Host:",
};

// The state of t before a hop.
typedef struct {
    char *url;
    const char *method;
    bool had_body;
    bool had_account;
    int redirects_left;
} before_t;

static http_request_t *start(input_t *input) {
    http_request_t *r = calloc(1, sizeof(*r));
    r->method_copy = strdup(methods[take_byte(input) % LEN(methods)]);
    r->method = r->method_copy;
    const char *url = starts[take_byte(input) % LEN(starts)];
    HOLDS(http_url_parse(&r->target, url, strlen(url)) == CURLE_OK);
    for (size_t i = 0; i < LEN(fields); i++) {
        r->fields = curl_slist_append(r->fields, fields[i]);
    }
    r->parts = &r->body;
    r->part_count = 1;
    r->body.data = strdup("body");
    r->body_len = r->body.len = 4;
    r->texts[HTTP_TEXT_CERT].data = strdup("certificate");
    r->texts[HTTP_TEXT_KEY].data = strdup("key");
    r->options.redirects = MAX_REDIRECTS;
    return r;
}

static void discard(http_request_t *r) {
    http_url_clear(&r->target);
    http_upload_free(r);
    curl_slist_free_all(r->fields);
    free(r->method_copy);
    free(r->texts[HTTP_TEXT_CERT].data);
    free(r->texts[HTTP_TEXT_KEY].data);
    free(r);
}

// The length of host and port; the port is left out if it is the scheme's own.
static size_t authority_len(const char *authority, const char *own_port) {
    size_t len = strcspn(authority, "/?#");
    size_t port_len = strlen(own_port);
    return len > port_len && memcmp(authority + len - port_len, own_port, port_len) == 0 ? len - port_len : len;
}

// Computed without the engine's code for origins.
static bool goes_to_the_same(const char *url, const char *other) {
    size_t scheme_len = strstr(url, "://") + 3 - url;
    const char *own_port = starts_with(url, "https:") ? ":443" : ":80";
    if (strncmp(url, other, scheme_len) != 0) {
        return false;
    }
    size_t len = authority_len(url + scheme_len, own_port);
    return len == authority_len(other + scheme_len, own_port) && strncasecmp(url + scheme_len, other + scheme_len, len) == 0;
}

static bool has(const http_request_t *r, const char *name) {
    return http_fields_have(r->fields, name);
}

static void check_hop(const http_request_t *r, const before_t *before) {
    char *url = http_url_get(&r->target, CURLUPART_URL);
    check_url(url);
    HOLDS(r->target.is_https == starts_with(url, "https://"));
    HOLDS(!starts_with(before->url, "https:") || r->target.is_https);
    HOLDS(r->options.redirects == before->redirects_left - 1);
    bool same_origin = goes_to_the_same(url, before->url);
    free(url);
    if (!same_origin) {
        HOLDS(r->texts[HTTP_TEXT_CERT].data == NULL && r->texts[HTTP_TEXT_KEY].data == NULL);
        HOLDS(!has(r, "Authorization") && !has(r, "Cookie") && !has(r, "X-Api-Key") && !has(r, "Referer"));
    }
    HOLDS((r->target.user != NULL) == (before->had_account && same_origin));
    if (r->target.user != NULL) {
        HOLDS(strcmp(r->target.user, START_USER) == 0 && strcmp(r->target.password, START_PASSWORD) == 0);
    } else {
        HOLDS(r->target.password == NULL);
    }
    HOLDS(has(r, "Accept") && has(r, "User-Agent") && has(r, "Host"));
    int status = r->response.status;
    HOLDS(strcmp(r->method, before->method) == 0 || (status <= 303 && strcmp(r->method, "GET") == 0));
    if (status >= 307) {
        HOLDS((r->body.data != NULL) == before->had_body);
    } else if (strcmp(r->method, before->method) != 0) {
        HOLDS(r->body.data == NULL && r->body_len == 0 && !has(r, "Content-Type"));
    }
}

static void check_refusal(const http_request_t *r, const before_t *before, CURLcode code, const char *text) {
    HOLDS(code == CURLE_TOO_MANY_REDIRECTS || code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL);
    HOLDS((code == CURLE_TOO_MANY_REDIRECTS) == (before->redirects_left == 0));
    HOLDS(text != NULL);
    char *url = http_url_get(&r->target, CURLUPART_URL);
    HOLDS(strcmp(url, before->url) == 0);
    free(url);
    HOLDS(r->method == before->method && (r->body.data != NULL) == before->had_body);
    HOLDS((r->target.user != NULL) == before->had_account);
    HOLDS(r->options.redirects == before->redirects_left);
}

static void hop(http_request_t *r, const char *location) {
    before_t before = {
        .url = http_url_get(&r->target, CURLUPART_URL),
        .method = r->method,
        .had_body = r->body.data != NULL,
        .had_account = r->target.user != NULL,
        .redirects_left = r->options.redirects,
    };
    const char *text = NULL;
    CURLcode code = http_redirect_prepare(r, location, &text);
    if (code == CURLE_OK) {
        check_hop(r, &before);
    } else {
        check_refusal(r, &before, code, text);
    }
    free(before.url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input_t input = { (const char *)data, size };
    http_request_t *r = start(&input);
    for (int hops = 0; hops < MOST_HOPS; hops++) {
        uint8_t how = take_byte(&input);
        size_t len;
        char *line = take_line(&input, &len);
        if (line == NULL) {
            break;
        }
        r->response.status = statuses[how % LEN(statuses)];
        hop(r, line);
        free(line);
    }
    discard(r);
    return 0;
}
