// SPDX-License-Identifier: MIT
// Digest challenges (RFC 7616). libcurl answers the first one that it sees, reads it loosely, and mixes two that are in
// one field. What it would answer wrongly, or could have answered, is refused here, before it does.

#define _GNU_SOURCE // strcasestr
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/engine/state.h"

// What is quoted has nothing in it any more that means something outside.
static void blank_quoted(char *text) {
    bool is_quoted = false;
    for (; *text != 0; text++) {
        if (is_quoted && *text == '\\' && text[1] != 0) {
            *text++ = '_';
            *text = '_';
        } else if (*text == '"') {
            is_quoted = !is_quoted;
        } else if (is_quoted && strchr(", =", *text) != NULL) {
            *text = '_';
        } else if (*text == '\t') {
            *text = ' ';
        }
    }
}

// Legal, and more than libcurl knows: blanks around "=", empty elements of the list; or another challenge behind it.
static bool is_loose(const char *challenge) {
    return strstr(challenge, " =") != NULL || strstr(challenge, "= ") != NULL || strstr(challenge, " ,") != NULL
           || strstr(challenge, ",,") != NULL || strcasestr(challenge + 1, "Digest ") != NULL;
}

static const char *value_of(const char *challenge, const char *name) {
    const char *value = strcasestr(challenge, name);
    value = value == NULL ? "" : value + strlen(name);
    return value + (value[0] == '"');
}

// Is there a qop, and "auth" not among its values?
static bool is_auth_int(const char *challenge) {
    const char *qop = value_of(challenge, "qop=");
    for (size_t i = strcspn(qop, ","); i-- > 0;) {
        if (strncasecmp(qop + i, "auth", 4) == 0 && qop[i + 4] != '-') {
            return false;
        }
    }
    return qop[0] != 0;
}

const char *http_digest_refusal(const http_transfer_t *t) {
    bool is_first = true;
    bool is_wrong = false; // the first, or what libcurl makes of it
    bool is_mistaken = false;
    bool any_known = false;
    bool needs_body = false;
    const char *name = t->collector.data;
    for (size_t i = 0; i < t->collector.count; i++) {
        const char *value = name + strlen(name) + 1;
        size_t len = strlen(value);
        char *text = http_name_is(name, value - 1 - name, "WWW-Authenticate") ? http_copy(value, len) : NULL;
        name = value + len + 1;
        if (text == NULL) {
            continue;
        }
        blank_quoted(text);
        for (const char *challenge = text; (challenge = strcasestr(challenge, "Digest ")) != NULL; challenge++) {
            const char *algorithm = value_of(challenge, "algorithm=");
            bool is_512 = strncasecmp(algorithm, "SHA-512-256", 11) == 0;
            bool is_old = http_engine.curl_version < 0x080800; // and sends SHA-256 for that
            bool is_known = algorithm[0] == 0 || strncasecmp(algorithm, "MD5", 3) == 0
                || strncasecmp(algorithm, "SHA-256", 7) == 0 || (is_512 && !is_old);
            any_known = any_known || is_known;
            if (is_first) {
                is_wrong = !is_known || is_loose(challenge);
                is_mistaken = is_512 && is_old;
                needs_body = is_auth_int(challenge);
                is_first = false;
            }
        }
        free(text);
    }
    if (is_mistaken || (is_wrong && any_known)) {
        return "libcurl cannot answer this Digest challenge";
    }
    return needs_body && http_upload_any(t) ? "the server wants Digest with auth-int, which is for requests without a body here" : NULL;
}
