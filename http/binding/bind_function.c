// SPDX-License-Identifier: MIT
// Starts requests and passes their results to the app. The frequent calls run in C only. The Python half does the rest,
// and registers its classes here.

#include <string.h>

#include "py/binary.h"
#include "py/objarray.h"
#include "py/objtype.h"
#include "py/runtime.h"

#include "http/binding/binding.h"

MP_REGISTER_ROOT_POINTER(mp_obj_t http_pending);
MP_REGISTER_ROOT_POINTER(mp_obj_t http_request_class);
MP_REGISTER_ROOT_POINTER(mp_obj_t http_response_class);
MP_REGISTER_ROOT_POINTER(mp_obj_t http_defaults); // the settings of a request without options

// register(Request, Response, settings) -> dict: the table of pending requests, from id to Request. The Python half
// calls it first, also after a soft reset.
static mp_obj_t mod_http_register(mp_obj_t request, mp_obj_t response, mp_obj_t settings) {
    const mp_obj_type_t *type = MP_OBJ_TO_PTR(request);
    mp_obj_t result = MP_OBJ_FROM_PTR(&http_bind_result_type);
    bool are_classes = mp_obj_is_type(request, &mp_type_type) && mp_obj_is_instance_type(type)
        && response != result && mp_obj_is_subclass_fast(response, result);
    if (!are_classes) {
        mp_raise_TypeError(NULL);
    }
    http_bind_text_init();
    MP_STATE_VM(http_request_class) = request;
    MP_STATE_VM(http_response_class) = response;
    MP_STATE_VM(http_defaults) = settings;
    return MP_STATE_VM(http_pending) = mp_obj_new_dict(0);
}
MP_DEFINE_CONST_FUN_OBJ_3(http_bind_register_obj, mod_http_register);

static void check_registered(void) {
    if (MP_STATE_VM(http_response_class) == MP_OBJ_NULL) {
        mp_raise_msg(&mp_type_RuntimeError, MP_ERROR_TEXT("import http first"));
    }
}

static mp_obj_t new_response(void) {
    check_registered();
    return http_bind_result_new();
}

// ------------------------------------------------------------------------------------------------
// Sync

// perform(method, url, data, fields, settings) -> Response: does the whole request in one call, so that no exception
// can come between its steps. MP_OBJ_NULL: http_bind_submit() returned 0.
static mp_obj_t perform(size_t n_args, const mp_obj_t *args) {
    mp_obj_t response = new_response();
    http_id_t id = http_bind_submit(n_args, args, false);
    if (id == 0) {
        return MP_OBJ_NULL;
    }
    if (http_bind_wait(id, HTTP_WAIT_FOREVER, NULL) == HTTP_WAIT_INTERRUPTED) {
        http_engine_cancel(id);
        mp_handle_pending(true); // raises
    }
    http_bind_result_take(response, id);
    return response;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(http_bind_perform_obj, 5, 5, perform);

// ------------------------------------------------------------------------------------------------
// Async

// An attribute of a Request. The attributes that start() has made always exist, unless the app deletes them: then the
// value is None.
static mp_obj_t *attribute(mp_obj_t request, qstr name) {
    mp_obj_instance_t *self = MP_OBJ_TO_PTR(request);
    mp_obj_t *value = &mp_map_lookup(&self->members, MP_OBJ_NEW_QSTR(name), MP_MAP_LOOKUP_ADD_IF_NOT_FOUND)->value;
    *value = *value == MP_OBJ_NULL ? mp_const_none : *value;
    return value;
}

// A Request with all attributes that may change later: changing them needs no heap.
static mp_obj_t new_request(mp_obj_t callback) {
    const mp_obj_type_t *base;
    check_registered();
    mp_obj_instance_t *self = mp_obj_new_instance(MP_OBJ_TO_PTR(MP_STATE_VM(http_request_class)), &base);
    mp_obj_t request = MP_OBJ_FROM_PTR(self);
    mp_map_init(&self->members, 4);
    self->members.is_ordered = true; // so few members are found by a linear search as quickly
    attribute(request, MP_QSTR__id);
    attribute(request, MP_QSTR__response);
    *attribute(request, MP_QSTR__callback) = callback;
    *attribute(request, MP_QSTR__canceled) = mp_const_false;
    return request;
}

static mp_obj_t start(mp_obj_t callback, size_t n_args, const mp_obj_t *args) {
    mp_obj_t request = new_request(callback);
    http_id_t id = http_bind_submit(n_args, args, true);
    if (id == 0) {
        return MP_OBJ_NULL;
    }
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        http_engine_cancel(id); // the app gets no Request, so no callback may run
        nlr_jump(nlr.ret_val);
    }
    mp_obj_t key = mp_obj_new_int_from_uint(id);
    *attribute(request, MP_QSTR__id) = key;
    mp_obj_dict_store(MP_STATE_VM(http_pending), key, request);
    nlr_pop();
    return request;
}

