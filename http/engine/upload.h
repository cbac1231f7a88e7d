// SPDX-License-Identifier: MIT
// Reads the body of a request: memory, files, or pieces that the app feeds.

#ifndef HTTP_ENGINE_UPLOAD_H
#define HTTP_ENGINE_UPLOAD_H

#include "http/engine/state.h"

#define HTTP_SPENT "data: an iterator cannot be sent another time"

CURLcode http_upload_copy(http_request_t *r, const http_request_args_t *args);
bool http_upload_any(const http_request_t *r);
void http_upload_set_options(http_request_t *r);
// Take the next piece from the app; len 0 is the end.
CURLcode http_upload_feed(http_request_t *r, const void *data, size_t len);
// True if the body cannot be sent another time.
bool http_upload_is_spent(const http_request_t *r);
// How many bytes of the body are sent in this hop. It stores the progress if the app wants it; see
// http_event_progress().
int64_t http_upload_sent(http_request_t *r, bool tell);
void http_upload_free(http_request_t *r);

#endif
