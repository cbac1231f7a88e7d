// SPDX-License-Identifier: MIT
// Makes libcurl's codes and messages the same for all its versions and TLS libraries.

#ifndef HTTP_ENGINE_ERRORS_H
#define HTTP_ENGINE_ERRORS_H

#include "http/engine/state.h"

// Return the code that means the same for every version of libcurl. *text, if it is set, describes the error.
CURLcode http_errors_translate(http_request_t *r, CURLcode result, const char **text);
// Return the kind of the failure. Call it while the state of the hop is there.
http_fault_t http_errors_fault(const http_request_t *r, CURLcode code);
// Return the error text of a result, allocated; NULL without memory. If text is NULL, it is libcurl's text for the
// code.
char *http_errors_text(const http_request_t *r, CURLcode code, const char *text);

#endif
