// SPDX-License-Identifier: MIT
// The bytes of a body that wait for the app. The owner of the multi handle writes them into a ring, and the app thread
// reads them without the lock: an app may read byte by byte. Each side changes one counter, and then looks at the
// other's: so one of both sees that the ring has become empty, or is full no more.

#include <stdlib.h>
#include <string.h>

#include "http/engine/event.h"
#include "http/engine/stream.h"

typedef struct {
    uint32_t at; // in the ring
    uint32_t len; // as far as the end of the ring
} span_t;

static span_t span_of(uint32_t position, uint32_t len) {
    span_t span = { .at = position % HTTP_STREAM_BYTES };
    uint32_t left = HTTP_STREAM_BYTES - span.at;
    span.len = len < left ? len : left;
    return span;
}

CURLcode http_stream_write(http_request_t *r, const char *data, size_t len) {
    uint32_t stored = r->stored;
    if (r->waits && r->reader != NULL && stored == r->taken) {
        uint32_t n = r->reader_size - r->reader_len;
        n = n < len ? n : len;
        memmove(r->reader + r->reader_len, data, n); // at -Os, memcpy would be byte by byte on x86
        r->reader_len += n;
        data += n;
        len -= n;
        if (len == 0) {
            return CURLE_OK;
        }
    }
    if (r->chunk == NULL && (r->chunk = malloc(HTTP_STREAM_BYTES)) == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    // libcurl passes at most CURL_MAX_WRITE_SIZE bytes, which fit into an empty ring. Look at the counter only when the
    // app can see that the transfer pauses.
    r->paused = true;
    if (http_stream_len(r) + len > HTTP_STREAM_BYTES) {
        http_event_notify(); // the app may wait for a head that comes when the stream is full
        return CURLE_AGAIN;
    }
    r->paused = false;
    for (uint32_t end = stored + len; stored != end;) {
        span_t span = span_of(stored, end - stored);
        memmove(r->chunk + span.at, data, span.len);
        data += span.len;
        stored += span.len;
    }
    r->stored = stored;
    if (r->taken == stored - len) {
        http_event_signal(r->result.fd);
        http_event_raise(r);
    }
    return CURLE_OK;
}

size_t http_stream_read(http_request_t *r, uint8_t *buffer, size_t size, int until) {
    uint32_t taken = r->taken;
    uint32_t len = http_stream_len(r);
    uint32_t end = taken + (size < len ? size : len);
    while (taken != end) {
        span_t span = span_of(taken, end - taken);
        uint8_t *own = r->chunk + span.at;
        uint8_t *found = until < 0 ? NULL : memchr(own, until, span.len);
        if (found != NULL) {
            span.len = found + 1 - own;
            end = taken + span.len;
        }
        memmove(buffer, own, span.len);
        buffer += span.len;
        taken += span.len;
    }
    size = taken - r->taken;
    r->taken = taken;
    return size;
}
