// SPDX-License-Identifier: MIT
// Which thread drives libcurl. There is one lock. The thread that holds it owns the multi handle, also during
// curl_multi_poll(). The app thread wakes the driver thread and gets the lock at once. The driver thread holds the lock
// while requests are pending and the app thread does something else.

#include <limits.h>
#include <time.h>

#include "http/engine/complete.h"
#include "http/engine/drive.h"
#include "http/engine/event.h"
#include "http/engine/hop.h"
#include "http/engine/watch.h"

// libcurl was driven since the driver thread's timer was set.
static atomic_bool has_driven;

static http_request_t *request_of(CURL *easy) {
    char *slot = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
    return ((http_slot_t *)slot)->active;
}

// libcurl's multi handle has failed: no request would complete any more.
static void fail_all(CURLMcode mcode) {
    for (int slot = 0; slot < HTTP_ENGINE_SLOTS; slot++) {
        http_request_t *r = http_state.slots[slot].active;
        if (r != NULL) {
            http_hop_abandon(r);
            http_complete(r, mcode == CURLM_OUT_OF_MEMORY ? CURLE_OUT_OF_MEMORY : CURLE_FAILED_INIT,
                curl_multi_strerror(mcode));
        }
    }
}

void http_drive_perform(void) {
    int running;
    has_driven = true;
    CURLMcode mcode = curl_multi_perform(http_state.multi, &running);
    if (mcode != CURLM_OK) {
        fail_all(mcode);
    }
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(http_state.multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            // libcurl frees the message with the handle.
            CURLcode result = message->data.result;
            http_hop_end(request_of(message->easy_handle), result);
        }
    }
    http_watch();
}

_Static_assert(sizeof(struct pollfd) == sizeof(struct curl_waitfd)
    && offsetof(struct pollfd, events) == offsetof(struct curl_waitfd, events)
    && POLLIN == CURL_WAIT_POLLIN && POLLOUT == CURL_WAIT_POLLOUT, "libcurl's struct is poll()'s");

bool http_drive_poll(int64_t timeout_ms) {
    int ms = timeout_ms < 0 || timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;
    ms = http_watch_shorten(ms);
    int ready = 0;
    struct curl_waitfd *also = (struct curl_waitfd *)http_state.also;
    CURLMcode mcode = curl_multi_poll(http_state.multi, also, http_state.also_count, ms, &ready);
    if (mcode != CURLM_OK) {
        fail_all(mcode);
    }
    return ready > 0;
}

void http_drive_advance(int64_t most_us) {
    if (http_drive_has_thread() || http_state.active_count == 0) {
        return;
    }
    int64_t end_us = http_event_now_us() + most_us;
    do {
        http_drive_perform();
    } while (http_drive_poll(0) && http_event_now_us() < end_us);
}

// ------------------------------------------------------------------------------------------------
// The lock and the driver thread

#if HTTP_ENGINE_THREAD

#include <pthread.h>
#include <signal.h>
#include <sys/timerfd.h>
#include <unistd.h>

// After a call the app usually makes the next one within this time. The driver thread does not take the multi handle
// before: a change of threads costs more than the request.
#define GRACE_NS (2 * 1000 * 1000)

// Enough for a TLS handshake, and deliberately small.
#define DRIVER_STACK_BYTES (256 * 1024)

#define NOT_STARTED (-2)
#define NO_THREAD (-1) // it could not be started

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_t driver;
static atomic_bool driver_is_to_end;
static atomic_bool app_is_inside; // has the lock, or wants it
// The driver thread sleeps until this timer ends. The app thread sets it, and so need not wake the other thread for a
// request for which it soon waits itself. As long as there is a timer, the thread runs.
static int timer = NOT_STARTED;
static atomic_bool timer_is_set;

bool http_drive_has_thread(void) {
    return timer != NO_THREAD;
}

static void set_timer(long ns) {
    has_driven = false;
    timer_is_set = true;
    timerfd_settime(timer, 0, &(struct itimerspec) { .it_value.tv_nsec = ns }, NULL);
}

// The timer has ended. Only calls that drive say that the app still does: an app that only works with a jar must not stop
// its requests.
static void drive(void) {
    if (has_driven && http_state.active_count > 0) {
        set_timer(GRACE_NS);
        return;
    }
    while (http_state.active_count > 0 && !app_is_inside) {
        http_drive_perform();
        if (http_state.active_count > 0 && !app_is_inside) {
            http_drive_poll(HTTP_WAIT_FOREVER); // an earlier wakeup ends this poll at once
        }
    }
}

static void *driver_main(void *unused) {
    (void)unused;
    while (!driver_is_to_end) {
        http_event_reset(timer); // waits
        timer_is_set = false;
        // If the app is inside, it sets the timer when it leaves. A wait for the lock would be one wake-up more, at the
        // end of the app's own wait.
        if (!app_is_inside && pthread_mutex_trylock(&lock) == 0) {
            drive();
            pthread_mutex_unlock(&lock);
        }
    }
    return NULL;
}

// A failure is no error: without the thread requests make progress as with HTTP_ENGINE_THREAD=0.
static void start_driver(void) {
    pthread_attr_t attributes;
    sigset_t all;
    sigset_t before;
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    driver_is_to_end = timer_is_set = false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); // only the app thread handles signals
    pthread_attr_init(&attributes); // it always succeeds: pthread_attr_init(3)
    pthread_attr_setstacksize(&attributes, DRIVER_STACK_BYTES);
    if (timer >= 0 && pthread_create(&driver, &attributes, driver_main, NULL) != 0) {
        close(timer);
        timer = NO_THREAD;
    }
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void http_drive_enter(void) {
    app_is_inside = true;
    if (pthread_mutex_trylock(&lock) != 0) {
        curl_multi_wakeup(http_state.multi);
        pthread_mutex_lock(&lock);
    }
}

static void leave(bool go_on) {
    bool has_work = go_on && http_state.active_count > 0;
    if (has_work && timer < 0) {
        start_driver();
    }
    pthread_mutex_unlock(&lock);
    app_is_inside = false;
    // Look only now: the driver thread clears timer_is_set, and then skips its turn if the app is inside.
    if (has_work && timer >= 0 && !timer_is_set) {
        set_timer(GRACE_NS);
    }
}

void http_drive_leave(void) {
    leave(true);
}

void http_drive_leave_to_wait(void) {
    leave(false);
}

void http_drive_deinit(void) {
    if (timer >= 0) {
        driver_is_to_end = true;
        set_timer(1); // the driver thread does nothing else: no request is left
        pthread_join(driver, NULL);
        close(timer);
        timer = NOT_STARTED;
    }
}

#else

bool http_drive_has_thread(void) {
    return false;
}

void http_drive_enter(void) {
}

void http_drive_leave(void) {
}

void http_drive_leave_to_wait(void) {
}

void http_drive_deinit(void) {
}

#endif
