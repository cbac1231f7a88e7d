// SPDX-License-Identifier: MIT
// Jar: the cookies that requests share.

#include <stdlib.h>
#include <string.h>

#include "py/runtime.h"

#include "http/binding/binding.h"

typedef struct {
    mp_obj_base_t base;
    http_jar_t *jar;
} jar_obj_t;

http_jar_t *http_bind_jar_get(mp_obj_t self_in) {
    jar_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_is_type(self_in, &http_bind_jar_type) ? self->jar : NULL;
}

static mp_obj_t jar_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 0, 0, false);
    jar_obj_t *self = mp_obj_malloc_with_finaliser(jar_obj_t, type);
    self->jar = http_jar_new();
    if (self->jar == NULL) {
        mp_raise_type(&mp_type_MemoryError);
    }
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t jar_del(mp_obj_t self_in) {
    http_jar_t *jar = http_bind_jar_get(self_in);
    if (jar != NULL) {
        http_jar_release(jar);
        ((jar_obj_t *)MP_OBJ_TO_PTR(self_in))->jar = NULL;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(jar_del_obj, jar_del);

// With a class that an app derives, self can be any object.
static http_jar_t *get_jar(mp_obj_t self) {
    http_jar_t *jar = http_bind_jar_get(self);
    if (jar == NULL) {
        mp_raise_TypeError(MP_ERROR_TEXT("self must be a Jar"));
    }
    return jar;
}

// save() -> str: one cookie on each line, in the Netscape format
static mp_obj_t jar_save(mp_obj_t self_in) {
    char *text = http_jar_save(get_jar(self_in));
    if (text == NULL) {
        mp_raise_type(&mp_type_MemoryError);
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_obj_t str = http_bind_text(text, strlen(text));
        nlr_pop();
        free(text);
        return str;
    }
    free(text);
    nlr_jump(nlr.ret_val);
}
static MP_DEFINE_CONST_FUN_OBJ_1(jar_save_obj, jar_save);

// load(line): adds one cookie; "ALL" removes all cookies
static mp_obj_t jar_load(mp_obj_t self_in, mp_obj_t line) {
    if (!http_jar_load(get_jar(self_in), mp_obj_str_get_str(line))) {
        mp_raise_type(&mp_type_MemoryError);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(jar_load_obj, jar_load);

static const mp_rom_map_elem_t jar_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&jar_del_obj) },
    { MP_ROM_QSTR(MP_QSTR_save), MP_ROM_PTR(&jar_save_obj) },
    { MP_ROM_QSTR(MP_QSTR_load), MP_ROM_PTR(&jar_load_obj) },
};
static MP_DEFINE_CONST_DICT(jar_locals_dict, jar_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    http_bind_jar_type,
    MP_QSTR_Jar,
    MP_TYPE_FLAG_NONE,
    make_new, jar_make_new,
    locals_dict, &jar_locals_dict
    );
