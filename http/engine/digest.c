// SPDX-License-Identifier: MIT
// Digest challenges (RFC 7616). libcurl answers only the first challenge, does not parse the whole syntax, and mixes
// two challenges of one field. This file refuses a challenge that libcurl would answer wrongly, before libcurl answers
// it.

#define _GNU_SOURCE // memmem, strcasestr
#include <string.h>
#include <strings.h>

#include "http/engine/digest.h"
#include "http/engine/response.h"
#include "http/engine/upload.h"

#define CANNOT "libcurl cannot answer this Digest challenge"

// True if libcurl would use another algorithm, or would ignore this one although it may know the algorithm of a later
// challenge.
static bool is_wrong(const http_response_t *response, const char *algorithm) {
    if (strncasecmp(algorithm, "SHA-512-256", 11) == 0) {
        return http_state.curl_version < 0x080800; // older ones answer with SHA-256
    }
    return strncasecmp(algorithm, "MD5", 3) != 0 && strncasecmp(algorithm, "SHA-256", 7) != 0
           && memmem(algorithm, response->data + response->len - algorithm, "Digest ", 7) != NULL;
}

// True if "auth" is in this list.
static bool has_auth(const char *value, const char *end) {
    while (value < end && (strncasecmp(value, "auth", 4) != 0 || value[4] == '-')) {
        value++;
    }
    return value < end;
}

// The reason why libcurl must not answer this challenge; text is its parameters. libcurl does not parse blanks around
// "=" or before a comma, nor empty elements of the list, which are all legal. It also reads the parameters of a second
// challenge in the same field.
static const char *refusal(const http_request_t *r, const char *text) {
    for (;;) {
        text += strspn(text, " \t");
        if (*text == 0) {
            return NULL;
        }
        size_t len = strcspn(text, "=, \t");
        if (text[len] != '=') {
            const char *next = text + len + strspn(text + len, " \t");
            return len == 0 || *next == '=' || strncasecmp(text, "Digest", 6) == 0 ? CANNOT : NULL;
        }
        const char *value = text + len + 1;
        const char *end = value;
        if (*value == '"') {
            for (end = ++value; *end != 0 && *end != '"'; end++) {
                end += end[0] == '\\' && end[1] != 0;
            }
            end += *end == '"';
        } else {
            end += strcspn(value, ", \t");
        }
        if (end == value || strchr(",", *end) == NULL
            || (http_name_is(text, len, "algorithm") && is_wrong(&r->response, value))) {
            return CANNOT;
        }
        if (http_name_is(text, len, "qop") && !has_auth(value, end) && http_upload_any(r)) {
            return "the server wants Digest with auth-int, which is for requests without a body here";
        }
        text = end + (*end == ',');
    }
}

const char *http_digest_refusal(const http_request_t *r) {
    const char *name = http_response_fields(&r->response);
    for (size_t i = 0; i < r->response.count; i++) {
        const char *value = name + strlen(name) + 1;
        const char *digest = strcasecmp(name, "WWW-Authenticate") == 0 ? strcasestr(value, "Digest") : NULL;
        if (digest != NULL && strchr(" \t,", digest[-1]) != NULL) { // or the NUL before the value
            return refusal(r, digest + strlen("Digest"));
        }
        name = value + strlen(value) + 1;
    }
    return NULL;
}
