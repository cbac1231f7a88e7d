// SPDX-License-Identifier: MIT
// The engine's calls: slots, ids, states, completion. See engine.h for what they promise.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/engine/complete.h"
#include "http/engine/cookies.h"
#include "http/engine/drive.h"
#include "http/engine/event.h"
#include "http/engine/fields.h"
#include "http/engine/hop.h"
#include "http/engine/memory.h"
#include "http/engine/request.h"
#include "http/engine/resolve.h"
#include "http/engine/response.h"
#include "http/engine/url.h"

// Without a driver thread a question takes at most about so long: libcurl reads 16 KiB when it is driven
// once, and an app may ask ten times a second.
#define LOOK_US (5 * 1000)

// ------------------------------------------------------------------------------------------------
// Transfers

static http_transfer_t *find(http_id_t id) {
    http_transfer_t *t = http_engine.transfers;
    while (t != NULL && t->id != id) {
        t = t->next;
    }
    return t;
}

static bool acquire_slot(http_transfer_t *t) {
    for (http_slot_t *slot = http_engine.slots; slot < http_engine.slots + HTTP_ENGINE_SLOTS; slot++) {
        if (!slot->used) {
            slot->used = true;
            slot->error_buffer[0] = 0;
            http_engine.slots_used++;
            t->slot = slot;
            return true;
        }
    }
    return false;
}

static void release_slot(http_transfer_t *t) {
    if (t->slot != NULL) {
        t->slot->used = false;
        http_engine.slots_used--;
        t->slot = NULL;
    }
}

// Not on the multi handle any more.
static void transfer_free(http_transfer_t *t) {
    http_transfer_t **link = &http_engine.transfers;
    while (*link != t) {
        link = &(*link)->next;
    }
    *link = t->next;
    release_slot(t);
    http_request_free(t);
}

// ------------------------------------------------------------------------------------------------
// Submit

// Refused requests have no slot, and nothing of theirs is copied.
static CURLcode start(http_transfer_t *t, const http_request_t *request) {
    if (!acquire_slot(t)) {
        http_engine.refused++;
        t->abort_text = HTTP_ENGINE_SLOTS == 16 ? "sixteen requests are in flight: no more at a time"
            : "all slots are taken: no more requests at a time";
        return (CURLcode)HTTP_STATUS_NO_SLOT; // libcurl has the code and never returns it
    }
    CURLcode code = http_request_copy(t, request);
    return code == CURLE_OK ? http_hop_start(t) : code;
}

http_id_t http_engine_submit(const http_request_t *request) {
    http_transfer_t *t = http_memory_take_cleared(1, sizeof(*t));
    if (t == NULL || !http_engine_init()) {
        http_memory_give_back(t);
        return 0;
    }
    if (++http_engine.last_id == 0) {
        http_engine.last_id = 1;
    }
    http_engine.submitted++;
    t->id = http_engine.last_id;
    // In the order of both structures: so the compiler copies several at a time.
    t->notice_owed = request->notify;
    t->stream = request->stream;
    t->progress = request->progress;
    t->compressed = request->compressed;
    t->insecure = request->insecure;
    t->omit_content_length = request->omit_content_length;
    t->max_size_in_memory = request->max_size_in_memory;
    t->jar = request->jar == NULL ? NULL : http_jar_use(request->jar);
    t->max_size = request->max_size;
    t->redirects_left = request->max_redirects;
    t->progress_total = -1;
    t->start_us = http_now_us();
    t->deadline_us = request->timeout_ms == 0 ? 0 : t->start_us + (int64_t)request->timeout_ms * 1000;

    http_drive_enter();
    t->next = http_engine.transfers;
    http_engine.transfers = t;
    CURLcode code = start(t, request);
    if (code != CURLE_OK) {
        http_transfer_complete(t, code, t->abort_text);
    }
    // Who started a request without a notice waits for it next, and drives by itself.
    http_drive_leave(request->notify || code != CURLE_OK);
    if (request->notify) {
        http_drive_look(0); // libcurl's deadline counts from here
    }
    return t->id;
}

// ------------------------------------------------------------------------------------------------
// The other calls. The list and everything that is not ACTIVE is the app thread's: no lock.