// start(callback, method, url, data, fields, settings) -> Request
static mp_obj_t mod_http_start(size_t n_args, const mp_obj_t *args) {
    return start(args[0], n_args - 1, args + 1);
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(http_bind_start_obj, 6, 6, mod_http_start);

static mp_obj_t read_chunk(http_id_t id) {
    // Allocate first: this may raise, and then no byte was read.
    size_t len = http_engine_readable(id);
    byte *data = m_new(byte, len);
    mp_obj_t chunk = mp_obj_new_memoryview(BYTEARRAY_TYPECODE | MP_OBJ_ARRAY_TYPECODE_FLAG_RW, len, data);
    http_engine_read(id, data, len, -1);
    return chunk;
}

// The event of a request that is not done: a Response for the head (True: the Request has it already), a memoryview for
// data, (received, total) for progress, (sent, total, None) for that of the request's body, False if the next piece of
// that is to be fed.
static mp_obj_t what_of(const http_next_t *next) {
    if (next->event == HTTP_EVENT_HEAD) {
        mp_obj_t response = new_response();
        return http_bind_result_take_head(response, next->id) ? response : mp_const_true;
    }
    if (next->event == HTTP_EVENT_DATA) {
        return read_chunk(next->id);
    }
    if (next->event == HTTP_EVENT_WANT) {
        return mp_const_false;
    }
    mp_obj_t numbers[3] = { mp_obj_new_int_from_ull(next->count), mp_obj_new_int_from_ll(next->total), mp_const_none };
    return mp_obj_new_tuple(next->event == HTTP_EVENT_PROGRESS ? 2 : 3, numbers);
}

// next(id) -> the next event of the request, or None. It does not return the completion.
static mp_obj_t mod_http_next(mp_obj_t id) {
    http_next_t next = http_engine_next(http_bind_get_id(id));
    return next.event == HTTP_EVENT_NONE ? mp_const_none : what_of(&next);
}
MP_DEFINE_CONST_FUN_OBJ_1(http_bind_next_obj, mod_http_next);

// take(id, response) -> Response, or None if there is no result. Frees the slot. response is what has the head, or None.
static mp_obj_t mod_http_take(mp_obj_t id_in, mp_obj_t response) {
    http_id_t id = http_bind_get_id(id_in);
    if (!http_engine_is_done(id)) {
        return mp_const_none;
    }
    if (response == mp_const_none) {
        response = new_response(); // it may raise: then the result is still there
    }
    return http_bind_result_take(response, id) ? response : mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(http_bind_take_obj, mod_http_take);

// dispatch() -> bool: pass the oldest event to its callback or task. Returns False if there is no event. A port calls
// it when Python is idle, as http.dispatch().
static mp_obj_t mod_http_dispatch(void) {
    mp_obj_t response = new_response(); // first: it may raise, and the engine returns a completion only once
    http_engine_clear_fd();
    http_next_t next = http_engine_next(0);
    if (next.event == HTTP_EVENT_NONE) {
        return mp_const_false;
    }
    mp_map_t *pending = mp_obj_dict_get_map(MP_STATE_VM(http_pending));
    mp_obj_t id = mp_obj_new_int_from_uint(next.id);
    bool is_done = next.event == HTTP_EVENT_DONE;
    mp_map_elem_t *found = mp_map_lookup(pending, id, is_done ? MP_MAP_LOOKUP_REMOVE_IF_FOUND : MP_MAP_LOOKUP);
    if (found == NULL || !mp_obj_is_instance_type(mp_obj_get_type(found->value))) {
        http_engine_cancel(next.id); // an exception has lost its Request: no code will take the result
        return mp_const_true;
    }
    mp_obj_t request = found->value;
    if (is_done) {
        found->value = MP_OBJ_NULL; // the garbage collector may free it
    }
    mp_obj_t method[4];
    mp_load_method(request, is_done ? MP_QSTR__hand_over : MP_QSTR__tell, method);
    method[2] = id;
    method[3] = is_done ? response : what_of(&next);
    mp_call_method_n_kw(2, 0, method);
    return mp_const_true;
}
MP_DEFINE_CONST_FUN_OBJ_0(http_bind_dispatch_obj, mod_http_dispatch);

// ------------------------------------------------------------------------------------------------
// get(), get_async() and the like. Each has a method and a function of the Python half that handles all arguments.
// Calls with simple arguments are done here, without that function.

enum {
    NAME,
    METHOD,
    FUNCTION, // called with the method and the arguments of get() or get_async()
    IS_ASYNC,
    ITEM_COUNT,
};

typedef struct {
    mp_obj_base_t base;
    mp_obj_t items[ITEM_COUNT];
} function_obj_t;

static bool is_async(const function_obj_t *self) {
    return self->items[IS_ASYNC] == mp_const_true;
}

// Function(name, method, function, is_async)
static mp_obj_t function_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, ITEM_COUNT, ITEM_COUNT, false);
    mp_obj_str_get_str(args[NAME]); // raises
    function_obj_t *self = mp_obj_malloc(function_obj_t, type);
    memcpy(self->items, args, sizeof(self->items));
    return MP_OBJ_FROM_PTR(self);
}

