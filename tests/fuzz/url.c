// SPDX-License-Identifier: MIT
// Arguments of an app: methods, header fields, URLs.
// Input: a line that is a name, a line that is a value, and the rest is a URL.

#define _GNU_SOURCE // memmem
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#include "http/engine/fields.h"
#include "http/engine/state.h"
#include "http/engine/url.h"

// RFC 9110 5.6.2, implemented a second time.
static bool is_tchar(unsigned char c) {
    static const char others[] = { '!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~' };
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || memchr(others, c, sizeof(others)) != NULL;
}

static bool is_token(const char *text, size_t len) {
    size_t n = 0;
    while (n < len && is_tchar(text[n])) {
        n++;
    }
    return len > 0 && n == len;
}

static bool ends_early(const char *text, size_t len) {
    return memchr(text, '\r', len) != NULL || memchr(text, '\n', len) != NULL || memchr(text, 0, len) != NULL;
}

static bool keep_nothing(const char *name, size_t len) {
    (void)name;
    (void)len;
    return false;
}

// A field with this name, and this value if it is not NULL.
static void check_field(const char *name, const char *value) {
    char *line = malloc(strlen(name) + (value == NULL ? 0 : strlen(value)) + 3);
    sprintf(line, value == NULL ? "%s:" : "%s: %s", name, value);
    struct curl_slist *list = curl_slist_append(NULL, line);
    free(line);
    HOLDS(list != NULL && http_fields_have(list, name));
    http_fields_keep(&list, keep_nothing);
    HOLDS((list != NULL) == (value == NULL)); // an omission stays
    curl_slist_free_all(list);
}

// Nothing but scheme, host, zone and port makes an origin.
static void check_origin(const http_target_t *target) {
    char *scheme = http_url_get(target, CURLUPART_SCHEME);
    char *host = http_url_get(target, CURLUPART_HOST);
    char *port = http_url_get(target, CURLUPART_PORT);
    HOLDS(target->is_https ? strcmp(scheme, "https") == 0 : strcmp(scheme, "http") == 0);
    HOLDS(host[0] != 0 && strpbrk(host, "/?#@ ") == NULL);
    HOLDS(port == NULL || (strtol(port, NULL, 10) <= 65535 && port[strspn(port, "0123456789")] == 0));
    free(scheme);
    free(host);
    free(port);
}

static void check_target(const char *url, size_t len) {
    http_target_t target;
    CURLcode code = http_url_parse(&target, url, len);
    HOLDS(code == CURLE_OK || code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL);
    if (code != CURLE_OK) {
        HOLDS(target.url == NULL && target.user == NULL && target.password == NULL);
        return;
    }
    char *text = http_url_get(&target, CURLUPART_URL);
    check_url(text);
    check_origin(&target);
    // Parsing the result again must change nothing.
    http_target_t again;
    HOLDS(http_url_parse(&again, text, strlen(text)) == CURLE_OK);
    bool same = http_url_same_origin(&again, &target);
    HOLDS(same || memchr(url, '%', len) != NULL); // libcurl 7.88 takes %36 for 6 and 6 for 0.0.0.6
    HOLDS(again.user == NULL && again.password == NULL);
    char *text_again = http_url_get(&again, CURLUPART_URL);
    HOLDS(!same || strcmp(text_again, text) == 0);
    free(text_again);
    free(text);
    http_url_clear(&again);
    http_url_clear(&target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input_t input = { (const char *)data, size };
    size_t name_len = 0;
    size_t value_len = 0;
    char *name = take_line(&input, &name_len);
    char *value = take_line(&input, &value_len);
    if (name != NULL) {
        HOLDS(http_is_token(name, name_len) == is_token(name, name_len));
        HOLDS(http_name_is(name, name_len, name) == (strlen(name) == name_len));
    }
    if (value != NULL) {
        HOLDS(http_is_field_value(value, value_len) == !ends_early(value, value_len));
    }
    if (name != NULL && http_is_token(name, name_len) && (value == NULL || http_is_field_value(value, value_len))) {
        check_field(name, value);
    }
    HOLDS(http_is_url_text(input.data, input.len) == !ends_early(input.data, input.len));
    if (http_is_url_text(input.data, input.len)) {
        check_target(input.data, input.len);
    }
    free(name);
    free(value);
    return 0;
}
