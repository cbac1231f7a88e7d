// SPDX-License-Identifier: MIT
// What the files of the binding (_http) share. No libcurl here: the binding knows the engine only.

#ifndef HTTP_BINDING_H
#define HTTP_BINDING_H

#include "py/obj.h"

#include "http/engine.h"

// headers() keeps its order; mp_obj_new_instance(); and how JSON is printed.
#if !MICROPY_PY_COLLECTIONS_ORDEREDDICT || !MICROPY_CPYTHON_COMPAT || !MICROPY_PY_JSON || !MICROPY_PY_BUILTINS_FLOAT
#error "MICROPY_PY_COLLECTIONS_ORDEREDDICT, MICROPY_CPYTHON_COMPAT, MICROPY_PY_JSON and floats are needed"
#endif

// Submit what the Python arguments say: method, url[, data, fields, settings[, stream, progress]]. Raises TypeError or
// ValueError, which name the argument, and MemoryError; then nothing was submitted.
http_id_t http_bind_submit(size_t n_args, const mp_obj_t *args, bool notify);

http_id_t http_bind_get_id(mp_obj_t id);

// Waits as http_engine_wait() does, but only a pending exception (Ctrl-C) counts as an interrupt.
// Nothing of Python runs meanwhile.
http_wait_t http_bind_wait(http_id_t id, int64_t timeout_ms);

// What bind_function.c gives the module.
extern const mp_obj_type_t http_bind_function_type;
extern const mp_obj_fun_builtin_fixed_t http_bind_register_obj;
extern const mp_obj_fun_builtin_var_t http_bind_perform_obj;
extern const mp_obj_fun_builtin_var_t http_bind_start_obj;
extern const mp_obj_fun_builtin_fixed_t http_bind_next_obj;
extern const mp_obj_fun_builtin_fixed_t http_bind_take_obj;
extern const mp_obj_fun_builtin_fixed_t http_bind_dispatch_obj;

// Text of a server: UTF-8, or else read as Latin-1.
mp_obj_t http_bind_text(const char *data, size_t len);
// The same, and quick for what the last answer said at this place.
mp_obj_t http_bind_text_at(size_t place, const char *data, size_t len);
void http_bind_text_init(void);
// RFC 3629: no surrogates, and nothing longer than it has to be. MicroPython's own check lets both pass.
bool http_bind_is_utf8(const char *data, size_t len);

// JSON, read and written.
extern const mp_obj_fun_builtin_fixed_t http_bind_json_obj;
extern const mp_obj_fun_builtin_fixed_t http_bind_float_json_obj;

// A jar of cookies, as the option `cookies` takes it; NULL for other objects.
extern const mp_obj_type_t http_bind_jar_type;
http_jar_t *http_bind_jar_get(mp_obj_t self);

// Result: the base class of http.Response. Allocating may raise, so the app's object is made first, and filled then.
extern const mp_obj_type_t http_bind_result_type;
// A new instance of a Python class that has this base class, and no constructor.
mp_obj_t http_bind_result_new(mp_obj_t type);
// Fill it with the result of the request; false: there is none.
bool http_bind_result_take(mp_obj_t response, http_id_t id);

#endif
