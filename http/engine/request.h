// SPDX-License-Identifier: MIT
// The engine's own copy of a request.

#ifndef HTTP_ENGINE_REQUEST_H
#define HTTP_ENGINE_REQUEST_H

#include "http/engine/state.h"

CURLcode http_request_copy(http_request_t *r, const http_request_args_t *args);
void http_request_free(http_request_t *r); // it must have left the multi handle and its slot
void http_request_deinit(void);

#endif
