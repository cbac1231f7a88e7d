// SPDX-License-Identifier: MIT
// Options of a hop's handle.

#include "http/engine/option.h"

void http_option_set_long(http_request_t *r, CURLoption option, long value) {
    r->has_defaults_only = false;
    if (r->setup_code == CURLE_OK) {
        r->setup_code = curl_easy_setopt(r->easy, option, value);
    }
}

void http_option_set_pointer(http_request_t *r, CURLoption option, const void *value) {
    r->has_defaults_only = false;
    if (r->setup_code == CURLE_OK) {
        r->setup_code = curl_easy_setopt(r->easy, option, value);
    }
}

void http_option_set_sticky(http_request_t *r, CURLoption option, const void *value) {
    r->has_sticky_options = true;
    http_option_set_pointer(r, option, value);
}
