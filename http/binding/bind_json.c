// SPDX-License-Identifier: MIT
// JSON exactly as RFC 8259 defines it. MicroPython's own json accepts more: it makes an object of a truncated body, or
// of an error page of a proxy. It also writes floats that have another value when they are read again.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "py/cstack.h"
#include "py/objtuple.h"
#include "py/objtype.h"
#include "py/parsenum.h"
#include "py/runtime.h"

#include "http/binding/binding.h"

// The greatest depth of arrays and objects. Without it a server could decide how much of the C stack is used.
#define DEPTH_MAX (512)

// An int of n digits takes n * n steps to read. CPython has the same limit.
#define INT_DIGITS_MAX (4300)

typedef struct {
    const byte *start;
    const byte *p;
    const byte *end;
    unsigned c; // the byte at p. At the end it is 0, which is not allowed anywhere in JSON
    unsigned depth;
} reader_t;

__attribute__((noreturn)) static void fail(const reader_t *r) {
    mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("body is no JSON: byte %u of %u"),
        (unsigned)(r->p - r->start), (unsigned)(r->end - r->start));
}

// Move on to the next byte, but never past a 0. Returns the byte that was the next one before.
static unsigned next(reader_t *r) {
    unsigned c = r->c;
    r->p += c != 0;
    r->c = r->p < r->end ? *r->p : 0;
    return c;
}

// Move on if the next byte is one of these.
static bool accept(reader_t *r, const char *bytes) {
    bool is_there = r->c != 0 && strchr(bytes, r->c) != NULL;
    if (is_there) {
        next(r);
    }
    return is_there;
}

static void expect(reader_t *r, const char *text) {
    do {
        if (r->c != (byte) * text) {
            fail(r);
        }
        next(r);
    } while (*++text != 0);
}

static void skip_blanks(reader_t *r) {
    while (accept(r, " \n\r\t")) {
    }
}

// ------------------------------------------------------------------------------------------------
// Strings and numbers

static unsigned read_hex(reader_t *r) {
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        if (!unichar_isxdigit(r->c)) {
            fail(r);
        }
        value = value << 4 | unichar_xdigit_value(next(r));
    }
    return value;
}