static void cancel(http_transfer_t *t) {
    if (t->state == HTTP_STATE_ACTIVE) {
        http_hop_abandon(t);
    }
    transfer_free(t);
}

bool http_engine_cancel(http_id_t id) {
    http_transfer_t *t = find(id);
    if (t == NULL) {
        return false;
    }
    bool was_pending = t->state != HTTP_STATE_TAKEN;
    http_drive_enter();
    cancel(t);
    http_drive_leave(true);
    return was_pending;
}

void http_engine_cancel_all(void) {
    if (http_engine.transfers == NULL) {
        return;
    }
    http_drive_enter();
    while (http_engine.transfers != NULL) {
        cancel(http_engine.transfers);
    }
    http_drive_leave(true);
}

bool http_engine_is_done(http_id_t id) {
    http_transfer_t *t = find(id);
    if (t != NULL && t->state == HTTP_STATE_ACTIVE) {
        http_drive_look(LOOK_US);
    }
    return t != NULL && t->state == HTTP_STATE_DONE;
}

// When t may next report progress; INT64_MAX when there is none to report.
static int64_t progress_due_us(http_transfer_t *t) {
    return t->has_progress ? t->reported_us + HTTP_PROGRESS_MS * 1000 : INT64_MAX;
}

// What t has to say now, and since when (*sequence). A chunk goes before everything else: a request
// that is done has nothing more to say than its data and its last progress.
static http_event_t event_of(http_transfer_t *t, int64_t now_us, uint32_t *sequence) {
    // The state first: only then is the rest the app thread's.
    bool done = t->state >= HTTP_STATE_DONE;
    if (t->chunk_len > 0) {
        *sequence = t->chunk_sequence;
        return HTTP_EVENT_DATA;
    }
    if (done) {
        *sequence = t->sequence;
        return t->progress && !t->reported_end ? HTTP_EVENT_PROGRESS : t->notice_owed ? HTTP_EVENT_DONE : HTTP_EVENT_NONE;
    }
    if (progress_due_us(t) <= now_us) {
        *sequence = t->progress_sequence;
        return HTTP_EVENT_PROGRESS;
    }
    return HTTP_EVENT_NONE;
}

// The oldest event of all (0), or of id and then no completion.
static http_transfer_t *first_event(http_id_t id, http_event_t *event) {
    http_transfer_t *first = NULL;
    uint32_t first_sequence = 0;
    int64_t now_us = http_now_us();
    *event = HTTP_EVENT_NONE;
    for (http_transfer_t *t = http_engine.transfers; t != NULL; t = t->next) {
        uint32_t sequence;
        http_event_t its = id == 0 || t->id == id ? event_of(t, now_us, &sequence) : HTTP_EVENT_NONE;
        bool wanted = its != HTTP_EVENT_NONE && (id == 0 || its != HTTP_EVENT_DONE);
        if (wanted && (first == NULL || (int32_t)(sequence - first_sequence) < 0)) {
            first = t;
            first_sequence = sequence;
            *event = its;
        }
    }
    return first;
}

http_next_t http_engine_next(http_id_t id) {
    http_next_t next = { .event = HTTP_EVENT_NONE };
    if (id == 0) {
        http_drive_look(LOOK_US); // an idle loop with much to do may never come to wait
    }
    http_transfer_t *t = first_event(id, &next.event);
    if (t == NULL) {
        return next;
    }
    next.id = t->id;
    if (next.event == HTTP_EVENT_PROGRESS) {
        t->reported_end = t->state >= HTTP_STATE_DONE;
        t->reported_us = http_now_us();
        atomic_store(&t->has_progress, false); // before the numbers are read: newer ones come again
        next.received = atomic_load(&t->progress_received);
        next.total = atomic_load(&t->progress_total);
    } else if (next.event == HTTP_EVENT_DONE) {
        t->notice_owed = false;
        if (t->state == HTTP_STATE_TAKEN) {
            transfer_free(t);
        }
    }
    return next;
}

size_t http_engine_readable(http_id_t id) {
    http_transfer_t *t = find(id);
    return t == NULL ? 0 : t->chunk_len;
}

