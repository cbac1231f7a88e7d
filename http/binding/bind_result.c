// SPDX-License-Identifier: MIT
// Result, the base class of http.Response: what a request brought, still in C memory, until the app asks for
// its parts. Its methods are described there.

#include <string.h>

#include "py/gc.h"
#include "py/objstr.h"
#include "py/objtype.h"
#include "py/runtime.h"

#include "http/binding/binding.h"

// The collector does not see bodies in C memory. So that Responses which nobody refers to any more do
// not pile up, it runs after this many bytes.
#define COLLECT_AFTER_BYTES (4 * 1024 * 1024)

typedef struct {
    mp_obj_base_t base;
    http_result_t result;
    mp_obj_t body; // MP_OBJ_NULL until the app asks
} result_obj_t;

static size_t bytes_since_collect;

// Through its class, or one that the app has derived, a method gets whatever the app passes: an http.Response, which
// is around the Result, or anything else. MicroPython checks it for native classes only.
static result_obj_t *get_self(mp_obj_t self_in) {
    mp_obj_t self = mp_obj_cast_to_native_base(self_in, MP_OBJ_FROM_PTR(&http_bind_result_type));
    // The Result is not there either before an __init__() of the app's has called that of its super().
    if (self == MP_OBJ_NULL || !mp_obj_is_type(self, &http_bind_result_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("self must be a http.Response"));
    }
    return MP_OBJ_TO_PTR(self);
}

static http_result_t *get_result(mp_obj_t self_in) {
    return &get_self(self_in)->result;
}

static mp_obj_t result_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    result_obj_t *self = mp_obj_malloc_with_finaliser(result_obj_t, type);
    memset(&self->result, 0, sizeof(self->result));
    self->body = MP_OBJ_NULL;
    return MP_OBJ_FROM_PTR(self);
}

// As calling the type, which would look for constructors of its own for longer than the rest takes.
mp_obj_t http_bind_result_new(mp_obj_t type_in) {
    const mp_obj_type_t *type = MP_OBJ_TO_PTR(type_in);
    const mp_obj_type_t *base;
    mp_obj_instance_t *self = mp_obj_new_instance(type, &base);
    self->subobj[0] = result_make_new(base, 0, 0, NULL);
    return MP_OBJ_FROM_PTR(self);
}

bool http_bind_result_take(mp_obj_t response, http_id_t id) {
    http_result_t *result = get_result(((mp_obj_instance_t *)MP_OBJ_TO_PTR(response))->subobj[0]);
    bool taken = http_engine_take(id, result);
    bytes_since_collect += result->body_len;
    if (bytes_since_collect > COLLECT_AFTER_BYTES) {
        bytes_since_collect = 0;
        gc_collect();
    }
    return taken;
}

static mp_obj_t result_del(mp_obj_t self_in) {
    http_result_clear(get_result(self_in));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_del_obj, result_del);

static MP_NOINLINE mp_obj_t optional_text(const char *text) {
    return text == NULL ? MP_OBJ_NEW_QSTR(MP_QSTR_) : http_bind_text(text, strlen(text));
}

// The C copy goes when there is a Python one: a body is held once.
static mp_obj_t result_body(mp_obj_t self_in) {
    result_obj_t *self = get_self(self_in);
    if (self->body == MP_OBJ_NULL) {
        http_result_t *result = &self->result;
        size_t len = result->body_len;
        byte *body = m_new(byte, len); // may raise, as the next line may: then nothing has changed
        self->body = mp_obj_new_bytearray_by_ref(len, body);
        if (len > 0) {
            memmove(body, result->body, len); // at -Os, memcpy would be byte by byte on x86
        }
        http_result_clear_body(result);
    }
    return self->body;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_body_obj, result_body);

// ------------------------------------------------------------------------------------------------
// Header fields

// Fields are stored as name NUL value NUL: the one at p becomes a pair, and p the next.
static const char *read_field(const char *p, size_t i, mp_obj_t *pair) {
    for (size_t place = 2 * i; place < 2 * i + 2; place++) {
        size_t len = strlen(p);
        *pair++ = http_bind_text_at(place, p, len);
        p += len + 1;
    }
    return p;
}

