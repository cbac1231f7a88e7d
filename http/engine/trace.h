// SPDX-License-Identifier: MIT
// Tells the function of http_engine_trace() what requests do. Without HTTP_ENGINE_TRACE these calls are nothing.

#ifndef HTTP_ENGINE_TRACE_H
#define HTTP_ENGINE_TRACE_H

#include "http/engine/state.h"

#if HTTP_ENGINE_TRACE

void http_trace_request(const http_request_t *r, const http_request_args_t *args);
void http_trace_handle(http_request_t *r); // a new handle: libcurl tells what it sends and receives
void http_trace_hop(http_request_t *r);
void http_trace_body(const http_request_t *r, const char *data, size_t len);
void http_trace_hop_end(const http_request_t *r, CURLcode code); // while the handle is there
void http_trace_done(const http_request_t *r);
void http_trace_cancelled(const http_request_t *r);

#else

#define http_trace_request(r, args) ((void)0)
#define http_trace_handle(r) ((void)0)
#define http_trace_hop(r) ((void)0)
#define http_trace_body(r, data, len) ((void)0)
#define http_trace_hop_end(r, code) ((void)0)
#define http_trace_done(r) ((void)0)
#define http_trace_cancelled(r) ((void)0)

#endif

#endif
