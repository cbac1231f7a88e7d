// SPDX-License-Identifier: MIT
// Converts Python arguments to an http_request_args_t: the app's own, if they are simple, or those of the Python half
// (modules/http/_options.py). That has checked everything except method and URL. It passes each value in one form: an absent
// value is None, and a flag that is not set is False.

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "py/binary.h"
#include "py/gc.h"
#include "py/objstr.h"
#include "py/objtype.h"
#include "py/runtime.h"

#include "http/binding/binding.h"

// The default limit of a body in memory.
#define MAX_SIZE (16 * 1024 * 1024)

static const char *get_text(mp_obj_t text) {
    return text == mp_const_none ? NULL : mp_obj_str_get_str(text);
}

// The bytes of an object; for a str its UTF-8. Returns false if the object has no bytes.
static bool get_bytes(mp_obj_t value, const char **data, size_t *len) {
    mp_buffer_info_t buffer;
    if (!mp_get_buffer(value, &buffer, MP_BUFFER_READ)) {
        return false;
    }
    *data = buffer.buf == NULL ? "" : buffer.buf;
    *len = buffer.len;
    return true;
}

// The texts that are not None.
static void get_texts(http_bytes_t *texts, const mp_obj_t *items, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (items[i] != mp_const_none) { // get_bytes() would be slower
            get_bytes(items[i], &texts[i].data, &texts[i].len);
        }
    }
}

static const char *get_str(mp_obj_t text, size_t *len, mp_rom_error_text_t error) {
    if (!mp_obj_is_str(text)) {
        mp_raise_TypeError(error);
    }
    return mp_obj_str_get_data(text, len);
}

static const mp_obj_t *get_items(mp_obj_t list, size_t len) {
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(list, len, &items);
    return items;
}

// ------------------------------------------------------------------------------------------------
// data

// A list of objects with bytes, paths (str) and descriptors of open files (int).
static void get_parts(http_request_args_t *request, mp_obj_t list) {
    mp_obj_t *items;
    mp_obj_get_array(list, &request->part_count, &items);
    http_part_t *parts = m_new0(http_part_t, request->part_count);
    request->parts = parts;
    for (http_part_t *part = parts; part < parts + request->part_count; part++, items++) {
        if (!get_bytes(*items, &part->content.data, &part->content.len)) {
            part->fd = mp_obj_get_int(*items); // raises
        }
        part->is_path = mp_obj_is_str(*items);
    }
}

// data is None, an object with bytes, a list of parts, or (header line, one of these).
static void get_data(http_request_args_t *request, mp_obj_t data) {
    if (data == mp_const_none) {
        return;
    }
    if (mp_obj_is_type(data, &mp_type_tuple)) {
        const mp_obj_t *items = get_items(data, 2);
        request->content_type = get_text(items[0]);
        data = items[1];
    }
    if (!get_bytes(data, (const char **)&request->body, &request->body_len)) {
        get_parts(request, data); // raises
    }
}

// ------------------------------------------------------------------------------------------------

// A list of whole lines. The array is allocated in MicroPython's heap.
static void get_fields(http_request_args_t *request, mp_obj_t list) {
    mp_obj_t *items;
    size_t count;
    mp_obj_get_array(list, &count, &items);
    const char **fields = m_new(const char *, count);
    request->fields = fields;
    request->field_count = count - request->options.proxy_field_count;
    for (size_t i = 0; i < count; i++) {
        fields[i] = mp_obj_str_get_str(items[i]);
    }
}

// A number that may have more bits than C gets of an int.
static int64_t get_long(mp_obj_t text, int64_t none) {
    return text == mp_const_none ? none : strtoll(mp_obj_str_get_str(text), NULL, 10);
}

