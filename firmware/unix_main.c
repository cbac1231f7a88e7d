// SPDX-License-Identifier: MIT
// Makes MicroPython's unix port behave like the dock: the app runner (modules/_app.py) gets the command
// line, Ctrl-C ends every wait, and the heap grows up to the memory limit.

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "py/mpconfig.h"
#include "py/builtin.h"
#include "py/frozenmod.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/objlist.h"
#include "py/objstr.h"
#include "py/runtime.h"

#include "firmware/memory_limit.h"
#include "firmware/serial_repl.h"
#if HTTP_ENGINE_TRACE
#include "firmware/trace.h"
#endif
#include "http/engine.h"

#define USAGE (2)

// MicroPython's main(), renamed by firmware/unix_port.mk, and the functions that it calls instead of those without the
// prefix.
int micropython_main(int argc, char **argv);
char *main_getenv(const char *name);
void main_set_interrupt_char(char c);

// MicroPython's handler for SIGINT, renamed by MICROPY_WRAP_MP_SCHED_KEYBOARD_INTERRUPT.
void mp_sched_keyboard_interrupt_default(void);

// -X heapsize was given: the heap does not grow.
static bool heap_is_fixed;

static bool inspect; // -i: the prompt follows when the program has ended
static bool started; // the app runner has read the command line
static char **program_argv; // the program and its arguments; NULL ends them

size_t gc_get_max_new_split(void) {
    return heap_is_fixed ? 0 : memory_limit_left();
}

// This runs in the signal handler.
void mp_sched_keyboard_interrupt(void) {
    mp_sched_keyboard_interrupt_default();
    http_engine_interrupt();
}

// ------------------------------------------------------------------------------------------------
// Functions that MicroPython's main() calls

char *main_getenv(const char *name) {
    if (strcmp(name, "MICROPYINSPECT") == 0) {
        // Do not start the prompt if the app runner cannot be loaded.
        return started && inspect ? "1" : NULL;
    }
    char *value = getenv(name);
    if (value == NULL || strcmp(name, "MICROPYPATH") != 0) {
        return value;
    }
    // The app runner is frozen into the program; the path does not matter.
    static const char frozen[] = ".frozen:";
    static char *path; // static: it is still reachable, so it is not a leak
    free(path);
    path = malloc(sizeof(frozen) + strlen(value));
    return path == NULL ? NULL : strcat(strcpy(path, frozen), value);
}

// Before the app runner has started, Ctrl-C must not raise: no code would catch the exception.
void main_set_interrupt_char(char c) {
    if (started) {
        mp_hal_set_interrupt_char(c);
    }
}

// MicroPython's import, as unix_port.h names it. Nothing tells the firmware that an app has imported asyncio, so it
// looks after each import.
mp_obj_t program_import(size_t n_args, const mp_obj_t *args) {
    mp_obj_t module = mp_builtin___import___default(n_args, args);
    if (MP_STATE_VM(program_import_hook) != MP_OBJ_NULL) {
        mp_call_function_2(MP_STATE_VM(program_import_hook), args[0], MP_OBJ_FROM_PTR(mp_globals_get()));
    }
    return module;
}

// ------------------------------------------------------------------------------------------------
// Functions that the app runner calls

