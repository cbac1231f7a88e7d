#include "py/runtime.h"
#include "py/mphal.h"
static mp_obj_t m_wait_any(mp_obj_t ms) { if (ms != mp_const_none) { mp_hal_delay_ms(mp_obj_get_int(ms)); } mp_handle_pending(true); return mp_const_none; }
static MP_DEFINE_CONST_FUN_OBJ_1(m_wait_any_obj, m_wait_any);
static const mp_rom_map_elem_t t[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__http) },
    { MP_ROM_QSTR(MP_QSTR_wait_any), MP_ROM_PTR(&m_wait_any_obj) },
};
static MP_DEFINE_CONST_DICT(g, t);
const mp_obj_module_t mp_module__http = { .base = { &mp_type_module }, .globals = (mp_obj_dict_t *)&g };
MP_REGISTER_MODULE(MP_QSTR__http, mp_module__http);
