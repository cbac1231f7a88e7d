// SPDX-License-Identifier: MIT
// Result, the base class of http.Response. It holds the result of a request in C memory until the app calls for its
// parts. The methods are described there.

#include <string.h>

#include "py/gc.h"
#include "py/objstr.h"
#include "py/objtype.h"
#include "py/runtime.h"

#include "http/binding/binding.h"

// The garbage collector does not count bodies in C memory. It runs after this many bytes, so that Responses without a
// reference do not fill the memory.
#define COLLECT_AFTER_BYTES (4 * 1024 * 1024)

static size_t bytes_since_collect;

// The Result of self. With a method of the class, or of a derived class, self can be any object: an http.Response,
// which contains the Result, or another one. MicroPython checks self for native classes only.
http_result_obj_t *http_bind_result_get(mp_obj_t self_in) {
    mp_obj_t self = mp_obj_cast_to_native_base(self_in, MP_OBJ_FROM_PTR(&http_bind_result_type));
    // There is no Result either before the __init__() of a derived class has called super().__init__().
    if (self == MP_OBJ_NULL || !mp_obj_is_type(self, &http_bind_result_type)) {
        mp_raise_TypeError(MP_ERROR_TEXT("self must be a http.Response"));
    }
    return MP_OBJ_TO_PTR(self);
}

static http_result_t *get_result(mp_obj_t self_in) {
    return &http_bind_result_get(self_in)->result;
}

static mp_obj_t result_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    http_result_obj_t *self = mp_obj_malloc_with_finaliser(http_result_obj_t, type);
    memset(&self->result, 0, sizeof(*self) - offsetof(http_result_obj_t, result)); // MP_OBJ_NULL is 0
    return MP_OBJ_FROM_PTR(self);
}

// The same as calling the class, but faster: a call searches for constructors.
mp_obj_t http_bind_result_new(void) {
    const mp_obj_type_t *base;
    mp_obj_instance_t *self = mp_obj_new_instance(MP_OBJ_TO_PTR(MP_STATE_VM(http_response_class)), &base);
    self->subobj[0] = result_make_new(base, 0, 0, NULL);
    return MP_OBJ_FROM_PTR(self);
}

bool http_bind_result_update(http_result_obj_t *self, http_id_t id) {
    http_result_t *result = &self->result;
    bool has_head = result->id != 0;
    if (!http_engine_take(id, result)) {
        return false;
    }
    if (has_head) {
        self->body = MP_OBJ_NULL;
    }
    bytes_since_collect += result->body_len;
    if (bytes_since_collect > COLLECT_AFTER_BYTES) {
        bytes_since_collect = 0;
        gc_collect();
    }
    return true;
}

static http_result_obj_t *result_of(mp_obj_t response) {
    return MP_OBJ_TO_PTR(((mp_obj_instance_t *)MP_OBJ_TO_PTR(response))->subobj[0]);
}

bool http_bind_result_take(mp_obj_t response, http_id_t id) {
    return http_bind_result_update(result_of(response), id);
}

bool http_bind_result_take_head(mp_obj_t response, http_id_t id) {
    return http_engine_take_head(id, &result_of(response)->result);
}

static mp_obj_t result_del(mp_obj_t self_in) {
    http_result_obj_t *self = http_bind_result_get(self_in);
    http_bind_stream_close(self);
    http_result_clear(&self->result);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_del_obj, result_del);

mp_obj_t http_bind_optional_text(const char *text) {
    return text == NULL ? MP_OBJ_NEW_QSTR(MP_QSTR_) : http_bind_text(text, strlen(text));
}

