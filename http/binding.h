// SPDX-License-Identifier: MIT
// What the files of the binding (_http) share. No libcurl here: the binding knows the engine only.

#ifndef HTTP_BINDING_H
#define HTTP_BINDING_H

#include "py/obj.h"

#include "http/engine.h"

// Submit what the Python arguments say: method, url, headers, data, options. Raises TypeError or
// ValueError, which name the argument, and MemoryError; then nothing was submitted.
typedef struct {
    bool notify;
    bool stream;
    bool progress;
} http_bind_flags_t;

http_id_t http_bind_submit(const mp_obj_t *args, http_bind_flags_t flags);

// Text of a server: UTF-8, or else read as Latin-1.
mp_obj_t http_bind_text(const char *data, size_t len);

// A jar of cookies, as the option `cookies` takes it; NULL for other objects.
extern const mp_obj_type_t http_bind_jar_type;
http_jar_t *http_bind_jar_get(mp_obj_t self);

// Result: the base class of http.Response. Allocating may raise, so the app's object is made first, and filled then.
extern const mp_obj_type_t http_bind_result_type;
// What is in a Response, to be filled; raises TypeError for other objects.
http_result_t *http_bind_result_get(mp_obj_t response);
void http_bind_result_filled(const http_result_t *result);

#endif
