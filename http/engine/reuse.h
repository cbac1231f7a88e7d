// SPDX-License-Identifier: MIT
// Connections that are used again.

#ifndef HTTP_ENGINE_REUSE_H
#define HTTP_ENGINE_REUSE_H

#include "http/engine/state.h"

// A hop of this handle that ends for a kept connection that is of no use has r->is_stale, and one that would be
// sent twice but must not be is aborted.
void http_reuse_set_options(http_request_t *r);

#endif
