// SPDX-License-Identifier: MIT
// A Response whose body is read while it arrives (stream=True), by MicroPython's stream protocol.
//
// read(), readinto(), readline() and the iteration wait. Once a poller knows the stream (select.poll, asyncio), the first
// three do not: as with a socket that does not block, they return what there is, or None.

#include "py/mperrno.h"
#include "py/runtime.h"
#include "py/stream.h"

#include "http/binding/binding.h"

// A line is read in pieces of this size: the length of a line is not known.
#define LINE_BYTES (128)

// The first size for a body of unknown length, and the largest first size: an app may ask for more than there is.
#define BODY_BYTES (4096)
#define FIRST_BYTES_MAX (65536)

#define ANY_BYTE (-1)

static http_result_obj_t *get_open(mp_obj_t self_in) {
    http_result_obj_t *self = http_bind_result_get(self_in);
    if (!self->result.is_stream || self->is_closed) {
        mp_raise_ValueError(MP_ERROR_TEXT("the stream is closed, or there is none (stream=True)"));
    }
    return self;
}

// Nothing happens to another Response. That of on_head has an id too, but its request goes on.
void http_bind_stream_close(http_result_obj_t *self) {
    if (self->result.is_stream) {
        http_engine_close(self->result.id);
        self->result.id = 0;
        self->is_closed = true;
    }
}

// Read what there is; with block, wait for it. 0: the end, a failure, or nothing yet.
static size_t read_some(http_result_obj_t *self, byte *buffer, size_t size, int until, bool block) {
    for (bool waited = false; self->result.id != 0; waited = true) {
        http_id_t id = self->result.id;
        size_t len = http_engine_read(id, buffer, size, until);
        bool is_over = http_bind_result_update(self, id); // after the last byte: the slot is free at once
        if (len > 0) {
            return len;
        }
        if (is_over) {
            break;
        }
        if (waited) {
            self->is_closed = true; // the engine knows it no more: cancel_all()
            self->result.id = 0;
            get_open(MP_OBJ_FROM_PTR(self)); // raises
        }
        if (until == ANY_BYTE) {
            http_engine_read_ahead(id, buffer, size);
        }
        http_wait_t outcome = http_bind_wait(id, block ? HTTP_WAIT_FOREVER : 0, NULL);
        if (outcome == HTTP_WAIT_INTERRUPTED) {
            mp_handle_pending(true); // raises
        }
        if (outcome != HTTP_WAIT_READY) {
            break;
        }
    }
    return 0;
}

// Without a byte: true at the end, false if there is nothing yet. Raises the failure.
static bool has_ended(http_result_obj_t *self) {
    if (self->result.id == 0 && self->result.status < 100) {
        mp_obj_t args[2] = { MP_OBJ_NEW_SMALL_INT(self->result.status), http_bind_optional_text(self->result.error) };
        nlr_raise(mp_obj_new_exception_args(&mp_type_OSError, 2, args));
    }
    return self->result.id == 0;
}

// Read up to `most` bytes, to the byte `until`, or to the end. *vstr gets the bytes; `first` is its first size. Returns
// false if there is nothing yet. Raises a failure only if no byte came before it.
static bool read_bytes(http_result_obj_t *self, vstr_t *vstr, size_t most, size_t first, int until, bool block) {
    vstr_init(vstr, first);
    while (vstr->len < most) {
        if (vstr->len == vstr->alloc) {
            vstr_hint_size(vstr, vstr->len / 2);
        }
        size_t size = MIN(vstr->alloc, most) - vstr->len;
        size_t n = read_some(self, (byte *)vstr->buf + vstr->len, size, until, block);
        vstr->len += n;
        if (n == 0) {
            return vstr->len > 0 || has_ended(self);
        }
        if (until != ANY_BYTE && vstr->buf[vstr->len - 1] == until) {
            break;
        }
    }
    return true;
}

// Read to the end. A failure is raised also behind bytes: a part must not look like the whole.
void http_bind_stream_read_all(http_result_obj_t *self, vstr_t *vstr) {
    http_engine_limit(self->result.id);
    read_bytes(get_open(MP_OBJ_FROM_PTR(self)), vstr, SIZE_MAX, BODY_BYTES, ANY_BYTE, true);
    has_ended(self); // raises
}

