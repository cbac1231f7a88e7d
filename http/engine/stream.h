// SPDX-License-Identifier: MIT
// The bytes of a body that wait for the app.

#ifndef HTTP_ENGINE_STREAM_H
#define HTTP_ENGINE_STREAM_H

#include "http/engine/state.h"

// How many bytes wait.
static inline uint32_t http_stream_len(http_request_t *r) {
    return r->stored - r->taken;
}

// Called by the owner of the multi handle. CURLE_AGAIN: the stream is full; pass the same bytes again later.
CURLcode http_stream_write(http_request_t *r, const char *data, size_t len);
// Called by the app thread, without the lock.
size_t http_stream_read(http_request_t *r, uint8_t *buffer, size_t size, int until);

#endif