// The character of an escape sequence, after its backslash.
static unichar read_escape(reader_t *r) {
    static const char escapes[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    unsigned c = next(r);
    if (c != 'u') {
        for (const char *pair = escapes; *pair != 0; pair += 2) {
            if ((byte) * pair == c) {
                return pair[1];
            }
        }
        fail(r);
    }
    c = read_hex(r);
    if (c >> 11 == 0xd800 >> 11) {
        // Two surrogates are one character (RFC 8259 7). One alone is an error: UTF-8 cannot represent it.
        expect(r, "\\u");
        unsigned low = read_hex(r);
        if (c >= 0xdc00 || low >> 10 != 0xdc00 >> 10) {
            fail(r);
        }
        c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
    }
    return c;
}

// Read a string, after its first quotation mark.
static mp_obj_t read_string(reader_t *r) {
    vstr_t vstr;
    vstr_init(&vstr, 32);
    for (unsigned c = next(r); c != '"'; c = next(r)) {
        if (c < 0x20) {
            fail(r);
        } else if (c == '\\') {
            vstr_add_char(&vstr, read_escape(r));
        } else {
            vstr_add_byte(&vstr, c);
        }
    }
    return mp_obj_new_str_from_utf8_vstr(&vstr);
}

static void read_digits(reader_t *r) {
    do {
        if (!unichar_isdigit(next(r))) {
            fail(r);
        }
    } while (unichar_isdigit(r->c));
}

static mp_obj_t read_number(reader_t *r) {
    const byte *start = r->p;
    accept(r, "-");
    if (!accept(r, "0")) {
        read_digits(r);
    }
    const byte *end_of_int = r->p;
    if (accept(r, ".")) {
        read_digits(r);
    }
    if (accept(r, "eE")) {
        accept(r, "+-");
        read_digits(r);
    }
    size_t len = r->p - start;
    if (r->p == end_of_int) {
        if (len > INT_DIGITS_MAX) {
            fail(r);
        }
        return mp_parse_num_integer((const char *)start, len, 10, NULL);
    }
    // MicroPython's own function is often wrong in the last digit. A NUL ends the copy.
    return mp_obj_new_float((mp_float_t)strtod(mp_obj_str_get_str(mp_obj_new_bytes(start, len)), NULL));
}

// ------------------------------------------------------------------------------------------------

// Read a value and the blanks behind it.
static mp_obj_t read_value(reader_t *r) {
    mp_obj_t value;
    const char *word = NULL;
    mp_cstack_check();
    unsigned c = r->c;
    bool is_object = c == '{';
    if (is_object || c == '[') {
        if (++r->depth > DEPTH_MAX) {
            fail(r);
        }
        value = is_object ? mp_obj_new_dict(0) : mp_obj_new_list(0, NULL);
        const char *end = is_object ? "}" : "]";
        next(r);
        skip_blanks(r);
        if (r->c != (byte) * end) {
            // The first item, and then one after each comma.
            do {
                skip_blanks(r);
                bool is_name = r->c == '"';
                mp_obj_t item = read_value(r);
                if (!is_object) {
                    mp_obj_list_append(value, item);
                } else if (is_name && accept(r, ":")) {
                    skip_blanks(r);
                    mp_obj_dict_store(value, item, read_value(r));
                } else {
                    fail(r);
                }
            } while (accept(r, ","));
        }
        expect(r, end);
        r->depth--;
    } else if (accept(r, "\"")) {
        value = read_string(r);
    } else if (c == 'n') {
        word = "null";
        value = mp_const_none;
    } else if (c == 't') {
        word = "true";
        value = mp_const_true;
    } else if (c == 'f') {
        word = "false";
        value = mp_const_false;
    } else {
        value = read_number(r);
    }
    if (word != NULL) {
        expect(r, word);
    }
    skip_blanks(r);
    return value;
}

// json(bytes) -> the object that the JSON text describes
static mp_obj_t mod_http_json(mp_obj_t bytes) {
    mp_buffer_info_t body;
    mp_get_buffer_raise(bytes, &body, MP_BUFFER_READ);
    reader_t r = { .start = body.buf, .p = body.buf, .end = (const byte *)body.buf + body.len };
    next(&r); // reads the first byte
    if (!http_bind_is_utf8(body.buf, body.len)) {
        fail(&r);
    }
    if (r.c == 0xef) {
        expect(&r, "\xef\xbb\xbf"); // RFC 8259 8.1: a parser may ignore the byte order mark
    }
    skip_blanks(&r);
    mp_obj_t value = read_value(&r);
    if (r.p < r.end) {
        fail(&r);
    }
    return value;
}
MP_DEFINE_CONST_FUN_OBJ_1(http_bind_json_obj, mod_http_json);

// ------------------------------------------------------------------------------------------------
// Writing. MicroPython's dumps() writes unknown objects as print() does, and does not write all digits of a float.

// The fewest digits that give the same float when they are read.
static void write_float(char *text, size_t size, double value) {
    int digits = 15;
    do {
        snprintf(text, size, "%.*g", digits, value);
    } while (strtod(text, NULL) != value && ++digits <= 17);
    if (strchr(text, 'n') != NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("json: NaN and infinity are no JSON"));
    }
    if (strpbrk(text, ".e") == NULL) {
        strcat(text, ".0"); // it must be read as a float, not as an int
    }
}

// The value itself, or the one that an object of a derived class holds; MP_OBJ_NULL if it is of another type, or if it
// holds none yet, because its __init__() has not called super().__init__().
static mp_obj_t as(mp_obj_t value, const mp_obj_type_t *type) {
    const mp_obj_type_t *own = mp_obj_get_type(value);
    return !mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(own), MP_OBJ_FROM_PTR(type)) ? MP_OBJ_NULL
        : mp_obj_is_instance_type(own) ? as(((mp_obj_instance_t *)MP_OBJ_TO_PTR(value))->subobj[0], type) : value;
}

