// SPDX-License-Identifier: MIT
// Redirects.

#ifndef HTTP_ENGINE_REDIRECT_H
#define HTTP_ENGINE_REDIRECT_H

#include "http/engine/state.h"

bool http_redirect_is_followed(const http_transfer_t *t); // does this response lead to another hop?
// Turn t into the request for the next hop. CURLE_OK, or why not, with *text for people.
CURLcode http_redirect_prepare(http_transfer_t *t, const char *location, const char **text);

#endif
