// SPDX-License-Identifier: MIT
// The engine's own copy of what is to be sent: the caller's memory is not needed afterwards.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/engine_private.h"

// malloc(0) may be NULL; the extra byte also ends strings.
char *http_copy(const void *data, size_t len) {
    char *own = malloc(len + 1);
    if (own != NULL) {
        if (len > 0) {
            memcpy(own, data, len); // data may be NULL then
        }
        own[len] = 0;
    }
    return own;
}

// What is not given is no failure.
static bool copy_given(char **own, size_t *own_len, const void *data, size_t len) {
    if (data != NULL) {
        *own = http_copy(data, len);
        *own_len = len;
    }
    return data == NULL || *own != NULL;
}

static bool copy_string(char **own, const char *text) {
    size_t ignored;
    return copy_given(own, &ignored, text, text == NULL ? 0 : strlen(text));
}

// PEM "CERTIFICATE", "TRUSTED CERTIFICATE" and the like. Whether it can be used is for the TLS
// library to say; this is so that an empty or foreign text fails on any URL. No part may be encrypted (RFC 1421
// 4.6.1.1): OpenSSL would ask for its password at the terminal, and wait. Nor hidden behind a NUL, which may be the end.
static bool holds_certificates(const char *pem, size_t len) {
    const char *begin = strstr(pem, "-----BEGIN ");
    return begin != NULL && strstr(begin, "CERTIFICATE-----") != NULL && strstr(pem, "Proc-Type:") == NULL
           && strlen(pem) + 1 >= len;
}

// The account that the app names wins over the one in the URL.
static bool copy_account(http_transfer_t *t, const http_request_t *request) {
    if (request->user == NULL) {
        return true;
    }
    free(t->target.user);
    free(t->target.password);
    t->target.user = NULL;
    t->target.password = NULL;
    t->auth = request->auth;
    return copy_string(&t->target.user, request->user) && copy_string(&t->target.password, request->password);
}

// libcurl tells pooled connections apart by the certificate and not by its key: with the key behind it,
// a request with a wrong key does not get the connection of the right one.
static bool copy_certificate(http_transfer_t *t, const http_request_t *request) {
    if (request->cert == NULL) {
        return true;
    }
    t->cert_len = request->cert_len + 1 + request->key_len;
    t->cert = malloc(t->cert_len + 1);
    if (t->cert == NULL) {
        return false;
    }
    memcpy(t->cert, request->cert, request->cert_len);
    t->cert[request->cert_len] = '\n';
    memcpy(t->cert + request->cert_len + 1, request->key, request->key_len);
    t->cert[t->cert_len] = 0;
    return true;
}

static bool copy_field(http_transfer_t *t, const char *line) {
    if (t->jar != NULL && t->cookie == NULL && strncasecmp(line, "Cookie:", 7) == 0) {
        return copy_string(&t->cookie, line + 7 + (line[7] == ' ')); // the jar makes one field of all
    } else if (t->jar != NULL && strcasecmp(line, "Cookie;") == 0) {
        return true;
    }
    struct curl_slist *longer = curl_slist_append(t->fields, line);
    t->fields = longer == NULL ? t->fields : longer;
    return longer != NULL;
}

CURLcode http_request_copy(http_transfer_t *t, const http_request_t *request) {
    bool is_get = strcmp(request->method, "GET") == 0;
    bool copied = copy_string(&t->method_copy, is_get ? NULL : request->method)
        && copy_given(&t->cacert, &t->cacert_len, request->cacert, request->cacert_len)
        && copy_certificate(t, request)
        && copy_given(&t->key, &t->key_len, request->key, request->key_len)
        && copy_string(&t->proxy, request->proxy);
    t->method = is_get ? "GET" : t->method_copy;
    for (size_t i = 0; copied && i < request->field_count; i++) {
        copied = copy_field(t, request->fields[i]);
    }
    CURLcode code = copied ? http_upload_copy(t, request) : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK && t->cacert != NULL && !holds_certificates(t->cacert, t->cacert_len)) {
        code = CURLE_SSL_CACERT_BADFILE;
    }
    if (code == CURLE_OK) {
        code = http_target_parse_again(&t->target, request->url, request->url_len);
        t->abort_text = t->target.why_not;
    }
    if (code == CURLE_OK && !copy_account(t, request)) {
        code = CURLE_OUT_OF_MEMORY;
    }
    return code == CURLE_OK && request->file != NULL ? http_sink_open(t, request->file) : code;
}