static void write_value(const mp_print_t *print, mp_obj_t value, unsigned depth);

static void write_name(const mp_print_t *print, mp_obj_t name, unsigned depth) {
    if (as(name, &mp_type_tuple) != MP_OBJ_NULL) {
        mp_raise_TypeError(MP_ERROR_TEXT("json: the names of an object must be str"));
    }
    const char *mark = as(name, &mp_type_str) == MP_OBJ_NULL ? "\"" : "";
    mp_print_str(print, mark);
    write_value(print, name, depth);
    mp_print_str(print, mark);
    mp_print_str(print, ": ");
}

static void write_items(const mp_print_t *print, const mp_map_t *map, size_t len, const mp_obj_t *items, unsigned depth) {
    const char *separator = "";
    // What is called here may check the stack too, and would raise a RuntimeError.
    if (depth > DEPTH_MAX || mp_cstack_usage() + 1024 >= MP_STATE_THREAD(stack_limit)) {
        mp_raise_ValueError(MP_ERROR_TEXT("json: too deep, or a part of itself"));
    }
    for (size_t i = 0; i < len; i++) {
        if (map == NULL || mp_map_slot_is_filled(map, i)) {
            mp_print_str(print, separator);
            separator = ", ";
            if (map != NULL) {
                write_name(print, map->table[i].key, depth);
            }
            write_value(print, map == NULL ? items[i] : map->table[i].value, depth);
        }
    }
}

static void write_value(const mp_print_t *print, mp_obj_t value, unsigned depth) {
    mp_obj_t own;
    size_t len;
    if ((own = as(value, &mp_type_str)) != MP_OBJ_NULL) {
        const char *data = mp_obj_str_get_data(own, &len);
        if (!http_bind_is_utf8(data, len)) {
            mp_raise_ValueError(MP_ERROR_TEXT("json: a str holds half of a surrogate pair"));
        }
        mp_obj_print_helper(print, own, PRINT_JSON);
    } else if ((own = as(value, &mp_type_int)) != MP_OBJ_NULL || (own = value) == mp_const_none || mp_obj_is_bool(own)) {
        mp_obj_print_helper(print, own, PRINT_JSON);
    } else if ((own = as(value, &mp_type_float)) != MP_OBJ_NULL) {
        char text[32];
        write_float(text, sizeof(text), mp_obj_get_float_to_d(own));
        mp_print_str(print, text);
    } else if ((own = as(value, &mp_type_dict)) != MP_OBJ_NULL) {
        const mp_map_t *map = mp_obj_dict_get_map(own);
        mp_print_str(print, "{");
        write_items(print, map, map->alloc, NULL, depth + 1);
        mp_print_str(print, "}");
    } else if ((own = as(value, &mp_type_list)) != MP_OBJ_NULL || (own = as(value, &mp_type_tuple)) != MP_OBJ_NULL) {
        mp_obj_t *items;
        (as(own, &mp_type_list) != MP_OBJ_NULL ? mp_obj_list_get : mp_obj_tuple_get)(own, &len, &items);
        mp_print_str(print, "[");
        write_items(print, NULL, len, items, depth + 1);
        mp_print_str(print, "]");
    } else {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("json: objects of %s are no JSON"), mp_obj_get_type_str(value));
    }
}

void http_bind_dumps(mp_obj_t value, vstr_t *vstr) {
    mp_print_t print;
    vstr_init_print(vstr, 64, &print);
    write_value(&print, value, 0);
}

// dumps(value) -> str: JSON
static mp_obj_t mod_http_dumps(mp_obj_t value) {
    vstr_t vstr;
    http_bind_dumps(value, &vstr);
    return mp_obj_new_str_from_utf8_vstr(&vstr);
}
MP_DEFINE_CONST_FUN_OBJ_1(http_bind_dumps_obj, mod_http_dumps);
