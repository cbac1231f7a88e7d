// SPDX-License-Identifier: MIT
// URLs: which ones are taken, and what of them may be sent where.

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/engine/state.h"

static bool is_letter(char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

// The length of a URL's scheme (RFC 3986 3.1) if "://" follows it, else 0. libcurl would guess one.
static size_t scheme_len(const char *url) {
    size_t n = 0;
    while (is_letter(url[n]) || (n > 0 && url[n] != 0 && strchr("0123456789+-.", url[n]) != NULL)) {
        n++;
    }
    return strncmp(url + n, "://", 3) == 0 ? n : 0;
}

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

// May this stand behind a host, or in front of its "@"? RFC 3986 2 without "[" and "]", which servers expect in queries;
// what is encoded stays. url ends with a NUL.
static bool may_stand(const char *url) {
    if (is_letter(*url)) {
        return true; // most are
    }
    return *url == '%' ? is_hex(url[1]) && is_hex(url[2]) : *url > ' ' && *url < 0x7f && strchr("\"<>\\^`{|}", *url) == NULL;
}

// The URL with all else percent-encoded, but for its host: what that may be is libcurl's business. The authority is at
// url + authority. Takes url; NULL without memory.
static char *encode(char *url, size_t authority) {
    static const char hex[] = "0123456789ABCDEF";
    const char *end = url + authority + strcspn(url + authority, "/?#");
    const char *at = memchr(url + authority, '@', end - (url + authority));
    const char *host = at == NULL ? url + authority : at;
    size_t foreign = 0;
    size_t len = 0;
    for (; url[len] != 0; len++) {
        foreign += !may_stand(url + len);
    }
    if (foreign == 0) {
        return url;
    }
    char *out = malloc(len + 2 * foreign + 1);
    if (out != NULL) {
        char *to = out;
        for (const char *from = url; *from != 0; from++) {
            unsigned char c = *from;
            if ((from >= host && from < end) || may_stand(from)) {
                *to++ = c;
            } else {
                *to++ = '%';
                *to++ = hex[c >> 4];
                *to++ = hex[c & 15];
            }
        }
        *to = 0;
    }
    free(url);
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
        code = *out == NULL ? CURLUE_OUT_OF_MEMORY : CURLUE_OK;
    }
    curl_free(text); // of a name that cannot be converted libcurl leaves its copy
    return code;
}

// An international name in the form that DNS has (UTS 46). Host field, TLS, cookies and what is compared have no other.
static CURLUcode make_ascii(CURLU *u, char **host) {
    #ifdef CURLU_PUNYCODE
    char *ascii = NULL;
    #ifdef __GLIBC__
    // libidn2 reads a name in the charset of the locale, and a program's own is ASCII until it asks for another.
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = uselocale(utf8);
    #endif
    CURLUcode code = get_part(u, CURLUPART_HOST, CURLU_PUNYCODE, &ascii);
    #ifdef __GLIBC__
    uselocale(before);
    if (utf8 != (locale_t)0) {
        freelocale(utf8);
    }
    #endif
    if (code == CURLUE_OK) {
        // This looks at the name again: some characters stand for "a/c".
        code = curl_url_set(u, CURLUPART_HOST, ascii, 0);
    } else if (code == CURLUE_OUT_OF_MEMORY) {
        code = CURLUE_BAD_HOSTNAME; // libcurl 7.88 has one code for both
    }
    free(*host);
    *host = ascii;
    return code;
    #else
    return CURLUE_LACKS_IDN;
    #endif
}

static bool is_ascii(const char *text) {
    while (*text != 0 && (unsigned char)*text < 0x80) {
        text++;
    }
    return *text == 0;
}

// No host has a "%" in its name, and libcurl 7.88 encodes one anew each time that it gives the URL; nor a DEL, which it
// decodes as the only control character. As the zone of an address it takes anything: RFC 6874 does not.
static CURLUcode check_host(CURLU *u, const char *url) {
    if (strchr(url, '%') == NULL && is_ascii(url)) {
        return CURLUE_OK;
    }
    char *host = NULL;
    char *zone = NULL;
    CURLUcode code = get_part(u, CURLUPART_HOST, 0, &host);
    if (code == CURLUE_OK && !is_ascii(host)) {
        code = make_ascii(u, &host);
    }
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

static CURLcode fail(http_target_t *target, CURLUcode code) {
    CURLcode result = from_url_code(code);
    http_target_clear(target);
    if (result == CURLE_URL_MALFORMAT) {
        target->why_not = code == CURLUE_LACKS_IDN ? "an international host name needs its xn-- form here"
            : code == CURLUE_BAD_SCHEME ? "the URL does not begin with http:// or https://"
            : curl_url_strerror(code);
    }
    return result;
}

// Takes url.
static CURLcode parse_text(http_target_t *target, char *url) {
    size_t scheme = scheme_len(url);
    target->is_https = http_name_is(url, scheme, "https");
    if (scheme == 0 || (!target->is_https && !http_name_is(url, scheme, "http"))) {
        free(url);
        return fail(target, scheme == 0 ? CURLUE_BAD_SCHEME : CURLUE_UNSUPPORTED_SCHEME);
    }
    url = encode(url, scheme + 3);
    if (url == NULL) {
        return fail(target, CURLUE_OUT_OF_MEMORY);
    }
    CURLUcode code = parse(target, url);
    // But for memory, libcurl gives this for an encoded control character only.
    if (code == CURLUE_URLDECODE && strstr(url, "%0") == NULL && strstr(url, "%1") == NULL) {
        code = CURLUE_OUT_OF_MEMORY;
    }
    free(url);
    return code == CURLUE_OK ? CURLE_OK : fail(target, code);
}

CURLcode http_target_parse(http_target_t *target, const char *url, size_t len) {
    memset(target, 0, sizeof(*target));
    char *text = http_copy(url, len);
    return text == NULL ? CURLE_OUT_OF_MEMORY : parse_text(target, text);
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

// RFC 3986 5.2.2: how much of base stands in front of the reference. The rest of it, and of what ".." and "." mean, is
// libcurl's business. base has a path.
static size_t prefix_len(const char *base, const char *reference) {
    size_t scheme = scheme_len(base);
    size_t path = scheme + 3 + strcspn(base + scheme + 3, "/");
    if (reference[strcspn(reference, ":/?#")] == ':') {
        return 0; // it has a scheme, or is none (4.2)
    } else if (reference[0] == '/') {
        return reference[1] == '/' ? scheme + 1 : path;
    } else if (reference[0] == '?') {
        return path + strcspn(base + path, "?#");
    } else if (reference[0] == '#' || reference[0] == 0) {
        return path + strcspn(base + path, "#");
    }
    size_t len = path + strcspn(base + path, "?#");
    while (base[len - 1] != '/') {
        len--;
    }
    return len;
}

CURLcode http_target_resolve(http_target_t *target, const http_target_t *base, const char *reference) {
    const char *text = base->url->text;
    size_t prefix = prefix_len(text, reference);
    // RFC 9110 10.2.2: it inherits the fragment, too.
    const char *fragment = strchr(reference, '#') != NULL ? "" : text + strcspn(text, "#");
    size_t reference_len = strlen(reference);
    memset(target, 0, sizeof(*target));
    char *url = malloc(prefix + reference_len + strlen(fragment) + 1);
    if (url == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    memcpy(url, text, prefix);
    memcpy(url + prefix, reference, reference_len);
    strcpy(url + prefix + reference_len, fragment);
    return parse_text(target, url);
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
