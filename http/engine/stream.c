// SPDX-License-Identifier: MIT
// The bytes of a body that wait for the app. The owner of the multi handle writes them into a ring, and the app thread
// reads them without the lock: an app may read byte by byte. Each side changes one counter, and then looks at the
// other's: so one of both sees that the ring has become empty, or is full no more.

#include <stdlib.h>
#include <string.h>

#include "http/engine/event.h"
#include "http/engine/stream.h"

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static bool has_room(http_request_t *r, size_t len) {
    return http_stream_len(r) + len <= HTTP_STREAM_BYTES;
}

CURLcode http_stream_write(http_request_t *r, const char *data, size_t len) {
    size_t stored = r->stored;
    if (r->waits && r->reader != NULL && stored == r->taken) {
        size_t n = smaller(len, r->reader_size - r->reader_len);
        memmove(r->reader + r->reader_len, data, n); // at -Os, memcpy would be byte by byte on x86
        r->reader_len += n;
        data += n;
        len -= n;
    }
    // libcurl passes at most CURL_MAX_WRITE_SIZE bytes, which fit into an empty ring.
    if (!has_room(r, len)) {
        r->paused = true;
        if (!has_room(r, len)) {
            return CURLE_AGAIN;
        }
        r->paused = false;
    }
    if (len == 0) {
        return CURLE_OK;
    }
    if (r->chunk == NULL) {
        r->chunk = malloc(HTTP_STREAM_BYTES);
        if (r->chunk == NULL) {
            return CURLE_OUT_OF_MEMORY;
        }
    }
    size_t at = stored % HTTP_STREAM_BYTES;
    size_t first = smaller(len, HTTP_STREAM_BYTES - at);
    memmove(r->chunk + at, data, first);
    memmove(r->chunk, data + first, len - first);
    if (stored == r->taken) {
        r->chunk_sequence = ++http_state.last_sequence;
    }
    r->stored = stored + len;
    if (stored == r->taken) {
        if (r->pull) {
            http_event_signal(r->result.fd);
        } else {
            http_event_notify();
        }
    }
    return CURLE_OK;
}

size_t http_stream_read(http_request_t *r, uint8_t *buffer, size_t size, int until) {
    size_t taken = r->taken;
    size = smaller(size, r->stored - taken);
    for (size_t n = 0; n < size;) {
        size_t at = (taken + n) % HTTP_STREAM_BYTES;
        size_t len = smaller(size - n, HTTP_STREAM_BYTES - at);
        uint8_t *found = until < 0 ? NULL : memchr(r->chunk + at, until, len);
        if (found != NULL) {
            len = found + 1 - (r->chunk + at);
            size = n + len;
        }
        memmove(buffer + n, r->chunk + at, len);
        n += len;
    }
    r->taken = taken + size;
    return size;
}
