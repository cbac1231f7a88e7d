// SPDX-License-Identifier: MIT
// Where bodies go: memory, a file, or the chunks of a stream. Called by the owner of the multi handle.

#ifndef HTTP_ENGINE_SINK_H
#define HTTP_ENGINE_SINK_H

#include "http/engine/state.h"

CURLcode http_sink_open(http_request_t *r); // HTTP_TEXT_FILE
// Store decoded bytes of the body, up to the limit. CURLE_AGAIN: the stream is full; pass the same bytes again later.
CURLcode http_sink_write(http_request_t *r, const char *data, size_t len);
// The body is complete: rename the file to its final name.
CURLcode http_sink_finish(http_request_t *r);
void http_sink_discard(http_request_t *r);
void http_sink_count(http_request_t *r, bool tell); // update the numbers of the progress event

#endif
