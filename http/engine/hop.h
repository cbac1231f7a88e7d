// SPDX-License-Identifier: MIT
// One exchange on the wire. Called by the owner of the multi handle.

#ifndef HTTP_ENGINE_HOP_H
#define HTTP_ENGINE_HOP_H

#include "http/engine/state.h"

CURLcode http_hop_start(http_request_t *r);
void http_hop_end(http_request_t *r, CURLcode result); // libcurl has ended it: start the next hop or complete the request
void http_hop_abandon(http_request_t *r); // end it without a result
void http_hop_deinit(void);

#endif
