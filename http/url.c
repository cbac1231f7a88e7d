// SPDX-License-Identifier: MIT
// URLs: which ones are taken, and what of them may be sent where.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/engine_private.h"

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The length of a URL's scheme (RFC 3986 3.1) if "://" follows it, else 0. libcurl would guess one.
static size_t scheme_len(const char *url) {
    size_t n = 0;
    while (is_letter(url[n]) || (n > 0 && url[n] != 0 && strchr("0123456789+-.", url[n]) != NULL)) {
        n++;
    }
    return strncmp(url + n, "://", 3) == 0 ? n : 0;
}

// Bytes that are no ASCII, percent-encoded behind the authority: paths and queries of IRIs. The
// host stays as it is, that is libcurl's business.
static char *encode(const char *url) {
    static const char hex[] = "0123456789ABCDEF";
    size_t len = strlen(url);
    char *out = malloc(3 * len + 1);
    if (out == NULL) {
        return NULL;
    }
    size_t scheme = scheme_len(url);
    size_t authority = scheme + 3;
    authority += strcspn(url + authority, "/?#");
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = url[i];
        if (c < 0x80 || i < authority) {
            out[n++] = c;
        } else {
            out[n++] = '%';
            out[n++] = hex[c >> 4];
            out[n++] = hex[c & 15];
        }
    }
    out[n] = 0;
    return out;
}

static CURLcode from_url_code(CURLUcode code) {
    switch (code) {
        case CURLUE_OK:
            return CURLE_OK;
        case CURLUE_OUT_OF_MEMORY:
        case CURLUE_BAD_LOGIN: // which nothing but this makes bad
            return CURLE_OUT_OF_MEMORY;
        case CURLUE_UNSUPPORTED_SCHEME:
            return CURLE_UNSUPPORTED_PROTOCOL;
        default:
            return CURLE_URL_MALFORMAT;
    }
}

// A part of the URL as own memory; a part that is not there is no error.
static CURLUcode get_part(CURLU *u, CURLUPart part, unsigned flags, char **out) {
    char *text = NULL;
    CURLUcode code = curl_url_get(u, part, &text, flags);
    if (code == CURLUE_NO_USER || code == CURLUE_NO_PASSWORD) {
        return CURLUE_OK;
    }
    if (code == CURLUE_OK) {
        *out = strdup(text);
        curl_free(text);
        if (*out == NULL) {
            return CURLUE_OUT_OF_MEMORY;
        }
    }
    return code;
}

static CURLUcode get_origin(CURLU *u, char **out) {
    char *scheme = NULL;
    char *host = NULL;
    char *zone = NULL; // of a link-local address: the host is another one on another link
    char *port = NULL;
    CURLUcode code = curl_url_get(u, CURLUPART_SCHEME, &scheme, 0);
    if (code == CURLUE_OK) {
        code = curl_url_get(u, CURLUPART_HOST, &host, 0);
    }
    if (code == CURLUE_OK) {
        code = curl_url_get(u, CURLUPART_ZONEID, &zone, 0);
        code = code == CURLUE_NO_ZONEID ? CURLUE_OK : code;
    }
    if (code == CURLUE_OK) {
        code = curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    }
    if (code == CURLUE_OK) {
        static const char format[] = "%s://%s%s%s:%s";
        const char *percent = zone == NULL ? "" : "%";
        const char *name = zone == NULL ? "" : zone;
        size_t size = snprintf(NULL, 0, format, scheme, host, percent, name, port) + 1;
        *out = malloc(size);
        if (*out == NULL) {
            code = CURLUE_OUT_OF_MEMORY;
        } else {
            snprintf(*out, size, format, scheme, host, percent, name, port);
        }
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(zone);
    curl_free(port);
    return code;
}

static CURLUcode parse(CURLU *u, http_target_t *target, const char *url) {
    CURLUcode code = curl_url_set(u, CURLUPART_URL, url, 0);
    if (code == CURLUE_OK) {
        code = get_part(u, CURLUPART_USER, CURLU_URLDECODE, &target->user);
    }
    if (code == CURLUE_OK) {
        code = get_part(u, CURLUPART_PASSWORD, CURLU_URLDECODE, &target->password);
    }
    if (code == CURLUE_OK) {
        code = get_origin(u, &target->origin);
    }
    if (code == CURLUE_OK) {
        code = curl_url_set(u, CURLUPART_USER, NULL, 0);
    }
    if (code == CURLUE_OK) {
        code = curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
    }
    if (code == CURLUE_OK) {
        code = get_part(u, CURLUPART_URL, 0, &target->url);
    }
    return code;
}

static CURLcode parse_text(http_target_t *target, const char *url) {
    size_t scheme = scheme_len(url);
    if (scheme == 0) {
        return CURLE_URL_MALFORMAT;
    }
    if (!http_name_is(url, scheme, "http") && !http_name_is(url, scheme, "https")) {
        return CURLE_UNSUPPORTED_PROTOCOL;
    }
    char *encoded = encode(url);
    CURLU *u = curl_url();
    CURLUcode code = CURLUE_OUT_OF_MEMORY;
    if (encoded != NULL && u != NULL) {
        code = parse(u, target, encoded);
    }
    // But for memory, libcurl gives this for an encoded control character only.
    if (code == CURLUE_URLDECODE && strstr(url, "%0") == NULL && strstr(url, "%1") == NULL) {
        code = CURLUE_OUT_OF_MEMORY;
    }
    free(encoded);
    curl_url_cleanup(u);
    if (code != CURLUE_OK) {
        http_target_clear(target);
    }
    return from_url_code(code);
}

CURLcode http_target_parse(http_target_t *target, const char *url, size_t len) {
    memset(target, 0, sizeof(*target));
    char *text = strndup(url, len); // url need not end in NUL
    CURLcode code = text == NULL ? CURLE_OUT_OF_MEMORY : parse_text(target, text);
    free(text);
    return code;
}

bool http_url_is_unresolved(const char *base, const char *reference) {
    CURLU *u = curl_url();
    char *text = NULL;
    CURLUcode code = u == NULL ? CURLUE_OUT_OF_MEMORY : curl_url_set(u, CURLUPART_URL, base, 0);
    if (code == CURLUE_OK) {
        code = curl_url_set(u, CURLUPART_URL, reference, CURLU_NON_SUPPORT_SCHEME);
    }
    if (code == CURLUE_OK) {
        code = curl_url_get(u, CURLUPART_URL, &text, 0);
    }
    bool differs = code == CURLUE_OUT_OF_MEMORY || (code == CURLUE_OK && strcmp(text, reference) != 0);
    curl_free(text);
    curl_url_cleanup(u);
    return differs;
}

void http_target_clear(http_target_t *target) {
    free(target->url);
    free(target->origin);
    free(target->user);
    free(target->password);
    memset(target, 0, sizeof(*target));
}

bool http_is_url_text(const char *text, size_t len) {
    return http_is_field_value(text, len);
}
