// SPDX-License-Identifier: MIT
// Where the bytes of a request's body come from.

#ifndef HTTP_ENGINE_UPLOAD_H
#define HTTP_ENGINE_UPLOAD_H

#include "http/engine/state.h"

CURLcode http_upload_copy(http_transfer_t *t, const http_request_t *request);
bool http_upload_any(const http_transfer_t *t);
void http_upload_set(http_transfer_t *t);
void http_upload_free(http_transfer_t *t);

#endif
