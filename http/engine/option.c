// SPDX-License-Identifier: MIT
// Options of a hop's handle.

#include "http/engine/option.h"

void http_set_long(http_transfer_t *t, CURLoption option, long value) {
    t->is_plain = false;
    if (t->setup_code == CURLE_OK) {
        t->setup_code = curl_easy_setopt(t->easy, option, value);
    }
}

void http_set_pointer(http_transfer_t *t, CURLoption option, const void *value) {
    t->is_plain = false;
    if (t->setup_code == CURLE_OK) {
        t->setup_code = curl_easy_setopt(t->easy, option, value);
    }
}
