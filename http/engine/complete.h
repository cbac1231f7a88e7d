// SPDX-License-Identifier: MIT
// The result of a request.

#ifndef HTTP_ENGINE_COMPLETE_H
#define HTTP_ENGINE_COMPLETE_H

#include "http/engine/state.h"

// The result is complete but for status and error. text NULL takes libcurl's text for the code.
void http_complete(http_request_t *r, CURLcode code, const char *text);

#endif
