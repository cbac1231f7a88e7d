// SPDX-License-Identifier: MIT
// Redirects.

#ifndef HTTP_ENGINE_REDIRECT_H
#define HTTP_ENGINE_REDIRECT_H

#include "http/engine/state.h"

bool http_redirect_is_followed(const http_request_t *r); // does this response lead to another hop?
// Turn r into the request for the next hop. CURLE_OK, or why not, with *text for people.
CURLcode http_redirect_prepare(http_request_t *r, const char *location, const char **text);

#endif
