// SPDX-License-Identifier: MIT
// Runs tests by name.

#include <pthread.h>
#include <stdio.h>

#include "harness.h"

#include "http/engine/event.h"

static const test_t *const tables[] = {
    fields_tests,
    received_tests,
    urls_tests,
    redirects_tests,
    results_tests,
    sent_tests,
    bodies_tests,
    heads_tests,
    slots_tests,
    cancel_tests,
    waits_tests,
    threads_tests,
    deadlines_tests,
    lifetime_tests,
    memory_tests,
    trace_tests,
};

static const test_t *find(const char *name) {
    for (size_t i = 0; i < LEN(tables); i++) {
        for (const test_t *test = tables[i]; test->name != NULL; test++) {
            if (strcmp(test->name, name) == 0) {
                return test;
            }
        }
    }
    return NULL;
}

#ifdef __SANITIZE_THREAD__
static void *nothing(void *arg) {
    return arg;
}

// ThreadSanitizer starts its own thread together with the first one: do it before a test counts threads.
static void start_sanitizer_thread(void) {
    pthread_t thread;
    need(pthread_create(&thread, NULL, nothing, NULL) == 0, "pthread_create");
    pthread_join(thread, NULL);
}
#endif

// engine_tests NAME...
int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    #ifdef __SANITIZE_THREAD__
    start_sanitizer_thread();
    #endif
    for (int i = 1; i < argc; i++) {
        const test_t *test = find(argv[i]);
        need(test != NULL, argv[i]);
        test->run();
        // The next test starts like the first, except for the counters of http_engine_stats().
        http_engine_deinit();
        http_event_was_interrupted();
        forget_texts();
    }
    return failures > 0;
}
