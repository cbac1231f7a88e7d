// SPDX-License-Identifier: MIT
// The functions of engine.h: slots, ids, states, results and events.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/engine/complete.h"
#include "http/engine/cookies.h"
#include "http/engine/drive.h"
#include "http/engine/event.h"
#include "http/engine/hop.h"
#include "http/engine/memory.h"
#include "http/engine/request.h"
#include "http/engine/response.h"
#include "http/engine/stream.h"
#include "http/engine/trace.h"
#include "http/engine/upload.h"
#include "http/engine/url.h"

// Without a driver thread a call that drives takes at most about this long. libcurl reads 16 KiB each time it is
// driven, and an app may call only ten times a second.
#define ADVANCE_US (5 * 1000)

// ------------------------------------------------------------------------------------------------
// Requests and slots

static http_request_t *find(http_id_t id) {
    http_request_t *r = http_state.requests;
    while (r != NULL && r->id != id) {
        r = r->next;
    }
    return r;
}

static bool acquire_slot(http_request_t *r) {
    for (http_slot_t *slot = http_state.slots; slot < http_state.slots + HTTP_ENGINE_SLOTS; slot++) {
        if (!slot->used) {
            slot->used = true;
            slot->error_buffer[0] = 0;
            http_state.slots_used++;
            r->slot = slot;
            return true;
        }
    }
    return false;
}

static void release_slot(http_request_t *r) {
    if (r->slot != NULL) {
        r->slot->used = false;
        http_state.slots_used--;
        r->slot = NULL;
    }
}

// The request must have left the multi handle.
static void free_request(http_request_t *r) {
    http_request_t **link = &http_state.requests;
    while (*link != r) {
        link = &(*link)->next;
    }
    *link = r->next;
    release_slot(r);
    http_request_free(r);
}

// ------------------------------------------------------------------------------------------------
// Submit

// A refused request has no slot, and the engine copies none of its data.
static CURLcode start(http_request_t *r, const http_request_args_t *args) {
    bool has_slot = acquire_slot(r);
    http_trace_request(r, args);
    if (!has_slot) {
        http_state.refused++;
        r->abort_text = HTTP_ENGINE_SLOTS == 16 ? "sixteen requests are in flight: no more at a time"
            : "all slots are taken: no more requests at a time";
        return (CURLcode)HTTP_STATUS_NO_SLOT; // libcurl defines this code and never returns it
    }
    CURLcode code = http_request_copy(r, args);
    return code == CURLE_OK ? http_hop_start(r) : code;
}

http_id_t http_engine_submit(const http_request_args_t *args) {
    http_request_t *r = http_memory_calloc(1, sizeof(*r));
    if (r == NULL || !http_state_init()) {
        http_memory_free(r);
        return 0;
    }
    if (++http_state.last_id == 0) {
        http_state.last_id = 1;
    }
    http_state.submitted++;
    r->id = http_state.last_id;
    r->options = args->options;
    r->options.stream |= args->options.pull;
    r->owes_event = args->options.notify;
    r->owes_head = args->options.head;
    r->has_events = r->options.stream | r->options.head | r->options.progress | r->options.fed | r->options.upload_progress;
    r->jar = args->jar;
    if (r->jar != NULL) {
        r->jar->users++;
    }
    r->sent.total = -1;
    r->received.total = -1;
    r->result.is_stream = args->options.pull;
    r->start_us = http_event_now_us();
    r->deadline_us = args->options.timeout_ms == 0 ? 0 : r->start_us + (int64_t)args->options.timeout_ms * 1000;

    http_drive_enter();
    if (args->options.connect_timeout_ms != 0 || args->options.stall_timeout_ms != 0 || args->options.upload_progress) {
        http_state.watch_us = 0;
    }
    r->next = http_state.requests;
    http_state.requests = r;
    CURLcode code = start(r, args);
    if (code != CURLE_OK) {
        http_complete(r, code, r->abort_text);
    }
    if (args->options.notify || code != CURLE_OK) {
        http_drive_leave();
        http_drive_advance(0); // libcurl's timeout starts here
    } else {
        http_drive_leave_to_wait(); // the caller calls http_engine_wait() next
    }
    return r->id;
}

