// SPDX-License-Identifier: MIT
// Ids, and waiting for requests.

#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "http/binding/binding.h"

http_id_t http_bind_get_id(mp_obj_t id) {
    return (http_id_t)mp_obj_get_int_truncated(id);
}

static bool exception_is_pending(void) {
    return MP_STATE_THREAD(mp_pending_exception) != MP_OBJ_NULL;
}

// How long a stream without a descriptor may wait for its turn: nothing else can say that it is ready.
#define NO_DESCRIPTOR_MS (20)

#if HTTP_ENGINE_THREAD

// The driver thread could not be started.
static http_wait_t wait_also(http_id_t id, int64_t timeout_ms, mp_obj_t streams) {
    bool shortened = timeout_ms < 0 || timeout_ms > NO_DESCRIPTOR_MS;
    http_wait_t outcome = http_engine_wait(id, shortened ? NO_DESCRIPTOR_MS : timeout_ms);
    return shortened && outcome == HTTP_WAIT_TIMEOUT ? HTTP_WAIT_READY : outcome;
}

#else

static http_wait_t wait_also(http_id_t id, int64_t timeout_ms, mp_obj_t streams) {
    size_t n;
    mp_obj_t *items;
    mp_obj_get_array(streams, &n, &items);
    struct pollfd *fds = m_new(struct pollfd, n / 2 + 1);
    size_t count = 0;
    int64_t most_ms = INT64_MAX;
    for (size_t i = 0; i + 1 < n; i += 2) {
        int error;
        int events = mp_obj_get_int(items[i + 1]);
        const mp_stream_p_t *protocol = mp_get_stream_raise(items[i], MP_STREAM_OP_IOCTL);
        mp_uint_t fd = protocol->ioctl(items[i], MP_STREAM_GET_FILENO, 0, &error);
        if (fd != MP_STREAM_ERROR) {
            fds[count++] = (struct pollfd) { .fd = fd, .events = events };
        } else if (error != MP_EAGAIN) { // not a Response, which the engine watches
            most_ms = MIN(most_ms, NO_DESCRIPTOR_MS);
        } else if (protocol->ioctl(items[i], MP_STREAM_POLL, events, &error) != 0) {
            most_ms = 0;
        }
    }
    bool shortened = timeout_ms < 0 || timeout_ms > most_ms;
    http_wait_t outcome = http_engine_wait_also(id, shortened ? most_ms : timeout_ms, fds, count);
    m_del(struct pollfd, fds, n / 2 + 1);
    return shortened && outcome == HTTP_WAIT_TIMEOUT ? HTTP_WAIT_READY : outcome;
}

#endif

http_wait_t http_bind_wait(http_id_t id, int64_t timeout_ms, mp_obj_t streams) {
    mp_uint_t start = mp_hal_ticks_ms();
    int64_t left = timeout_ms;
    for (;;) {
        http_wait_t outcome = streams == NULL ? http_engine_wait(id, left) : wait_also(id, left, streams);
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
