// SPDX-License-Identifier: MIT
// The result of a request, from its end until it is taken.

#include <stdlib.h>
#include <string.h>

#include "http/engine/complete.h"
#include "http/engine/errors.h"
#include "http/engine/event.h"
#include "http/engine/inflate.h"
#include "http/engine/memory.h"
#include "http/engine/sink.h"

void http_transfer_complete(http_transfer_t *t, CURLcode code, const char *text) {
    http_result_t *result = &t->result;
    if (code != CURLE_OK) {
        // libcurl's codes win over an HTTP status that had arrived; from 100 on they would read as
        // one.
        result->status = code < 100 ? (int)code : HTTP_STATUS_OUT_OF_MEMORY;
        result->error = http_errors_text(t, code, text);
    }
    result->time_us[HTTP_TIME_TOTAL] = http_now_us() - t->start_us;
    if (result->url == NULL && t->target.url != NULL) {
        result->url = strdup(t->target.url->text);
    }
    result->fields = t->collector.data;
    result->field_count = t->collector.count;
    t->collector.data = NULL;
    if (result->body_len == 0) {
        free(result->body);
        result->body = NULL;
    } else if (t->body_alloc > result->body_len) {
        uint8_t *body = realloc(result->body, result->body_len);
        result->body = body == NULL ? result->body : body;
    }
    http_inflate_free(t);
    http_sink_discard(t); // a file that is not complete by now never will be
    bool notify = t->notice_owed;
    t->sequence = ++http_engine.last_sequence;
    http_transfer_set_state(t, HTTP_STATE_DONE); // from here on it belongs to the app thread
    if (notify) {
        http_drive_notify();
    }
}

void http_result_clear_body(http_result_t *result) {
    free(result->body);
    result->body = NULL;
    result->body_len = 0;
}

void http_result_clear(http_result_t *result) {
    free(result->error);
    free(result->url);
    http_memory_give_back(result->fields);
    free(result->body);
    memset(result, 0, sizeof(*result));
}
