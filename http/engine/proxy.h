// SPDX-License-Identifier: MIT
// Which proxy the hop goes through, if any.

#ifndef HTTP_ENGINE_PROXY_H
#define HTTP_ENGINE_PROXY_H

#include "http/engine/state.h"

bool http_proxy_any(const http_request_t *r);
void http_proxy_set_options(http_request_t *r);

#endif
