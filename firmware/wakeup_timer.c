// SPDX-License-Identifier: MIT
// The timers of the host's stand-in for the vendor's wakeup module (firmware/standins/wakeup.py).
//
// The garbage collector knows the list of pending timers: a timer that is set stays alive until it has
// fired for the last time or is cancelled, even if the app has no reference to its Timer.

#include <stdbool.h>
#include <stdint.h>

#include "py/gc.h"
#include "py/mphal.h"
#include "py/obj.h"
#include "py/runtime.h"

#include "http/engine.h"

typedef struct _wakeup_timer_t {
    mp_obj_t task;
    mp_uint_t repeat_ms;
    struct _wakeup_timer_t *next; // in the list of pending timers
    mp_uint_t due;  // mp_hal_ticks_ms() at which it is due; wraps
    uint32_t turn;  // the last call of fire() that ran or created it: that call does not run it again; wraps
    bool pending;   // it is on the list
    #if FIRMWARE_STRICT
    uintptr_t hidden; // the bits of the address of its Timer, inverted: so it does not keep the Timer alive
    #endif
    #if HTTP_ENGINE_TRACE
    mp_uint_t number; // from 1
    #endif
} wakeup_timer_t;

// What the app has: wakeup.Timer.
typedef struct {
    mp_obj_base_t base;
    wakeup_timer_t *timer;
} timer_obj_t;

// The comparison is right as long as two times differ by less than half the range of mp_uint_t.
#define TIMER_MAX_MS ((mp_uint_t)1 << (8 * sizeof(mp_uint_t) - 4))

// Sorted: the timer that is due first comes first.
MP_REGISTER_ROOT_POINTER(struct _wakeup_timer_t *wakeup_pending);
#define pending_head MP_STATE_VM(wakeup_pending)

static uint32_t timer_turn; // counts the calls of fire()

static mp_int_t ms_until(const wakeup_timer_t *self, mp_uint_t now) {
    return (mp_int_t)(self->due - now);
}

// If two timers are due at the same millisecond, the older one comes first.
static void timer_set(wakeup_timer_t *self) {
    wakeup_timer_t **link = &pending_head;
    while (*link != NULL && (mp_int_t)((*link)->due - self->due) <= 0) {
        link = &(*link)->next;
    }
    self->next = *link;
    self->pending = true;
    *link = self;
}

static void timer_stop(wakeup_timer_t *self) {
    if (!self->pending) {
        return;
    }
    wakeup_timer_t **link = &pending_head;
    while (*link != self) {
        link = &(*link)->next;
    }
    *link = self->next;
    self->next = NULL; // it must not keep the other timers alive
    self->pending = false;
}

#if HTTP_ENGINE_TRACE
MP_REGISTER_ROOT_POINTER(mp_obj_t wakeup_tracer);

// trace(function): function(what, number, task, ms, repeat_ms) is called when a timer is set, fires or is cancelled;
// what: "set", "fired", "cancelled"; ms: until it is due (again), or None.
static mp_obj_t wakeup_trace(mp_obj_t function) {
    MP_STATE_VM(wakeup_tracer) = function;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(wakeup_trace_obj, wakeup_trace);

static void timer_tell(const wakeup_timer_t *self, qstr what) {
    if (MP_STATE_VM(wakeup_tracer) != MP_OBJ_NULL) {
        mp_obj_t args[] = {
            MP_OBJ_NEW_QSTR(what), mp_obj_new_int_from_uint(self->number), self->task,
            self->pending ? mp_obj_new_int(ms_until(self, mp_hal_ticks_ms())) : mp_const_none,
            mp_obj_new_int_from_uint(self->repeat_ms),
        };
        mp_call_function_n_kw(MP_STATE_VM(wakeup_tracer), 5, 0, args);
    }
}
#else
#define timer_tell(self, what) ((void)0)
#endif

/******************************************************************************/
// wakeup.Timer

// A number of milliseconds. A float is rounded up: the vendor's documentation passes 0.0, and 0.5 is not "never again".
static mp_uint_t timer_get_ms(mp_obj_t arg, qstr name) {
    if (!mp_obj_is_int(arg) && !mp_obj_is_float(arg)) {
        mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("%q must be an int, milliseconds"), name);
    }
    mp_float_t ms = mp_obj_get_float(arg);
    if (!(ms >= 0)) { // NaN too
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%q must not be negative"), name);
    }
    if (ms > (mp_float_t)TIMER_MAX_MS) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("%q is too large"), name);
    }
    mp_uint_t whole = (mp_uint_t)ms;
    return whole + ((mp_float_t)whole < ms);
}

