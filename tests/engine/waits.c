// SPDX-License-Identifier: MIT
// Waiting, and ending a wait from outside.

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "harness.h"

#include "http/engine/event.h"

static void wait_for_an_id_gives_ready_when_it_is_done(void) {
    http_id_t slow = submit(page("/gate/slow"));
    http_id_t fast = submit(page("/ok"));
    CHECK_INT(http_engine_wait(fast, HTTP_WAIT_FOREVER), HTTP_WAIT_READY);
    CHECK(http_engine_is_done(fast) && !http_engine_is_done(slow));
    CHECK_INT(http_engine_wait(fast, 0), HTTP_WAIT_READY); // still
    tell("/open/slow");
    CHECK_INT(http_engine_wait(slow, HTTP_WAIT_FOREVER), HTTP_WAIT_READY);
    CHECK(http_engine_is_done(slow));
    http_engine_cancel_all();
}

static void wait_for_an_unknown_id_is_ready(void) {
    CHECK_INT(http_engine_wait(1, HTTP_WAIT_FOREVER), HTTP_WAIT_READY); // before the first submit
    CHECK_INT(fetch_status(page("/ok")), 200);
    CHECK_INT(http_engine_wait(1, HTTP_WAIT_FOREVER), HTTP_WAIT_READY);
    CHECK_INT(http_engine_wait(4711, HTTP_WAIT_FOREVER), HTTP_WAIT_READY);
}

static void wait_for_a_taken_one_with_its_notice_owed_is_ready(void) {
    http_id_t id = submit(page("/ok"));
    CHECK_INT(finish_status(id), 200);
    CHECK_INT(http_engine_wait(id, HTTP_WAIT_FOREVER), HTTP_WAIT_READY);
    CHECK_INT(next_done(), id);
}

static void wait_times_out_and_the_request_goes_on(void) {
    http_id_t id = submit(page("/gate/late"));
    int64_t start_us = http_event_now_us();
    CHECK_INT(http_engine_wait(id, 100), HTTP_WAIT_TIMEOUT);
    CHECK(ms_since(start_us) >= 100);
    CHECK_INT(http_engine_wait(id, 0), HTTP_WAIT_TIMEOUT);
    CHECK_INT(http_engine_wait(0, 20), HTTP_WAIT_TIMEOUT);
    tell("/open/late");
    CHECK_INT(finish_status(id), 200);
}

static void wait_for_notices_needs_no_request(void) {
    int64_t start_us = http_event_now_us();
    CHECK_INT(http_engine_wait(0, 50), HTTP_WAIT_TIMEOUT); // before the first submit
    CHECK(ms_since(start_us) >= 50);
    CHECK_INT(fetch_status(page("/ok")), 200);
    CHECK_INT(http_engine_wait(0, 50), HTTP_WAIT_TIMEOUT);
}

static void wait_for_notices_is_ready_until_all_were_given(void) {
    http_id_t a = submit(page("/ok"));
    http_id_t b = submit(page("/ok"));
    CHECK_INT(http_engine_wait(a, LONG_MS), HTTP_WAIT_READY);
    CHECK_INT(http_engine_wait(b, LONG_MS), HTTP_WAIT_READY);
    CHECK_INT(http_engine_wait(0, HTTP_WAIT_FOREVER), HTTP_WAIT_READY);
    CHECK(next_done() != 0);
    CHECK_INT(http_engine_wait(0, HTTP_WAIT_FOREVER), HTTP_WAIT_READY);
    CHECK(next_done() != 0);
    CHECK_INT(http_engine_wait(0, 0), HTTP_WAIT_TIMEOUT);
    http_engine_cancel_all();
}

static void waits_as_long_as_can_be_written_do_not_end_early(void) {
    static const int64_t timeouts[] = { INT64_MIN, INT32_MAX, 1LL << 40, INT64_MAX / 1000, INT64_MAX };
    for (size_t i = 0; i < LEN(timeouts); i++) {
        http_id_t id = submit(page_for("/bytes/%d", 400000));
        if (!CHECK_INT(http_engine_wait(id, timeouts[i]), HTTP_WAIT_READY)) {
            CHECK_INT(timeouts[i], 0);
        }
        CHECK(http_engine_cancel(id));
    }
}

