// SPDX-License-Identifier: MIT
// From Python arguments to an http_request_t. What is wrong with them is said here, before anything
// is submitted. Messages name the argument and never quote a value: tracebacks are shown in public.

#include <math.h>
#include <string.h>

#include "py/binary.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "http/binding.h"

#define DEFAULT_TIMEOUT_MS (40 * 1000)
#define DEFAULT_MAX_SIZE (16 * 1024 * 1024)
#define DEFAULT_MAX_REDIRECTS (10)

// None for the option proxy: the environment's on a PC, none on a device.
#ifndef HTTP_PROXY_FROM_ENVIRONMENT
#define HTTP_PROXY_FROM_ENVIRONMENT (1)
#endif

// A board may forbid verify=False.
#ifndef HTTP_VERIFY_ALWAYS
#define HTTP_VERIFY_ALWAYS (0)
#endif

typedef struct {
    http_request_t request;
    int body_fd;
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

// Anything that ends up as a C string.
static const char *get_text(mp_obj_t text, const char *name) {
    if (!mp_obj_is_str(text)) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("%s must be a str"), name);
    }
    size_t len;
    const char *data = mp_obj_str_get_data(text, &len);
    if (!http_is_field_value(data, len)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%s contains CR, LF or NUL"), name);
    }
    return data;
}

static void get_bytes(mp_obj_t value, const char *name, const char **data, size_t *len) {
    mp_buffer_info_t buffer;
    if (!mp_get_buffer(value, &buffer, MP_BUFFER_READ)) { // a str gives its UTF-8
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("%s must be str or bytes-like"), name);
    }
    *data = buffer.buf == NULL ? "" : buffer.buf;
    *len = buffer.len;
}

// ------------------------------------------------------------------------------------------------
// data

// The descriptor of an open file, or -1 for other objects.
static int get_fileno(mp_obj_t file) {
    const mp_obj_type_t *type = mp_obj_get_type(file);
    if (!MP_OBJ_TYPE_HAS_SLOT(type, protocol) || mp_obj_is_type(file, &mp_type_type)) {
        return -1;
    }
    const mp_stream_p_t *stream = mp_get_stream(file);
    int error;
    if (stream == NULL || stream->ioctl == NULL) {
        return -1;
    }
    mp_uint_t fd = stream->ioctl(file, MP_STREAM_GET_FILENO, 0, &error);
    return fd == MP_STREAM_ERROR ? -1 : (int)fd;
}

// (name, filename, type, content, path), made by the Python half; None where there is none.
static void get_part(http_part_t *part, mp_obj_t tuple) {
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(tuple, 5, &items);
    part->name = get_text(items[0], "files: a name");
    part->filename = items[1] == mp_const_none ? NULL : get_text(items[1], "files: a file name");
    part->type = items[2] == mp_const_none ? NULL : get_text(items[2], "files: a content type");
    part->data = NULL;
    part->path = NULL;
    if (items[4] == mp_const_none) {
        const char *data;
        get_bytes(items[3], "files: a content", &data, &part->data_len);
        part->data = data;
    } else {
        part->path = get_text(items[4], "files: a path");
    }
}

static void get_parts(http_request_t *request, mp_obj_t list) {
    size_t n;
    mp_obj_t *items;
    mp_obj_get_array(list, &n, &items);
    http_part_t *parts = m_new(http_part_t, n);
    for (size_t i = 0; i < n; i++) {
        get_part(&parts[i], items[i]);
    }
    request->parts = parts;
    request->part_count = n;
}

static void get_data(builder_t *b, mp_obj_t data) {
    http_request_t *request = &b->request;
    mp_buffer_info_t buffer;
    if (data == mp_const_none) {
        return;
    }
    if (mp_obj_is_type(data, &mp_type_tuple)) { // (content type, content), made by the Python half
        mp_obj_t *items;
        mp_obj_get_array_fixed_n(data, 2, &items);
        request->content_type = mp_obj_str_get_str(items[0]);
        data = items[1];
    }
    if (mp_get_buffer(data, &buffer, MP_BUFFER_READ)) { // a str gives its UTF-8
        request->body = buffer.buf == NULL ? "" : buffer.buf;
        request->body_len = buffer.len;
        return;
    }
    if (mp_obj_is_type(data, &mp_type_list)) {
        get_parts(request, data);
        return;
    }
    b->body_fd = get_fileno(data);
    request->body_fd = &b->body_fd;
    if (b->body_fd < 0) {
        mp_raise_TypeError(MP_ERROR_TEXT("data must be str, bytes-like or an open file"));
    }
}

// ------------------------------------------------------------------------------------------------
// headers

