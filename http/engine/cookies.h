// SPDX-License-Identifier: MIT
// Cookie jars as hops use them. Called by the owner of the multi handle.

#ifndef HTTP_ENGINE_COOKIES_H
#define HTTP_ENGINE_COOKIES_H

#include "http/engine/state.h"

struct http_jar {
    CURLSH *share;
    unsigned users; // the app, and requests
};

http_jar_t *http_cookies_retain(http_jar_t *jar); // one user more
void http_cookies_release(http_jar_t *jar); // one user less: the last one frees it

char *http_cookies_save(CURL *easy); // the cookies of this handle, a line each; NULL without memory
void http_cookies_set_options(http_request_t *r);
// What r->jar has to do with this line of the header, which libcurl has read, and the response too.
CURLcode http_cookies_read_line(http_request_t *r, const char *line, size_t len);

#endif
