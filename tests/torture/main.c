// SPDX-License-Identifier: MIT
// torture SCENARIO MODE...: runs the scenario with its n-th allocation failing (one), or the n-th and all behind it
// (all), or the n-th call of libcurl's (call), for n = 1 until nothing fails any more. Each run has a process of its
// own, so that a crash, a hang or a leak is that run's. With MODE N only that run, in this process: for a debugger.

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/harness.h"
#include "alloc.h"
#include "calls.h"
#include "scenarios.h"

#include "http/engine/event.h"

// Longer than LONG_MS: what waits so long says so itself.
#define HANG_S (20)
#define STATUSES (600)
// Threads make the number of allocations differ from run to run by a few.
#define RUNS_WITHOUT_FAILURE (3)

#ifdef HTTP_COVERAGE
void __gcov_dump(void); // libgcov's
#endif

// What a run tells: shared with the process that started it.
typedef struct {
    long failed;
    unsigned statuses[STATUSES];
} report_t;

static report_t *report;

typedef enum {
    ONE, // allocation fails
    ALL, // behind it too
    CALL, // of libcurl's fails
    MODES
} what_fails_t;

static const char *const mode_names[MODES] = { "one", "all", "call" };
static what_fails_t mode;

// Besides success and 27: 0 is no id, 89 the seventeenth. Of these codes nobody can know that memory was
// the cause: libcurl makes them of a NULL of its resolver (6) and of zlib (61), and libcurl 7.88 leaves the
// query out of the request that there is no memory for, and then a redirect goes nowhere (301, 302).
static bool is_allowed(int status) {
    if (status == 0 || status == 200 || status == HTTP_STATUS_NO_SLOT) {
        return true;
    } else if (mode == CALL) {
        return status == CALL_FAILED || status == CURLE_FAILED_INIT; // with its own code, or a multi handle's
    }
    return status == HTTP_STATUS_OUT_OF_MEMORY || status == CURLE_COULDNT_RESOLVE_HOST
           || status == CURLE_BAD_CONTENT_ENCODING
           || status == 301 || status == 302;
}

void note_status(int status) {
    need(status >= 0 && status < STATUSES, "a status out of range");
    report->statuses[status]++;
    if (!is_allowed(status)) {
        CHECK_INT(status, mode == CALL ? CALL_FAILED : HTTP_STATUS_OUT_OF_MEMORY);
    }
}

static const scenario_t *find(const char *name) {
    for (const scenario_t *s = scenarios; s->name != NULL; s++) {
        if (strcmp(s->name, name) == 0) {
            return s;
        }
    }
    return NULL;
}

static what_fails_t find_mode(const char *name) {
    what_fails_t found = ONE;
    while (found < MODES && strcmp(mode_names[found], name) != 0) {
        found++;
    }
    need(found < MODES, name);
    return found;
}

static void run(const scenario_t *scenario, long n) {
    int fds = count_fds();
    int threads = count_threads();
    long blocks = alloc_blocks();
    if (mode == CALL) {
        calls_arm(n);
        scenario->run();
        report->failed = calls_disarm();
    } else {
        alloc_arm(n, mode == ALL);
        scenario->run();
        report->failed = alloc_disarm();
    }
    CHECK_INT(in_flight(), 0);
    http_event_was_interrupted();
    CHECK_INT(fetch_status(plain_url()), 200);
    http_engine_deinit();
    CHECK(threads_become(threads));
    CHECK_INT(count_fds(), fds);
    CHECK_INT(alloc_blocks(), blocks);
}

// Did the run keep what is promised?
static bool run_alone(const scenario_t *scenario, long n) {
    fflush(NULL);
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
        alarm(HANG_S);
        run(scenario, n);
        fflush(NULL);
        #ifdef HTTP_COVERAGE
        __gcov_dump(); // _exit() would lose the counts
        #endif
        _exit(failures > 0);
    }
    int how;
    need(waitpid(child, &how, 0) == child, "waitpid");
    if (how == 0) {
        return true;
    }
    const char *what = WIFEXITED(how) ? "broke a promise" : WTERMSIG(how) == SIGALRM ? "hangs" : "crashed";
    printf("FAILED: '%s' %s %ld %s\n", scenario->name, mode_names[mode], n, what);
    return false;
}

// The last line of a mode: MODE RUNS FAILED RUNS-THAT-FAILED STATUS=COUNT...
static void run_mode(const scenario_t *scenario) {
    static unsigned statuses[STATUSES];
    memset(statuses, 0, sizeof(statuses));
    long failed = 0;
    long bad = 0;
    long n = 0;
    for (int without = 0; without < RUNS_WITHOUT_FAILURE && bad < 5;) {
        memset(report, 0, sizeof(*report));
        if (!run_alone(scenario, ++n)) {
            bad++;
        }
        failed += report->failed;
        without = report->failed > 0 ? 0 : without + 1;
        for (int status = 0; status < STATUSES; status++) {
            statuses[status] += report->statuses[status];
        }
    }
    printf("%s %ld %ld %ld", mode_names[mode], n, failed, bad);
    for (int status = 0; status < STATUSES; status++) {
        if (statuses[status] > 0) {
            printf(" %d=%u", status, statuses[status]);
        }
    }
    printf("\n");
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 2) {
        for (const scenario_t *s = scenarios; s->name != NULL; s++) {
            puts(s->name);
        }
        return 0;
    }
    const scenario_t *scenario = find(argv[1]);
    need(scenario != NULL, argv[1]);
    report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(report != MAP_FAILED, "mmap");
    prepare_scenarios();
    run(find("tls"), 0); // OpenSSL reads its configuration here and not in each run
    need(failures == 0, "no run without a failure either");
    for (int i = 2; i < argc; i++) {
        mode = find_mode(argv[i]);
        if (i + 1 < argc && atol(argv[i + 1]) > 0) {
            run(scenario, atol(argv[++i]));
            printf("%ld failed\n", report->failed);
        } else {
            run_mode(scenario);
        }
    }
    return failures > 0;
}
