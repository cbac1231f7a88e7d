// SPDX-License-Identifier: MIT
// Descriptors that end the wait of the idle loop, for the stand-ins of devices (firmware/standins/devices).
//
// A thread waits for all of them, and interrupts the engine's wait when something has happened at one. So the idle
// loop has one wait for everything, and needs no polling interval. The thread runs no Python code.

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "py/runtime.h"

#include "firmware/watch.h"
#include "http/engine.h"

#define STACK_BYTES (64 * 1024)

static int epoll_fd = -1;
static int end_fd = -1; // becomes readable when the thread is to end
static pthread_t watcher;

static void *watch_main(void *unused) {
    (void)unused;
    struct epoll_event event;
    for (;;) {
        if (epoll_wait(epoll_fd, &event, 1, -1) > 0) {
            if (event.data.fd == end_fd) {
                return NULL;
            }
            http_engine_interrupt();
        }
    }
}

// Edge-triggered: the thread hears of each arrival once, and does not have to know when it was read.
static bool watch_add(int fd, uint32_t events) {
    struct epoll_event event = { .events = events, .data.fd = fd };
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static void close_both(void) {
    close(epoll_fd);
    close(end_fd);
    epoll_fd = end_fd = -1;
}

// Returns an errno value.
static int watch_start(void) {
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    end_fd = eventfd(0, EFD_CLOEXEC);
    int error = epoll_fd < 0 || end_fd < 0 || !watch_add(end_fd, EPOLLIN) ? errno : 0;
    if (error == 0) {
        // Only the app's thread handles signals.
        sigset_t all;
        sigset_t before;
        sigfillset(&all);
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, STACK_BYTES);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        error = pthread_create(&watcher, &attributes, watch_main, NULL);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        pthread_attr_destroy(&attributes);
    }
    if (error != 0) {
        close_both();
    }
    return error;
}

void watch_deinit(void) {
    if (epoll_fd >= 0) {
        eventfd_write(end_fd, 1);
        pthread_join(watcher, NULL);
        close_both();
    }
}

// add(fd): from now on, what happens at the descriptor ends a wait of the idle loop: it becomes readable or writable,
// or its peer closes it. It is forgotten when it is closed. Raises OSError.
static mp_obj_t mod_watch_add(mp_obj_t fd) {
    int error = epoll_fd < 0 ? watch_start() : 0;
    if (error == 0 && !watch_add(mp_obj_get_int(fd), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)) {
        error = errno;
    }
    if (error != 0) {
        mp_raise_OSError(error);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(mod_watch_add_obj, mod_watch_add);

static const mp_rom_map_elem_t watch_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__watch) },
    { MP_ROM_QSTR(MP_QSTR_add), MP_ROM_PTR(&mod_watch_add_obj) },
};
static MP_DEFINE_CONST_DICT(watch_globals, watch_globals_table);

const mp_obj_module_t mp_module__watch = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&watch_globals,
};

MP_REGISTER_MODULE(MP_QSTR__watch, mp_module__watch);