static void waiting_drives_all_requests(void) {
    http_id_t a = submit_quiet(page("/bytes/1000"));
    http_id_t b = submit_quiet(page("/gate/drives"));
    http_id_t c = submit_quiet(page("/hold/drives"));
    while (!http_engine_is_done(a)) {
        CHECK(http_engine_wait(c, 20) == HTTP_WAIT_TIMEOUT);
    }
    tell("/open/drives");
    while (!http_engine_is_done(b)) {
        CHECK(http_engine_wait(c, 20) == HTTP_WAIT_TIMEOUT);
    }
    http_engine_cancel_all();
}

// ------------------------------------------------------------------------------------------------
// Interrupts

static void interrupt_before_a_wait_ends_the_next_one_once(void) {
    http_engine_interrupt(); // before the first submit
    CHECK_INT(http_engine_wait(0, HTTP_WAIT_FOREVER), HTTP_WAIT_INTERRUPTED);
    CHECK_INT(http_engine_wait(0, 20), HTTP_WAIT_TIMEOUT);
    http_id_t id = submit(page("/gate/interrupt"));
    http_engine_interrupt();
    http_engine_interrupt(); // two are one
    CHECK_INT(http_engine_wait(id, HTTP_WAIT_FOREVER), HTTP_WAIT_INTERRUPTED);
    CHECK_INT(http_engine_wait(id, 20), HTTP_WAIT_TIMEOUT);
    tell("/open/interrupt");
    CHECK_INT(finish_status(id), 200); // unharmed
}

static void *interrupt_the_wait(void *unused) {
    (void)unused;
    CHECK(main_thread_blocks());
    http_engine_interrupt();
    return NULL;
}

static void *signal_the_wait(void *waiting) {
    CHECK(main_thread_blocks());
    pthread_kill(*(pthread_t *)waiting, SIGUSR1);
    return NULL;
}

// Waits for a request. A thread ends the wait as soon as the main thread sleeps in it.
static http_wait_t wait_until(void *(*end)(void *), http_id_t id) {
    pthread_t thread;
    pthread_t waiting = pthread_self();
    CHECK(pthread_create(&thread, NULL, end, &waiting) == 0);
    http_wait_t outcome = http_engine_wait(id, HTTP_WAIT_FOREVER);
    pthread_join(thread, NULL);
    return outcome;
}

static void interrupt_from_a_thread_ends_the_wait(void) {
    http_id_t id = submit(page("/hold/thread"));
    CHECK_INT(wait_until(interrupt_the_wait, id), HTTP_WAIT_INTERRUPTED);
    CHECK_INT(wait_until(interrupt_the_wait, 0), HTTP_WAIT_INTERRUPTED);
    CHECK(http_engine_cancel(id));
}

static void on_signal(int number) {
    (void)number;
    http_engine_interrupt();
}

