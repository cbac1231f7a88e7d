// SPDX-License-Identifier: MIT
// Gives a class more bases than MicroPython's class statement allows. MicroPython refuses two bases that both derive from
// exceptions, but it looks up attributes, and matches except clauses, in any tuple of bases.

#include "py/objtype.h"
#include "py/runtime.h"

#include "http/binding/binding.h"

// bases(class, tuple): the class derives from these classes instead of its only base. The tuple begins with that base.
// A class with two native bases cannot have subclasses: make the subclasses first.
static mp_obj_t mod_http_bases(mp_obj_t class, mp_obj_t bases) {
    mp_obj_type_t *type = MP_OBJ_TO_PTR(class);
    bool is_derived = mp_obj_is_type(class, &mp_type_type) && mp_obj_is_instance_type(type)
        && MP_OBJ_TYPE_HAS_SLOT(type, parent); // the type of a class in C cannot be changed
    if (!is_derived || !mp_obj_is_type(bases, &mp_type_tuple)) {
        mp_raise_TypeError(NULL);
    }
    MP_OBJ_TYPE_SET_SLOT(type, parent, MP_OBJ_TO_PTR(bases), type->slot_index_parent - 1);
    return class;
}
MP_DEFINE_CONST_FUN_OBJ_2(http_bind_bases_obj, mod_http_bases);
