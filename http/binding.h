// SPDX-License-Identifier: MIT
// What the files of the binding (_http) share. No libcurl here: the binding knows the engine only.

#ifndef HTTP_BINDING_H
#define HTTP_BINDING_H

#include "py/obj.h"

#include "http/engine.h"

// Submit what the Python arguments say. Raises TypeError or ValueError, which name the argument, and
// MemoryError; then nothing was submitted.
http_id_t http_bind_submit(const mp_obj_t *args, bool notify);

// A Result that takes over what a request brought. In two steps, because allocating may raise:
// make it first, then fill it.
mp_obj_t http_bind_result_new(void);
http_result_t *http_bind_result_get(mp_obj_t self);
void http_bind_result_filled(mp_obj_t self);

#endif