static mp_obj_t result_header_list(mp_obj_t self_in) {
    http_result_t *result = get_result(self_in);
    mp_obj_t list = mp_obj_new_list(0, NULL);
    const char *p = result->fields;
    for (size_t i = 0; i < result->field_count; i++) {
        mp_obj_t pair[2];
        p = read_field(p, i, pair);
        mp_obj_list_append(list, mp_obj_new_tuple(2, pair));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_header_list_obj, result_header_list);

// What http_bind_text_at() gives is no qstr.
static bool is_name(mp_obj_t name_in, const char *other) {
    const mp_obj_str_t *name = MP_OBJ_TO_PTR(name_in);
    return http_name_is((const char *)name->data, name->len, other);
}

static mp_obj_t result_headers(mp_obj_t self_in) {
    http_result_t *result = get_result(self_in);
    // In order, also as a dict; and so few are found in a row as quickly as by their hashes.
    mp_obj_t dict = mp_obj_new_dict(result->field_count);
    mp_map_t *map = mp_obj_dict_get_map(dict);
    map->is_ordered = true;
    map->all_keys_are_qstrs = false;
    const char *p = result->fields;
    for (size_t i = 0; i < result->field_count; i++) {
        mp_obj_t pair[2];
        p = read_field(p, i, pair);
        mp_map_elem_t *end = map->table + map->used;
        mp_map_elem_t *own = map->table;
        while (own < end && !is_name(own->key, (const char *)((mp_obj_str_t *)MP_OBJ_TO_PTR(pair[0]))->data)) {
            own++;
        }
        if (own < end) {
            // RFC 9110 5.3; Set-Cookie holds commas itself, so its lines stay lines.
            const char *separator = is_name(own->key, "Set-Cookie") ? "\n" : ", ";
            mp_obj_t before = mp_binary_op(MP_BINARY_OP_ADD, own->value, mp_obj_new_str(separator, strlen(separator)));
            own->value = mp_binary_op(MP_BINARY_OP_ADD, before, pair[1]);
        } else {
            *own = (mp_map_elem_t) { pair[0], pair[1] };
            map->used++;
        }
    }
    return dict;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_headers_obj, result_headers);

// ------------------------------------------------------------------------------------------------

// Microseconds in the order of http_time_t, and the bytes that were received.
static mp_obj_t result_timings(mp_obj_t self_in) {
    http_result_t *result = get_result(self_in);
    mp_obj_t items[HTTP_TIMINGS_RECEIVED + 1];
    for (size_t i = 0; i < HTTP_TIME_COUNT; i++) {
        items[i] = mp_obj_new_int_from_ll(result->time_us[i]);
    }
    items[HTTP_TIMINGS_RECEIVED] = mp_obj_new_int_from_ull(result->received);
    return mp_obj_new_tuple(MP_ARRAY_SIZE(items), items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_timings_obj, result_timings);

static mp_obj_t result_status_code(mp_obj_t self_in) {
    return MP_OBJ_NEW_SMALL_INT(get_result(self_in)->status);
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_status_code_obj, result_status_code);

static mp_obj_t result_url(mp_obj_t self_in) {
    return optional_text(get_result(self_in)->url);
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_url_obj, result_url);

static mp_obj_t result_error(mp_obj_t self_in) {
    return optional_text(get_result(self_in)->error);
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_error_obj, result_error);

static const mp_rom_map_elem_t result_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&result_del_obj) },
    { MP_ROM_QSTR(MP_QSTR_status_code), MP_ROM_PTR(&result_status_code_obj) },
    { MP_ROM_QSTR(MP_QSTR_headers), MP_ROM_PTR(&result_headers_obj) },
    { MP_ROM_QSTR(MP_QSTR_header_list), MP_ROM_PTR(&result_header_list_obj) },
    { MP_ROM_QSTR(MP_QSTR_body), MP_ROM_PTR(&result_body_obj) },
    { MP_ROM_QSTR(MP_QSTR_url), MP_ROM_PTR(&result_url_obj) },
    { MP_ROM_QSTR(MP_QSTR_error), MP_ROM_PTR(&result_error_obj) },
    { MP_ROM_QSTR(MP_QSTR__timings), MP_ROM_PTR(&result_timings_obj) },
};
static MP_DEFINE_CONST_DICT(result_locals_dict, result_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    http_bind_result_type,
    MP_QSTR_Result,
    MP_TYPE_FLAG_NONE,
    make_new, result_make_new,
    locals_dict, &result_locals_dict
    );
