// SPDX-License-Identifier: MIT
// Result: what a request brought, still in C memory, until the app asks for its parts.

#include <string.h>

#include "py/gc.h"
#include "py/objstr.h"
#include "py/runtime.h"
#include "py/unicode.h"

#include "http/binding.h"

// The collector does not see bodies in C memory. So that Responses which nobody refers to any more do
// not pile up, it runs after this many bytes.
#define COLLECT_AFTER_BYTES (4 * 1024 * 1024)

typedef struct {
    mp_obj_base_t base;
    http_result_t result;
    mp_obj_t body; // MP_OBJ_NULL until the app asks
} result_obj_t;

static const mp_obj_type_t result_type;

static size_t bytes_since_collect;

mp_obj_t http_bind_result_new(void) {
    result_obj_t *self = mp_obj_malloc_with_finaliser(result_obj_t, &result_type);
    memset(&self->result, 0, sizeof(self->result));
    self->body = MP_OBJ_NULL;
    return MP_OBJ_FROM_PTR(self);
}

http_result_t *http_bind_result_get(mp_obj_t self_in) {
    result_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return &self->result;
}

void http_bind_result_filled(mp_obj_t self_in) {
    bytes_since_collect += http_bind_result_get(self_in)->body_len;
    if (bytes_since_collect > COLLECT_AFTER_BYTES) {
        bytes_since_collect = 0;
        gc_collect();
    }
}

static mp_obj_t result_del(mp_obj_t self_in) {
    http_result_clear(http_bind_result_get(self_in));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_del_obj, result_del);

// Servers send UTF-8 or Latin-1; every byte string is one of them.
mp_obj_t http_bind_text(const char *data, size_t len) {
    if (utf8_check((const byte *)data, len)) {
        return mp_obj_new_str(data, len);
    }
    vstr_t vstr;
    vstr_init(&vstr, len * 2);
    for (size_t i = 0; i < len; i++) {
        vstr_add_char(&vstr, (byte)data[i]);
    }
    return mp_obj_new_str_from_utf8_vstr(&vstr);
}

static mp_obj_t optional_text(const char *text) {
    return text == NULL ? MP_OBJ_NEW_QSTR(MP_QSTR_) : http_bind_text(text, strlen(text));
}

// The C copy goes when there is a Python one: a body is held once.
static mp_obj_t result_body(mp_obj_t self_in) {
    result_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->body == MP_OBJ_NULL) {
        http_result_t *result = &self->result;
        self->body = mp_obj_new_bytearray(result->body_len, result->body); // may raise: all is kept
        http_result_clear_body(result);
    }
    return self->body;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_body_obj, result_body);

// ------------------------------------------------------------------------------------------------
// Header fields

typedef struct {
    const char *name;
    size_t name_len;
    const char *value;
    size_t value_len;
} field_t;

// Fields are stored as name NUL value NUL.
static const char *field_at(const char *p, field_t *field) {
    field->name = p;
    field->name_len = strlen(p);
    field->value = p + field->name_len + 1;
    field->value_len = strlen(field->value);
    return field->value + field->value_len + 1;
}

