// SPDX-License-Identifier: MIT
// Connections that are used again.

#ifndef HTTP_ENGINE_REUSE_H
#define HTTP_ENGINE_REUSE_H

#include "http/engine/state.h"

// Check each connection before the request is sent. A reused connection that is of no use ends the hop with r->is_stale. A
// request that would be sent twice, and must not be, is aborted.
void http_reuse_set_options(http_request_t *r);

#endif
