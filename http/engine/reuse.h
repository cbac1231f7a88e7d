// SPDX-License-Identifier: MIT
// Checks connections that libcurl reuses.

#ifndef HTTP_ENGINE_REUSE_H
#define HTTP_ENGINE_REUSE_H

#include "http/engine/state.h"

// Check each connection before libcurl sends the request. If a reused connection cannot be used, the hop ends with
// r->is_stale. If libcurl would send a request twice that must not be sent twice, the hop is aborted.
void http_reuse_set_options(http_request_t *r);

#endif
