// SPDX-License-Identifier: MIT
// From Python arguments to an http_request_t. What is wrong with them is said here, before anything
// is submitted. Messages name the argument and never quote a value: tracebacks are shown in public.

#include <math.h>
#include <string.h>

#include "py/binary.h"
#include "py/runtime.h"

#include "http/binding.h"

#define DEFAULT_TIMEOUT_MS (40 * 1000)
#define DEFAULT_MAX_SIZE (16 * 1024 * 1024)
#define DEFAULT_MAX_REDIRECTS (10)

typedef struct {
    http_request_t request;
    bool allow_redirects;
    int max_redirects;
} builder_t;

static void get_url(http_request_t *request, mp_obj_t url) {
    if (!mp_obj_is_str(url)) {
        mp_raise_TypeError(MP_ERROR_TEXT("url must be a str"));
    }
    request->url = mp_obj_str_get_data(url, &request->url_len);
    if (!http_is_url_text(request->url, request->url_len)) {
        mp_raise_ValueError(MP_ERROR_TEXT("url contains CR, LF or NUL"));
    }
}

static void get_method(http_request_t *request, mp_obj_t method) {
    if (!mp_obj_is_str(method)) {
        mp_raise_TypeError(MP_ERROR_TEXT("method must be a str"));
    }
    size_t len;
    request->method = mp_obj_str_get_data(method, &len);
    if (!http_is_token(request->method, len)) {
        mp_raise_ValueError(MP_ERROR_TEXT("method is no HTTP token"));
    }
}

static void get_data(http_request_t *request, mp_obj_t data) {
    if (data == mp_const_none) {
        return;
    }
    mp_buffer_info_t buffer;
    if (!mp_get_buffer(data, &buffer, MP_BUFFER_READ)) { // a str gives its UTF-8
        mp_raise_TypeError(MP_ERROR_TEXT("data must be str or bytes-like"));
    }
    request->body = buffer.buf == NULL ? "" : buffer.buf;
    request->body_len = buffer.len;
}

// ------------------------------------------------------------------------------------------------
// headers

// The module sets Content-Length by itself; the app may repeat it, or leave it out when there is no
// data. Anything else would make the server take a part of the body for the next request.
static void check_content_length(http_request_t *request, const http_field_t *field) {
    if (field->value == NULL) {
        if (request->body_len > 0) {
            mp_raise_ValueError(MP_ERROR_TEXT("headers: Content-Length cannot be left out with data"));
        }
        request->omit_content_length = true;
        return;
    }
    char expected[24];
    snprintf(expected, sizeof(expected), "%u", (unsigned)request->body_len);
    if (strlen(expected) != field->value_len || memcmp(expected, field->value, field->value_len) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("headers: Content-Length contradicts data"));
    }
}

static void get_field(http_field_t *field, mp_obj_t name, mp_obj_t value) {
    if (!mp_obj_is_str(name)) {
        mp_raise_TypeError(MP_ERROR_TEXT("headers: names must be str"));
    }
    field->name = mp_obj_str_get_data(name, &field->name_len);
    if (!http_is_token(field->name, field->name_len)) {
        mp_raise_ValueError(MP_ERROR_TEXT("headers: a name is no HTTP token"));
    }
    field->value = NULL;
    field->value_len = 0;
    if (value == mp_const_none) {
        return;
    }
    if (!mp_obj_is_str(value)) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("headers: value of %s must be str or None"), field->name);
    }
    field->value = mp_obj_str_get_data(value, &field->value_len);
    if (!http_is_field_value(field->value, field->value_len)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("headers: value of %s contains CR, LF or NUL"), field->name);
    }
    if (http_name_is(field->name, field->name_len, "Transfer-Encoding")) {
        mp_raise_ValueError(MP_ERROR_TEXT("headers: Transfer-Encoding is not for apps to set"));
    }
}

// After get_data: Content-Length is compared with it. The fields are in the heap of the caller.
static void get_headers(http_request_t *request, mp_obj_t headers) {
    if (headers == mp_const_none) {
        return;
    }
    if (!mp_obj_is_dict_or_ordereddict(headers)) {
        mp_raise_TypeError(MP_ERROR_TEXT("headers must be a dict"));
    }
    mp_map_t *map = mp_obj_dict_get_map(headers);
    http_field_t *fields = m_new(http_field_t, map->used);
    size_t n = 0;
    for (size_t i = 0; i < map->alloc; i++) {
        if (mp_map_slot_is_filled(map, i)) {
            http_field_t *field = &fields[n];
            get_field(field, map->table[i].key, map->table[i].value);
            if (http_name_is(field->name, field->name_len, "Content-Length")) {
                check_content_length(request, field);
                continue;
            }
            n++;
        }
    }
    request->fields = fields;
    request->field_count = n;
}