static void handle_signals(void) {
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    CHECK(sigaction(SIGALRM, &action, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
}

static void interrupt_from_a_signal_handler_before_the_wait(void) {
    handle_signals();
    http_id_t id = submit(page("/hold/signal"));
    raise(SIGUSR1);
    CHECK_INT(http_engine_wait(id, HTTP_WAIT_FOREVER), HTTP_WAIT_INTERRUPTED);
    CHECK(http_engine_cancel(id));
}

static void interrupt_from_a_signal_handler_amid_the_wait(void) {
    handle_signals();
    CHECK_INT(wait_until(signal_the_wait, 0), HTTP_WAIT_INTERRUPTED); // nothing to drive
    http_id_t id = submit(page("/stall/body"));
    drive_until_body(id);
    CHECK_INT(wait_until(signal_the_wait, id), HTTP_WAIT_INTERRUPTED);
    http_id_t hung = submit(HUNG);
    CHECK_INT(wait_until(signal_the_wait, hung), HTTP_WAIT_INTERRUPTED);
    http_engine_cancel_all();
}

static void signals_at_any_moment_do_no_harm(void) {
    handle_signals();
    struct itimerval often = { .it_value.tv_usec = 500, .it_interval.tv_usec = 500 };
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    int interrupted = 0;
    for (int i = 0; i < 200; i++) {
        http_id_t id = i % 2 == 0 ? submit(page("/bytes/20000")) : submit_quiet(page("/bytes/20000"));
        http_wait_t outcome;
        while ((outcome = http_engine_wait(id, LONG_MS)) == HTTP_WAIT_INTERRUPTED) {
            interrupted++;
        }
        CHECK_INT(outcome, HTTP_WAIT_READY);
        http_result_t result = { 0 };
        CHECK(http_engine_take(id, &result));
        CHECK_INT(result.body_len, 20000);
        http_result_clear(&result);
        CHECK_INT(next_done(), i % 2 == 0 ? id : 0);
    }
    struct itimerval never = { 0 };
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK(interrupted > 0);
}

static void done_is_ready_even_when_interrupted(void) {
    http_id_t id = submit(page("/ok"));
    CHECK_INT(http_engine_wait(id, LONG_MS), HTTP_WAIT_READY);
    http_engine_interrupt();
    CHECK_INT(http_engine_wait(id, HTTP_WAIT_FOREVER), HTTP_WAIT_READY);
    CHECK(http_engine_cancel(id));
}

static void only_an_engine_with_a_thread_has_a_descriptor(void) {
    http_id_t id = submit(page("/hold/descriptor"));
    CHECK_INT(http_engine_fd() >= 0, HTTP_ENGINE_THREAD);
    CHECK(http_engine_cancel(id));
    CHECK_INT(http_engine_fd() >= 0, HTTP_ENGINE_THREAD);
}

#if !HTTP_ENGINE_THREAD

static void a_descriptor_of_the_loop_ends_the_wait(void) {
    int ends[2];
    need(pipe(ends) == 0, "pipe()");
    struct pollfd fd = { .fd = ends[0], .events = POLLIN };
    http_id_t id = submit(page("/hold/descriptors"));
    CHECK_INT(http_engine_wait_also(id, 20, &fd, 1), HTTP_WAIT_TIMEOUT);
    need(write(ends[1], "x", 1) == 1, "write()");
    CHECK_INT(http_engine_wait_also(id, HTTP_WAIT_FOREVER, &fd, 1), HTTP_WAIT_READY);
    CHECK_INT(http_engine_wait(id, 20), HTTP_WAIT_TIMEOUT); // it counts for one wait
    need(close(ends[0]) == 0 && close(ends[1]) == 0, "close()");
    CHECK_INT(http_engine_wait_also(id, HTTP_WAIT_FOREVER, &fd, 1), HTTP_WAIT_READY); // POLLNVAL
    CHECK(http_engine_cancel(id));
}

static void a_watched_stream_ends_one_wait(void) {
    struct pollfd none;
    http_request_args_t request = get(page("/stall/body"));
    request.options.pull = true;
    request.options.notify = false;
    http_id_t stream = http_engine_submit(&request);
    http_id_t id = submit(page("/hold/watched"));
    CHECK_INT(http_engine_stream_fd(stream), 0);
    CHECK_INT(http_engine_wait_also(id, HTTP_WAIT_FOREVER, &none, 0), HTTP_WAIT_READY); // its head is there
    CHECK_INT(http_engine_wait_also(id, 20, &none, 0), HTTP_WAIT_TIMEOUT);
    CHECK_INT(http_engine_stream_fd(4711), 0);
    http_engine_cancel_all();
}

#endif

const test_t waits_tests[] = {
    TEST(wait_for_an_id_gives_ready_when_it_is_done),
    TEST(wait_for_an_unknown_id_is_ready),
    TEST(wait_for_a_taken_one_with_its_notice_owed_is_ready),
    TEST(wait_times_out_and_the_request_goes_on),
    TEST(wait_for_notices_needs_no_request),
    TEST(wait_for_notices_is_ready_until_all_were_given),
    TEST(waits_as_long_as_can_be_written_do_not_end_early),
    TEST(waiting_drives_all_requests),
    TEST(interrupt_before_a_wait_ends_the_next_one_once),
    TEST(interrupt_from_a_thread_ends_the_wait),
    TEST(interrupt_from_a_signal_handler_before_the_wait),
    TEST(interrupt_from_a_signal_handler_amid_the_wait),
    TEST(signals_at_any_moment_do_no_harm),
    TEST(done_is_ready_even_when_interrupted),
    TEST(only_an_engine_with_a_thread_has_a_descriptor),
    #if !HTTP_ENGINE_THREAD
    TEST(a_descriptor_of_the_loop_ends_the_wait),
    TEST(a_watched_stream_ends_one_wait),
    #endif
    { NULL, NULL },
};
