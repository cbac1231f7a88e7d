// SPDX-License-Identifier: MIT
// The serial line for development: dl7450 --serial LINE [APP].
//
// First the app runs. Its output goes to the log, which is the stdout and stderr of the process. Ctrl-C on
// the line ends the app: the line is the controlling terminal, so SIGINT comes even if nobody reads
// the line. After the app, the line has the REPL of MicroPython's boards: friendly for people, raw for
// mpremote and tools/dock. A soft reset is an exec() of the same command line: no part is left of the
// app, no request, no timer, no descriptor.
//
// When the line hangs up, SIGHUP ends the program. The program that started it must open the line again.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/readline/readline.h"
#include "shared/runtime/pyexec.h"

#include "firmware/serial_repl.h"
#include "http/engine.h"

#define LINE_AFTER_RESET (3) // the descriptor of the line during a soft reset
#define FATAL (2)

typedef enum {
    LINE_APP, // the app runs: Ctrl-C is SIGINT; the kernel echoes, so that a busy board still reacts
    LINE_READ, // the REPL reads, or code has called micropython.kbd_intr(-1): no byte is special
    LINE_EXEC, // the REPL executes: Ctrl-C is SIGINT
} line_mode_t;

extern char **environ;

// MicroPython's function, renamed by firmware/unix_port.mk.
void unix_set_interrupt_char(char c);
void mp_sched_keyboard_interrupt(void);

static int line = -1;
static line_mode_t mode = LINE_APP;
static int log_fds[3]; // the original descriptors 0, 1 and 2, while these are the line
static volatile bool catching; // Ctrl-C raises KeyboardInterrupt
static volatile bool missed; // Ctrl-C came while it was not caught

// The state that a soft reset restores, because the app may have changed it.
static char **start_argv;
static char **start_environ;
static int start_folder;

static void set_mode(line_mode_t new_mode) {
    mode = new_mode;
    struct termios t = { 0 };
    tcgetattr(line, &t);
    // An app does not read its input. Without a reader the queue would fill up, and then Ctrl-C would not be
    // seen. With ICANON the kernel drops such input: no byte ends a line here, since '\n' becomes '\r'.
    t.c_iflag = IGNBRK | IGNPAR | (mode == LINE_APP ? INLCR : 0);
    t.c_oflag = mode == LINE_READ ? 0 : OPOST | ONLCR;
    t.c_cflag = CS8 | CREAD | CLOCAL;
    t.c_lflag = 0;
    if (mode != LINE_READ) {
        t.c_lflag |= ISIG | NOFLSH; // Ctrl-C discards neither output nor input
    }
    if (mode == LINE_APP) {
        t.c_lflag |= ICANON | ECHO | ECHOCTL;
    }
    for (size_t i = 0; i < NCCS; i++) {
        t.c_cc[i] = _POSIX_VDISABLE;
    }
    t.c_cc[VINTR] = CHAR_CTRL_C;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    cfsetispeed(&t, B115200);
    cfsetospeed(&t, B115200);
    tcsetattr(line, TCSANOW, &t);
}

// ------------------------------------------------------------------------------------------------
// Ctrl-C

static void on_interrupt(int signum) {
    (void)signum;
    if (catching) {
        mp_sched_keyboard_interrupt();
    } else {
        missed = true;
    }
}

void mp_hal_set_interrupt_char(char c) {
    if (line < 0) {
        unix_set_interrupt_char(c);
        return;
    }
    catching = c == CHAR_CTRL_C;
    if (mode != LINE_APP) {
        set_mode(catching ? LINE_EXEC : LINE_READ);
    } else if (catching && missed) {
        mp_sched_keyboard_interrupt(); // it came while the program was starting
    }
    if (catching) {
        missed = false;
    }
}

// Blocked signals stay pending through exec(): the app after the soft reset gets them.
static void hold_interrupts(bool hold) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static void catch_signals(void) {
    struct sigaction sa = { .sa_handler = on_interrupt };
    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    hold_interrupts(false);
    signal(SIGHUP, SIG_DFL); // nohup sets SIG_IGN: then a hang-up would not end the program
}

// ------------------------------------------------------------------------------------------------
// Start

static void fail(const char *path, const char *why) {
    fprintf(stderr, "dl7450: --serial %s: %s\n", path, why);
    exit(FATAL);
}

static int open_line(const char *path) {
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC); // a UART may wait for its carrier
    if (fd < 0) {
        fail(path, strerror(errno));
    }
    if (!isatty(fd)) {
        fail(path, "it is no terminal");
    }
    fcntl(fd, F_SETFL, O_RDWR);
    // A number above the standard descriptors, also if the program was started without these.
    int high = fcntl(fd, F_DUPFD_CLOEXEC, LINE_AFTER_RESET);
    close(fd);
    return high;
}

static void take_as_controlling_terminal(const char *path) {
    if (setsid() < 0 && getsid(0) != getpid()) {
        fail(path, "the program needs a session of its own; start it with setsid");
    }
    if (ioctl(line, TIOCSCTTY, 0) < 0) {
        fail(path, "it is the terminal of another session, or this session has another terminal");
    }
}

static char **copy_pointers(char **list) {
    size_t n = 0;
    while (list[n] != NULL) {
        n++;
    }
    char **copy = malloc((n + 1) * sizeof(*copy));
    if (copy != NULL) {
        memcpy(copy, list, (n + 1) * sizeof(*copy));
    }
    return copy;
}