// ------------------------------------------------------------------------------------------------
// options

static void opt_timeout(builder_t *b, mp_obj_t value) {
    if (!mp_obj_is_int(value) && !mp_obj_is_float(value)) {
        mp_raise_TypeError(MP_ERROR_TEXT("timeout must be int or float"));
    }
    mp_float_t seconds = mp_obj_get_float(value);
    if (isnan(seconds) || seconds < 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("timeout must not be negative or NaN"));
    }
    // 0 is none, and a deadline that nobody lives to see is none as well.
    mp_float_t ms = seconds * 1000;
    b->request.timeout_ms = ms >= INT32_MAX ? 0 : (ms > 0 && ms < 1) ? 1 : (uint32_t)ms;
}

static void opt_cacert(builder_t *b, mp_obj_t value) {
    if (value == mp_const_none) {
        return;
    }
    mp_buffer_info_t buffer;
    if (!mp_get_buffer(value, &buffer, MP_BUFFER_READ)) {
        mp_raise_TypeError(MP_ERROR_TEXT("cacert must be str, bytes-like or None"));
    }
    b->request.cacert = buffer.buf == NULL ? "" : buffer.buf;
    b->request.cacert_len = buffer.len;
}

static void opt_allow_redirects(builder_t *b, mp_obj_t value) {
    if (!mp_obj_is_bool(value)) {
        mp_raise_TypeError(MP_ERROR_TEXT("allow_redirects must be a bool"));
    }
    b->allow_redirects = value == mp_const_true;
}

static mp_int_t get_count(mp_obj_t value, const char *name) {
    if (!mp_obj_is_int(value)) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("%s must be an int"), name);
    }
    mp_int_t count = mp_obj_get_int(value);
    if (count < 0) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%s must not be negative"), name);
    }
    return count;
}

static void opt_max_redirects(builder_t *b, mp_obj_t value) {
    mp_int_t count = get_count(value, "max_redirects");
    b->max_redirects = count > INT16_MAX ? INT16_MAX : (int)count;
}

static void opt_max_size(builder_t *b, mp_obj_t value) {
    b->request.max_size = get_count(value, "max_size");
}

static const struct {
    qstr_short_t name;
    void (*set)(builder_t *b, mp_obj_t value);
} options_table[] = {
    { MP_QSTR_timeout, opt_timeout },
    { MP_QSTR_cacert, opt_cacert },
    { MP_QSTR_allow_redirects, opt_allow_redirects },
    { MP_QSTR_max_redirects, opt_max_redirects },
    { MP_QSTR_max_size, opt_max_size },
};

static void get_option(builder_t *b, mp_obj_t name, mp_obj_t value) {
    qstr q = mp_obj_str_get_qstr(name);
    for (size_t i = 0; i < MP_ARRAY_SIZE(options_table); i++) {
        if (options_table[i].name == q) {
            options_table[i].set(b, value);
            return;
        }
    }
    mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("unknown option '%q'"), q);
}

static void get_options(builder_t *b, mp_obj_t options) {
    mp_map_t *map = mp_obj_dict_get_map(options);
    for (size_t i = 0; i < map->alloc; i++) {
        if (mp_map_slot_is_filled(map, i)) {
            get_option(b, map->table[i].key, map->table[i].value);
        }
    }
    b->request.max_redirects = b->allow_redirects ? b->max_redirects : -1;
}

// args: method, url, headers, data, options
http_id_t http_bind_submit(const mp_obj_t *args, bool notify) {
    builder_t b = {
        .request = {
            .timeout_ms = DEFAULT_TIMEOUT_MS,
            .max_size = DEFAULT_MAX_SIZE,
            .notify = notify,
        },
        .allow_redirects = true,
        .max_redirects = DEFAULT_MAX_REDIRECTS,
    };
    get_method(&b.request, args[0]);
    get_url(&b.request, args[1]);
    get_data(&b.request, args[3]);
    get_headers(&b.request, args[2]);
    get_options(&b, args[4]);
    http_id_t id = http_engine_submit(&b.request);
    if (id == 0) {
        mp_raise_type(&mp_type_MemoryError);
    }
    return id;
}