static void function_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    function_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] == MP_OBJ_NULL && attr == MP_QSTR___name__) {
        dest[0] = self->items[NAME];
    }
}

static void function_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    function_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<function %s(url, %sheaders=None, data=None, **options)>", mp_obj_str_get_str(self->items[NAME]),
        is_async(self) ? "on_complete=None, " : "");
}

static bool asyncio_is_loaded(void) {
    mp_map_t *modules = &MP_STATE_VM(mp_loaded_modules_dict).map;
    return mp_map_lookup(modules, MP_OBJ_NEW_QSTR(MP_QSTR_asyncio), MP_MAP_LOOKUP) != NULL;
}

// The callback of an async call, behind the other arguments.
#define CALLBACK (HTTP_ARG_COUNT)

// Sort the app's arguments by http_arg_t. Returns false if there is another one, or one twice, or no URL.
static bool sort_args(const function_obj_t *self, size_t n_args, size_t n_kw, const mp_obj_t *args, mp_obj_t *given) {
    static const uint16_t names[] = {
        MP_QSTR_headers, MP_QSTR_data, MP_QSTR_timeout, MP_QSTR_json, MP_QSTR_cacert, MP_QSTR_on_complete, MP_QSTR_on_response,
    };
    for (size_t i = 0; i < n_args + n_kw; i++) {
        // By position: url, [on_complete,] headers, data.
        size_t at = i == 0 || !is_async(self) ? HTTP_ARG_URL + i : i == 1 ? CALLBACK : i;
        if (i >= n_args) {
            size_t name = 0;
            while (name < MP_ARRAY_SIZE(names) && *args != MP_OBJ_NEW_QSTR(names[name])) {
                name++;
            }
            at = MIN(HTTP_ARG_HEADERS + name, CALLBACK);
            if (name == MP_ARRAY_SIZE(names) || (at == CALLBACK && !is_async(self))) {
                return false;
            }
            args++;
        }
        if (given[at] != MP_OBJ_NULL) {
            return false;
        }
        given[at] = *args++;
    }
    for (size_t at = HTTP_ARG_HEADERS; at <= CALLBACK; at++) {
        if (given[at] == mp_const_none && at != HTTP_ARG_TIMEOUT) {
            given[at] = MP_OBJ_NULL;
        }
    }
    return given[HTTP_ARG_URL] != MP_OBJ_NULL;
}

// The Python half handles all calls that C alone does not.
static mp_obj_t function_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    function_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_obj_t given[HTTP_ARG_COUNT + 1] = { self->items[METHOD] };
    mp_obj_t result = MP_OBJ_NULL;
    mp_arg_check_num(n_args, n_kw, 0, is_async(self) ? 4 : 3, true); // the Python half would also count the method
    if (sort_args(self, n_args, n_kw, args, given)) {
        mp_obj_t callback = given[CALLBACK] == MP_OBJ_NULL ? mp_const_none : given[CALLBACK];
        if (!is_async(self)) {
            result = perform(HTTP_ARG_COUNT, given);
        } else if (!asyncio_is_loaded() && (callback == mp_const_none || mp_obj_is_callable(callback))) {
            result = start(callback, HTTP_ARG_COUNT, given);
        }
    }
    return result != MP_OBJ_NULL ? result
        : mp_call_method_self_n_kw(self->items[FUNCTION], self->items[METHOD], n_args, n_kw, args);
}

MP_DEFINE_CONST_OBJ_TYPE(
    http_bind_function_type,
    MP_QSTR_Function,
    MP_TYPE_FLAG_NONE,
    make_new, function_make_new,
    print, function_print,
    attr, function_attr,
    call, function_call
    );
