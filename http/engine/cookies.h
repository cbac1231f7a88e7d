// SPDX-License-Identifier: MIT
// Cookie jars as hops use them. Called by the owner of the multi handle.

#ifndef HTTP_ENGINE_COOKIES_H
#define HTTP_ENGINE_COOKIES_H

#include "http/engine/state.h"

struct http_jar {
    CURLSH *share;
    unsigned users; // the app, and requests
};

http_jar_t *http_jar_use(http_jar_t *jar); // one user more
void http_jar_unuse(http_jar_t *jar); // one user less: the last one frees it

char *http_cookies_save(CURL *easy); // the cookies of this handle, a line each; NULL without memory
void http_jar_set(http_transfer_t *t);
// What t->jar has to do with this line of the header, which libcurl has read, and the response too.
CURLcode http_jar_look(http_transfer_t *t, const char *line, size_t len);

#endif