// start() -> the command line from the program on, a list of str. MicroPython's own argv is not used, because it allows
// only short strings.
static mp_obj_t program_start(void) {
    started = true;
    #if HTTP_ENGINE_TRACE
    trace_start();
    #endif
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (char **arg = program_argv; *arg != NULL; arg++) {
        // A path may be invalid UTF-8.
        mp_obj_list_append(list, mp_obj_new_str_copy(&mp_type_str, (const byte *)*arg, strlen(*arg)));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_0(program_start_obj, program_start);

// own_frames(exception, path) -> the number of frames in its traceback, without those of the firmware's frozen modules.
// path is the app's path, which may be the name of such a module.
static mp_obj_t program_own_frames(mp_obj_t exception, mp_obj_t path_in) {
    const char *path = mp_obj_str_get_str(path_in);
    size_t n;
    size_t *frames; // file, line, block; the innermost one first
    mp_obj_exception_get_traceback(exception, &n, &frames);
    mp_obj_exception_clear_traceback(exception);
    int kept = 0;
    for (size_t i = 0; i + 2 < n; i += 3) {
        const char *file = qstr_str(frames[i]);
        if (strcmp(file, path) == 0 || mp_find_frozen_module(file, NULL, NULL) != MP_IMPORT_STAT_FILE) {
            mp_obj_exception_add_traceback(exception, frames[i], frames[i + 1], frames[i + 2]);
            kept++;
        }
    }
    return MP_OBJ_NEW_SMALL_INT(kept);
}
static MP_DEFINE_CONST_FUN_OBJ_2(program_own_frames_obj, program_own_frames);

MP_REGISTER_ROOT_POINTER(mp_obj_t program_import_hook);

// on_import(function): function(name, importer) is called after each import; importer: the globals of the module that
// imports.
static mp_obj_t program_on_import(mp_obj_t function) {
    MP_STATE_VM(program_import_hook) = function;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(program_on_import_obj, program_on_import);

#if FIRMWARE_STRICT
// This runs in the signal handler: Python may never come back to the idle loop.
static void program_say_busy(int signal) {
    (void)signal;
    static const char text[] = "dl7450: strict: Python has not been idle for a second: meanwhile no callback runs and nothing "
        "is drawn. Ctrl-C says where it is\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)ignored;
}

// watch(ms): a warning on stderr unless watch() is called again within so many milliseconds, once; 0: no warning.
static mp_obj_t program_watch(mp_obj_t ms_in) {
    struct sigaction action = { .sa_handler = program_say_busy, .sa_flags = SA_RESTART };
    sigaction(SIGALRM, &action, NULL);
    mp_int_t ms = mp_obj_get_int(ms_in);
    struct itimerval timer = { .it_value = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 } };
    setitimer(ITIMER_REAL, &timer, NULL);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(program_watch_obj, program_watch);
#endif

static const mp_rom_map_elem_t program_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__program) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&program_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_own_frames), MP_ROM_PTR(&program_own_frames_obj) },
    { MP_ROM_QSTR(MP_QSTR_on_import), MP_ROM_PTR(&program_on_import_obj) },
    #if FIRMWARE_STRICT
    { MP_ROM_QSTR(MP_QSTR_watch), MP_ROM_PTR(&program_watch_obj) },
    #endif
};
static MP_DEFINE_CONST_DICT(program_globals, program_globals_table);

const mp_obj_module_t mp_module__program = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&program_globals,
};

MP_REGISTER_MODULE(MP_QSTR__program, mp_module__program);

// ------------------------------------------------------------------------------------------------
// The command line

static __attribute__((noreturn)) void usage(const char *what, const char *why) {
    fprintf(stderr, "dl7450: %s: %s\n", what, why);
    exit(USAGE);
}

// Check the size as MicroPython reads it: a number, "w" for words, K or M.
static void check_heapsize(const char *option) {
    char *end;
    long long size = strtoll(strchr(option, '=') + 1, &end, 0);
    if ((*end | 0x20) == 'w') {
        size = size > PTRDIFF_MAX / 8 ? PTRDIFF_MAX : size / 4 * MP_BYTES_PER_OBJ_WORD;
        end++;
    }
    int shift = (*end | 0x20) == 'k' ? 10 : (*end | 0x20) == 'm' ? 20 : 0;
    if (end[shift != 0] != 0 || size <= 0 || size < 1024 >> shift) {
        usage(option, "a number of bytes, or with K or M behind it; 1K at least");
    }
    void *heap = size > PTRDIFF_MAX >> shift ? NULL : malloc((size_t)size << shift);
    if (heap == NULL) {
        usage(option, "there is not so much memory");
    }
    free(heap);
}