// The module sets Content-Length by itself; the app may repeat it, or leave it out when there is no
// data. Anything else would make the server take a part of the body for the next request.
static void check_content_length(http_request_t *request, const http_field_t *field) {
    bool unknown = request->body_fd != NULL || request->part_count > 0;
    if (field->value == NULL) {
        if (request->body_len > 0 || unknown) {
            mp_raise_ValueError(MP_ERROR_TEXT("headers: Content-Length cannot be left out with data"));
        }
        request->omit_content_length = true;
        return;
    }
    char expected[24];
    snprintf(expected, sizeof(expected), "%u", (unsigned)request->body_len);
    if (unknown || strlen(expected) != field->value_len || memcmp(expected, field->value, field->value_len) != 0) {
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
    if (value != mp_const_none) {
        get_bytes(value, "cacert", &b->request.cacert, &b->request.cacert_len);
    }
}

// The length of a tuple; 0 for other objects.
static size_t get_tuple(mp_obj_t value, mp_obj_t **items) {
    size_t n = 0;
    if (mp_obj_is_type(value, &mp_type_tuple)) {
        mp_obj_get_array(value, &n, items);
    }
    return n;
}

static void opt_cert(builder_t *b, mp_obj_t value) {
    if (value == mp_const_none) {
        return;
    }
    mp_obj_t *items;
    if (get_tuple(value, &items) != 2) {
        mp_raise_TypeError(MP_ERROR_TEXT("cert must be (certificate, key)"));
    }
    get_bytes(items[0], "cert: the certificate", &b->request.cert, &b->request.cert_len);
    get_bytes(items[1], "cert: the key", &b->request.key, &b->request.key_len);
}

static void opt_auth(builder_t *b, mp_obj_t value) {
    if (value == mp_const_none) {
        return;
    }
    mp_obj_t *items;
    size_t n = get_tuple(value, &items);
    if (n != 2 && n != 3) {
        mp_raise_TypeError(MP_ERROR_TEXT("auth must be (user, password) or (\"digest\", user, password)"));
    }
    if (n == 3) {
        if (!mp_obj_equal(items[0], MP_OBJ_NEW_QSTR(MP_QSTR_digest))) {
            mp_raise_ValueError(MP_ERROR_TEXT("auth: the scheme must be \"digest\""));
        }
        b->request.auth = HTTP_AUTH_DIGEST;
        items++;
    }
    b->request.user = get_text(items[0], "auth: the user");
    b->request.password = get_text(items[1], "auth: the password");
    if (b->request.auth == HTTP_AUTH_BASIC && strchr(b->request.user, ':') != NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("auth: a user of Basic holds no colon")); // RFC 7617 2
    }
}

static void opt_proxy(builder_t *b, mp_obj_t value) {
    if (value == mp_const_none) {
        return;
    }
    const char *proxy = get_text(value, "proxy");
    if (proxy[0] != 0 && strncmp(proxy, "http://", 7) != 0 && strncmp(proxy, "https://", 8) != 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("proxy must be an http:// or https:// URL"));
    }
    b->request.proxy = proxy;
}

static void opt_cookies(builder_t *b, mp_obj_t value) {
    if (value != mp_const_none) {
        b->request.jar = http_bind_jar_get(value);
    }
}

static void opt_file(builder_t *b, mp_obj_t value) {
    if (value != mp_const_none) {
        b->request.file = get_text(value, "file");
        if (b->request.file[0] == 0) {
            mp_raise_ValueError(MP_ERROR_TEXT("file must not be empty"));
        }
    }
}

static bool get_bool(mp_obj_t value, const char *name) {
    if (!mp_obj_is_bool(value)) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("%s must be a bool"), name);
    }
    return value == mp_const_true;
}

static void opt_verify(builder_t *b, mp_obj_t value) {
    static bool warned;
    b->request.insecure = !get_bool(value, "verify");
    if (b->request.insecure && HTTP_VERIFY_ALWAYS) {
        mp_raise_ValueError(MP_ERROR_TEXT("verify=False is forbidden on this board"));
    }
    if (b->request.insecure && !warned) {
        warned = true;
        mp_print_str(MICROPY_ERROR_PRINTER, "http: verify=False: anybody may answer; the dock refuses it\n");
    }
}

static void opt_compressed(builder_t *b, mp_obj_t value) {
    b->request.compressed = get_bool(value, "compressed");
}

static void opt_allow_redirects(builder_t *b, mp_obj_t value) {
    b->allow_redirects = get_bool(value, "allow_redirects");
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
    { MP_QSTR_file, opt_file },
    { MP_QSTR_auth, opt_auth },
    { MP_QSTR_cert, opt_cert },
    { MP_QSTR_verify, opt_verify },
    { MP_QSTR_proxy, opt_proxy },
    { MP_QSTR_compressed, opt_compressed },
    { MP_QSTR_cookies, opt_cookies },
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
}

// args: method, url, headers[, data, options]
http_id_t http_bind_submit(size_t n_args, const mp_obj_t *args, http_bind_flags_t flags) {
    builder_t b = {
        .request = {
            .timeout_ms = DEFAULT_TIMEOUT_MS,
            .max_size = DEFAULT_MAX_SIZE,
            .proxy = HTTP_PROXY_FROM_ENVIRONMENT ? NULL : "",
            .notify = flags.notify,
            .stream = flags.stream,
            .progress = flags.progress,
        },
        .allow_redirects = true,
        .max_redirects = DEFAULT_MAX_REDIRECTS,
    };
    get_method(&b.request, args[0]);
    get_url(&b.request, args[1]);
    if (n_args > 3) {
        get_data(&b, args[3]);
        if (strcmp(b.request.method, "HEAD") == 0 && args[3] != mp_const_none) {
            mp_raise_ValueError(MP_ERROR_TEXT("data: HEAD has no content"));
        }
    }
    get_headers(&b.request, args[2]);
    if (n_args > 4) {
        get_options(&b, args[4]);
    }
    b.request.max_redirects = b.allow_redirects ? b.max_redirects : -1;
    http_id_t id = http_engine_submit(&b.request);
    if (id == 0) {
        mp_raise_type(&mp_type_MemoryError);
    }
    return id;
}
