// SPDX-License-Identifier: MIT
// URLs, and targets: a URL with the credentials for it.

#ifndef HTTP_ENGINE_URL_H
#define HTTP_ENGINE_URL_H

#include "http/engine/state.h"

CURLcode http_url_parse(http_target_t *target, const char *url, size_t len);
// The same, but faster for the URL of the last call.
CURLcode http_url_parse_cached(http_target_t *target, const char *url, size_t len);
void http_url_deinit(void);
void http_url_clear(http_target_t *target);
void http_url_forget_credentials(http_target_t *target);
// Return a part of the URL, or all of it, without user info, allocated. NULL: the part does not exist, or there is no
// memory.
char *http_url_get(const http_target_t *target, CURLUPart part);
// Return a pointer to the host in the URL's text.
const char *http_url_host(const http_target_t *target);
bool http_url_same_origin(const http_target_t *a, const http_target_t *b);
// The target of a reference (RFC 3986 4.1) in a response from base.
CURLcode http_url_resolve(http_target_t *target, const http_target_t *base, const char *reference);

#endif
