// SPDX-License-Identifier: MIT
// Redirects.

#ifndef HTTP_ENGINE_REDIRECT_H
#define HTTP_ENGINE_REDIRECT_H

#include "http/engine/state.h"

bool http_redirect_is_followed(const http_request_t *r); // true if this response leads to another hop
// Change r into the request for the next hop. Not CURLE_OK: *text says why, for a person to read.
CURLcode http_redirect_prepare(http_request_t *r, const char *location, const char **text);

#endif
