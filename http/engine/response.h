// SPDX-License-Identifier: MIT
// The header fields of a response, line by line as they arrive.

#ifndef HTTP_ENGINE_RESPONSE_H
#define HTTP_ENGINE_RESPONSE_H

#include "http/engine/state.h"

// A server may send a new challenge with a new nonce, and a proxy may send one too. A server that sends more challenges
// than this would never stop.
#define HTTP_CHALLENGES_MAX (4)

// Error texts for a response that this file or libcurl refuses.
#define HTTP_TOO_LARGE "response headers too large"
#define HTTP_NO_STATUS "no valid HTTP status"
#define HTTP_NO_FIELD "a response header that is none"

void http_response_clear(http_response_t *response);
bool http_response_is_final(const http_response_t *response); // the header is complete, and no other one follows
const char *http_response_fields(const http_response_t *response); // the first field; NULL before the status line
void http_response_move(http_response_t *response, http_result_t *result); // move reason and fields, unless they were
// Read one line of the header, with its line end. Not CURLE_OK: the response is refused, and response->why says why.
CURLcode http_response_read_line(http_response_t *response, const char *line, size_t len);

#endif