// ------------------------------------------------------------------------------------------------
// The other calls. The list, and each request that is not ACTIVE, belong to the app thread: no lock is needed.

static void cancel(http_request_t *r) {
    if (r->state == HTTP_STATE_ACTIVE) {
        http_trace_cancelled(r);
        http_hop_abandon(r);
    }
    free_request(r);
}

bool http_engine_cancel(http_id_t id) {
    http_request_t *r = find(id);
    if (r == NULL) {
        return false;
    }
    bool was_pending = r->state != HTTP_STATE_TAKEN;
    if (was_pending && r->options.pull && r->head_taken) {
        r->owes_event = false; // who has the head closes it
        return false;
    }
    http_drive_enter();
    cancel(r);
    http_drive_leave();
    return was_pending;
}

void http_engine_cancel_all(void) {
    if (http_state.requests == NULL) {
        return;
    }
    http_drive_enter();
    while (http_state.requests != NULL) {
        cancel(http_state.requests);
    }
    http_drive_leave();
}

// True if the app may get the head, or has it. A body that is fed is sent first, because the app is not asked for pieces
// afterwards. At an error status libcurl stops sending, and the request ends: then only a full stream needs a reader.
static bool has_head(http_request_t *r) {
    return r->has_head && (r->head_taken || !r->options.fed || r->fed_all
        || (r->response.status >= 400 && http_stream_len(r) > HTTP_STREAM_BYTES / 2));
}

bool http_engine_is_done(http_id_t id) {
    http_request_t *r = find(id);
    if (r != NULL && r->state == HTTP_STATE_ACTIVE) {
        http_drive_advance(ADVANCE_US);
    }
    return r != NULL && (r->state == HTTP_STATE_DONE || (r->options.pull && has_head(r) && !r->head_taken));
}

// The time when this progress may be reported; INT64_MAX if there is none to report.
static int64_t progress_due_us(http_progress_t *progress) {
    return progress->changed ? progress->reported_us + HTTP_PROGRESS_MS * 1000 : INT64_MAX;
}

static http_progress_t *progress_of(http_request_t *r, http_event_t event) {
    return event == HTTP_EVENT_PROGRESS ? &r->received : &r->sent;
}

static bool is_wanted(const http_request_t *r, http_event_t event) {
    return event == HTTP_EVENT_PROGRESS ? r->options.progress : r->options.upload_progress;
}

// The event that r has now. The head comes first, and then a chunk. A request that is done has only these and its last
// progress left. With `pull` it is done when its head is there.
static HTTP_APART http_event_t event_of(http_request_t *r, int64_t now_us) {
    // Read the state first: the other members belong to the app thread only after DONE.
    bool done = r->state >= HTTP_STATE_DONE;
    if (r->options.pull ? has_head(r) : r->has_head && r->owes_head) {
        return r->owes_head ? HTTP_EVENT_HEAD : r->owes_event ? HTTP_EVENT_DONE : HTTP_EVENT_NONE;
    }
    if (!r->options.pull && http_stream_len(r) > 0) {
        return HTTP_EVENT_DATA;
    }
    if (!done && r->wants) {
        return HTTP_EVENT_WANT;
    }
    for (http_event_t event = HTTP_EVENT_UPLOAD_PROGRESS; event <= HTTP_EVENT_PROGRESS; event++) {
        http_progress_t *progress = progress_of(r, event);
        if (done ? is_wanted(r, event) && !progress->reported_end : progress_due_us(progress) <= now_us) {
            return event;
        }
    }
    return done && r->owes_event ? HTTP_EVENT_DONE : HTTP_EVENT_NONE;
}

// The oldest event of all requests (0), or of id. With an id completions are left out.
static http_request_t *first_event(http_id_t id, http_event_t *event) {
    http_request_t *first = NULL;
    int64_t now_us = http_event_now_us();
    *event = HTTP_EVENT_NONE;
    for (http_request_t *r = http_state.requests; r != NULL; r = r->next) {
        http_event_t its = id == 0 || r->id == id ? event_of(r, now_us) : HTTP_EVENT_NONE;
        bool wanted = its != HTTP_EVENT_NONE && (id == 0 || its != HTTP_EVENT_DONE);
        if (wanted && (first == NULL || (int32_t)(r->sequence - first->sequence) < 0)) {
            first = r;
            *event = its;
        }
    }
    return first;
}

