// SPDX-License-Identifier: MIT
// JSON exactly as RFC 8259 defines it. MicroPython's own json accepts more: it makes an object of a truncated body, or
// of an error page of a proxy. It also writes floats that have another value when they are read again.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "py/cstack.h"
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
    unsigned depth;
} reader_t;

__attribute__((noreturn)) static void fail(const reader_t *r) {
    mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("body is no JSON: byte %u of %u"),
        (unsigned)(r->p - r->start), (unsigned)(r->end - r->start));
}

// The next byte. At the end it is 0, which is not allowed anywhere in JSON.
static unsigned peek(const reader_t *r) {
    return r->p < r->end ? *r->p : 0;
}

static unsigned next(reader_t *r) {
    unsigned c = peek(r);
    r->p += r->p < r->end;
    return c;
}

static bool accept(reader_t *r, unsigned c) {
    bool is_there = peek(r) == c;
    r->p += is_there;
    return is_there;
}

static void expect(reader_t *r, const char *text) {
    do {
        if (!accept(r, (byte) * text)) {
            fail(r);
        }
    } while (*++text != 0);
}

static void skip_blanks(reader_t *r) {
    while (accept(r, ' ') || accept(r, '\n') || accept(r, '\r') || accept(r, '\t')) {
    }
}

// ------------------------------------------------------------------------------------------------
// Strings and numbers

static unsigned read_hex(reader_t *r) {
    unsigned value = 0;
    for (int i = 0; i < 4; i++) {
        unsigned c = next(r);
        if (!unichar_isxdigit(c)) {
            fail(r);
        }
        value = value << 4 | unichar_xdigit_value(c);
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
    } while (unichar_isdigit(peek(r)));
}

static mp_obj_t read_number(reader_t *r) {
    const byte *start = r->p;
    accept(r, '-');
    if (!accept(r, '0')) {
        read_digits(r);
    }
    const byte *end_of_int = r->p;
    if (accept(r, '.')) {
        read_digits(r);
    }
    if (accept(r, 'e') || accept(r, 'E')) {
        if (!accept(r, '+')) {
            accept(r, '-');
        }
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

static mp_obj_t read_value(reader_t *r) {
    mp_obj_t value = mp_const_none;
    mp_cstack_check();
    skip_blanks(r);
    unsigned c = peek(r);
    if (accept(r, '"')) {
        value = read_string(r);
    } else if (c == 'n') {
        expect(r, "null");
    } else if (c == 't') {
        expect(r, "true");
        value = mp_const_true;
    } else if (c == 'f') {
        expect(r, "false");
        value = mp_const_false;
    } else if (c == '{' || c == '[') {
        r->p++;
        if (++r->depth > DEPTH_MAX) {
            fail(r);
        }
        bool is_object = c == '{';
        value = is_object ? mp_obj_new_dict(0) : mp_obj_new_list(0, NULL);
        skip_blanks(r);
        if (!accept(r, c + 2)) { // "]" or "}"
            do {
                mp_obj_t item = read_value(r);
                if (!is_object) {
                    mp_obj_list_append(value, item);
                } else if (mp_obj_is_str(item) && accept(r, ':')) {
                    mp_obj_dict_store(value, item, read_value(r));
                } else {
                    fail(r);
                }
            } while (accept(r, ','));
            expect(r, is_object ? "}" : "]");
        }
        r->depth--;
    } else {
        value = read_number(r);
    }
    skip_blanks(r);
    return value;
}

// json(bytes) -> the object that the JSON text describes
static mp_obj_t mod_http_json(mp_obj_t bytes) {
    mp_buffer_info_t body;
    mp_get_buffer_raise(bytes, &body, MP_BUFFER_READ);
    const byte *data = body.buf;
    reader_t r = { data, data, data + body.len, 0 };
    if (!http_bind_is_utf8(body.buf, body.len)) {
        fail(&r);
    }
    if (peek(&r) == 0xef) {
        expect(&r, "\xef\xbb\xbf"); // RFC 8259 8.1: a parser may ignore the byte order mark
    }
    mp_obj_t value = read_value(&r);
    if (r.p < r.end) {
        fail(&r);
    }
    return value;
}
MP_DEFINE_CONST_FUN_OBJ_1(http_bind_json_obj, mod_http_json);

// ------------------------------------------------------------------------------------------------

// float_json(value) -> str: the fewest digits that give the same float when they are read
static mp_obj_t mod_http_float_json(mp_obj_t value_in) {
    double value = mp_obj_get_float_to_d(value_in);
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    if (strchr(text, 'n') != NULL) {
        mp_raise_ValueError(MP_ERROR_TEXT("json: NaN and infinity are no JSON"));
    }
    if (strpbrk(text, ".e") == NULL) {
        strcat(text, ".0"); // it must be read as a float, not as an int
    }
    return mp_obj_new_str(text, strlen(text));
}
MP_DEFINE_CONST_FUN_OBJ_1(http_bind_float_json_obj, mod_http_float_json);
