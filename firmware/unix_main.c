// SPDX-License-Identifier: MIT
// What MicroPython's unix port needs to behave as the dock does: the command line goes to the app
// runner (modules/_app.py), Ctrl-C ends every wait, and the heap grows within the memory's limit.

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "py/mpconfig.h"
#include "py/gc.h"
#include "py/runtime.h"

#include "firmware/memory_limit.h"
#include "firmware/serial_repl.h"
#include "http/engine.h"

// MicroPython's own main(), renamed by the board's mpconfigvariant.mk.
int micropython_main(int argc, char **argv);

// MicroPython's handler for SIGINT, renamed by MICROPY_WRAP_MP_SCHED_KEYBOARD_INTERRUPT.
void mp_sched_keyboard_interrupt_default(void);

// The heap stays as large as -X heapsize said, when it said something.
static bool heap_is_fixed;

size_t gc_get_max_new_split(void) {
    return heap_is_fixed ? 0 : memory_limit_left();
}

// Runs in the signal handler.
void mp_sched_keyboard_interrupt(void) {
    mp_sched_keyboard_interrupt_default();
    http_engine_interrupt();
}

static bool is_option(const char *arg) {
    return arg[0] == '-' && arg[1] != 0 && strcmp(arg, "-c") != 0 && strcmp(arg, "-m") != 0;
}

// The index of the first argument that is no option: -c, -m, - or a file; or argc.
static int find_program(int argc, char **argv, bool *inspect, int *serial) {
    int i = 1;
    while (i < argc && is_option(argv[i])) {
        if (strcmp(argv[i], "-X") == 0 && i + 1 < argc) {
            i++;
            if (strncmp(argv[i], "heapsize=", 9) == 0) {
                heap_is_fixed = true;
            }
        }
        if (strcmp(argv[i], "-i") == 0) {
            *inspect = true;
        }
        if (strcmp(argv[i], "--serial") == 0 && i + 1 < argc) {
            *serial = i++;
        }
        i++;
    }
    return i;
}

int main(int argc, char **argv) {
    if (!memory_limit_start()) {
        fputs("dl7450: DL7450_MEMORY: a number of bytes, or with K, M or G behind it; 0: no limit\n", stderr);
        return 2;
    }
    const char *soft_reset = NULL;
    if (argc > 1 && strncmp(argv[1], SERIAL_SOFT_RESET, strlen(SERIAL_SOFT_RESET)) == 0) {
        soft_reset = argv[1] + strlen(SERIAL_SOFT_RESET);
        argv[1] = argv[0];
        argc--;
        argv++;
    }
    bool inspect = false;
    int serial = 0; // the index of --serial, before LINE
    int program = find_program(argc, argv, &inspect, &serial);
    if (serial != 0 && !serial_start(argv[serial + 1], argv, soft_reset)) {
        argc = program;
    }
    bool takes_argument = program < argc && argv[program][0] == '-' && argv[program][1] != 0;
    if (takes_argument && program + 1 == argc) {
        return micropython_main(argc, argv); // "-c" or "-m" alone: MicroPython says what is wrong
    }
    // [options] PROGRAM becomes [options] -m _dl7450 PROGRAM. No program at all is the REPL on a
    // terminal, and a program on the standard input ("-") elsewhere; with a serial line the REPL is there.
    char **args = malloc((argc + 5) * sizeof(*args));
    if (args == NULL) {
        return 1;
    }
    int n = 0;
    for (int i = 0; i < program; i++) {
        if (serial != 0 && i == serial) {
            i++;
        } else {
            args[n++] = argv[i];
        }
    }
    bool repl = program == argc && serial == 0 && (inspect || isatty(STDIN_FILENO));
    if (repl && !inspect) {
        args[n++] = "-i";
    }
    args[n++] = "-m";
    args[n++] = "_dl7450";
    if (program == argc && serial == 0 && !repl) {
        args[n++] = "-";
    }
    for (int i = program; i < argc; i++) {
        args[n++] = argv[i];
    }
    args[n] = NULL;
    int code = micropython_main(n, args);
    free(args);
    return code;
}
