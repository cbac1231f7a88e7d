// SPDX-License-Identifier: MIT
// The result of a request.

#ifndef HTTP_ENGINE_COMPLETE_H
#define HTTP_ENGINE_COMPLETE_H

#include "http/engine/state.h"

// End a request. code CURLE_OK: its result has the status already. Else the status is the code, and the error is text, or
// libcurl's text for the code if that is NULL.
void http_complete(http_request_t *r, CURLcode code, const char *text);

#endif