size_t http_engine_read(http_id_t id, void *buffer, size_t size) {
    http_transfer_t *t = find(id);
    if (t == NULL || t->chunk_len == 0) {
        return 0;
    }
    http_drive_enter();
    size_t len = t->chunk_len < size ? t->chunk_len : size;
    memcpy(buffer, t->chunk, len);
    memmove(t->chunk, t->chunk + len, t->chunk_len - len);
    t->chunk_len -= len;
    if (t->paused && t->state == HTTP_STATE_ACTIVE) {
        t->paused = false;
        CURLcode code = curl_easy_pause(t->easy, CURLPAUSE_CONT); // may bring the next data at once
        if (code != CURLE_OK) {
            http_hop_end(t, code); // what libcurl had kept of the body is lost
        }
    }
    http_drive_leave(true);
    return len;
}

bool http_engine_take(http_id_t id, http_result_t *result) {
    http_transfer_t *t = find(id);
    if (t == NULL || t->state != HTTP_STATE_DONE) {
        return false;
    }
    *result = t->result;
    memset(&t->result, 0, sizeof(t->result));
    release_slot(t);
    if (t->notice_owed) {
        http_transfer_set_state(t, HTTP_STATE_TAKEN);
    } else {
        transfer_free(t);
    }
    return true;
}

static bool is_ready(http_id_t id) {
    http_transfer_t *t = find(id);
    if (id != 0 && (t == NULL || t->state >= HTTP_STATE_DONE)) {
        return true;
    }
    http_event_t event = HTTP_EVENT_NONE;
    if (id == 0 || t->stream || t->progress) {
        first_event(id, &event);
    }
    return event != HTTP_EVENT_NONE;
}

// Until when nothing but the network or end_us can end a wait.
static int64_t next_due_us(int64_t end_us) {
    for (http_transfer_t *t = http_engine.transfers; t != NULL; t = t->next) {
        int64_t due_us = progress_due_us(t);
        end_us = due_us < end_us ? due_us : end_us;
    }
    return end_us;
}

http_wait_t http_engine_wait(http_id_t id, int64_t timeout_ms) {
    if (is_ready(id) || !http_engine_init()) {
        return HTTP_WAIT_READY;
    }
    bool for_ever = timeout_ms < 0 || timeout_ms > INT64_MAX / 2000;
    int64_t end_us = for_ever ? INT64_MAX : http_now_us() + timeout_ms * 1000;
    http_wait_t outcome;
    http_drive_enter();
    for (;;) {
        http_drive_perform();
        int64_t now_us = http_now_us();
        if (is_ready(id)) {
            outcome = HTTP_WAIT_READY;
            break;
        } else if (http_drive_take_interrupt()) {
            outcome = HTTP_WAIT_INTERRUPTED;
            break;
        } else if (end_us <= now_us) {
            outcome = HTTP_WAIT_TIMEOUT;
            break;
        }
        int64_t due_us = next_due_us(end_us);
        http_drive_poll(due_us <= now_us ? 0 : (due_us - now_us + 999) / 1000);
    }
    http_drive_leave(true);
    return outcome;
}

int http_engine_fd(void) {
    if (!http_drive_has_thread()) {
        return -1; // nobody would write to it while a loop waits for it
    }
    if (http_event_fd() < 0) {
        http_drive_enter();
        http_event_open();
        http_drive_leave(true);
    }
    return http_event_fd();
}

void http_engine_clear_fd(void) {
    http_event_clear();
}

void http_engine_interrupt(void) {
    http_event_interrupt();
}

void http_engine_stats(http_stats_t *stats) {
    http_drive_look(LOOK_US);
    *stats = (http_stats_t) {
        .in_flight = http_engine.slots_used,
        .submitted = http_engine.submitted,
        .refused = http_engine.refused,
    };
    for (http_transfer_t *t = http_engine.transfers; t != NULL; t = t->next) {
        if (t->state == HTTP_STATE_DONE) {
            stats->bytes_held += t->result.body_len;
        }
    }
}

void http_engine_deinit(void) {
    if (http_engine.multi == NULL) {
        return;
    }
    http_engine_cancel_all();
    http_drive_stop();
    CURLM *multi = http_engine.multi;
    http_hop_forget_handles();
    http_target_forget_last();
    http_engine.multi = NULL; // before the cleanup: an interrupt may come at any moment
    curl_multi_cleanup(multi);
    http_memory_release();
}
