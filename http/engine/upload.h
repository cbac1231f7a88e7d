// SPDX-License-Identifier: MIT
// Reads the body of a request: memory, a file, or the parts of a form.

#ifndef HTTP_ENGINE_UPLOAD_H
#define HTTP_ENGINE_UPLOAD_H

#include "http/engine/state.h"

CURLcode http_upload_copy(http_request_t *r, const http_request_args_t *args);
bool http_upload_any(const http_request_t *r);
void http_upload_set_options(http_request_t *r);
void http_upload_free(http_request_t *r);

#endif