static mp_obj_t stream_bytes(size_t n_args, const mp_obj_t *args, int until, bool block) {
    http_result_obj_t *self = get_open(args[0]);
    size_t most = n_args < 2 || args[1] == mp_const_none ? -1 : mp_obj_get_int(args[1]); // a negative number is no limit
    vstr_t vstr;
    size_t first = until != ANY_BYTE ? LINE_BYTES : (mp_int_t)most < 0 ? BODY_BYTES : MIN(most, FIRST_BYTES_MAX);
    if (!read_bytes(self, &vstr, most, first, until, block || !self->is_polled)) {
        return mp_const_none;
    }
    if (until == ANY_BYTE && (mp_int_t)most < 0) {
        has_ended(self); // a part must not look like the whole
    }
    return mp_obj_new_bytes_from_vstr(&vstr);
}

static mp_obj_t stream_read(size_t n_args, const mp_obj_t *args) {
    return stream_bytes(n_args, args, ANY_BYTE, false);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(http_bind_stream_read_obj, 1, 2, stream_read);

static mp_obj_t stream_readline(size_t n_args, const mp_obj_t *args) {
    return stream_bytes(n_args, args, '\n', false);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(http_bind_stream_readline_obj, 1, 2, stream_readline);

// The iteration waits also if a poller knows the stream.
mp_obj_t http_bind_stream_next(mp_obj_t self) {
    mp_obj_t line = stream_bytes(1, &self, '\n', true);
    return mp_obj_is_true(line) ? line : MP_OBJ_STOP_ITERATION;
}

// Read until the buffer is full, or once. As read_bytes(), but without memory.
static mp_uint_t fill(mp_obj_t self_in, byte *buffer, size_t size, bool once) {
    http_result_obj_t *self = get_open(self_in);
    size_t len = 0;
    while (len < size) {
        size_t n = read_some(self, buffer + len, size - len, ANY_BYTE, !self->is_polled);
        len += n;
        if (n == 0 || once) {
            break;
        }
    }
    return len > 0 || size == 0 || has_ended(self) ? len : MP_STREAM_ERROR;
}

static mp_obj_t stream_readinto(size_t n_args, const mp_obj_t *args) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(args[1], &buffer, MP_BUFFER_WRITE);
    size_t most = n_args < 3 ? SIZE_MAX : (size_t)mp_obj_get_int(args[2]);
    mp_uint_t n = fill(args[0], buffer.buf, MIN(buffer.len, most), false);
    return n == MP_STREAM_ERROR ? mp_const_none : MP_OBJ_NEW_SMALL_INT(n);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(http_bind_stream_readinto_obj, 2, 3, stream_readinto);

static mp_obj_t stream_close(mp_obj_t self_in) {
    http_bind_stream_close(http_bind_result_get(self_in));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_1(http_bind_stream_close_obj, stream_close);

// ------------------------------------------------------------------------------------------------
// The protocol. self_in is a Response or its Result

static mp_uint_t protocol_read(mp_obj_t self_in, void *buffer, mp_uint_t size, int *error) {
    mp_uint_t n = fill(self_in, buffer, size, true);
    *error = n == MP_STREAM_ERROR ? MP_EAGAIN : 0; // json.load() looks at it in every case
    return n;
}

static mp_uint_t protocol_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *error) {
    http_result_obj_t *self = http_bind_result_get(self_in);
    http_id_t id = self->result.id;
    if (request == MP_STREAM_CLOSE) {
        http_bind_stream_close(self);
        return 0;
    } else if (request == MP_STREAM_POLL) {
        self->is_polled = true;
        return id == 0 || http_bind_wait(id, 0, NULL) == HTTP_WAIT_READY ? arg & MP_STREAM_POLL_RD : 0;
    } else if (request == MP_STREAM_GET_FILENO) {
        self->is_polled = true;
        int fd = id == 0 ? self->result.fd : http_engine_stream_fd(id);
        if (fd > 0) {
            return fd;
        }
    }
    // MP_EAGAIN: there is no driver thread, see http_bind_wait().
    *error = request == MP_STREAM_GET_FILENO ? MP_EAGAIN : MP_EINVAL;
    return MP_STREAM_ERROR;
}

const mp_stream_p_t http_bind_stream_p = {
    .read = protocol_read,
    .ioctl = protocol_ioctl,
};