bool serial_start(const char *path, char **argv, const char *soft_reset) {
    start_argv = copy_pointers(argv);
    start_environ = copy_pointers(environ);
    start_folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool raw = soft_reset != NULL && strcmp(soft_reset, "raw") == 0;
    catch_signals(); // before the line can send a signal
    if (soft_reset != NULL) {
        line = LINE_AFTER_RESET;
        fcntl(line, F_SETFD, FD_CLOEXEC);
    } else {
        line = open_line(path);
        take_as_controlling_terminal(path);
    }
    if (raw) {
        // Use the REPL's mode of the line from the start: a byte 3 that comes now is for the REPL.
        pyexec_mode_kind = PYEXEC_MODE_RAW_REPL;
        set_mode(LINE_READ);
    } else {
        set_mode(LINE_APP);
    }
    if (soft_reset == NULL) {
        // Tells a tool that is using the line that the board was reset.
        dprintf(line, "\nMPY: boot\n");
    }
    return !raw;
}

// ------------------------------------------------------------------------------------------------
// Soft reset

static void close_all_above(int last) {
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) {
        return;
    }
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        int fd = atoi(entry->d_name);
        if (fd > last && fd != dirfd(folder)) {
            close(fd);
        }
    }
    closedir(folder);
}

static __attribute__((noreturn)) void start_anew(void) {
    bool raw = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL;
    const char *how = raw ? SERIAL_SOFT_RESET "raw" : SERIAL_SOFT_RESET "app";
    if (!raw) {
        hold_interrupts(true);
        set_mode(LINE_APP); // from now on Ctrl-C is for the app
    }
    mp_hal_stdout_tx_str(raw ? "MPY: soft reboot\r\n" : "MPY: soft reboot\n"); // the terminal adds "\r"
    http_engine_deinit(); // the engine's thread must not use descriptors that are closed below

    size_t argc = 0;
    while (start_argv[argc] != NULL) {
        argc++;
    }
    char **argv = malloc((argc + 2) * sizeof(*argv));
    if (argv != NULL && fchdir(start_folder) == 0) {
        argv[0] = start_argv[0];
        argv[1] = (char *)how;
        memcpy(argv + 2, start_argv + 1, argc * sizeof(*argv)); // including the NULL at the end
        for (int i = 0; i < 3; i++) {
            dup2(log_fds[i], i);
        }
        if (line == LINE_AFTER_RESET) {
            fcntl(line, F_SETFD, 0);
        } else {
            dup2(line, LINE_AFTER_RESET);
        }
        // Descriptors of libcurl and of the app may lack close-on-exec.
        close_all_above(LINE_AFTER_RESET);
        execve("/proc/self/exe", argv, start_environ);
    }
    perror("dl7450: soft reset");
    _exit(FATAL);
}

// ------------------------------------------------------------------------------------------------
// The REPL

// MicroPython ends lines with "\n", and its boards send "\r\n". While code runs, the terminal adds the "\r". While the
// REPL writes, this function adds it. The REPL itself writes "\r\n", too: this must not change.
void serial_print_strn(const char *str, size_t len) {
    if (line < 0 || mode != LINE_READ) {
        mp_hal_stdout_tx_strn(str, len);
        return;
    }
    const char *end = str + len;
    while (str < end) {
        const char *newline = memchr(str, '\n', end - str);
        const char *stop = newline == NULL ? end : newline;
        if (stop > str) {
            mp_hal_stdout_tx_strn(str, stop - str);
        }
        if (newline == NULL) {
            break;
        }
        mp_hal_stdout_tx_strn("\r\n", 2);
        str = newline + 1;
    }
}

#if MICROPY_VERSION >= MICROPY_MAKE_VERSION(1, 27, 0)

// pyexec.c calls these instead of mp_hal_stdio_mode_raw() and mp_hal_stdio_mode_orig() (see unix_port.mk), because
// those drop input that was typed ahead. On the line mp_hal_set_interrupt_char() sets the modes.
void serial_mode_raw(void) {
    if (line < 0) {
        mp_hal_stdio_mode_raw();
    }
}

void serial_mode_orig(void) {
    if (line < 0) {
        mp_hal_stdio_mode_orig();
    }
}

#endif

// Run one of the two REPLs until the user changes to the other one, or requests a soft reset (true).
static bool run_repl(void) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        int code = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
        nlr_pop();
        return code & PYEXEC_FORCED_EXIT;
    }
    // An error of the REPL itself and not of the typed code. Example: there is no memory for the code.
    mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(nlr.ret_val));
    return false;
}

// repl(globals): the REPL on the serial line. Returns only when there is no serial line.
static mp_obj_t mod_serial_repl(mp_obj_t globals) {
    if (line < 0) {
        return mp_const_none;
    }
    mp_handle_pending(false); // drop a Ctrl-C that was for the app
    for (int i = 0; i < 3; i++) {
        log_fds[i] = fcntl(i, F_DUPFD_CLOEXEC, LINE_AFTER_RESET);
        dup2(line, i);
    }
    set_mode(LINE_READ);
    mp_globals_set(MP_OBJ_TO_PTR(globals));
    mp_locals_set(MP_OBJ_TO_PTR(globals));
    readline_init0();
    while (!run_repl()) {
    }
    start_anew();
}
static MP_DEFINE_CONST_FUN_OBJ_1(mod_serial_repl_obj, mod_serial_repl);

static const mp_rom_map_elem_t serial_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__serial) },
    { MP_ROM_QSTR(MP_QSTR_repl), MP_ROM_PTR(&mod_serial_repl_obj) },
};
static MP_DEFINE_CONST_DICT(serial_globals, serial_globals_table);

const mp_obj_module_t mp_module__serial = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&serial_globals,
};

MP_REGISTER_MODULE(MP_QSTR__serial, mp_module__serial);
