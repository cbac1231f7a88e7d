// SPDX-License-Identifier: MIT
// Converts text from a server to str.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"

#include "http/binding/binding.h"

// Responses of one server often repeat the same text at the same place. So this many of the last strings are stored, if
// they are not longer than RECENT_LEN.
#define RECENT_LEN (64)

MP_REGISTER_ROOT_POINTER(mp_obj_t http_recent_texts[32]);

void http_bind_text_init(void) {
    memset(MP_STATE_VM(http_recent_texts), 0, sizeof(MP_STATE_VM(http_recent_texts)));
}

bool http_bind_is_utf8(const char *data, size_t len) {
    const byte *p = (const byte *)data;
    const byte *end = p + len;
    while (p < end) {
        uint32_t c = *p++;
        if (c < 0x80) {
            continue;
        }
        unsigned more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
        bool is_lead = c >= 0xc2 && c <= 0xf4;
        c &= 0x3f >> more;
        for (unsigned i = more; i > 0 && is_lead; i--) {
            byte next = p < end ? *p++ : 0;
            is_lead = (next & 0xc0) == 0x80;
            c = c << 6 | (next & 0x3f);
        }
        // Overlong forms, surrogates, and what is not Unicode.
        if (!is_lead || c >> (5 * more + 1) == 0 || c >> 11 == 0xd800 >> 11 || c > 0x10ffff) {
            return false;
        }
    }
    return true;
}

// text(bytes) -> str: UTF-8. The same as str(), but that reads a bytearray three times.
static mp_obj_t mod_http_text(mp_obj_t bytes) {
    mp_buffer_info_t body;
    mp_get_buffer_raise(bytes, &body, MP_BUFFER_READ);
    if (!http_bind_is_utf8(body.buf, body.len)) {
        mp_raise_msg(&mp_type_UnicodeError, NULL);
    }
    return mp_obj_new_str_copy(&mp_type_str, body.buf, body.len);
}
MP_DEFINE_CONST_FUN_OBJ_1(http_bind_decode_obj, mod_http_text);

// Servers send UTF-8 or Latin-1. Each byte string is valid Latin-1. The str is never a qstr, even if that qstr exists:
// the search for it would take longer than all the rest.
mp_obj_t http_bind_text(const char *data, size_t len) {
    if (http_bind_is_utf8(data, len)) {
        return mp_obj_new_str_copy(&mp_type_str, (const byte *)data, len);
    }
    vstr_t vstr;
    vstr_init(&vstr, len * 2);
    for (size_t i = 0; i < len; i++) {
        vstr_add_char(&vstr, (byte)data[i]);
    }
    // mp_obj_new_str_from_utf8_vstr() would return a qstr, if the text is one.
    mp_obj_t text = mp_obj_new_str_copy(&mp_type_str, (const byte *)vstr.buf, vstr.len);
    vstr_clear(&vstr);
    return text;
}

mp_obj_t http_bind_text_at(size_t place, const char *data, size_t len) {
    if (place >= MP_ARRAY_SIZE(MP_STATE_VM(http_recent_texts)) || len > RECENT_LEN) {
        return http_bind_text(data, len);
    }
    mp_obj_t *recent = &MP_STATE_VM(http_recent_texts)[place];
    if (*recent != MP_OBJ_NULL) {
        const mp_obj_str_t *text = MP_OBJ_TO_PTR(*recent); // it is not a qstr
        if (text->len == len && memcmp(text->data, data, len) == 0) {
            return *recent;
        }
    }
    return *recent = http_bind_text(data, len);
}