static mp_obj_t result_fields(mp_obj_t self_in) {
    http_result_t *result = http_bind_result_get(self_in);
    mp_obj_t list = mp_obj_new_list(0, NULL);
    const char *p = result->fields;
    for (size_t i = 0; i < result->field_count; i++) {
        field_t field;
        p = field_at(p, &field);
        mp_obj_t pair[2] = {
            http_bind_text(field.name, field.name_len),
            http_bind_text(field.value, field.value_len),
        };
        mp_obj_list_append(list, mp_obj_new_tuple(2, pair));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_fields_obj, result_fields);

// The value of a name: its fields from number i at p on, joined (RFC 9110 5.3; Set-Cookie holds
// commas itself, so its lines stay lines).
static mp_obj_t joined(const http_result_t *result, const char *p, size_t i, const char *name) {
    const char *separator = http_name_is(name, strlen(name), "Set-Cookie") ? "\n" : ", ";
    const char *only = NULL;
    vstr_t vstr;
    bool several = false;
    for (; i < result->field_count; i++) {
        field_t field;
        p = field_at(p, &field);
        if (!http_name_is(field.name, field.name_len, name)) {
            continue;
        }
        if (only == NULL) {
            only = field.value;
            continue;
        }
        if (!several) {
            several = true;
            vstr_init(&vstr, 64);
            vstr_add_str(&vstr, only);
        }
        vstr_add_str(&vstr, separator);
        vstr_add_strn(&vstr, field.value, field.value_len);
    }
    return several ? http_bind_text(vstr.buf, vstr.len) : http_bind_text(only, strlen(only));
}

// The name at p, first in the list?
static bool is_first(const http_result_t *result, const char *name) {
    const char *p = result->fields;
    while (p != name) {
        field_t field;
        p = field_at(p, &field);
        if (http_name_is(field.name, field.name_len, name)) {
            return false;
        }
    }
    return true;
}

static mp_obj_t result_headers(mp_obj_t self_in) {
    http_result_t *result = http_bind_result_get(self_in);
    mp_obj_t dict = mp_obj_new_dict(result->field_count);
    const char *p = result->fields;
    for (size_t i = 0; i < result->field_count; i++) {
        const char *start = p;
        field_t field;
        p = field_at(p, &field);
        if (is_first(result, start)) {
            mp_obj_dict_store(dict, http_bind_text(field.name, field.name_len), joined(result, start, i, field.name));
        }
    }
    return dict;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_headers_obj, result_headers);

static mp_obj_t result_header(mp_obj_t self_in, mp_obj_t name_in, mp_obj_t missing) {
    http_result_t *result = http_bind_result_get(self_in);
    if (!mp_obj_is_str(name_in)) {
        mp_raise_TypeError(MP_ERROR_TEXT("name must be a str"));
    }
    const char *name = mp_obj_str_get_str(name_in);
    const char *p = result->fields;
    for (size_t i = 0; i < result->field_count; i++) {
        const char *start = p;
        field_t field;
        p = field_at(p, &field);
        if (http_name_is(field.name, field.name_len, name)) {
            return joined(result, start, i, name);
        }
    }
    return missing;
}
static MP_DEFINE_CONST_FUN_OBJ_3(result_header_obj, result_header);

// ------------------------------------------------------------------------------------------------

static mp_obj_t result_timings(mp_obj_t self_in) {
    static const qstr_short_t names[HTTP_TIME_COUNT] = {
        [HTTP_TIME_DNS] = MP_QSTR_dns,
        [HTTP_TIME_CONNECT] = MP_QSTR_connect,
        [HTTP_TIME_TLS] = MP_QSTR_tls,
        [HTTP_TIME_FIRST_BYTE] = MP_QSTR_first_byte,
        [HTTP_TIME_TOTAL] = MP_QSTR_total,
    };
    http_result_t *result = http_bind_result_get(self_in);
    mp_obj_t dict = mp_obj_new_dict(HTTP_TIME_COUNT + 1);
    for (size_t i = 0; i < HTTP_TIME_COUNT; i++) {
        mp_float_t seconds = (mp_float_t)result->time_us[i] / 1000000;
        mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(names[i]), mp_obj_new_float(seconds));
    }
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(MP_QSTR_received), mp_obj_new_int_from_ull(result->received));
    return dict;
}
static MP_DEFINE_CONST_FUN_OBJ_1(result_timings_obj, result_timings);

static const mp_rom_map_elem_t result_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&result_del_obj) },
    { MP_ROM_QSTR(MP_QSTR_body), MP_ROM_PTR(&result_body_obj) },
    { MP_ROM_QSTR(MP_QSTR_fields), MP_ROM_PTR(&result_fields_obj) },
    { MP_ROM_QSTR(MP_QSTR_header), MP_ROM_PTR(&result_header_obj) },
    { MP_ROM_QSTR(MP_QSTR_headers), MP_ROM_PTR(&result_headers_obj) },
    { MP_ROM_QSTR(MP_QSTR_timings), MP_ROM_PTR(&result_timings_obj) },
};
static MP_DEFINE_CONST_DICT(result_locals_dict, result_locals_table);

static void result_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    if (dest[0] != MP_OBJ_NULL) {
        return; // nothing can be stored
    }
    http_result_t *result = http_bind_result_get(self_in);
    switch (attr) {
        case MP_QSTR_status:
            dest[0] = MP_OBJ_NEW_SMALL_INT(result->status);
            break;
        case MP_QSTR_error:
            dest[0] = optional_text(result->error);
            break;
        case MP_QSTR_url:
            dest[0] = optional_text(result->url);
            break;
        default:
            dest[1] = MP_OBJ_SENTINEL; // look in the locals dict
    }
}

static MP_DEFINE_CONST_OBJ_TYPE(
    result_type,
    MP_QSTR_Result,
    MP_TYPE_FLAG_NONE,
    attr, result_attr,
    locals_dict, &result_locals_dict
    );
