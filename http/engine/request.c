// SPDX-License-Identifier: MIT
// Copies all data of a request: the caller's memory is not used afterwards.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/engine/cookies.h"
#include "http/engine/inflate.h"
#include "http/engine/memory.h"
#include "http/engine/request.h"
#include "http/engine/response.h"
#include "http/engine/sink.h"
#include "http/engine/upload.h"
#include "http/engine/url.h"

// Apps pass the same certificates with each request, and a bundle has 200 KiB. So the last ones are kept, and all requests
// that pass equal ones share them. All of this belongs to the app thread.
typedef struct {
    unsigned users;
    bool is_usable;
    uint32_t number; // http_request_args_t.cacert_number
    size_t len;
    char data[]; // with a NUL at the end
} trust_t;

static trust_t *last;

static void release(trust_t *trust) {
    if (trust != NULL && --trust->users == 0) {
        free(trust);
    }
}

void http_request_deinit(void) {
    release(last);
    last = NULL;
}

// True if the text is PEM with "CERTIFICATE", "TRUSTED CERTIFICATE" or the like. The TLS library decides whether it can
// use the certificates. Because of this check an empty or wrong text fails with every URL, also http. An encrypted part
// is refused (RFC 1421 4.6.1.1): OpenSSL would ask for its password on the terminal and wait. A NUL is accepted only at
// the end: no text may be hidden after it.
static bool holds_certificates(const char *pem, size_t len) {
    const char *begin = strstr(pem, "-----BEGIN ");
    return begin != NULL && strstr(begin, "CERTIFICATE-----") != NULL && strstr(pem, "Proc-Type:") == NULL
           && strlen(pem) + 1 >= len;
}

static bool is_last(const http_bytes_t *given, uint32_t number) {
    return last != NULL && ((number != 0 && number == last->number)
        || (last->len == given->len && memcmp(last->data, given->data, given->len) == 0));
}

static CURLcode use_trust(http_text_copy_t *own, const http_bytes_t *given, uint32_t number) {
    if (given->data == NULL) {
        return CURLE_OK;
    }
    if (!is_last(given, number)) {
        trust_t *trust = malloc(sizeof(*trust) + given->len + 1);
        if (trust == NULL) {
            return CURLE_OUT_OF_MEMORY;
        }
        http_request_deinit();
        last = trust;
        trust->users = 1;
        trust->len = given->len;
        memcpy(trust->data, given->data, given->len);
        trust->data[given->len] = 0;
        trust->is_usable = holds_certificates(trust->data, given->len);
    }
    last->number = number;
    last->users++;
    own->data = last->data;
    own->len = last->len;
    return last->is_usable ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

static void free_trust(http_text_copy_t *own) {
    if (own->data != NULL) {
        release((trust_t *)(own->data - offsetof(trust_t, data)));
        own->data = NULL;
    }
}

// The app's credentials replace those in the URL.
static void use_credentials(http_request_t *r) {
    http_text_copy_t *user = &r->texts[HTTP_TEXT_USER];
    http_text_copy_t *password = &r->texts[HTTP_TEXT_PASSWORD];
    if (user->data != NULL) {
        http_url_forget_credentials(&r->target);
        r->target.user = user->data;
        r->target.password = password->data;
        user->data = password->data = NULL;
    }
}

static bool copy_texts(http_text_copy_t *own, const http_bytes_t *given, size_t count) {
    for (; count > 0; count--, own++, given++) {
        if (given->data != NULL) {
            own->len = given->len;
            own->data = http_memory_copy(given->data, given->len);
            if (own->data == NULL) {
                return false;
            }
        }
    }
    return true;
}

static HTTP_APART bool append(struct curl_slist **list, const char *line) {
    struct curl_slist *longer = curl_slist_append(*list, line);
    *list = longer == NULL ? *list : longer;
    return longer != NULL;
}

static bool copy_field(http_request_t *r, const char *line) {
    if (r->jar != NULL && r->cookie == NULL && strncasecmp(line, "Cookie:", 7) == 0) {
        return http_memory_copy_text(&r->cookie, line + 7 + (line[7] == ' ')); // cookies.c joins it with the jar
    } else if (r->jar != NULL && strcasecmp(line, "Cookie;") == 0) {
        return true;
    }
    return append(&r->fields, line);
}

CURLcode http_request_copy(http_request_t *r, const http_request_args_t *args) {
    bool copied = http_memory_copy_text(&r->method_copy, args->method)
        && copy_texts(r->texts + HTTP_TEXT_USER, args->texts + HTTP_TEXT_USER, HTTP_TEXT_COUNT - HTTP_TEXT_USER);
    r->texts[HTTP_TEXT_KEY].len += HTTP_ENGINE_MBEDTLS; // mbedTLS also needs the NUL after the key
    r->method = r->method_copy;
    for (size_t i = 0; copied && i < args->field_count + args->options.proxy_field_count; i++) {
        const char *line = args->fields[i];
        copied = i < args->field_count ? copy_field(r, line) : append(&r->proxy_fields, line);
    }
    CURLcode code = copied ? http_upload_copy(r, args) : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK) {
        code = use_trust(&r->texts[HTTP_TEXT_CACERT], &args->texts[HTTP_TEXT_CACERT], args->cacert_number);
    }
    if (code == CURLE_OK) {
        code = http_url_parse_cached(&r->target, args->url, args->url_len);
        r->abort_text = r->target.why_not;
        use_credentials(r);
    }
    return code == CURLE_OK && r->texts[HTTP_TEXT_FILE].data != NULL ? http_sink_open(r) : code;
}

void http_request_free(http_request_t *r) {
    curl_slist_free_all(r->fields);
    curl_slist_free_all(r->proxy_fields);
    http_upload_free(r);
    http_sink_discard(r);
    http_cookies_release(r->jar);
    free(r->cookie);
    http_url_clear(&r->target);
    http_response_clear(&r->response);
    http_inflate_free(r);
    http_result_clear(&r->result);
    free(r->method_copy);
    free_trust(&r->texts[HTTP_TEXT_CACERT]);
    for (http_text_t text = HTTP_TEXT_USER; text < HTTP_TEXT_COUNT; text++) {
        free(r->texts[text].data);
    }
    free(r->chunk);
    http_memory_free(r);
}
