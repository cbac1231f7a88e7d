// SPDX-License-Identifier: MIT
// torture SCENARIO MODE...: runs the scenario once for each n = 1, 2, ... until no failure happens any more. Mode one:
// the n-th allocation fails. Mode all: it fails, and all later ones. Mode call: the n-th call of libcurl fails. Each
// run has its own process, so that a crash, a hang or a leak belongs to that run. MODE N does only that run, in this
// process, for a debugger.

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

// Longer than LONG_MS: a scenario that waits so long reports it itself.
#define HANG_S (20)
#define STATUSES (600)
// Because of threads the number of allocations varies a little from run to run.
#define RUNS_WITHOUT_FAILURE (3)

#ifdef HTTP_COVERAGE
void __gcov_dump(void); // libgcov's
#endif

// The result of a run. The memory is shared with the process that started the run.
typedef struct {
    long failed;
    unsigned statuses[STATUSES];
} report_t;

static report_t *report;

typedef enum {
    ONE, // one allocation fails
    ALL, // all later ones fail, too
    CALL, // one call of libcurl fails
    MODES
} what_fails_t;

static const char *const mode_names[MODES] = { "one", "all", "call" };
static what_fails_t mode;

// Codes that are allowed besides success and 27. 0: submit returned no id. 89: the seventeenth request. For the others
// the cause cannot be known: libcurl returns 6 if its resolver gets NULL, and 61 if zlib does. libcurl 7.88 leaves out
// the query if there is no memory for it, and then a redirect leads nowhere (301, 302).
static bool is_allowed(int status) {
    if (status == 0 || status == 200 || status == HTTP_STATUS_NO_SLOT) {
        return true;
    } else if (mode == CALL) {
        return status == CALL_FAILED || status == CURLE_FAILED_INIT; // the code of calls.h, or that of a multi handle
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

// True if the run kept all promises of the engine.
static bool run_alone(const scenario_t *scenario, long n) {
    fflush(NULL);
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
        alarm(HANG_S);
        run(scenario, n);
        fflush(NULL);
        #ifdef HTTP_COVERAGE
        __gcov_dump(); // _exit() would lose the coverage counts
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
    run(find("tls"), 0); // OpenSSL reads its configuration here, and not again in each run
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