// The C copy is freed when there is a Python copy: the body is in memory only once.
static mp_obj_t result_body(mp_obj_t self_in) {
    http_result_obj_t *self = http_bind_result_get(self_in);
    if (self->body == MP_OBJ_NULL) {
        http_result_t *result = &self->result;
        if (result->is_stream) {
            vstr_t vstr;
            http_bind_stream_read_all(self, &vstr);
            vstr.buf = m_renew(char, vstr.buf, vstr.alloc, vstr.len);
            return self->body = mp_obj_new_bytearray_by_ref(vstr.len, vstr.buf);
        }
        size_t len = result->body_len;
        byte *body = m_new(byte, len); // this and the next line may raise: then nothing has changed
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

// Fields are stored as name NUL value NUL. Convert the field at p to a pair, and return the position of the next field.
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

// name_in is a str from http_bind_text_at(), so it is not a qstr.
static bool is_name(mp_obj_t name_in, const char *other) {
    const mp_obj_str_t *name = MP_OBJ_TO_PTR(name_in);
    return http_name_is((const char *)name->data, name->len, other);
}

static mp_obj_t result_headers(mp_obj_t self_in) {
    http_result_t *result = get_result(self_in);
    // An ordered dict keeps the fields' order. For so few fields a linear search is as fast as hashing.
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
            // RFC 9110 5.3. Set-Cookie may contain commas, so its values are joined with a newline.
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

static mp_obj_t result_status_code(mp_obj_t self_in) {
    return MP_OBJ_NEW_SMALL_INT(get_result(self_in)->status);
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_status_code_obj, result_status_code);

// item(response, index) -> one of http_result_item_t: what a method that is seldom called returns
static mp_obj_t mod_http_item(mp_obj_t self_in, mp_obj_t index) {
    http_result_t *result = get_result(self_in);
    mp_uint_t item = mp_obj_get_int(index);
    if (item < HTTP_TIME_COUNT) {
        return mp_obj_new_int_from_ll(result->time_us[item]);
    } else if (item == HTTP_ITEM_RECEIVED) {
        return mp_obj_new_int_from_ull(result->received);
    } else if (item == HTTP_ITEM_KIND) {
        return MP_OBJ_NEW_SMALL_INT(result->fault);
    }
    return http_bind_optional_text(item == HTTP_ITEM_URL ? result->url : item == HTTP_ITEM_REASON ? result->reason : result->error);
}
MP_DEFINE_CONST_FUN_OBJ_2(http_bind_item_obj, mod_http_item);

// The list exists before its items: if there is no memory for one, the next call continues.
static mp_obj_t result_history(mp_obj_t self_in) {
    http_result_obj_t *self = http_bind_result_get(self_in);
    if (self->history == MP_OBJ_NULL) {
        self->history = mp_obj_new_list(0, NULL);
    }
    http_result_t **hop = &self->result.history;
    while (*hop != NULL) {
        mp_obj_t response = http_bind_result_new();
        mp_obj_list_append(self->history, response);
        *hop = http_result_take_hop(*hop, &result_of(response)->result);
    }
    return self->history;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_history_obj, result_history);

static const mp_rom_map_elem_t result_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&result_del_obj) },
    { MP_ROM_QSTR(MP_QSTR_status_code), MP_ROM_PTR(&result_status_code_obj) },
    { MP_ROM_QSTR(MP_QSTR_headers), MP_ROM_PTR(&result_headers_obj) },
    { MP_ROM_QSTR(MP_QSTR_header_list), MP_ROM_PTR(&result_header_list_obj) },
    { MP_ROM_QSTR(MP_QSTR_body), MP_ROM_PTR(&result_body_obj) },
    { MP_ROM_QSTR(MP_QSTR_history), MP_ROM_PTR(&result_history_obj) },
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&http_bind_stream_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&http_bind_stream_readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_readline), MP_ROM_PTR(&http_bind_stream_readline_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&http_bind_stream_close_obj) },
};
static MP_DEFINE_CONST_DICT(result_locals_dict, result_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    http_bind_result_type,
    MP_QSTR_Result,
    MP_TYPE_FLAG_ITER_IS_ITERNEXT,
    make_new, result_make_new,
    iter, http_bind_stream_next,
    protocol, &http_bind_stream_p,
    locals_dict, &result_locals_dict
    );
