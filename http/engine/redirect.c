// SPDX-License-Identifier: MIT
// Redirects, by the rules of RFC 9110 15.4 and as in `requests`. libcurl's own redirects would send an app's API key to
// any host, and keep a method that must change to GET.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/engine/fields.h"
#include "http/engine/memory.h"
#include "http/engine/redirect.h"
#include "http/engine/upload.h"
#include "http/engine/url.h"

static bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool http_redirect_is_followed(const http_request_t *r) {
    return r->options.redirects >= 0 && is_redirect(r->response.status) && r->response.location != 0;
}

static bool is_harmless_elsewhere(const char *name, size_t len) {
    return http_fields_begin_with(name, "Accept") || http_name_is(name, len, "User-Agent");
}

static bool is_not_about_content(const char *name, size_t len) {
    (void)len;
    return !http_fields_begin_with(name, "Content-");
}

static bool becomes_get(const http_request_t *r) {
    int status = r->response.status;
    if (status == 303) {
        return strcmp(r->method, "HEAD") != 0;
    }
    return (status == 301 || status == 302) && strcmp(r->method, "POST") == 0;
}

static void drop_body(http_request_t *r) {
    r->method = "GET";
    http_upload_free(r);
    http_fields_keep(&r->fields, is_not_about_content);
}

// Resolve the next target, and check that it is allowed.
static CURLcode resolve(http_request_t *r, const char *location, http_target_t *target, const char **text) {
    CURLcode code = http_url_resolve(target, &r->target, location);
    if (code == CURLE_UNSUPPORTED_PROTOCOL) {
        r->fault = HTTP_FAULT_UNSAFE_REDIRECT;
        *text = "redirect to another protocol than http and https";
    } else if (code == CURLE_URL_MALFORMAT) {
        r->fault = HTTP_FAULT_INVALID_REDIRECT;
        snprintf(r->own_error, sizeof(r->own_error), "redirect to a malformed URL: %s", target->why_not);
        *text = r->own_error;
    }
    if (code != CURLE_OK) {
        return code;
    }
    if (r->target.is_https && !target->is_https) {
        r->fault = HTTP_FAULT_UNSAFE_REDIRECT;
        *text = "redirect from https to http refused";
        return CURLE_UNSUPPORTED_PROTOCOL;
    }
    return CURLE_OK;
}

CURLcode http_redirect_prepare(http_request_t *r, const char *location, const char **text) {
    if (r->options.redirects == 0) {
        *text = "too many redirects";
        return CURLE_TOO_MANY_REDIRECTS;
    }
    bool drops_body = becomes_get(r);
    if (!drops_body && http_upload_is_spent(r)) {
        *text = HTTP_SPENT;
        return CURLE_SEND_FAIL_REWIND;
    }
    http_target_t target;
    CURLcode code = resolve(r, location, &target, text);
    if (code != CURLE_OK) {
        http_url_clear(&target);
        return code;
    }
    // Credentials in Location are ignored. The app's credentials are only for the origin that the app named.
    http_url_forget_credentials(&target);
    if (http_url_same_origin(&r->target, &target)) {
        target.user = r->target.user;
        target.password = r->target.password;
        r->target.user = NULL;
        r->target.password = NULL;
    } else {
        http_fields_keep(&r->fields, is_harmless_elsewhere);
        if (r->cookie != NULL && r->cookie[0] != 0) {
            http_memory_forget(&r->cookie);
        }
        http_memory_forget(&r->texts[HTTP_TEXT_CERT].data);
        http_memory_forget(&r->texts[HTTP_TEXT_KEY].data);
    }
    if (drops_body) {
        drop_body(r);
    }
    http_url_clear(&r->target);
    r->target = target;
    r->options.redirects--;
    return CURLE_OK;
}
