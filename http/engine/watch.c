// SPDX-License-Identifier: MIT
// The limits for connecting and for stalls. libcurl's limit for slow transfers counts whole seconds, and also counts
// while the app does not read.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "http/engine/event.h"
#include "http/engine/hop.h"
#include "http/engine/stream.h"
#include "http/engine/upload.h"
#include "http/engine/watch.h"

// How often a connection is looked at while a stall limit passes. Nothing wakes the engine when the system sends bytes
// that libcurl has written long ago.
#define LOOKS (8)

// A number that changes whenever a byte moves, and is never 0.
static uint64_t bytes_moved(http_request_t *r) {
    uint64_t moved = 1 + http_upload_sent(r, true) + r->result.received + r->response.lines + r->response.messages;
    #ifdef __linux__
    // That leaves out bytes that the system still sends, and parts of lines. The kernel counts all: tcpi_bytes_acked and
    // tcpi_bytes_received of its tcp_info. Not every C library has these members.
    uint64_t info[17];
    socklen_t len = sizeof(info);
    if (getsockopt(r->socket, IPPROTO_TCP, TCP_INFO, info, &len) == 0 && len == sizeof(info)) {
        moved += info[15] + info[16];
    }
    #endif
    return moved;
}

static void look_at(http_request_t *r, int64_t now_us) {
    bool connects = r->sent_behind == 0;
    uint64_t moved = connects ? 0 : bytes_moved(r);
    // While bytes wait for the app, or the server waits for the app's, the time is the app's.
    if (moved != r->moved || http_stream_len(r) > 0 || r->wants) {
        r->moved = moved;
        r->moved_us = now_us;
    }
    uint32_t limit_ms = connects ? r->options.connect_timeout_ms : r->options.stall_timeout_ms;
    int64_t limit_us = limit_ms == 0 ? INT64_MAX / 2 : (int64_t)limit_ms * 1000; // the other limit may follow
    int64_t left_us = r->moved_us + limit_us - now_us;
    if (left_us <= 0) {
        r->fault = connects ? HTTP_FAULT_CONNECT_TIMEOUT : HTTP_FAULT_STALL_TIMEOUT;
        r->abort_text = connects ? "no connection within connect_timeout" : "no byte within stall_timeout";
        r->abort_code = CURLE_OPERATION_TIMEDOUT;
        http_hop_end(r, CURLE_OPERATION_TIMEDOUT);
        return;
    }
    left_us = connects || left_us < limit_us / LOOKS ? left_us : limit_us / LOOKS;
    if (http_state.watch_us > now_us + left_us) {
        http_state.watch_us = now_us + left_us;
    }
}

void http_watch(void) {
    if (http_state.watch_us == INT64_MAX) {
        return;
    }
    http_state.watch_us = INT64_MAX;
    int64_t now_us = http_event_now_us();
    for (int slot = 0; slot < HTTP_ENGINE_SLOTS; slot++) {
        http_request_t *r = http_state.slots[slot].active;
        if (r != NULL && (r->options.connect_timeout_ms != 0 || r->options.stall_timeout_ms != 0 || r->options.upload_progress)) {
            look_at(r, now_us);
        }
    }
}

int http_watch_shorten(int ms) {
    if (http_state.watch_us == INT64_MAX) {
        return ms;
    }
    int64_t left_ms = (http_state.watch_us - http_event_now_us() + 999) / 1000;
    return left_ms < 0 ? 0 : left_ms < ms ? (int)left_ms : ms;
}