static mp_obj_t timer_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *all_args) {
    enum { ARG_task, ARG_time_ms, ARG_repeat_ms };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_task, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_time_ms, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_repeat_ms, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_INT(0)} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, all_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);

    if (!mp_obj_is_callable(args[ARG_task].u_obj)) {
        mp_raise_TypeError(MP_ERROR_TEXT("task must be callable"));
    }
    mp_uint_t time_ms = timer_get_ms(args[ARG_time_ms].u_obj, MP_QSTR_time_ms);
    mp_uint_t repeat_ms = timer_get_ms(args[ARG_repeat_ms].u_obj, MP_QSTR_repeat_ms);

    timer_obj_t *self = mp_obj_malloc(timer_obj_t, type);
    wakeup_timer_t *timer = self->timer = m_new_obj(wakeup_timer_t);
    timer->task = args[ARG_task].u_obj;
    timer->repeat_ms = repeat_ms;
    timer->due = mp_hal_ticks_ms() + time_ms;
    timer->turn = timer_turn;
    #if FIRMWARE_STRICT
    timer->hidden = ~(uintptr_t)self;
    #endif
    #if HTTP_ENGINE_TRACE
    static mp_uint_t last_number;
    timer->number = ++last_number;
    #endif
    timer_set(timer);
    timer_tell(timer, MP_QSTR_set);
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t timer_cancel(mp_obj_t self_in) {
    timer_obj_t *self = MP_OBJ_TO_PTR(self_in);
    #if HTTP_ENGINE_TRACE
    bool was_pending = self->timer->pending;
    #endif
    timer_stop(self->timer);
    #if HTTP_ENGINE_TRACE
    if (was_pending) {
        timer_tell(self->timer, MP_QSTR_cancelled);
    }
    #endif
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(timer_cancel_obj, timer_cancel);

static const mp_rom_map_elem_t timer_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_cancel), MP_ROM_PTR(&timer_cancel_obj) },
};
static MP_DEFINE_CONST_DICT(timer_locals_dict, timer_locals_dict_table);

static MP_DEFINE_CONST_OBJ_TYPE(
    timer_type,
    MP_QSTR_Timer,
    MP_TYPE_FLAG_NONE,
    make_new, timer_make_new,
    locals_dict, &timer_locals_dict
    );

/******************************************************************************/
// Functions for the idle loop

// due() -> milliseconds until the next timer is due, 0 if it is overdue, None without a timer.
static mp_obj_t wakeup_due(void) {
    if (pending_head == NULL) {
        return mp_const_none;
    }
    mp_int_t ms = ms_until(pending_head, mp_hal_ticks_ms());
    return mp_obj_new_int(MAX(ms, 0));
}
static MP_DEFINE_CONST_FUN_OBJ_0(wakeup_due_obj, wakeup_due);

// The first timer that is due now, and that this turn has neither run nor created.
static wakeup_timer_t *wakeup_next(mp_uint_t now, uint32_t turn) {
    for (wakeup_timer_t *timer = pending_head; timer != NULL && ms_until(timer, now) <= 0; timer = timer->next) {
        if ((int32_t)(timer->turn - turn) < 0) {
            return timer;
        }
    }
    return NULL;
}

