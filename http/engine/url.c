// SPDX-License-Identifier: MIT
// URLs: parses and checks them, compares origins, resolves references.

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/engine/memory.h"
#include "http/engine/url.h"

static const char hex[] = "0123456789ABCDEFabcdef";

static bool is_letter(char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

// True if this character may be in a URL, outside the host. RFC 3986 2, and "[" and "]", which some servers expect in
// queries. The "%" of an encoded byte is allowed. A NUL ends url.
static bool may_stand(const char *url) {
    if (is_letter(*url)) {
        return true; // the most frequent case
    }
    return *url == '%' ? strspn(url + 1, hex) >= 2 : *url > ' ' && *url < 0x7f && strchr("\"<>\\^`{|}", *url) == NULL;
}

// Percent-encode all other characters. The host stays unchanged: libcurl checks it. NULL without memory.
static char *encode(const char *url, size_t len) {
    char *out = malloc(3 * len + 1);
    if (out == NULL) {
        return NULL;
    }
    // The text is copied to the end of the memory, and the result is written from its start: no byte is overwritten
    // before it is read.
    char *from = memcpy(out + 2 * len, url, len);
    from[len] = 0;
    const char *host = from + strcspn(from, "/");
    host += strspn(host, "/");
    const char *end = host + strcspn(host, "/?#");
    const char *at = memchr(host, '@', end - host);
    host = at == NULL ? host : at;
    char *to = out;
    for (; *from != 0; from++) {
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
    return out;
}

// A part of the URL, allocated. A part that does not exist is no error.
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
    curl_free(text); // libcurl returns a copy of a name that it cannot convert
    return code;
}

// Convert an international host name to ASCII (UTS 46). The Host field, TLS, cookies and comparisons use this form.
static CURLUcode make_ascii(CURLU *u) {
    #ifdef CURLU_PUNYCODE
    char *ascii = NULL;
    #ifdef __GLIBC__
    // libidn2 reads a name in the charset of the locale. The locale of a program is ASCII unless the program sets
    // another.
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
        // libcurl checks the name again: a converted character may contain "/", as in "a/c".
        code = curl_url_set(u, CURLUPART_HOST, ascii, 0);
    } else if (code == CURLUE_OUT_OF_MEMORY) {
        code = CURLUE_BAD_HOSTNAME; // libcurl 7.88 has the same code for this error
    }
    free(ascii);
    return code;
    #else
    (void)u;
    return CURLUE_LACKS_IDN;
    #endif
}

static bool is_ascii(const char *text) {
    while (*text != 0 && (unsigned char)*text < 0x80) {
        text++;
    }
    return *text == 0;
}

// The text of the URL in u. The port is left out if it is the scheme's: then equal origins have equal texts.
static CURLUcode get_text(CURLU *u, char **text) {
    CURLUcode code = get_part(u, CURLUPART_URL, CURLU_NO_DEFAULT_PORT, text);
    // Encode all parts except the host.
    if (code == CURLUE_OK && !is_ascii(*text)) {
        code = make_ascii(u);
        if (code == CURLUE_OK) {
            http_memory_forget(text);
            code = get_part(u, CURLUPART_URL, CURLU_NO_DEFAULT_PORT, text);
        }
    }
    return code;
}

const char *http_url_host(const http_target_t *target) {
    return target->url->text + strlen("http://") + target->is_https;
}

// A host name must not have "%": libcurl 7.88 would encode it again each time it returns the URL. It must not have DEL,
// the only control character that libcurl decodes. libcurl accepts any text as the zone of an address; RFC 6874 does
// not.
static bool is_valid_host(const http_target_t *target) {
    const char *host = http_url_host(target);
    const char *strange = host + strcspn(host, "%\x7f/");
    const char *zone = strange + strlen("%25");
    return *strange == '/' || (*host == '[' && http_is_token(zone, strcspn(zone, "]")));
}

// Move the user or the password out of u.
static CURLUcode take_part(CURLU *u, CURLUPart part, char **out) {
    CURLUcode code = get_part(u, part, CURLU_URLDECODE, out);
    return code == CURLUE_OK ? curl_url_set(u, part, NULL, 0) : code;
}

static HTTP_APART CURLUcode parse(http_target_t *target, const char *url) {
    size_t scheme = strcspn(url, ":");
    http_url_t *own = calloc(1, sizeof(*own));
    target->url = own;
    if (own == NULL) {
        return CURLUE_OUT_OF_MEMORY;
    }
    own->users = 1;
    own->handle = curl_url();
    target->is_https = http_name_is(url, scheme, "https");
    // libcurl also accepts "http:/host", and reads "3h" as an unknown scheme (RFC 3986 3.1).
    bool has_scheme = is_letter(url[0]) && strncmp(url + scheme, "://", 3) == 0;
    CURLUcode code = has_scheme ? curl_url_set(own->handle, CURLUPART_URL, url, 0) : CURLUE_BAD_SCHEME;
    if (code == CURLUE_OK && !target->is_https && !http_name_is(url, scheme, "http")) {
        code = CURLUE_UNSUPPORTED_SCHEME;
    }
    if (code == CURLUE_OK && strchr(url, '@') != NULL) {
        code = take_part(own->handle, CURLUPART_USER, &target->user);
        if (code == CURLUE_OK) {
            code = take_part(own->handle, CURLUPART_PASSWORD, &target->password);
        }
    }
    if (code == CURLUE_OK) {
        code = get_text(own->handle, &own->text);
    }
    if (code == CURLUE_OK && !is_valid_host(target)) {
        code = CURLUE_BAD_HOSTNAME;
    }
    // libcurl returns this code in two cases: an encoded control character, and no memory.
    if (code == CURLUE_URLDECODE && strstr(url, "%0") == NULL && strstr(url, "%1") == NULL) {
        code = CURLUE_OUT_OF_MEMORY;
    }
    return code;
}