// The settings that prepare() in _options.py returns.
static void get_settings(http_request_args_t *request, mp_obj_t list) {
    const mp_obj_t *items = get_items(list, HTTP_SETTING_COUNT);
    http_options_t *options = &request->options;
    for (size_t i = 0; i < HTTP_NUMBER_COUNT; i++) {
        options->numbers[i] = mp_obj_get_int(items[HTTP_SETTING_TIMEOUT_MS + i]);
    }
    for (size_t i = 0; i < HTTP_FLAG_COUNT; i++) {
        mp_obj_t flag = items[HTTP_SETTING_INSECURE + i];
        options->flags[i] = flag != mp_const_none && flag != mp_const_false;
    }
    get_texts(request->texts, items + HTTP_SETTING_CACERT, HTTP_TEXT_COUNT);
    options->fed_len = get_long(items[HTTP_SETTING_BODY_LENGTH], 0);
    options->max_size = get_long(items[HTTP_SETTING_MAX_SIZE], MAX_SIZE);
    options->max_size_in_memory = items[HTTP_SETTING_MAX_SIZE] == mp_const_none;
    request->jar = http_bind_jar_get(items[HTTP_SETTING_JAR]);
}

// ------------------------------------------------------------------------------------------------
// The most frequent arguments in their most frequent forms, as the app gives them. These functions return false for
// everything else: the Python half then checks all arguments.

// Longer timeouts have no practical end, and do not fit into 32 bits.
#define TIMEOUT_MAX_S (2000000)

static bool get_timeout(int32_t *ms, mp_obj_t value) {
    mp_float_t seconds;
    if ((!mp_obj_is_int(value) && !mp_obj_is_float(value)) || !mp_obj_get_float_maybe(value, &seconds)
        || !(seconds >= 0 && seconds < TIMEOUT_MAX_S)) {
        return false;
    }
    *ms = (int32_t)(seconds * 1000);
    *ms += *ms < seconds * 1000; // rounded up
    return true;
}

static bool get_simple_bytes(mp_obj_t value, const char **data, size_t *len) {
    bool is_simple = mp_obj_is_str_or_bytes(value) || mp_obj_is_type(value, &mp_type_bytearray);
    return is_simple && get_bytes(value, data, len);
}

// The last `cacert` that cannot change. As long as it is kept alive no other object gets its address.
MP_REGISTER_ROOT_POINTER(mp_obj_t http_cacert);

static bool get_simple_cacert(http_request_args_t *request, mp_obj_t cacert) {
    static uint32_t number; // of the object; a bytearray has another one each time, because it may have changed
    http_bytes_t *text = &request->texts[HTTP_TEXT_CACERT];
    if (cacert != MP_STATE_VM(http_cacert)) {
        MP_STATE_VM(http_cacert) = mp_obj_is_str_or_bytes(cacert) ? cacert : MP_OBJ_NULL;
        number++;
    }
    request->cacert_number = number;
    return get_simple_bytes(cacert, &text->data, &text->len);
}

// No name twice, and neither Content-Length nor Transfer-Encoding, whatever their case.
static bool is_other_name(const http_request_args_t *request, const char *name, size_t len) {
    for (size_t i = 0; i < request->field_count; i++) {
        if (strncasecmp(request->fields[i], name, len) == 0 && request->fields[i][len] == ':') {
            return false;
        }
    }
    return len != strlen("content-length") && len != strlen("transfer-encoding") && http_is_token(name, len);
}

static bool get_simple_fields(http_request_args_t *request, mp_obj_t headers) {
    if (!mp_obj_is_dict_or_ordereddict(headers)) {
        return false;
    }
    const mp_map_t *map = mp_obj_dict_get_map(headers);
    const char **fields = m_new0(const char *, map->used);
    request->fields = fields;
    for (size_t i = 0; i < map->alloc; i++) {
        if (!mp_map_slot_is_filled(map, i)) {
            continue;
        }
        const mp_map_elem_t *field = &map->table[i];
        if (!mp_obj_is_str(field->key) || !mp_obj_is_str(field->value)) {
            return false;
        }
        size_t name_len, len;
        const char *name = mp_obj_str_get_data(field->key, &name_len);
        const char *value = mp_obj_str_get_data(field->value, &len);
        // An empty value has another form.
        if (value[0] <= ' ' || !http_is_field_value(value, len) || !is_other_name(request, name, name_len)) {
            return false;
        }
        char *line = m_new(char, name_len + 2 + len + 1);
        memcpy(line, name, name_len);
        memcpy(line + name_len, ": ", 2);
        memcpy(line + name_len + 2, value, len + 1);
        fields[request->field_count++] = line;
    }
    return true;
}

