// SPDX-License-Identifier: MIT
// Options of a hop's handle.

#ifndef HTTP_ENGINE_OPTION_H
#define HTTP_ENGINE_OPTION_H

#include "http/engine/state.h"

// Set an option, and mark the handle: it must be reset before another hop uses it. The first failure sets
// r->setup_code; after it these functions set no option.
void http_option_set_long(http_request_t *r, CURLoption option, long value);
void http_option_set_pointer(http_request_t *r, CURLoption option, const void *value); // value may be a function, too
// The same for an option that curl_easy_reset() does not reset, or may not reset: no other request may use the handle.
void http_option_set_sticky(http_request_t *r, CURLoption option, const void *value);

#endif
