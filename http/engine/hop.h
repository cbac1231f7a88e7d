// SPDX-License-Identifier: MIT
// One exchange on the wire. Called by the owner of the multi handle.

#ifndef HTTP_ENGINE_HOP_H
#define HTTP_ENGINE_HOP_H

#include "http/engine/state.h"

CURLcode http_hop_start(http_request_t *r);
void http_hop_end(http_request_t *r, CURLcode result); // libcurl is done with it: the next hop, or completion
void http_hop_abandon(http_request_t *r); // without a result
void http_hop_deinit(void);

#endif
