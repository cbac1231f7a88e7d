// SPDX-License-Identifier: MIT
// The module _http: the engine's calls for the Python half (modules/http). Ids are ints.

#include "py/runtime.h"

#include "http/binding/binding.h"

// wait(id, ms[, streams]) -> bool: True if the request is done or has an event; with id 0, if there is any event. ms:
// milliseconds; None waits for ever. Ctrl-C ends the wait. The idle loop sleeps here, with id 0: that wait also ends
// when http_engine_interrupt() was called. streams: see http_bind_wait().
static mp_obj_t mod_http_wait(size_t n_args, const mp_obj_t *args) {
    int64_t timeout_ms = args[1] == mp_const_none ? HTTP_WAIT_FOREVER : MAX(0, mp_obj_get_int(args[1]));
    http_wait_t outcome = http_bind_wait(http_bind_get_id(args[0]), timeout_ms, n_args > 2 && args[2] != mp_const_none ? args[2] : NULL);
    if (outcome == HTTP_WAIT_INTERRUPTED) {
        mp_handle_pending(true); // raises
    }
    return mp_obj_new_bool(outcome == HTTP_WAIT_READY);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(mod_http_wait_obj, 2, 3, mod_http_wait);

// kind(text) -> int: one of http_kind_t
static mp_obj_t mod_http_kind(mp_obj_t text) {
    if (!mp_obj_is_str(text)) {
        return MP_OBJ_NEW_SMALL_INT(HTTP_KIND_NO_TEXT);
    }
    size_t len;
    const char *data = mp_obj_str_get_data(text, &len);
    return MP_OBJ_NEW_SMALL_INT(http_is_token(data, len) ? HTTP_KIND_TOKEN
        : http_is_field_value(data, len) ? HTTP_KIND_LINE : HTTP_KIND_NO_LINE);
}
static MP_DEFINE_CONST_FUN_OBJ_1(mod_http_kind_obj, mod_http_kind);

// cancel(id) -> bool: True if the request was still pending
static mp_obj_t mod_http_cancel(mp_obj_t id) {
    return mp_obj_new_bool(http_engine_cancel(http_bind_get_id(id)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(mod_http_cancel_obj, mod_http_cancel);

static mp_obj_t mod_http_cancel_all(void) {
    http_engine_cancel_all();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(mod_http_cancel_all_obj, mod_http_cancel_all);

// fd() -> a descriptor that polls readable when there is a new event since this call, or since the last dispatch(); None:
// there is no driver thread
static mp_obj_t mod_http_fd(void) {
    int fd = http_engine_fd();
    http_engine_clear_fd();
    return fd < 0 ? mp_const_none : MP_OBJ_NEW_SMALL_INT(fd);
}
static MP_DEFINE_CONST_FUN_OBJ_0(mod_http_fd_obj, mod_http_fd);

// stats() -> (in_flight, free, submitted, refused, bytes_held)
static mp_obj_t mod_http_stats(void) {
    uint64_t stats[HTTP_STATS_COUNT]; // the members of http_stats_t
    mp_obj_t items[HTTP_STATS_COUNT];
    _Static_assert(sizeof(stats) == sizeof(http_stats_t), "one item for each member");
    http_engine_stats((http_stats_t *)stats);
    for (size_t i = 0; i < HTTP_STATS_COUNT; i++) {
        items[i] = mp_obj_new_int_from_ull(stats[i]);
    }
    return mp_obj_new_tuple(HTTP_STATS_COUNT, items);
}
static MP_DEFINE_CONST_FUN_OBJ_0(mod_http_stats_obj, mod_http_stats);

// The meaning of proxy=None: the environment's proxy on a PC, no proxy on a device.
#ifndef HTTP_PROXY_FROM_ENVIRONMENT
#define HTTP_PROXY_FROM_ENVIRONMENT (1)
#endif

// A board may forbid verify=False.
#ifndef HTTP_VERIFY_ALWAYS
#define HTTP_VERIFY_ALWAYS (0)
#endif

static const mp_rom_map_elem_t mod_http_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__http) },
    { MP_ROM_QSTR(MP_QSTR_perform), MP_ROM_PTR(&http_bind_perform_obj) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&http_bind_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_dispatch), MP_ROM_PTR(&http_bind_dispatch_obj) },
    { MP_ROM_QSTR(MP_QSTR_register), MP_ROM_PTR(&http_bind_register_obj) },
    { MP_ROM_QSTR(MP_QSTR_Function), MP_ROM_PTR(&http_bind_function_type) },
    { MP_ROM_QSTR(MP_QSTR_wait), MP_ROM_PTR(&mod_http_wait_obj) },
    { MP_ROM_QSTR(MP_QSTR_next), MP_ROM_PTR(&http_bind_next_obj) },
    { MP_ROM_QSTR(MP_QSTR_take), MP_ROM_PTR(&http_bind_take_obj) },
    { MP_ROM_QSTR(MP_QSTR_feed), MP_ROM_PTR(&http_bind_feed_obj) },
    { MP_ROM_QSTR(MP_QSTR_text), MP_ROM_PTR(&http_bind_decode_obj) },
    { MP_ROM_QSTR(MP_QSTR_json), MP_ROM_PTR(&http_bind_json_obj) },
    { MP_ROM_QSTR(MP_QSTR_dumps), MP_ROM_PTR(&http_bind_dumps_obj) },
    { MP_ROM_QSTR(MP_QSTR_bases), MP_ROM_PTR(&http_bind_bases_obj) },
    { MP_ROM_QSTR(MP_QSTR_item), MP_ROM_PTR(&http_bind_item_obj) },
    { MP_ROM_QSTR(MP_QSTR_kind), MP_ROM_PTR(&mod_http_kind_obj) },
    { MP_ROM_QSTR(MP_QSTR_cancel), MP_ROM_PTR(&mod_http_cancel_obj) },
    { MP_ROM_QSTR(MP_QSTR_cancel_all), MP_ROM_PTR(&mod_http_cancel_all_obj) },
    { MP_ROM_QSTR(MP_QSTR_fd), MP_ROM_PTR(&mod_http_fd_obj) },
    { MP_ROM_QSTR(MP_QSTR_stats), MP_ROM_PTR(&mod_http_stats_obj) },
    { MP_ROM_QSTR(MP_QSTR_PROXY_FROM_ENVIRONMENT), MP_ROM_INT(HTTP_PROXY_FROM_ENVIRONMENT) },
    { MP_ROM_QSTR(MP_QSTR_VERIFY_ALWAYS), MP_ROM_INT(HTTP_VERIFY_ALWAYS) },
    { MP_ROM_QSTR(MP_QSTR_Result), MP_ROM_PTR(&http_bind_result_type) },
    { MP_ROM_QSTR(MP_QSTR_Jar), MP_ROM_PTR(&http_bind_jar_type) },
};
static MP_DEFINE_CONST_DICT(mod_http_globals, mod_http_globals_table);

const mp_obj_module_t mp_module__http = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&mod_http_globals,
};

MP_REGISTER_MODULE(MP_QSTR__http, mp_module__http);
