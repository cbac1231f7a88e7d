// SPDX-License-Identifier: MIT
// help() and tab completion of the host build, which know the texts and the public names of the dock's modules
// (modules/_help.py). boards/UNIX/mpconfigvariant.mk puts these functions in the place of MicroPython's.

#include "py/builtin.h"
#include "py/nlr.h"
#include "py/objmodule.h"
#include "py/runtime.h"

static mp_obj_t call_help(qstr function, size_t n_args, const mp_obj_t *args) {
    mp_obj_t module = mp_import_name(MP_QSTR__help, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
    return mp_call_function_n_kw(mp_load_attr(module, function), n_args, 0, args);
}

static mp_obj_t help(size_t n_args, const mp_obj_t *args) {
    if (n_args == 1) {
        mp_obj_t thing = args[0];
        if (mp_obj_is_type(thing, &mp_type_bound_meth)) {
            thing = ((mp_obj_t *)MP_OBJ_TO_PTR(thing))[1]; // the function, as in py/objboundmeth.c
        }
        if (mp_obj_is_true(call_help(MP_QSTR_show, 1, &thing))) {
            return mp_const_none;
        }
    }
    return mp_call_function_n_kw(MP_OBJ_FROM_PTR(&mp_builtin_help_obj), n_args, 0, args);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(firmware_help_obj, 0, 1, help);

static bool is_public(mp_obj_t module, qstr name) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        return true;
    }
    mp_obj_t args[] = { module, MP_OBJ_NEW_QSTR(name) };
    bool result = mp_obj_is_true(call_help(MP_QSTR_is_public, 2, args));
    nlr_pop();
    return result;
}

// What a module imports for itself is an attribute of it, and no name for apps.
void firmware_load_public(mp_obj_t object, qstr name, mp_obj_t *dest, bool catch_all_exc) {
    mp_load_method_protected(object, name, dest, catch_all_exc);
    if (dest[0] != MP_OBJ_NULL && mp_obj_is_type(object, &mp_type_module) && !is_public(object, name)) {
        dest[0] = MP_OBJ_NULL;
    }
}
