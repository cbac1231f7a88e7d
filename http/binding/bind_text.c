// SPDX-License-Identifier: MIT
// What a server says, as str.

#include <string.h>

#include "py/objstr.h"
#include "py/runtime.h"

#include "http/binding/binding.h"

// The answers of one server say the same again and again, at the same places: so many strings of the last ones
// are kept, if they are not longer than this.
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
        size_t more = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
        if (c < 0xc2 || c > 0xf4 || (size_t)(end - p) < more) {
            return false;
        }
        c &= 0x3f >> more;
        for (size_t i = 0; i < more; i++) {
            if ((*p & 0xc0) != 0x80) {
                return false;
            }
            c = c << 6 | (*p++ & 0x3f);
        }
        if (c > 0x10ffff || (more > 1 && c < 1u << (5 * more + 1)) || (c >= 0xd800 && c <= 0xdfff)) {
            return false;
        }
    }
    return true;
}

// Servers send UTF-8 or Latin-1; every byte string is one of them. Never a qstr, not even one that exists:
// looking for it costs more than the whole string.
mp_obj_t http_bind_text(const char *data, size_t len) {
    if (http_bind_is_utf8(data, len)) {
        return mp_obj_new_str_copy(&mp_type_str, (const byte *)data, len);
    }
    vstr_t vstr;
    vstr_init(&vstr, len * 2);
    for (size_t i = 0; i < len; i++) {
        vstr_add_char(&vstr, (byte)data[i]);
    }
    return mp_obj_new_str_from_utf8_vstr(&vstr);
}

mp_obj_t http_bind_text_at(size_t place, const char *data, size_t len) {
    if (place >= MP_ARRAY_SIZE(MP_STATE_VM(http_recent_texts)) || len > RECENT_LEN) {
        return http_bind_text(data, len);
    }
    mp_obj_t *recent = &MP_STATE_VM(http_recent_texts)[place];
    if (*recent != MP_OBJ_NULL) {
        GET_STR_DATA_LEN(*recent, text, text_len);
        if (text_len == len && memcmp(text, data, len) == 0) {
            return *recent;
        }
    }
    return *recent = http_bind_text(data, len);
}
