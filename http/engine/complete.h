// SPDX-License-Identifier: MIT
// The result of a request.

#ifndef HTTP_ENGINE_COMPLETE_H
#define HTTP_ENGINE_COMPLETE_H

#include "http/engine/state.h"

// End a request. With CURLE_OK the result already has its status. Otherwise the status becomes the code, and the error
// becomes text, or libcurl's text for the code if text is NULL.
void http_complete(http_request_t *r, CURLcode code, const char *text);

#endif
