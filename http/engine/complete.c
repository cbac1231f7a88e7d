// SPDX-License-Identifier: MIT
// Completes a request: fills in its result and its event.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/engine/complete.h"
#include "http/engine/errors.h"
#include "http/engine/event.h"
#include "http/engine/inflate.h"
#include "http/engine/memory.h"
#include "http/engine/response.h"
#include "http/engine/sink.h"
#include "http/engine/trace.h"

void http_complete(http_request_t *r, CURLcode code, const char *text) {
    http_result_t *result = &r->result;
    if (code != CURLE_OK) {
        // A code of libcurl replaces an HTTP status that had arrived. A code from 100 on would look like an HTTP
        // status.
        result->status = code < 100 ? (int)code : HTTP_STATUS_OUT_OF_MEMORY;
        result->fault = http_errors_fault(r, code);
        // libcurl's text depends on where it has noticed it.
        result->error = http_errors_text(r, code, result->fault == HTTP_FAULT_LARGE_HEADER ? HTTP_TOO_LARGE : text);
    }
    result->time_us[HTTP_TIME_TOTAL] = http_event_now_us() - r->start_us;
    if (result->url == NULL && !r->head_taken && r->target.url != NULL) {
        result->url = strdup(r->target.url->text);
    }
    http_response_move(&r->response, result);
    if (result->body_len == 0) {
        free(result->body);
        result->body = NULL;
    } else if (r->body_alloc > result->body_len) {
        uint8_t *body = realloc(result->body, result->body_len);
        result->body = body == NULL ? result->body : body;
    }
    http_inflate_free(r);
    http_sink_discard(r); // remove a file that is not complete
    bool notify = r->owes_event;
    int fd = result->fd;
    r->sequence = ++http_state.last_sequence;
    http_trace_done(r);
    http_state_set(r, HTTP_STATE_DONE); // from now on it belongs to the app thread
    if (notify) {
        http_event_notify();
    }
    http_event_signal(fd); // the app thread takes the lock before it takes the descriptor
}

http_result_t *http_result_take_hop(http_result_t *hop, http_result_t *result) {
    http_result_t *next = hop->history;
    *result = *hop;
    result->history = NULL;
    free(hop);
    return next;
}

void http_result_clear_body(http_result_t *result) {
    free(result->body);
    result->body = NULL;
    result->body_len = 0;
}

void http_result_clear(http_result_t *result) {
    free(result->error);
    free(result->url);
    http_memory_free(result->reason);
    free(result->body);
    while (result->history != NULL) {
        http_result_t hop;
        result->history = http_result_take_hop(result->history, &hop);
        http_result_clear(&hop);
    }
    if (result->fd > 0) {
        close(result->fd);
    }
    memset(result, 0, sizeof(*result));
}
