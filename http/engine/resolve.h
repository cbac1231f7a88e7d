// SPDX-License-Identifier: MIT
// How many name resolutions may hang.

#ifndef HTTP_ENGINE_RESOLVE_H
#define HTTP_ENGINE_RESOLVE_H

#include "http/engine/state.h"

void http_resolve_set_options(http_request_t *r);
void http_resolve_abandon(http_request_t *r); // the hop ends early: by its deadline or its cancellation

#endif
