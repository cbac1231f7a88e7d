// SPDX-License-Identifier: MIT
// Cookie jars as hops use them. Called by the owner of the multi handle.

#ifndef HTTP_ENGINE_COOKIES_H
#define HTTP_ENGINE_COOKIES_H

#include "http/engine/state.h"

struct http_jar {
    CURLSH *share;
    unsigned users; // how many hold a reference: the app, and requests
};

void http_cookies_release(http_jar_t *jar); // drop a reference; the last one frees the jar

char *http_cookies_save(CURL *easy); // the cookies of this handle, one on each line; NULL without memory
void http_cookies_set_options(http_request_t *r);
// Apply this line of the response header to r->jar. libcurl and http_response_read_line() have read the line already.
CURLcode http_cookies_read_line(http_request_t *r, const char *line, size_t len);

#endif
