// SPDX-License-Identifier: MIT
// How many name resolutions may hang.

#ifndef HTTP_ENGINE_RESOLVE_H
#define HTTP_ENGINE_RESOLVE_H

#include "http/engine/state.h"

void http_resolve_set_up(http_transfer_t *t);
void http_resolve_abandon(http_transfer_t *t); // the hop ends early: by its deadline or its cancellation

#endif
