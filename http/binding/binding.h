// SPDX-License-Identifier: MIT
// What the files of the binding (_http) share. The binding uses the engine and not libcurl.

#ifndef HTTP_BINDING_H
#define HTTP_BINDING_H

#include "py/obj.h"

#include "http/engine.h"

// Needed for the order of headers(), for mp_obj_new_instance(), and to print JSON.
#if !MICROPY_PY_COLLECTIONS_ORDEREDDICT || !MICROPY_CPYTHON_COMPAT || !MICROPY_PY_JSON || !MICROPY_PY_BUILTINS_FLOAT
#error "MICROPY_PY_COLLECTIONS_ORDEREDDICT, MICROPY_CPYTHON_COMPAT, MICROPY_PY_JSON and floats are needed"
#endif

// ------------------------------------------------------------------------------------------------
// Numbers that C and the Python half (modules/http) share. tests/test_shared_numbers.py compares both sides.

// The results of _http.kind(). _options.py has the same names.
typedef enum {
    HTTP_KIND_NO_TEXT = -1, // not a str
    HTTP_KIND_NO_LINE, // a str with CR, LF or NUL
    HTTP_KIND_LINE, // any other str
    HTTP_KIND_TOKEN, // an HTTP token (RFC 9110 5.6.2)
} http_kind_t;

// The settings of a request, as indices of a list.
typedef enum {
    HTTP_SETTING_TIMEOUT_MS, // from here to PROXY_FIELDS: in the order of the numbers of http_options_t
    HTTP_SETTING_CONNECT_MS,
    HTTP_SETTING_STALL_MS,
    HTTP_SETTING_REDIRECTS,
    HTTP_SETTING_PROXY_FIELDS,
    HTTP_SETTING_INSECURE, // from here to ON_PROGRESS: in the order of the flags; None and False are not set
    HTTP_SETTING_COMPRESSED,
    HTTP_SETTING_OMIT_LENGTH,
    HTTP_SETTING_DIGEST,
    HTTP_SETTING_ON_HEAD,
    HTTP_SETTING_STREAM,
    HTTP_SETTING_ON_UPLOAD,
    HTTP_SETTING_BODY_LENGTH, // str, "-1" is unknown: data is an iterator, and feed() gets the body
    HTTP_SETTING_ON_DATA,
    HTTP_SETTING_ON_PROGRESS,
    HTTP_SETTING_CACERT, // from here to FILE: in the order of http_text_t
    HTTP_SETTING_USER,
    HTTP_SETTING_PASSWORD,
    HTTP_SETTING_CERT,
    HTTP_SETTING_KEY,
    HTTP_SETTING_PROXY,
    HTTP_SETTING_FILE,
    HTTP_SETTING_JAR,
    HTTP_SETTING_MAX_SIZE, // str, because C may get only 32 bits of an int. None: the default
    HTTP_SETTING_COUNT,
} http_setting_t;

// _http.stats(), as a tuple in the order of http_stats_t.
typedef enum {
    HTTP_STATS_IN_FLIGHT,
    HTTP_STATS_FREE,
    HTTP_STATS_SUBMITTED,
    HTTP_STATS_REFUSED,
    HTTP_STATS_BYTES_HELD,
    HTTP_STATS_COUNT,
} http_stats_item_t;

// _http.item(): http_time_t of engine.h in microseconds, and then these.
typedef enum {
    HTTP_ITEM_RECEIVED = 5,
    HTTP_ITEM_KIND,
    HTTP_ITEM_URL,
    HTTP_ITEM_REASON,
    HTTP_ITEM_ERROR,
} http_result_item_t;

// ------------------------------------------------------------------------------------------------

// The arguments of a call that C handles alone, as indices. MP_OBJ_NULL is absent.
typedef enum {
    HTTP_ARG_METHOD,
    HTTP_ARG_URL,
    HTTP_ARG_HEADERS,
    HTTP_ARG_DATA,
    HTTP_ARG_TIMEOUT,
    HTTP_ARG_JSON,
    HTTP_ARG_CACERT,
    HTTP_ARG_COUNT,
} http_arg_t;

// Submit the request that the Python arguments describe: HTTP_ARG_COUNT of them as the app gave them, or method, url, data,
// fields, settings as the Python half makes them. Raises TypeError or ValueError, which name the argument, or MemoryError;
// then no request was submitted. Returns 0, and has done nothing, if the Python half must check the app's arguments.
http_id_t http_bind_submit(size_t n_args, const mp_obj_t *args, bool notify);

