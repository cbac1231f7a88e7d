// SPDX-License-Identifier: MIT
// What MicroPython's extmod/modtime.c includes for the module time (MICROPY_PY_TIME_INCLUDEFILE in unix_port.h).
//
// Waiting is that of MicroPython's unix port. What the SDK documents otherwise is in sdk_time.c.

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-const-variable"
#pragma GCC diagnostic ignored "-Wunused-function"
#define mp_time_time_get unix_time_get
#include "ports/unix/modtime.c"
#undef mp_time_time_get
#undef MICROPY_PY_TIME_EXTRA_GLOBALS
#pragma GCC diagnostic pop

extern const mp_obj_fun_builtin_var_t sdk_time_gmtime_obj, sdk_time_localtime_obj;
extern const mp_obj_fun_builtin_var_t sdk_time_strftime_obj, sdk_time_strptime_obj;
extern const mp_obj_fun_builtin_fixed_t sdk_time_mktime_obj;

// Not time(NULL): that reads a coarser clock than time_ns(), and would be a second behind it now and then.
static mp_obj_t mp_time_time_get(void) {
    struct timeval now;
    gettimeofday(&now, NULL);
    return mp_obj_new_int_from_ll(now.tv_sec);
}

#define MICROPY_PY_TIME_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_gmtime), MP_ROM_PTR(&sdk_time_gmtime_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_localtime), MP_ROM_PTR(&sdk_time_localtime_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_mktime), MP_ROM_PTR(&sdk_time_mktime_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_strftime), MP_ROM_PTR(&sdk_time_strftime_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_strptime), MP_ROM_PTR(&sdk_time_strptime_obj) },
