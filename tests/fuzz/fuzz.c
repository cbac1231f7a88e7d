// SPDX-License-Identifier: MIT

#define _GNU_SOURCE // memmem
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#include "http/engine/memory.h"

void broken(const char *what, const char *file, int line) {
    fprintf(stderr, "%s:%d: broken: %s\n", file, line, what);
    abort();
}

uint8_t take_byte(input_t *input) {
    if (input->len == 0) {
        return 0;
    }
    input->len--;
    return (uint8_t)*input->data++;
}

static char *take(input_t *input, const char *separator, size_t separator_len, size_t *len) {
    if (input->len == 0) {
        return NULL;
    }
    const char *end = memmem(input->data, input->len, separator, separator_len);
    *len = end == NULL ? input->len : (size_t)(end - input->data);
    char *own = http_memory_copy(input->data, *len);
    HOLDS(own != NULL);
    size_t gone = end == NULL ? *len : *len + separator_len;
    input->data += gone;
    input->len -= gone;
    return own;
}

char *take_line(input_t *input, size_t *len) {
    return take(input, "\n", 1, len);
}

char *take_part(input_t *input, size_t *len) {
    return take(input, "\xff\xff", 2, len);
}

bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

// name NUL value NUL, as the binding reads it.
void check_fields(const char *fields, size_t count, size_t max_len) {
    HOLDS(count <= HTTP_FIELDS_MAX_LINES);
    const char *p = fields;
    for (size_t i = 0; i < 2 * count; i++) {
        HOLDS(i % 2 == 1 || *p != 0); // no name is empty
        HOLDS(strpbrk(p, "\r\n") == NULL);
        HOLDS(p[0] != ' ' && p[0] != '\t');
        p += strlen(p) + 1;
    }
    HOLDS((size_t)(p - fields) <= max_len);
}

void check_url(const char *url) {
    HOLDS(starts_with(url, "http://") || starts_with(url, "https://"));
    for (const char *p = url; *p != 0; p++) {
        HOLDS(*p > 0x20 && *p < 0x7f);
    }
    const char *authority = strstr(url, "://") + 3;
    HOLDS(memchr(authority, '@', strcspn(authority, "/?#")) == NULL);
}

void check_result(const http_result_t *result) {
    HOLDS(result->status >= 1 && result->status <= 999);
    HOLDS((result->error != NULL) == (result->status < 100));
    for (const char *p = result->error; p != NULL && *p != 0; p++) {
        HOLDS(*p >= 0x20 && *p <= 0x7e);
    }
    if (result->url != NULL) {
        check_url(result->url);
    }
    check_fields(result->fields, result->field_count, HTTP_FIELDS_MAX_BYTES + 1);
    HOLDS((result->body == NULL) == (result->body_len == 0));
    HOLDS(result->body_len <= result->received);
}