http_next_t http_engine_next(http_id_t id) {
    http_next_t next = { .event = HTTP_EVENT_NONE };
    if (id == 0) {
        http_drive_advance(ADVANCE_US); // a busy loop may never call http_engine_wait()
    }
    http_request_t *r = first_event(id, &next.event);
    if (r == NULL) {
        return next;
    }
    next.id = r->id;
    if (next.event == HTTP_EVENT_PROGRESS || next.event == HTTP_EVENT_UPLOAD_PROGRESS) {
        http_progress_t *progress = progress_of(r, next.event);
        progress->reported_end = r->state >= HTTP_STATE_DONE;
        progress->reported_us = http_event_now_us();
        progress->changed = false; // clear it before reading: newer numbers set it again
        next.count = progress->count;
        next.total = progress->total;
    } else if (next.event == HTTP_EVENT_HEAD) {
        r->owes_head = false;
    } else if (next.event == HTTP_EVENT_DONE) {
        r->owes_event = false;
        if (r->state == HTTP_STATE_TAKEN) {
            free_request(r);
        }
    }
    return next;
}

size_t http_engine_readable(http_id_t id) {
    http_request_t *r = find(id);
    if (r != NULL && r->state == HTTP_STATE_ACTIVE && http_stream_len(r) == 0) {
        http_drive_advance(ADVANCE_US);
    }
    return r == NULL ? 0 : http_stream_len(r);
}

// The app has made room in a stream, or fed a piece: libcurl goes on.
static void go_on(http_request_t *r) {
    r->moved_us = http_event_now_us(); // the time until now was the app's
    CURLcode code = r->abort_code; // a piece may have been refused
    if (code == CURLE_OK) {
        code = curl_easy_pause(r->easy, CURLPAUSE_CONT); // may call on_body() at once
    }
    if (code != CURLE_OK) {
        http_hop_end(r, code); // or libcurl has lost the bytes that it held back
    }
}

void http_engine_feed(http_id_t id, const void *data, size_t len) {
    http_request_t *r = find(id);
    if (r == NULL || !r->wants) {
        return;
    }
    http_drive_enter();
    if (r->state == HTTP_STATE_ACTIVE && r->wants) { // a redirect may have dropped the body
        r->abort_code = http_upload_feed(r, data, len);
        go_on(r);
    }
    http_drive_leave();
}

// The stream has room again.
static void resume(http_request_t *r) {
    http_drive_enter();
    if (r->paused && r->state == HTTP_STATE_ACTIVE) {
        r->paused = false;
        go_on(r);
    }
    http_drive_leave();
}

void http_engine_read_ahead(http_id_t id, void *buffer, size_t size) {
    http_request_t *r = find(id);
    if (r != NULL) {
        r->reader = buffer;
        r->reader_size = size;
    }
}

size_t http_engine_read(http_id_t id, void *buffer, size_t size, int until) {
    http_request_t *r = find(id);
    if (r == NULL) {
        return 0;
    }
    size_t len = r->reader_len;
    r->moved_us = http_event_now_us(); // the time until now was the app's
    r->reader = NULL;
    r->reader_len = 0;
    if (len == 0) {
        len = http_stream_read(r, buffer, size, until);
        if (r->result.fd > 0 && http_stream_len(r) == 0) {
            http_event_reset(r->result.fd);
            if (http_stream_len(r) > 0 || r->state >= HTTP_STATE_DONE) {
                http_event_signal(r->result.fd); // it has changed meanwhile
            }
        }
    }
    if (r->paused && http_stream_len(r) <= HTTP_STREAM_BYTES / 2) {
        resume(r);
    }
    return len;
}

void http_engine_limit(http_id_t id) {
    http_request_t *r = find(id);
    if (r != NULL && r->options.max_size_in_memory) {
        http_drive_enter();
        r->options.max_size_in_memory = false;
        if (r->options.max_size != 0) {
            r->options.max_size += r->hop_received - http_stream_len(r);
        }
        http_drive_leave();
    }
}

