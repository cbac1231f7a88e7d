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

// ------------------------------------------------------------------------------------------------
// What C and the Python half (modules/http) share by number. tests/test_shared_numbers.py compares both sides.

// What _http.kind() says of a text. _options.py has the same names.
typedef enum {
    HTTP_KIND_NO_TEXT = -1, // no str
    HTTP_KIND_NO_LINE, // a str with CR, LF or NUL
    HTTP_KIND_LINE, // any other str
    HTTP_KIND_TOKEN, // an HTTP token (RFC 9110 5.6.2)
} http_kind_t;

// The settings of a request, as indices of a list.
typedef enum {
    HTTP_SETTING_TIMEOUT_MS,
    HTTP_SETTING_REDIRECTS,
    HTTP_SETTING_MAX_SIZE, // its lower bits
    HTTP_SETTING_INSECURE,
    HTTP_SETTING_COMPRESSED,
    HTTP_SETTING_OMIT_LENGTH,
    HTTP_SETTING_DIGEST,
    HTTP_SETTING_USER,
    HTTP_SETTING_PASSWORD,
    HTTP_SETTING_CACERT,
    HTTP_SETTING_CERT,
    HTTP_SETTING_KEY,
    HTTP_SETTING_PROXY,
    HTTP_SETTING_FILE,
    HTTP_SETTING_JAR,
    HTTP_SETTING_MAX_SIZE_UPPER, // the other bits of a max_size that the app has set; None is the default
    HTTP_SETTING_COUNT,
} http_setting_t;

// So many bits of max_size are the lower ones: every board has small ints of this size.
#define HTTP_SETTING_LOWER_BITS (30)

// A part of a form, as a tuple.
typedef enum {
    HTTP_PART_NAME,
    HTTP_PART_FILENAME,
    HTTP_PART_TYPE,
    HTTP_PART_CONTENT,
    HTTP_PART_PATH,
    HTTP_PART_COUNT,
} http_part_item_t;

// _http.stats(), as a tuple.
typedef enum {
    HTTP_STATS_IN_FLIGHT,
    HTTP_STATS_FREE,
    HTTP_STATS_SUBMITTED,
    HTTP_STATS_REFUSED,
    HTTP_STATS_BYTES_HELD,
} http_stats_item_t;

// Result._timings(), as a tuple: http_time_t of engine.h, and then the bytes that were received.
#define HTTP_TIMINGS_RECEIVED (HTTP_TIME_COUNT)

// ------------------------------------------------------------------------------------------------

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