http_id_t http_bind_get_id(mp_obj_t id);

// Wait as http_engine_wait() does, but only a pending exception (Ctrl-C) counts as an interrupt. No Python code runs
// meanwhile. streams: NULL, or a list of a loop's streams and the events of poll() that it waits for, [stream, events,
// ...]: their events end the wait too, as those of http_engine_wait_also().
http_wait_t http_bind_wait(http_id_t id, int64_t timeout_ms, mp_obj_t streams);

// The functions and the type of bind_function.c, and a function of bind_request.c.
extern const mp_obj_type_t http_bind_function_type;
extern const mp_obj_fun_builtin_fixed_t http_bind_register_obj;
extern const mp_obj_fun_builtin_var_t http_bind_perform_obj;
extern const mp_obj_fun_builtin_var_t http_bind_start_obj;
extern const mp_obj_fun_builtin_fixed_t http_bind_next_obj;
extern const mp_obj_fun_builtin_fixed_t http_bind_take_obj;
extern const mp_obj_fun_builtin_var_t http_bind_feed_obj;
extern const mp_obj_fun_builtin_fixed_t http_bind_dispatch_obj;

// A str from a server's text: UTF-8, or Latin-1 if it is not valid UTF-8.
mp_obj_t http_bind_text(const char *data, size_t len);
// The same, but faster if the last response had the same text at this place.
mp_obj_t http_bind_text_at(size_t place, const char *data, size_t len);
void http_bind_text_init(void);
// True for UTF-8 as in RFC 3629: no surrogates and no overlong forms. MicroPython's own check accepts both.
bool http_bind_is_utf8(const char *data, size_t len);
extern const mp_obj_fun_builtin_fixed_t http_bind_decode_obj;

// Several bases for one class (bind_bases.c).
extern const mp_obj_fun_builtin_fixed_t http_bind_bases_obj;

// Reading and writing JSON.
extern const mp_obj_fun_builtin_fixed_t http_bind_json_obj;
extern const mp_obj_fun_builtin_fixed_t http_bind_dumps_obj;
void http_bind_dumps(mp_obj_t value, vstr_t *vstr);

// The cookie jar of the option `cookies`; http_bind_jar_get() returns NULL for other objects.
extern const mp_obj_type_t http_bind_jar_type;
http_jar_t *http_bind_jar_get(mp_obj_t self);

// The text of the engine; "" for NULL.
mp_obj_t http_bind_optional_text(const char *text);

// Result is the base class of http.Response. An allocation may raise, so the app's object is allocated first and filled
// afterwards.
typedef struct {
    mp_obj_base_t base;
    http_result_t result;
    mp_obj_t body; // MP_OBJ_NULL until the app calls body()
    mp_obj_t history; // a list, or MP_OBJ_NULL until the app calls history()
    bool is_closed; // a stream that the app has closed
    bool is_polled; // a poller knows the stream: its methods do not wait any more
} http_result_obj_t;

extern const mp_obj_type_t http_bind_result_type;
extern const mp_obj_fun_builtin_fixed_t http_bind_item_obj;
// The Result of a Response; raises TypeError for other objects.
http_result_obj_t *http_bind_result_get(mp_obj_t self);
// Return a new instance of the app's class, http.Response.
mp_obj_t http_bind_result_new(void);
// Fill it with the result of the request, or with the rest if it has the head. Returns false if there is no result.
bool http_bind_result_take(mp_obj_t response, http_id_t id);
bool http_bind_result_take_head(mp_obj_t response, http_id_t id);
bool http_bind_result_update(http_result_obj_t *self, http_id_t id);

// A Response as a stream: bind_stream.c.
extern const struct _mp_stream_p_t http_bind_stream_p;
extern const mp_obj_fun_builtin_var_t http_bind_stream_read_obj;
extern const mp_obj_fun_builtin_var_t http_bind_stream_readinto_obj;
extern const mp_obj_fun_builtin_var_t http_bind_stream_readline_obj;
extern const mp_obj_fun_builtin_fixed_t http_bind_stream_close_obj;
mp_obj_t http_bind_stream_next(mp_obj_t self);
void http_bind_stream_close(http_result_obj_t *self);
void http_bind_stream_read_all(http_result_obj_t *self, vstr_t *vstr); // raises unless it is the whole body

#endif