static bool get_simple(http_request_args_t *request, const mp_obj_t *args) {
    mp_obj_t json = args[HTTP_ARG_JSON];
    mp_obj_t data = args[HTTP_ARG_DATA];
    if ((data != MP_OBJ_NULL && (json != MP_OBJ_NULL || !get_simple_bytes(data, (const char **)&request->body, &request->body_len)))
        || ((data != MP_OBJ_NULL || json != MP_OBJ_NULL) && request->method[0] == 'H') // HEAD
        || (args[HTTP_ARG_TIMEOUT] != MP_OBJ_NULL && !get_timeout(&request->options.timeout_ms, args[HTTP_ARG_TIMEOUT]))
        || (args[HTTP_ARG_CACERT] != MP_OBJ_NULL && !get_simple_cacert(request, args[HTTP_ARG_CACERT]))
        || (args[HTTP_ARG_HEADERS] != MP_OBJ_NULL && !get_simple_fields(request, args[HTTP_ARG_HEADERS]))) {
        return false;
    }
    if (json != MP_OBJ_NULL) {
        vstr_t vstr;
        http_bind_dumps(json, &vstr);
        request->content_type = "Content-Type: application/json";
        request->body = vstr.buf;
        request->body_len = vstr.len;
    }
    return true;
}

http_id_t http_bind_submit(size_t n_args, const mp_obj_t *args, bool notify) {
    http_request_args_t request = { .options.notify = notify };
    size_t len;
    request.method = get_str(args[0], &len, MP_ERROR_TEXT("method must be a str"));
    if (!http_is_token(request.method, len)) {
        mp_raise_ValueError(MP_ERROR_TEXT("method is no HTTP token"));
    }
    request.url = get_str(args[1], &request.url_len, MP_ERROR_TEXT("url must be a str"));
    if (!http_is_url_text(request.url, request.url_len)) {
        mp_raise_ValueError(MP_ERROR_TEXT("url contains CR, LF or NUL"));
    }
    bool is_simple = n_args == HTTP_ARG_COUNT;
    get_settings(&request, is_simple ? MP_STATE_VM(http_defaults) : args[4]);
    if (is_simple) {
        if (!get_simple(&request, args)) {
            return 0;
        }
    } else {
        if (!request.options.fed) {
            get_data(&request, args[2]);
        }
        get_fields(&request, args[3]);
    }
    if (http_engine_lacks_slots()) {
        gc_collect(); // streams that the app has dropped hold slots
    }
    http_id_t id = http_engine_submit(&request);
    if (id == 0) {
        mp_raise_type(&mp_type_MemoryError);
    }
    return id;
}

// feed(id[, piece]) -> bool: pass a piece of the body; without a piece: its end. False: the piece was empty, and is
// ignored.
static mp_obj_t mod_http_feed(size_t n_args, const mp_obj_t *args) {
    const char *data = NULL;
    size_t len = 0;
    bool is_end = n_args == 1;
    if (!is_end && !get_bytes(args[1], &data, &len)) {
        mp_raise_TypeError(MP_ERROR_TEXT("data: an iterator must give str or bytes-like"));
    }
    if (len > 0 || is_end) {
        http_engine_feed(http_bind_get_id(args[0]), data, len);
    }
    return mp_obj_new_bool(len > 0 || is_end);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(http_bind_feed_obj, 1, 2, mod_http_feed);
