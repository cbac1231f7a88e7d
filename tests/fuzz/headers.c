// SPDX-License-Identifier: MIT
// The lines of a response, as libcurl gives them, collected and then read as the binding does.
// Input: how often each line is repeated (so that small inputs reach the limits), then the lines.

#define _GNU_SOURCE // memmem
#include <stdlib.h>

#include "fuzz.h"

#include "http/engine/response.h"
#include "http/engine/state.h"

static void check_collector(const http_response_t *c) {
    HOLDS(c->len <= c->alloc);
    HOLDS(c->len <= HTTP_FIELDS_MAX_BYTES + 1);
    HOLDS(c->count <= c->lines);
    HOLDS(c->challenges <= HTTP_CHALLENGES_MAX + 1);
    check_fields(http_response_fields(c), c->count, c->data == NULL ? 0 : c->len - strlen(c->data) - 1);
    size_t parts = 0;
    for (size_t i = 0; i < c->len; i++) {
        parts += c->data[i] == 0;
    }
    // The reason, and then nothing between two fields and nothing behind the last.
    HOLDS(parts == (c->data != NULL) + 2 * c->count);
}

// Every name came from one line.
static void check_names(const http_response_t *c, const char *data, size_t size) {
    char *text = malloc(size + 1);
    for (size_t i = 0; i < size; i++) {
        text[i] = data[i] == '\r' || data[i] == 0 ? ' ' : data[i];
    }
    const char *p = http_response_fields(c);
    for (size_t i = 0; i < c->count; i++) {
        HOLDS(memmem(text, size, p, strlen(p)) != NULL);
        p += strlen(p) + 1;
        p += strlen(p) + 1;
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input_t input = { (const char *)data, size };
    unsigned times = 1 + take_byte(&input) % (HTTP_FIELDS_MAX_LINES + 2);
    input_t lines = input;
    http_response_t c;
    memset(&c, 0, sizeof(c));
    CURLcode code = CURLE_OK;
    size_t len;
    char *line;
    while (code == CURLE_OK && (line = take_line(&input, &len)) != NULL) {
        line[len] = '\n';
        for (unsigned i = 0; i < times && code == CURLE_OK; i++) {
            size_t count = c.count;
            bool was_complete = c.complete;
            code = http_response_read_line(&c, line, len + 1);
            bool starts = len >= 5 && memcmp(line, "HTTP/", 5) == 0;
            HOLDS(c.count <= count + 1);
            HOLDS(!was_complete || starts || c.count == count || code != CURLE_OK); // trailers are dropped
        }
        free(line);
        HOLDS(code == CURLE_OK || code == CURLE_RECV_ERROR || code == CURLE_LOGIN_DENIED
            || code == CURLE_WEIRD_SERVER_REPLY);
        HOLDS((code == CURLE_LOGIN_DENIED) == (c.challenges > HTTP_CHALLENGES_MAX));
        check_collector(&c);
    }
    check_names(&c, lines.data, lines.len);
    http_response_clear(&c);
    HOLDS(c.data == NULL && c.count == 0);
    return 0;
}