CURLcode http_url_parse(http_target_t *target, const char *url, size_t len) {
    memset(target, 0, sizeof(*target));
    char *text = encode(url, len);
    CURLUcode code = text == NULL ? CURLUE_OUT_OF_MEMORY : parse(target, text);
    free(text);
    if (code == CURLUE_OK) {
        return CURLE_OK;
    }
    http_url_clear(target);
    switch (code) {
        case CURLUE_OUT_OF_MEMORY:
        case CURLUE_BAD_HANDLE: // there was no memory for a handle
        case CURLUE_BAD_LOGIN: // libcurl returns it only without memory
            return CURLE_OUT_OF_MEMORY;
        case CURLUE_UNSUPPORTED_SCHEME:
            return CURLE_UNSUPPORTED_PROTOCOL;
        case CURLUE_LACKS_IDN:
            target->why_not = "an international host name needs its xn-- form here";
            break;
        case CURLUE_BAD_SCHEME:
            target->why_not = "the URL does not begin with http:// or https://";
            break;
        default:
            target->why_not = curl_url_strerror(code);
    }
    return CURLE_URL_MALFORMAT;
}

// Apps often request the same URL again. The last URL is cached, unless it has credentials.
static struct {
    char *text; // as the app passed it
    size_t len;
    http_target_t target;
} last;

void http_url_deinit(void) {
    http_memory_forget(&last.text);
    http_url_clear(&last.target);
}

static void use(http_target_t *target, const http_target_t *other) {
    *target = *other;
    atomic_fetch_add(&target->url->users, 1);
}

CURLcode http_url_parse_cached(http_target_t *target, const char *url, size_t len) {
    if (last.text != NULL && last.len == len && memcmp(last.text, url, len) == 0) {
        use(target, &last.target);
        return CURLE_OK;
    }
    CURLcode code = http_url_parse(target, url, len);
    if (code == CURLE_OK && target->user == NULL && target->password == NULL) {
        http_url_deinit();
        use(&last.target, target);
        last.text = http_memory_copy(url, len); // without memory no URL is cached
        last.len = len;
    }
    return code;
}

char *http_url_get(const http_target_t *target, CURLUPart part) {
    char *text = NULL;
    if (target->url != NULL) {
        get_part(target->url->handle, part, 0, &text);
    }
    return text;
}

// The path of a URL that libcurl returned: it always has one.
static const char *path_of(const char *url) {
    return strchr(url + strlen("https://"), '/');
}

// Compare up to the "/" after the host. libcurl converts schemes to lower case, but hosts not always. The zone of an
// address is part of the origin: on another link it is another host.
bool http_url_same_origin(const http_target_t *a, const http_target_t *b) {
    const char *text = a->url->text;
    return strncasecmp(text, b->url->text, path_of(text) + 1 - text) == 0;
}

// How many bytes of base come before the reference (RFC 3986 5.2.2). libcurl does the rest, such as ".." and ".".
static size_t prefix_len(const char *base, const char *reference) {
    char first = reference[0];
    if (reference[strcspn(reference, ":/?#")] == ':') {
        return 0; // it has a scheme, or it is not a reference (4.2)
    } else if (first == '/') {
        return (reference[1] == '/' ? strchr(base, '/') : path_of(base)) - base;
    }
    bool is_fragment = first == '#' || first == 0;
    size_t len = strcspn(base, is_fragment ? "#" : "?#");
    while (!is_fragment && first != '?' && base[len - 1] != '/') {
        len--;
    }
    return len;
}

CURLcode http_url_resolve(http_target_t *target, const http_target_t *base, const char *reference) {
    const char *text = base->url->text;
    // RFC 9110 10.2.2: the target also inherits the fragment.
    const char *fragment = strchr(reference, '#') != NULL ? "" : text + strcspn(text, "#");
    size_t len = prefix_len(text, reference);
    char *url = malloc(len + strlen(reference) + strlen(fragment) + 1);
    if (url == NULL) {
        memset(target, 0, sizeof(*target));
        return CURLE_OUT_OF_MEMORY;
    }
    memcpy(url, text, len);
    strcpy(stpcpy(url + len, reference), fragment);
    CURLcode code = http_url_parse(target, url, strlen(url));
    free(url);
    return code;
}

void http_url_forget_credentials(http_target_t *target) {
    http_memory_forget(&target->user);
    http_memory_forget(&target->password);
}

void http_url_clear(http_target_t *target) {
    http_url_t *url = target->url;
    if (url != NULL && atomic_fetch_sub(&url->users, 1) == 1) {
        curl_url_cleanup(url->handle);
        free(url->text);
        free(url);
    }
    http_url_forget_credentials(target);
    memset(target, 0, sizeof(*target));
}

bool http_is_url_text(const char *text, size_t len) {
    return http_is_field_value(text, len);
}
