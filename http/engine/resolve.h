// SPDX-License-Identifier: MIT
// Limits the number of name resolutions that hang.

#ifndef HTTP_ENGINE_RESOLVE_H
#define HTTP_ENGINE_RESOLVE_H

#include "http/engine/state.h"

void http_resolve_set_options(http_request_t *r);
void http_resolve_abandon(http_request_t *r); // call it when a hop ends by its deadline or by cancellation

#endif
