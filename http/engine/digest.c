// SPDX-License-Identifier: MIT
// Digest challenges (RFC 7616). libcurl answers only the first challenge, does not parse the whole syntax, and mixes
// two challenges of one field. This file refuses a challenge that libcurl would answer wrongly, before libcurl answers
// it.

#define _GNU_SOURCE // strcasestr
#include <string.h>

#include "http/engine/digest.h"
#include "http/engine/fields.h"
#include "http/engine/response.h"
#include "http/engine/upload.h"

// True if libcurl would not use this algorithm. Before 8.8.0 it answers SHA-512-256 with SHA-256.
static bool is_unknown(const char *algorithm) {
    return !http_fields_begin_with(algorithm, "MD5") && !http_fields_begin_with(algorithm, "SHA-256")
           && (http_state.curl_version < 0x080800 || !http_fields_begin_with(algorithm, "SHA-512-256"));
}

// True if this is the only quality. A list of several is quoted.
static bool is_auth_int(const char *value) {
    return http_fields_begin_with(value, "auth-int") && (value[8] != ',' || value[-1] != '"');
}

// True if libcurl would answer a challenge with this parameter wrongly, or if the next challenge of the field starts
// here and is Digest, too: libcurl would read its parameters as those of the first one.
static bool is_refused(const http_request_t *r, const char *text) {
    const char *value = text + strcspn(text, "=");
    value += strspn(value, "=\"");
    return http_fields_begin_with(text, "Digest") || (http_fields_begin_with(text, "algorithm=") && is_unknown(value))
           || (http_fields_begin_with(text, "qop=") && is_auth_int(value) && http_upload_any(r));
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// True if libcurl would answer this challenge wrongly; text is its parameters. libcurl does not parse blanks around "="
// or before a comma, nor empty elements of the list, which are all legal. Quoted text is not told from other text: what
// would be wrong outside the quotes is refused inside, too.
static bool is_wrong(const http_request_t *r, const char *text) {
    for (bool starts = true;; text++) {
        if (starts) {
            text += strspn(text, " \t");
            if (*text == ',' || is_refused(r, text)) {
                return true;
            }
        }
        text += strcspn(text, "=,");
        if (*text == 0) {
            return false;
        }
        starts = *text == ',';
        if (is_blank(text[-1]) || (is_blank(text[1]) && !starts)) {
            return true;
        }
    }
}

bool http_digest_is_wrong(const http_request_t *r) {
    const char *name = http_response_fields(&r->response);
    for (size_t i = 0; i < r->response.count; i++) {
        size_t len = strlen(name);
        const char *value = name + len + 1;
        const char *digest = http_name_is(name, len, "WWW-Authenticate") ? strcasestr(value, "Digest") : NULL;
        if (digest != NULL && strchr(" \t,", digest[-1]) != NULL) { // or the NUL before the value
            return is_wrong(r, digest + strlen("Digest"));
        }
        name = value + strlen(value) + 1;
    }
    return false;
}
