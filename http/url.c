// SPDX-License-Identifier: MIT
// URLs: which ones are taken, and what of them may be sent where.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
// host stays as it is, that is libcurl's business. NULL without memory.
static char *encode(const char *url, size_t len) {
    static const char hex[] = "0123456789ABCDEF";
    size_t foreign = 0;
    for (size_t i = 0; i < len; i++) {
        foreign += (unsigned char)url[i] >> 7;
    }
    char *out = malloc(len + 2 * foreign + 1);
    if (out == NULL) {
        return NULL;
    }
    memcpy(out, url, len);
    out[len] = 0;
    if (foreign == 0) {
        return out;
    }
    const char *authority = strstr(out, "://");
    size_t n = authority == NULL ? 0 : authority + 3 - out;
    n += strcspn(out + n, "/?#");
    for (size_t i = n; i < len; i++) {
        unsigned char c = url[i];
        if (c < 0x80) {
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
    if (code == CURLUE_NO_USER || code == CURLUE_NO_PASSWORD || code == CURLUE_NO_ZONEID) {
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

// No host has a "%" in its name, and libcurl 7.88 encodes one anew each time that it gives the URL; nor a DEL, which it
// decodes as the only control character. As the zone of an address it takes anything: RFC 6874 does not.
static CURLUcode check_host(CURLU *u, const char *url) {
    if (strchr(url, '%') == NULL) {
        return CURLUE_OK;
    }
    char *host = NULL;
    char *zone = NULL;
    CURLUcode code = get_part(u, CURLUPART_HOST, 0, &host);
    if (code == CURLUE_OK) {
        code = get_part(u, CURLUPART_ZONEID, 0, &zone);
    }
    if (code == CURLUE_OK && (strpbrk(host, "%\x7f") != NULL || (zone != NULL && !http_is_token(zone, strlen(zone))))) {
        code = CURLUE_BAD_HOSTNAME;
    }
    free(host);
    free(zone);
    return code;
}

// The URL that u holds is one user's now. NULL without memory; u is taken in any case.
static http_url_t *share_url(CURLU *u) {
    http_url_t *url = calloc(1, sizeof(*url));
    if (url == NULL || get_part(u, CURLUPART_URL, 0, &url->text) != CURLUE_OK) {
        free(url);
        curl_url_cleanup(u);
        return NULL;
    }
    url->handle = u;
    url->users = 1;
    return url;
}

static void unuse_url(http_url_t *url) {
    if (url != NULL && atomic_fetch_sub(&url->users, 1) == 1) {
        curl_url_cleanup(url->handle);
        free(url->text);
        free(url);
    }
}

// Takes the account out of u.
static CURLUcode take_account(CURLU *u, http_target_t *target) {
    CURLUcode code = get_part(u, CURLUPART_USER, CURLU_URLDECODE, &target->user);
    if (code == CURLUE_OK) {
        code = get_part(u, CURLUPART_PASSWORD, CURLU_URLDECODE, &target->password);
    }
    if (code == CURLUE_OK) {
        code = curl_url_set(u, CURLUPART_USER, NULL, 0);
    }
    return code == CURLUE_OK ? curl_url_set(u, CURLUPART_PASSWORD, NULL, 0) : code;
}

static CURLUcode parse(http_target_t *target, const char *url) {
    CURLU *u = curl_url();
    CURLUcode code = u == NULL ? CURLUE_OUT_OF_MEMORY : curl_url_set(u, CURLUPART_URL, url, 0);
    if (code == CURLUE_OK) {
        code = check_host(u, url);
    }
    if (code == CURLUE_OK && strchr(url, '@') != NULL) {
        code = take_account(u, target);
    }
    if (code != CURLUE_OK) {
        curl_url_cleanup(u);
        return code;
    }
    target->url = share_url(u);
    return target->url == NULL ? CURLUE_OUT_OF_MEMORY : CURLUE_OK;
}

static CURLcode parse_text(http_target_t *target, const char *url) {
    size_t scheme = scheme_len(url);
    if (scheme == 0) {
        return CURLE_URL_MALFORMAT;
    }
    target->is_https = http_name_is(url, scheme, "https");
    if (!target->is_https && !http_name_is(url, scheme, "http")) {
        return CURLE_UNSUPPORTED_PROTOCOL;
    }
    CURLUcode code = parse(target, url);
    // But for memory, libcurl gives this for an encoded control character only.
    if (code == CURLUE_URLDECODE && strstr(url, "%0") == NULL && strstr(url, "%1") == NULL) {
        code = CURLUE_OUT_OF_MEMORY;
    }
    if (code != CURLUE_OK) {
        http_target_clear(target);
    }
    return from_url_code(code);
}

CURLcode http_target_parse(http_target_t *target, const char *url, size_t len) {
    memset(target, 0, sizeof(*target));
    char *text = encode(url, len);
    CURLcode code = text == NULL ? CURLE_OUT_OF_MEMORY : parse_text(target, text);
    free(text);
    return code;
}

// Apps ask for the same URL again and again: the last one is kept, unless it has an account in it.
static struct {
    char *text; // as the app gave it
    size_t len;
    http_target_t target;
} last;

void http_target_forget_last(void) {
    free(last.text);
    last.text = NULL;
    http_target_clear(&last.target);
}

static void use(http_target_t *target, const http_target_t *other) {
    *target = *other;
    atomic_fetch_add(&target->url->users, 1);
}

CURLcode http_target_parse_again(http_target_t *target, const char *url, size_t len) {
    if (last.text != NULL && last.len == len && memcmp(last.text, url, len) == 0) {
        use(target, &last.target);
        return CURLE_OK;
    }
    CURLcode code = http_target_parse(target, url, len);
    if (code == CURLE_OK && target->user == NULL && target->password == NULL) {
        http_target_forget_last();
        use(&last.target, target);
        last.text = http_copy(url, len); // without memory it is not kept
        last.len = len;
    }
    return code;
}

char *http_target_get(const http_target_t *target, CURLUPart part) {
    char *text = NULL;
    if (target->url != NULL) {
        get_part(target->url->handle, part, 0, &text);
    }
    return text;
}

// Compares without case: libcurl makes schemes small, and hosts not always.
static CURLUcode has_same(CURLU *a, CURLU *b, CURLUPart part, bool *same) {
    char *of_a = NULL;
    char *of_b = NULL;
    CURLUcode code = get_part(a, part, CURLU_DEFAULT_PORT, &of_a);
    if (code == CURLUE_OK) {
        code = get_part(b, part, CURLU_DEFAULT_PORT, &of_b);
    }
    *same = code == CURLUE_OK && (of_a == of_b || (of_a != NULL && of_b != NULL && strcasecmp(of_a, of_b) == 0));
    free(of_a);
    free(of_b);
    return code;
}

CURLcode http_target_same_origin(const http_target_t *a, const http_target_t *b, bool *same) {
    // On another link the same address is another host.
    static const CURLUPart parts[] = { CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_ZONEID, CURLUPART_PORT };
    CURLUcode code = CURLUE_OK;
    *same = true;
    for (size_t i = 0; *same && i < sizeof(parts) / sizeof(parts[0]); i++) {
        code = has_same(a->url->handle, b->url->handle, parts[i], same);
    }
    return from_url_code(code);
}

static CURLUcode resolve(const http_target_t *base, const char *reference, char **url) {
    CURLU *u = curl_url_dup(base->url->handle);
    CURLUcode code = u == NULL ? CURLUE_OUT_OF_MEMORY : curl_url_set(u, CURLUPART_URL, reference, CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OK) {
        code = get_part(u, CURLUPART_URL, 0, url);
    }
    curl_url_cleanup(u);
    return code;
}

CURLcode http_target_resolve(http_target_t *target, const http_target_t *base, const char *reference) {
    memset(target, 0, sizeof(*target));
    char *url = NULL;
    CURLUcode code = CURLUE_MALFORMED_INPUT;
    // Without memory libcurl may say that of any reference: then it is another thing the second time.
    for (int i = 0; i < 2 && code != CURLUE_OK && code != CURLUE_OUT_OF_MEMORY; i++) {
        code = resolve(base, reference, &url);
    }
    CURLcode result = code == CURLUE_OK ? http_target_parse(target, url, strlen(url)) : from_url_code(code);
    free(url);
    return result;
}

void http_target_clear(http_target_t *target) {
    unuse_url(target->url);
    free(target->user);
    free(target->password);
    memset(target, 0, sizeof(*target));
}

bool http_is_url_text(const char *text, size_t len) {
    return http_is_field_value(text, len);
}