static void check_implementation_option(const char *option) {
    if (option == NULL) {
        usage("-X", "heapsize=... or emit=... is missing");
    }
    if (strncmp(option, "heapsize=", 9) == 0) {
        check_heapsize(option);
        heap_is_fixed = true;
    } else if (strcmp(option, "emit=bytecode") != 0
               #if MICROPY_EMIT_NATIVE
               && strcmp(option, "emit=native") != 0 && strcmp(option, "emit=viper") != 0
               #endif
               ) {
        usage(option, "there is no such option -X");
    }
}

// After MicroPython's own.
static void print_more_help(void) {
    printf("\nOptions of dl7450:\n"
        "--serial LINE : run the program as a board does: its output is the log, and the REPL is on the terminal LINE\n");
}

static bool is_option(const char *arg) {
    return arg[0] == '-' && arg[1] != 0 && strcmp(arg, "-c") != 0 && strcmp(arg, "-m") != 0;
}

// The index of the first argument that is not an option (-c, -m, - or a file), or argc. Sets serial to the index of
// --serial. An option that MicroPython does not have ends the program.
static int find_program(int argc, char **argv, int *serial) {
    int i = 1;
    for (; i < argc && is_option(argv[i]); i++) {
        const char *option = argv[i];
        if (strcmp(option, "-X") == 0) {
            check_implementation_option(argv[++i]);
        } else if (strcmp(option, "-i") == 0) {
            inspect = true;
        } else if (strcmp(option, "--serial") == 0) {
            *serial = i++;
            if (argv[i] == NULL) {
                usage(option, "the line is missing");
            }
        } else if (strcmp(option, "-h") == 0) {
            atexit(print_more_help);
        } else if (strcmp(option, "--version") != 0 && strncmp(option, "-O", 2) != 0
                   #if MICROPY_DEBUG_PRINTERS
                   && strcmp(option, "-v") != 0
                   #endif
                   ) {
            usage(option, "there is no such option");
        }
    }
    if (i + 1 == argc && argv[i][0] == '-' && argv[i][1] != 0) {
        usage(argv[i], argv[i][1] == 'c' ? "the code is missing" : "the module is missing");
    }
    return i;
}

int main(int argc, char **argv) {
    if (!memory_limit_start()) {
        fprintf(stderr, "dl7450: DL7450_MEMORY=%s: a number of bytes, or with K, M or G behind it; 0: no limit\n",
            getenv("DL7450_MEMORY"));
        return USAGE;
    }
    const char *soft_reset = NULL;
    if (argc > 1 && strncmp(argv[1], SERIAL_SOFT_RESET, strlen(SERIAL_SOFT_RESET)) == 0) {
        soft_reset = argv[1] + strlen(SERIAL_SOFT_RESET);
        argv[1] = argv[0];
        argc--;
        argv++;
    }
    const char *setting = getenv("MICROPYINSPECT");
    inspect = setting != NULL && *setting != 0;
    int serial = 0; // the index of --serial, before LINE
    int program = find_program(argc, argv, &serial);
    static char *standard_input[] = { "-", NULL };
    program_argv = argv + program;
    if (serial != 0) {
        inspect = false; // the REPL is on the line
        if (!serial_start(argv[serial + 1], argv, soft_reset)) {
            program_argv = argv + argc;
        }
    } else if (program == argc && !inspect) {
        // Without a program: on a terminal start the REPL, otherwise read the program from the standard input.
        if (isatty(STDIN_FILENO)) {
            inspect = true;
        } else {
            program_argv = standard_input;
        }
    }
    // [options] PROGRAM becomes [options] -c and code that calls start() to get PROGRAM.
    char **args = malloc((program + 3) * sizeof(*args));
    if (args == NULL) {
        return 1;
    }
    int n = 0;
    for (int i = 0; i < program; i++) {
        if (serial != 0 && i == serial) {
            i++;
        } else if (strcmp(argv[i], "-i") != 0) {
            args[n++] = argv[i];
        }
    }
    args[n++] = "-c";
    args[n++] = "__import__('_dl7450')";
    args[n] = NULL;
    int code = micropython_main(n, args);
    free(args);
    return code;
}
