// SPDX-License-Identifier: MIT
// Bodies that are compressed. Called by the owner of the multi handle.

#ifndef HTTP_ENGINE_INFLATE_H
#define HTTP_ENGINE_INFLATE_H

#include "http/engine/state.h"

CURLcode http_inflate_start(http_request_t *r); // what the fields say
// Decode and pass on to the sink. CURLE_AGAIN: the same data has to come again.
CURLcode http_inflate_write(http_request_t *r, const char *data, size_t len);
bool http_inflate_is_whole(const http_request_t *r); // all that was begun has its end
void http_inflate_free(http_request_t *r);

#endif
