// SPDX-License-Identifier: MIT
// The header fields of a response, line by line as they arrive.

#ifndef HTTP_ENGINE_RESPONSE_H
#define HTTP_ENGINE_RESPONSE_H

#include "http/engine/state.h"

// Texts for people about a response that is refused, here or by libcurl.
#define HTTP_TOO_LARGE "response headers too large"
#define HTTP_NO_STATUS "no valid HTTP status"
#define HTTP_NO_FIELD "a response header that is none"

void http_collector_clear(http_collector_t *c);
// Read one line as libcurl gives it, with its line end. Not CURLE_OK: the response is refused, c->why says why.
CURLcode http_collect_line(http_collector_t *c, const char *line, size_t len);

#endif
