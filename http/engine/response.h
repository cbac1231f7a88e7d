// SPDX-License-Identifier: MIT
// The header fields of a response, line by line as they arrive.

#ifndef HTTP_ENGINE_RESPONSE_H
#define HTTP_ENGINE_RESPONSE_H

#include "http/engine/state.h"

// A server may ask again with a new nonce, and a proxy may ask too. A server that asks more often than this would
// ask for ever.
#define HTTP_CHALLENGES_MAX (4)

// Texts for people about a response that is refused, here or by libcurl.
#define HTTP_TOO_LARGE "response headers too large"
#define HTTP_NO_STATUS "no valid HTTP status"
#define HTTP_NO_FIELD "a response header that is none"

void http_response_clear(http_response_t *response);
// Read one line as libcurl gives it, with its line end. Not CURLE_OK: the response is refused, response->why says why.
CURLcode http_response_read_line(http_response_t *response, const char *line, size_t len);

#endif