int http_engine_stream_fd(http_id_t id) {
    http_request_t *r = find(id);
    if (r == NULL) {
        return 0;
    } else if (!http_drive_has_thread()) {
        r->is_watched = true;
        return 0; // no thread would signal it
    }
    if (r->result.fd <= 0) {
        http_drive_enter();
        r->result.fd = http_event_new_fd();
        if (http_stream_len(r) > 0 || r->state >= HTTP_STATE_DONE) {
            http_event_signal(r->result.fd);
        }
        http_drive_leave();
    }
    return r->result.fd;
}

bool http_engine_take_head(http_id_t id, http_result_t *result) {
    http_request_t *r = find(id);
    if (r == NULL || r->state == HTTP_STATE_TAKEN || !r->has_head || r->head_taken) {
        return false;
    }
    http_drive_enter();
    http_response_move(&r->response, &r->result);
    memset(result, 0, sizeof(*result));
    memcpy(result, &r->result, HTTP_RESULT_HEAD);
    memset(&r->result, 0, HTTP_RESULT_HEAD);
    result->status = r->response.status;
    result->is_stream = r->options.pull;
    result->id = r->id;
    r->head_taken = true;
    http_drive_leave();
    return true;
}

static void leave_slot(http_request_t *r) {
    release_slot(r);
    if (r->owes_event) {
        http_state_set(r, HTTP_STATE_TAKEN);
    } else {
        free_request(r);
    }
}

bool http_engine_take(http_id_t id, http_result_t *result) {
    http_request_t *r = find(id);
    if (r == NULL || r->state == HTTP_STATE_TAKEN) {
        return false;
    }
    bool done = r->state == HTTP_STATE_DONE && (!r->options.pull || http_stream_len(r) == 0);
    // With pull the head comes first, unless there is nothing more.
    if (r->options.pull && (!done || r->result.status < 100) && http_engine_take_head(id, result)) {
        return true;
    }
    if (!done) {
        return false;
    }
    if (r->result.fd > 0) {
        http_drive_enter(); // the driver may still signal it
        http_drive_leave();
    }
    size_t start = r->head_taken ? HTTP_RESULT_HEAD : 0; // the caller has the head
    memcpy((char *)result + start, (char *)&r->result + start, sizeof(*result) - start);
    memset(&r->result, 0, sizeof(r->result));
    leave_slot(r);
    return true;
}

void http_engine_close(http_id_t id) {
    http_request_t *r = find(id);
    if (r != NULL && r->state != HTTP_STATE_TAKEN) {
        http_drive_enter();
        if (r->state == HTTP_STATE_ACTIVE) {
            http_trace_cancelled(r);
            http_hop_abandon(r);
        }
        leave_slot(r);
        http_drive_leave();
    }
}

bool http_engine_lacks_slots(void) {
    bool has_streams = false;
    if (http_state.slots_used < HTTP_ENGINE_SLOTS) {
        return false;
    }
    http_drive_enter();
    for (http_request_t *r = http_state.requests; r != NULL; r = r->next) {
        bool is_stream = r->options.pull && r->head_taken;
        has_streams |= is_stream;
        if (is_stream && r->state == HTTP_STATE_DONE && http_stream_len(r) == 0 && r->result.status >= 100) {
            release_slot(r); // the app has read all bytes, and has not looked for the end
        }
    }
    http_drive_leave();
    return has_streams && http_state.slots_used == HTTP_ENGINE_SLOTS;
}

static bool is_ready(http_id_t id) {
    http_request_t *r = find(id);
    if (id != 0 && (r == NULL || r->state >= HTTP_STATE_DONE)) {
        return true;
    }
    if (id != 0 && r->options.pull && has_head(r)) {
        return !r->head_taken || r->reader_len + http_stream_len(r) > 0;
    }
    http_event_t event = HTTP_EVENT_NONE;
    if (id == 0 || r->has_events) {
        first_event(id, &event);
    }
    return event != HTTP_EVENT_NONE;
}

