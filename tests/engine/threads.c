// SPDX-License-Identifier: MIT
// Progress while the app does something else, and the descriptor for foreign event loops. These tests
// need the engine's own thread.

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness.h"

#include "http/engine/event.h"

// Waits without a call that drives the engine.
static bool done_by_itself(http_id_t id) {
    for (int ms = 0; ms < 3000; ms += 10) {
        sleep_ms(10);
        if (http_engine_is_done(id)) { // only asks: with a thread it drives nothing
            return true;
        }
    }
    return false;
}

static void requests_make_progress_while_the_app_sleeps(void) {
    int fd = http_engine_fd();
    http_engine_clear_fd();
    http_id_t id = submit(page("/to/302?/bytes/3000000"));
    CHECK(readable(fd, LONG_MS)); // poll() alone: nothing of the engine is called
    http_result_t result = { 0 };
    CHECK(http_engine_take(id, &result));
    CHECK_INT(result.status, 200);
    CHECK_INT(result.body_len, 3000000);
    http_result_clear(&result);
}

static void wait_for_one_without_a_notice_sets_the_others_going_again(void) {
    http_id_t slow = submit(page("/gate/others"));
    tell("/seen/others");
    http_id_t quiet = submit_quiet(page("/hold/others")); // its submit alone promises nothing
    CHECK_INT(http_engine_wait(quiet, 0), HTTP_WAIT_TIMEOUT);
    tell("/open/others");
    CHECK(done_by_itself(slow));
    CHECK(http_engine_cancel(quiet));
    http_engine_cancel_all();
}

static void progress_goes_on_after_a_wait_that_timed_out(void) {
    http_id_t id = submit_quiet(page("/gate/goes-on"));
    CHECK_INT(http_engine_wait(id, 20), HTTP_WAIT_TIMEOUT);
    tell("/open/goes-on");
    CHECK(done_by_itself(id));
    http_engine_cancel_all();
}

static void progress_goes_on_after_a_cancel(void) {
    http_id_t id = submit(page("/gate/after-cancel"));
    tell("/seen/after-cancel");
    CHECK(http_engine_cancel(submit(page("/hold/after-cancel"))));
    tell("/open/after-cancel");
    CHECK(done_by_itself(id));
    http_engine_cancel_all();
}

static void progress_goes_on_after_a_refusal(void) {
    http_id_t id = submit(page("/gate/after-refusal"));
    tell("/seen/after-refusal");
    CHECK_INT(finish_status(submit_quiet("nonsense")), CURLE_URL_MALFORMAT);
    tell("/open/after-refusal");
    CHECK(done_by_itself(id));
    http_engine_cancel_all();
}

static void deadline_ends_a_request_while_the_app_sleeps(void) {
    http_request_args_t request = get(page("/hold/sleeps"));
    request.options.timeout_ms = 100;
    http_id_t id = http_engine_submit(&request);
    CHECK(done_by_itself(id));
    CHECK_INT(finish_status(id), CURLE_OPERATION_TIMEDOUT);
}

static void thread_starts_with_the_first_need_and_is_one(void) {
    int before = count_threads();
    CHECK_INT(fetch_status(page("/ok")), 200); // whoever waits drives: no thread
    CHECK(threads_become(before));
    for (int i = 0; i < 5; i++) {
        submit(page("/hold/one"));
    }
    CHECK(threads_become(before + 1));
    http_engine_deinit();
    CHECK(threads_become(before));
}

// How often the other threads have gone to sleep.
static long waits_elsewhere(void) {
    long sum = 0;
    DIR *dir = opendir("/proc/self/task");
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[64];
        char line[128];
        long waits = 0;
        snprintf(path, sizeof(path), "/proc/self/task/%d/status", atoi(entry->d_name));
        FILE *file = atoi(entry->d_name) == getpid() ? NULL : fopen(path, "r");
        while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
            sscanf(line, "voluntary_ctxt_switches: %ld", &waits);
        }
        if (file != NULL) {
            fclose(file);
        }
        sum += waits;
    }
    closedir(dir);
    return sum;
}

// An app that polls: a request of a timer, and then a wait for the next time.
static void thread_wakes_up_once_at_most_for_a_request_that_the_app_waits_for(void) {
    enum { POLLS = 20 };
    CHECK(http_engine_cancel(submit(page("/ok")))); // the thread runs
    long before = waits_elsewhere();
    for (int i = 0; i < POLLS; i++) {
        http_id_t id = submit(page("/ok"));
        CHECK_INT(finish_status(id), 200);
        CHECK_INT(next_done(), id);
        CHECK_INT(http_engine_wait(0, 10), HTTP_WAIT_TIMEOUT);
    }
    long waits = waits_elsewhere() - before;
    CHECK(waits > 0); // it could have been needed
    CHECK(waits < 2 * POLLS); // more than one each time only if something has stopped this thread
}

static void without_a_descriptor_there_is_no_thread_and_later_there_is(void) {
    CHECK_INT(fetch_status(page("/ok")), 200); // this connection is used again
    int threads = count_threads();
    int last = dup(0);
    struct rlimit limit;
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    struct rlimit none = { .rlim_cur = last, .rlim_max = limit.rlim_max };
    close(last);
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    CHECK_INT(finish_status(submit(page("/ok"))), 200);
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK_INT(count_threads(), threads);
    CHECK_INT(finish_status(submit(page("/ok"))), 200);
    CHECK_INT(count_threads(), threads + 1);
}

