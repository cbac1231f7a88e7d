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

// If data is NULL, there is no copy and no failure.
static bool copy_given(char **own, size_t *own_len, const void *data, size_t len) {
    if (data != NULL) {
        *own = http_memory_copy(data, len);
        *own_len = len;
    }
    return data == NULL || *own != NULL;
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

// The app's credentials replace those in the URL.
static bool copy_credentials(http_request_t *r, const http_request_args_t *args) {
    if (args->user == NULL) {
        return true;
    }
    http_url_forget_credentials(&r->target);
    r->auth = args->auth;
    return http_memory_copy_text(&r->target.user, args->user) && http_memory_copy_text(&r->target.password, args->password);
}

// When libcurl chooses a connection to reuse, it compares certificates but not keys. So the key is appended to the
// certificate. Then a request with a wrong key does not get the connection of the right key.
static bool copy_certificate(http_request_t *r, const http_request_args_t *args) {
    if (args->cert == NULL) {
        return true;
    }
    if (r->key == NULL && !http_memory_copy_text(&r->key, "")) {
        return false;
    }
    r->cert = http_memory_join(args->cert, args->cert_len, "\n", r->key);
    r->cert_len = args->cert_len + 1 + strlen(r->key);
    return r->cert != NULL;
}

static bool append(struct curl_slist **list, const char *line) {
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
    bool is_get = strcmp(args->method, "GET") == 0;
    bool copied = http_memory_copy_text(&r->method_copy, is_get ? NULL : args->method)
        && copy_given(&r->cacert, &r->cacert_len, args->cacert, args->cacert_len)
        && copy_given(&r->key, &r->key_len, args->key, args->key_len)
        && copy_certificate(r, args)
        && http_memory_copy_text(&r->proxy, args->proxy);
    r->method = is_get ? "GET" : r->method_copy;
    for (size_t i = 0; copied && i < args->field_count + args->proxy_field_count; i++) {
        const char *line = args->fields[i];
        copied = i < args->field_count ? copy_field(r, line) : append(&r->proxy_fields, line);
    }
    CURLcode code = copied ? http_upload_copy(r, args) : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK && r->cacert != NULL && !holds_certificates(r->cacert, r->cacert_len)) {
        code = CURLE_SSL_CACERT_BADFILE;
    }
    if (code == CURLE_OK) {
        code = http_url_parse_cached(&r->target, args->url, args->url_len);
        r->abort_text = r->target.why_not;
    }
    if (code == CURLE_OK && !copy_credentials(r, args)) {
        code = CURLE_OUT_OF_MEMORY;
    }
    return code == CURLE_OK && args->file != NULL ? http_sink_open(r, args->file) : code;
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
    free(r->cacert);
    free(r->cert);
    free(r->key);
    free(r->proxy);
    free(r->chunk);
    http_memory_free(r);
}
