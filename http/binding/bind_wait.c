// SPDX-License-Identifier: MIT
// Ids, and waiting for requests.

#include "py/mphal.h"
#include "py/runtime.h"

#include "http/binding/binding.h"

http_id_t http_bind_get_id(mp_obj_t id) {
    return (http_id_t)mp_obj_get_int_truncated(id);
}

static bool exception_is_pending(void) {
    return MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL;
}

http_wait_t http_bind_wait(http_id_t id, int64_t timeout_ms) {
    mp_uint_t start = mp_hal_ticks_ms();
    int64_t left = timeout_ms;
    for (;;) {
        http_wait_t outcome = http_engine_wait(id, left);
        // A wait for any event may end early: the firmware ends it for its own events.
        if (outcome != HTTP_WAIT_INTERRUPTED || id == 0 || exception_is_pending()) {
            return outcome;
        }
        if (timeout_ms >= 0) {
            int64_t passed = (mp_uint_t)(mp_hal_ticks_ms() - start);
            left = passed >= timeout_ms ? 0 : timeout_ms - passed;
        }
    }
}
