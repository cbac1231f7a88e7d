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

// How often libcurl was driven. It is written with the lock held and read without it.
static atomic_uint drives_done;

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
    drives_done++;
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

// After a wait, the app usually waits again within this time. The driver thread does not take the multi handle before:
// a change of threads costs more than the request.
#define GRACE_NS (2 * 1000 * 1000)

// Enough for a TLS handshake, and deliberately small.
#define DRIVER_STACK_BYTES (256 * 1024)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static pthread_t driver;
static bool driver_runs;
static bool driver_failed; // to start
static atomic_bool app_wants_lock;
static atomic_bool driver_is_to_end;
static bool driver_sleeps; // until it is signalled; protected by the lock

bool http_drive_has_thread(void) {
    return !driver_failed;
}

// True if the app thread has stopped driving. While it still waits from time to time, the driver thread must not wait
// for the lock: to wake a waiting thread would cost the app more than the request. Only calls that drive count. An app
// that only works with a jar must not stop its requests.
static bool app_drives_no_more(void) {
    static const struct timespec grace = { .tv_nsec = GRACE_NS };
    unsigned before;
    pthread_mutex_unlock(&lock);
    do {
        before = drives_done;
        nanosleep(&grace, NULL);
    } while (drives_done != before && !driver_is_to_end);
    pthread_mutex_lock(&lock);
    return drives_done == before;
}

static void *driver_main(void *unused) {
    (void)unused;
    bool drives = false;
    pthread_mutex_lock(&lock);
    while (!driver_is_to_end) {
        if (app_wants_lock || http_state.active_count == 0) {
            drives = false;
            driver_sleeps = true;
            pthread_cond_wait(&work, &lock);
            driver_sleeps = false;
            continue;
        }
        if (!drives) {
            drives = app_drives_no_more();
            continue; // the state may have changed meanwhile
        }
        http_drive_perform();
        if (http_state.active_count > 0 && !app_wants_lock) {
            http_drive_poll(HTTP_WAIT_FOREVER); // an earlier wakeup ends this poll at once
        }
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

// A failure is no error: without the thread requests make progress as with HTTP_ENGINE_THREAD=0.
static void start_driver(void) {
    pthread_attr_t attributes;
    driver_failed = true;
    pthread_attr_init(&attributes); // it always succeeds: pthread_attr_init(3)
    pthread_attr_setstacksize(&attributes, DRIVER_STACK_BYTES);
    // Only the app thread handles signals.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    driver_is_to_end = false;
    driver_runs = pthread_create(&driver, &attributes, driver_main, NULL) == 0;
    driver_failed = !driver_runs;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

void http_drive_enter(void) {
    atomic_store(&app_wants_lock, true);
    if (pthread_mutex_trylock(&lock) != 0) {
        curl_multi_wakeup(http_state.multi);
        pthread_mutex_lock(&lock);
    }
    atomic_store(&app_wants_lock, false);
}

void http_drive_leave(bool go_on) {
    bool has_work = go_on && http_state.active_count > 0;
    if (has_work && !driver_runs) {
        start_driver();
    }
    if (has_work && driver_sleeps) {
        pthread_cond_signal(&work);
    }
    pthread_mutex_unlock(&lock);
}

void http_drive_deinit(void) {
    if (driver_runs) {
        http_drive_enter();
        driver_is_to_end = true;
        pthread_cond_signal(&work);
        pthread_mutex_unlock(&lock);
        pthread_join(driver, NULL);
        driver_runs = false;
    }
}

#else

bool http_drive_has_thread(void) {
    return false;
}

void http_drive_enter(void) {
}

void http_drive_leave(bool go_on) {
    (void)go_on;
}

void http_drive_deinit(void) {
}

#endif