// Between the two calls nothing orders the threads: the sanitizer sees whether both use the same memory.
static void completion_is_read_before_the_body_ends(void) {
    int events = http_engine_fd();
    for (int i = 0; i < 20; i++) {
        http_engine_clear_fd();
        http_request_args_t request = get(page("/late"));
        request.options.pull = true;
        http_id_t id = http_engine_submit(&request);
        CHECK(readable(events, LONG_MS));
        int fd = http_engine_stream_fd(id);
        CHECK_INT(next_done(), id);
        CHECK(readable(fd, LONG_MS));
        http_engine_close(id);
    }
}

static volatile sig_atomic_t signals_elsewhere;
static pthread_t app;

static void on_signal(int number) {
    (void)number;
    if (!pthread_equal(pthread_self(), app)) {
        signals_elsewhere++;
    }
}

static void signals_reach_the_app_thread_only(void) {
    app = pthread_self();
    struct sigaction action = { .sa_handler = on_signal };
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    http_id_t id = submit(page("/hold/signals"));
    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &usr1, NULL); // the other thread could take it now
    kill(getpid(), SIGUSR1);
    sleep_ms(50);
    CHECK_INT(signals_elsewhere, 0);
    pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
    CHECK_INT(signals_elsewhere, 0);
    CHECK(http_engine_cancel(id));
}

// ------------------------------------------------------------------------------------------------
// The descriptor

// What engine.h tells a loop to do; returns how many notices there were.
static int read_notices(void) {
    int n = 0;
    http_engine_clear_fd();
    while (next_done() != 0) {
        n++;
    }
    return n;
}

static void fd_is_readable_with_each_new_notice(void) {
    int fd = http_engine_fd();
    CHECK(fd >= 0);
    CHECK_INT(http_engine_fd(), fd); // always the same
    CHECK_INT(read_notices(), 0);
    CHECK(!readable(fd, 20));
    for (int i = 0; i < 5; i++) {
        http_id_t id = submit(page("/ok"));
        CHECK(readable(fd, LONG_MS));
        CHECK_INT(read_notices(), 1);
        CHECK(!readable(fd, 0));
        CHECK_INT(finish_status(id), 200);
        CHECK(!readable(fd, 0)); // taking is no notice
    }
}

static void fd_is_readable_for_notices_that_came_before_it(void) {
    http_id_t id = submit(page("/ok"));
    CHECK_INT(http_engine_wait(id, LONG_MS), HTTP_WAIT_READY);
    CHECK(readable(http_engine_fd(), 0));
    CHECK_INT(read_notices(), 1);
    CHECK(!readable(http_engine_fd(), 0));
    http_engine_cancel_all();
}

static void fd_is_readable_for_a_refused_request(void) {
    int fd = http_engine_fd();
    read_notices();
    submit("nonsense");
    CHECK(readable(fd, 0)); // it completed at once
    CHECK_INT(read_notices(), 1);
    http_engine_cancel_all();
}

static void fd_is_readable_after_an_interrupt(void) {
    int fd = http_engine_fd();
    read_notices();
    CHECK(!readable(fd, 0));
    http_engine_interrupt();
    CHECK(readable(fd, 0));
    CHECK_INT(read_notices(), 0);
    CHECK(!readable(fd, 0));
    CHECK_INT(http_engine_wait(0, 0), HTTP_WAIT_INTERRUPTED); // that is a wait's own
}

static void fd_says_nothing_of_requests_without_a_notice(void) {
    int fd = http_engine_fd();
    read_notices();
    CHECK_INT(fetch_status(page("/ok")), 200);
    CHECK_INT(fetch_status("nonsense"), CURLE_URL_MALFORMAT);
    CHECK(!readable(fd, 20));
}

static void fd_loses_no_notice_when_many_come(void) {
    int fd = http_engine_fd();
    read_notices();
    int noticed = 0;
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < HTTP_ENGINE_SLOTS; i++) {
            submit(page("/ok"));
        }
        while (noticed < (round + 1) * HTTP_ENGINE_SLOTS && CHECK(readable(fd, LONG_MS))) {
            noticed += read_notices();
        }
        http_engine_cancel_all(); // they have their results still
    }
    CHECK_INT(noticed, 5 * HTTP_ENGINE_SLOTS);
    CHECK_INT(read_notices(), 0); // it may be readable once too often, but there is no notice
}

static void fd_never_fills_up_when_nobody_reads_it(void) {
    http_engine_fd();
    for (int i = 0; i < 70000; i++) { // it never fills up
        http_id_t id = submit("nonsense");
        CHECK(http_engine_cancel(id));
    }
    CHECK(readable(http_engine_fd(), 0));
    CHECK_INT(read_notices(), 0);
    CHECK(!readable(http_engine_fd(), 0));
}

const test_t threads_tests[] = {
    TEST(requests_make_progress_while_the_app_sleeps),
    TEST(wait_for_one_without_a_notice_sets_the_others_going_again),
    TEST(progress_goes_on_after_a_wait_that_timed_out),
    TEST(progress_goes_on_after_a_cancel),
    TEST(progress_goes_on_after_a_refusal),
    TEST(deadline_ends_a_request_while_the_app_sleeps),
    TEST(thread_starts_with_the_first_need_and_is_one),
    TEST(thread_wakes_up_once_at_most_for_a_request_that_the_app_waits_for),
    TEST(without_a_descriptor_there_is_no_thread_and_later_there_is),
    TEST(completion_is_read_before_the_body_ends),
    TEST(signals_reach_the_app_thread_only),
    TEST(fd_is_readable_with_each_new_notice),
    TEST(fd_is_readable_for_notices_that_came_before_it),
    TEST(fd_is_readable_for_a_refused_request),
    TEST(fd_is_readable_after_an_interrupt),
    TEST(fd_says_nothing_of_requests_without_a_notice),
    TEST(fd_loses_no_notice_when_many_come),
    TEST(fd_never_fills_up_when_nobody_reads_it),
    { NULL, NULL },
};