// What http_engine_wait_also() waits for besides.
static bool also_is_ready(void) {
    #if !HTTP_ENGINE_THREAD
    for (http_request_t *r = http_state.requests; http_state.also != NULL && r != NULL; r = r->next) {
        if (r->is_watched && is_ready(r->id)) {
            r->is_watched = false; // a loop that does not read the stream may wait again
            return true;
        }
    }
    return http_state.also != NULL && poll(http_state.also, http_state.also_count, 0) > 0;
    #else
    return false;
    #endif
}

// The time until which only the network or end_us can end a wait.
static int64_t next_due_us(int64_t end_us) {
    for (http_request_t *r = http_state.requests; r != NULL; r = r->next) {
        int64_t sent_us = progress_due_us(&r->sent);
        int64_t received_us = progress_due_us(&r->received);
        int64_t due_us = sent_us < received_us ? sent_us : received_us;
        end_us = due_us < end_us ? due_us : end_us;
    }
    return end_us;
}

http_wait_t http_engine_wait(http_id_t id, int64_t timeout_ms) {
    if (is_ready(id) || !http_state_init()) {
        return HTTP_WAIT_READY;
    }
    bool for_ever = timeout_ms < 0 || timeout_ms > INT64_MAX / 2000;
    int64_t end_us = for_ever ? INT64_MAX : http_event_now_us() + timeout_ms * 1000;
    http_wait_t outcome;
    http_drive_enter();
    http_request_t *r = find(id);
    if (r != NULL) {
        r->waits = true;
    }
    for (;;) {
        http_drive_perform();
        int64_t now_us = http_event_now_us();
        if (is_ready(id) || also_is_ready()) {
            outcome = HTTP_WAIT_READY;
            break;
        } else if (http_event_was_interrupted()) {
            outcome = HTTP_WAIT_INTERRUPTED;
            break;
        } else if (end_us <= now_us) {
            outcome = HTTP_WAIT_TIMEOUT;
            break;
        }
        int64_t due_us = next_due_us(end_us);
        http_drive_poll(due_us <= now_us ? 0 : (due_us - now_us + 999) / 1000);
    }
    if (r != NULL) {
        r->waits = false;
        r->reader = NULL; // it is for one wait
    }
    http_drive_leave();
    return outcome;
}

#if !HTTP_ENGINE_THREAD

http_wait_t http_engine_wait_also(http_id_t id, int64_t timeout_ms, struct pollfd *fds, size_t count) {
    http_state.also = fds;
    http_state.also_count = count;
    http_wait_t outcome = http_engine_wait(id, timeout_ms);
    http_state.also = NULL;
    http_state.also_count = 0;
    return outcome;
}

#endif

int http_engine_fd(void) {
    if (!http_drive_has_thread()) {
        return -1; // no thread would write to it while a loop waits for it
    }
    if (http_event_fd() < 0) {
        http_drive_enter();
        http_event_open();
        http_drive_leave();
    }
    return http_event_fd();
}

void http_engine_stats(http_stats_t *stats) {
    http_drive_advance(ADVANCE_US);
    *stats = (http_stats_t) {
        .in_flight = http_state.slots_used,
        .free = HTTP_ENGINE_SLOTS - http_state.slots_used,
        .submitted = http_state.submitted,
        .refused = http_state.refused,
    };
    for (http_request_t *r = http_state.requests; r != NULL; r = r->next) {
        if (r->state == HTTP_STATE_DONE) {
            stats->bytes_held += r->result.body_len;
        }
    }
}

void http_engine_deinit(void) {
    if (http_state.multi == NULL) {
        return;
    }
    // Every file that has static data is ended here, so that nothing is left of the last app. Three things stay:
    // libcurl's global state (state.c); ids and counters (http_state); the number of threads that wait for a resolver
    // (resolve.c), because these threads outlive the app.
    http_engine_cancel_all();
    http_drive_deinit();
    CURLM *multi = http_state.multi;
    http_hop_deinit();
    http_url_deinit();
    http_request_deinit();
    http_state.multi = NULL; // first: an interrupt may come at any moment and use it
    curl_multi_cleanup(multi); // closes the connections that reuse.c has listed
    http_event_deinit();
    http_memory_deinit();
}
