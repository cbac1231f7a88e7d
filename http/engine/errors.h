// SPDX-License-Identifier: MIT
// What libcurl's codes and messages mean, the same for all its versions and TLS libraries.

#ifndef HTTP_ENGINE_ERRORS_H
#define HTTP_ENGINE_ERRORS_H

#include "http/engine/state.h"

// A code that tells people and apps the same whatever libcurl made it; *text, if that is set, says more.
CURLcode http_errors_translate(const http_request_t *r, CURLcode result, const char **text);
// The error text of a result: own memory, NULL without memory. text NULL takes libcurl's text for the code.
char *http_errors_text(const http_request_t *r, CURLcode code, const char *text);

#endif
