// SPDX-License-Identifier: MIT
// What py/repl.c of the host build is compiled with (firmware/help.c).

#include "py/runtime.h"

void firmware_load_public(mp_obj_t object, qstr name, mp_obj_t *dest, bool catch_all_exc);
#define mp_load_method_protected firmware_load_public
