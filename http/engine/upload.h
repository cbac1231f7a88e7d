// SPDX-License-Identifier: MIT
// Where the bytes of a request's body come from.

#ifndef HTTP_ENGINE_UPLOAD_H
#define HTTP_ENGINE_UPLOAD_H

#include "http/engine/state.h"

CURLcode http_upload_copy(http_request_t *r, const http_request_args_t *args);
bool http_upload_any(const http_request_t *r);
void http_upload_set_options(http_request_t *r);
void http_upload_free(http_request_t *r);

#endif
