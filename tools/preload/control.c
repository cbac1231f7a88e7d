// SPDX-License-Identifier: MIT
// The commands: of the environment, and of a Unix socket. README.md lists them.

#include "sim.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define VERSION (2)
#define WORDS (8)
#define LINE_BYTES (4096)

static int control_fd = -1;

static __attribute__((noreturn)) void fail(const char *what, const char *why) {
    fprintf(stderr, "simulation: %s: %s\n", what, why);
    _exit(2);
}

static __attribute__((format(printf, 1, 2))) void answer(const char *format, ...) {
    char text[LINE_BYTES];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (control_fd >= 0) {
        REAL(send)(control_fd, text, len, MSG_NOSIGNAL);
    }
}

void control_idle(int64_t now, int64_t next, bool network) {
    char text[24] = "none";
    if (next != NEVER) {
        snprintf(text, sizeof(text), "%.3f", (double)(next - now) / MS);
    }
    answer("idle %.3f %s %s\n", (double)now / MS, text, network ? "network" : "quiet");
}

static bool number(const char *word, double *value) {
    char *end;
    *value = word == NULL ? -1 : strtod(word, &end);
    return word != NULL && *word != 0 && *end == 0 && *value >= 0 && *value < 1e12;
}

static const char *set_clock(char **words, int count) {
    double value;
    if (count == 1 && (strcmp(words[0], "hold") == 0 || strcmp(words[0], "jump") == 0)) {
        sim_hold(words[0][0] == 'j');
        return NULL;
    }
    if (count == 2 && strcmp(words[0], "rate") == 0 && number(words[1], &value) && value > 0) {
        sim_set_rate(value);
        return NULL;
    }
    return "clock hold, clock jump, or clock rate NUMBER";
}

const char *control_command(char *line) {
    char *words[WORDS + 1] = { NULL };
    int count = 0;
    char *rest;
    for (char *word = strtok_r(line, " \t\r", &rest); word != NULL && count < WORDS; word = strtok_r(NULL, " \t\r", &rest)) {
        words[count++] = word;
    }
    double value = 0;
    const char *what = count == 0 ? "" : words[0];
    if (count == 0) {
        return NULL;
    } else if (strcmp(what, "network") == 0) {
        return conditions_set(words + 1, count - 1);
    } else if (strcmp(what, "name") == 0) {
        return names_set(words + 1, count - 1);
    } else if ((strcmp(what, "names") == 0 || strcmp(what, "peers") == 0) && count == 2 && strcmp(words[1], "only") == 0) {
        names_only(what[0] == 'p');
        return NULL;
    } else if (strcmp(what, "clock") == 0) {
        return set_clock(words + 1, count - 1);
    } else if (strcmp(what, "grace") == 0 && count == 2 && strcmp(words[1], "again") == 0) {
        sim_network_active();
    } else if (count != 2 || !number(words[1], &value)) {
        return "there is no such command, or its number is wrong";
    } else if (strcmp(what, "wall") == 0) {
        sim_set_wall(value);
    } else if (strcmp(what, "grace") == 0) {
        sim_set_grace(value * MS);
    } else if (strcmp(what, "forward") == 0 || strcmp(what, "step") == 0) {
        sim_grant(value * MS, what[0] == 's');
    } else {
        return "there is no such command";
    }
    return NULL;
}

static void run_line(char *line) {
    bool waits = strncmp(line, "forward ", 8) == 0 || strncmp(line, "step ", 5) == 0;
    sim_lock();
    const char *wrong = control_command(line);
    if (wrong != NULL) {
        answer("error %s\n", wrong);
    } else if (!waits) { // the answer of these two is "idle"
        answer("ok\n");
    }
    sim_wake_all();
    sim_unlock();
}

static void *control_main(void *unused) {
    (void)unused;
    static char text[LINE_BYTES];
    size_t len = 0;
    ssize_t n;
    while (len < sizeof(text) - 1 && (n = REAL(read)(control_fd, text + len, sizeof(text) - 1 - len)) != 0) {
        if (n < 0 && errno != EINTR) {
            break;
        }
        len += n < 0 ? 0 : n;
        text[len] = 0;
        char *start = text;
        for (char *end; (end = strchr(start, '\n')) != NULL; start = end + 1) {
            *end = 0;
            run_line(start);
        }
        len -= start - text;
        memmove(text, start, len + 1);
    }
    sim_lock(); // nobody steers any more: the program goes on in real time
    sim_set_rate(1);
    sim_wake_all();
    sim_unlock();
    return NULL;
}

static void connect_to(const char *path) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(address.sun_path)) {
        fail(path, "the path is too long");
    }
    strcpy(address.sun_path, path);
    control_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (control_fd < 0 || REAL(connect)(control_fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        fail(path, strerror(errno));
    }
    sim_steer();
    answer("simulation %d %ld\n", VERSION, (long)getpid());
    // This thread is not one of the program's: the clock does not wait for it.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (REAL(pthread_create)(&thread, &attributes, control_main, NULL) != 0) {
        fail(path, "no thread can be started");
    }
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

__attribute__((constructor(102))) static void start(void) {
    const char *conditions = getenv("DL7450_CONDITIONS");
    const char *path = getenv("DL7450_SIMULATION");
    if (conditions != NULL) {
        char *copy = strdup(conditions);
        char *rest;
        for (char *line = strtok_r(copy, ";\n", &rest); line != NULL; line = strtok_r(NULL, ";\n", &rest)) {
            char *kept = strdup(line);
            sim_lock();
            const char *wrong = control_command(line);
            sim_unlock();
            if (wrong != NULL) {
                fail(kept, wrong);
            }
            free(kept);
        }
        free(copy);
    }
    if (path != NULL && *path != 0) {
        connect_to(path);
    }
}