// An exception of the call itself, as for a wrong number of arguments, has no traceback: nothing else would say that it is
// a timer's.
static void timer_call(mp_obj_t task) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        mp_obj_t exception = MP_OBJ_FROM_PTR(nlr.ret_val);
        size_t n;
        size_t *frames;
        mp_obj_exception_get_traceback(exception, &n, &frames);
        if (n == 0 && mp_obj_is_exact_type(exception, &mp_type_TypeError)) {
            mp_obj_t text = mp_obj_exception_get_value(exception);
            mp_raise_msg_varg(&mp_type_TypeError, MP_ERROR_TEXT("task of a Timer: %s"), mp_obj_is_str(text) ? mp_obj_str_get_str(text) : "");
        }
        nlr_jump(nlr.ret_val);
    }
    mp_obj_t made = mp_call_function_0(task);
    nlr_pop();
    if (mp_obj_is_type(made, &mp_type_gen_instance)) {
        mp_raise_TypeError(MP_ERROR_TEXT("task of a Timer: returned a generator: a task cannot be async"));
    }
}

// fire() -> True if any timer ran. Runs the timers that are due now, each at most once. A timer that a task creates
// waits for the next call. If a task raises, fire() raises the exception, and the other timers stay pending.
static mp_obj_t wakeup_fire(void) {
    uint32_t turn = ++timer_turn;
    mp_uint_t now = mp_hal_ticks_ms();
    bool any = false;
    wakeup_timer_t *timer;
    while ((timer = wakeup_next(now, turn)) != NULL) {
        timer_stop(timer);
        if (timer->repeat_ms != 0) {
            // The next time is a multiple of the interval after the first one, so there is no drift. Times that passed
            // during a long task or a busy app are skipped.
            mp_uint_t missed = (now - timer->due) / timer->repeat_ms;
            timer->due += (missed + 1) * timer->repeat_ms;
            timer->turn = turn;
            timer_set(timer);
        }
        any = true;
        timer_tell(timer, MP_QSTR_fired);
        timer_call(timer->task);
    }
    return mp_obj_new_bool(any);
}
static MP_DEFINE_CONST_FUN_OBJ_0(wakeup_fire_obj, wakeup_fire);

// cancel_all(): called when the app has ended. None of its timers fires again.
static mp_obj_t wakeup_cancel_all(void) {
    while (pending_head != NULL) {
        timer_stop(pending_head);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(wakeup_cancel_all_obj, wakeup_cancel_all);

#if FIRMWARE_STRICT
// dropped() -> the task of a pending timer whose Timer the garbage collector has freed, or None. It returns each of them
// once. Call it directly after gc.collect().
static mp_obj_t wakeup_dropped(void) {
    for (wakeup_timer_t *timer = pending_head; timer != NULL; timer = timer->next) {
        if (timer->hidden != 0) {
            timer_obj_t *object = (timer_obj_t *)~timer->hidden;
            // The memory may have another object now.
            if (gc_nbytes(object) == 0 || object->timer != timer) {
                timer->hidden = 0;
                return timer->task;
            }
        }
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(wakeup_dropped_obj, wakeup_dropped);
#endif

static const mp_rom_map_elem_t wakeup_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__wakeup) },
    { MP_ROM_QSTR(MP_QSTR_Timer), MP_ROM_PTR(&timer_type) },
    { MP_ROM_QSTR(MP_QSTR_due), MP_ROM_PTR(&wakeup_due_obj) },
    { MP_ROM_QSTR(MP_QSTR_fire), MP_ROM_PTR(&wakeup_fire_obj) },
    { MP_ROM_QSTR(MP_QSTR_cancel_all), MP_ROM_PTR(&wakeup_cancel_all_obj) },
    #if HTTP_ENGINE_TRACE
    { MP_ROM_QSTR(MP_QSTR_trace), MP_ROM_PTR(&wakeup_trace_obj) },
    #endif
    #if FIRMWARE_STRICT
    { MP_ROM_QSTR(MP_QSTR_dropped), MP_ROM_PTR(&wakeup_dropped_obj) },
    #endif
};
static MP_DEFINE_CONST_DICT(wakeup_globals, wakeup_globals_table);

const mp_obj_module_t mp_module__wakeup = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&wakeup_globals,
};

MP_REGISTER_MODULE(MP_QSTR__wakeup, mp_module__wakeup);
