// SPDX-License-Identifier: MIT
// Tests of the engine without MicroPython. A test is a function; each file lists its own in a table,
// one TEST(name), a line: test_engine.py reads the names there and runs each in a process of its own.
//
// The pages that the servers have are in pages.py.

#ifndef ENGINE_TESTS_HARNESS_H
#define ENGINE_TESTS_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "http/engine/state.h"

// No successful operation takes this long.
#define LONG_MS (8000)
#define LEN(array) (sizeof(array) / sizeof((array)[0]))

typedef struct {
    const char *name;
    void (*run)(void);
} test_t;

#define TEST(function) { #function, function }

extern const test_t fields_tests[];
extern const test_t received_tests[];
extern const test_t urls_tests[];
extern const test_t redirects_tests[];
extern const test_t results_tests[];
extern const test_t sent_tests[];
extern const test_t bodies_tests[];
extern const test_t heads_tests[];
extern const test_t slots_tests[];
extern const test_t cancel_tests[];
extern const test_t waits_tests[];
extern const test_t threads_tests[];
extern const test_t deadlines_tests[];
extern const test_t lifetime_tests[];
extern const test_t memory_tests[];
extern const test_t trace_tests[];

// Each prints a failed check, continues the test, and returns whether the check was true.
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
#define CHECK_INT(actual, expected) check_int((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected) check_text((actual), (expected), #actual, __FILE__, __LINE__)
extern int failures; // how many checks failed
bool check(bool held, const char *what, const char *file, int line);
bool check_int(long long actual, long long expected, const char *what, const char *file, int line);
// The URL of a target, without user info.
void check_target(const http_target_t *target, const char *expected);
bool check_text(const char *actual, const char *expected, const char *what, const char *file, int line);
void need(bool held, const char *what); // ends the test if it is false

// URLs, valid until the test ends, which calls forget_texts().
const char *page(const char *path); // on the server
const char *elsewhere(const char *path); // on the same pages under another origin
const char *dead(void); // a connection to it never completes
const char *page_for(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *raw(const char *reply); // the server sends exactly this reply and closes the connection
void forget_texts(void);
#define HUNG "http://hang.invalid/" // resolving it hangs

// Fetches a page without the engine: /open/X lets /gate/X answer, /seen/X waits for a request of /gate/X or /hold/X.
void tell(const char *path);

// Requests: with a notice, no deadline, no limit, 10 redirects.
http_request_args_t get(const char *url);
http_bytes_t bytes_of(const char *text);
http_id_t submit(const char *url);
http_id_t submit_quiet(const char *url); // without a notice
http_id_t next_done(void); // the request of the next event, which must be a completion; 0 is none
// Submit without a notice, wait and take. The caller clears the result.
http_result_t perform(const http_request_args_t *request);
http_result_t fetch(const char *url);
// Wait for a submitted one and take it.
http_result_t finish(http_id_t id);
// The same, if only the status matters.
int finish_status(http_id_t id);
int fetch_status(const char *url);

const char *field_of(const http_result_t *result, const char *name); // NULL if there is none
bool body_is(const http_result_t *result, const char *text);
bool body_holds(const http_result_t *result, const char *text);
unsigned in_flight(void);
// Drives until the request has come to this point, for tests of what happens in the middle of a request.
void drive_until_header(http_id_t id);
void drive_until_body(http_id_t id);
http_request_t *request_of(http_id_t id); // the engine's own record

int64_t ms_since(int64_t start_us);
void sleep_ms(int ms);
int count_fds(void);
int count_threads(void);
// Waits for it: a thread that was joined stays in the list for a moment.
bool threads_become(int count);
// Waits until the main thread sleeps in the kernel: several samples in a row see the same sleep.
bool main_thread_blocks(void);
bool readable(int fd, int timeout_ms);

#endif
