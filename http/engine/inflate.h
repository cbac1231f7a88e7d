// SPDX-License-Identifier: MIT
// Decodes compressed bodies. Called by the owner of the multi handle.

#ifndef HTTP_ENGINE_INFLATE_H
#define HTTP_ENGINE_INFLATE_H

#include "http/engine/state.h"

CURLcode http_inflate_start(http_request_t *r); // set up the decoders that Content-Encoding names
// Decode, and write to the sink. CURLE_AGAIN: the caller must pass the same data again.
CURLcode http_inflate_write(http_request_t *r, const char *data, size_t len);
bool http_inflate_is_whole(const http_request_t *r); // true if no compressed body was cut off
void http_inflate_free(http_request_t *r);

#endif
