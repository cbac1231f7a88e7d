// SPDX-License-Identifier: MIT
// Writes the trace of the host build (firmware/standins/TRACE.md). The engine tells of requests, in any thread; the
// module _tracer takes what Python tells (modules/_trace.py).
//
// A reader that is slow stops the app for a second, once. From then on lines are dropped and counted, until the reader
// has taken all that was written.

#include "firmware/trace.h"
#include "http/engine.h"

#if HTTP_ENGINE_TRACE

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "py/runtime.h"

#define VERSION (1)
#define USAGE (2)
#define PATIENCE_MS (1000)

// Of each direction of a request, if DL7450_TRACE_BODIES does not say another number. The trace of a long download must not
// fill the disk.
#define MOST_BODY_BYTES (1024 * 1024)

// By the numbers of http_fault_t. The words are those of Response.kind().
static const char *const kinds[] = {
    "", "url", "scheme", "name", "resolver", "refused", "unreachable", "connect_timeout", "stall_timeout", "timeout",
    "reset", "closed", "truncated", "invalid_response", "invalid_chunk", "large_header", "large_body",
    "unsafe_redirect", "invalid_redirect", "many_redirects", "proxy", "tls", "cert_date", "cert_name",
    "cert_authority", "cert_revoked", "cert_invalid", "client_cert", "cacert", "file", "upload_file", "iterator",
    "rewind", "encoding", "auth", "memory", "slots", "other",
};

static int fd = -1;
static bool is_socket;
static struct timespec start;
static uint64_t most_body_bytes = MOST_BODY_BYTES;
static uint64_t body_bytes[HTTP_ENGINE_SLOTS][2]; // received and sent, of the request in the slot

// Below: protected by the lock.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *line; // the current one, or the rest of one that the reader has not taken
static size_t line_len;
static size_t line_alloc;
static size_t rest; // how many bytes of line wait for the reader
static bool no_memory;
static unsigned long dropped;

// ------------------------------------------------------------------------------------------------
// One line

// Makes the line so much longer. Returns where that begins, or NULL without memory.
static char *lengthen(size_t len) {
    if (line_len + len > line_alloc) {
        size_t alloc = (line_len + len) * 2;
        char *larger = no_memory ? NULL : realloc(line, alloc);
        if (larger == NULL) {
            no_memory = true;
            return NULL;
        }
        line = larger;
        line_alloc = alloc;
    }
    line_len += len;
    return line + line_len - len;
}

static void put_bytes(const char *data, size_t len) {
    char *to = lengthen(len);
    if (to != NULL) {
        memcpy(to, data, len);
    }
}

static __attribute__((format(printf, 1, 2))) void put(const char *format, ...) {
    char text[160];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    put_bytes(text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
}

// The length of the UTF-8 character at text, or 0 if there is none (RFC 3629).
static size_t utf8_len(const unsigned char *text, size_t len) {
    static const struct {
        unsigned char first;
        unsigned char mask;
        uint32_t least;
    } forms[] = { { 0x00, 0x80, 0 }, { 0xc0, 0xe0, 0x80 }, { 0xe0, 0xf0, 0x800 }, { 0xf0, 0xf8, 0x10000 } };
    for (size_t n = 1; n <= 4 && n <= len; n++) {
        if ((text[0] & forms[n - 1].mask) != forms[n - 1].first) {
            continue;
        }
        uint32_t code = text[0] & (unsigned char)~forms[n - 1].mask;
        for (size_t i = 1; i < n; i++) {
            if ((text[i] & 0xc0) != 0x80) {
                return 0;
            }
            code = code << 6 | (text[i] & 0x3f);
        }
        return code < forms[n - 1].least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : n;
    }
    return 0;
}

static bool is_utf8(const char *data, size_t len) {
    for (size_t n; len > 0; data += n, len -= n) {
        n = utf8_len((const unsigned char *)data, len);
        if (n == 0) {
            return false;
        }
    }
    return true;
}

static void put_string(const char *data, size_t len) {
    put_bytes("\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = data[i];
        if (c == '"' || c == '\\') {
            put("\\%c", c);
        } else if (c == '\n' || c == '\r') {
            put_bytes(c == '\n' ? "\\n" : "\\r", 2);
        } else if (c < 0x20 || c == 0x7f) {
            put("\\u%04x", c);
        } else {
            put_bytes(data + i, 1);
        }
    }
    put_bytes("\"", 1);
}

static void put_base64(const char *data, size_t len) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    put_bytes("\"", 1);
    char *to = lengthen((len + 2) / 3 * 4);
    for (size_t i = 0; to != NULL && i < len; i += 3) {
        const unsigned char *bytes = (const unsigned char *)data + i;
        size_t n = len - i < 3 ? len - i : 3;
        uint32_t bits = bytes[0] << 16 | (n > 1 ? bytes[1] << 8 : 0) | (n > 2 ? bytes[2] : 0);
        *to++ = digits[bits >> 18];
        *to++ = digits[bits >> 12 & 63];
        *to++ = n > 1 ? digits[bits >> 6 & 63] : '=';
        *to++ = n > 2 ? digits[bits & 63] : '=';
    }
    put_bytes("\"", 1);
}

// Text that a person can read, or base64.
static void put_data(const char *data, size_t len) {
    if (is_utf8(data, len)) {
        put(", \"text\": ");
        put_string(data, len);
    } else {
        put(", \"base64\": ");
        put_base64(data, len);
    }
}

// A text that comes from a server or from the app. What is no UTF-8 is replaced.
static void put_text(const char *name, const char *text) {
    put(", \"%s\": ", name);
    if (text == NULL) {
        put("null");
        return;
    }
    size_t len = strlen(text);
    if (is_utf8(text, len)) {
        put_string(text, len);
        return;
    }
    char *ascii = strdup(text);
    for (char *c = ascii; c != NULL && *c != 0; c++) {
        *c = *c & 0x80 ? '?' : *c;
    }
    put_string(ascii == NULL ? "" : ascii, ascii == NULL ? 0 : len);
    free(ascii);
}

// ------------------------------------------------------------------------------------------------
// Writing

static void close_trace(void) {
    if (fd >= 0) {
        close(fd);
        fd = -1;
    }
    rest = 0;
}

// Write the line from `from` on. What the reader does not take becomes the rest.
static void write_line(size_t from, bool patient) {
    rest = line_len - from;
    while (rest > 0 && fd >= 0) {
        const char *data = line + line_len - rest;
        ssize_t n = is_socket ? send(fd, data, rest, MSG_NOSIGNAL | (patient ? 0 : MSG_DONTWAIT)) : write(fd, data, rest);
        if (n > 0) {
            rest -= n;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else if (n < 0 && errno == EAGAIN) { // after PATIENCE_MS, by SO_SNDTIMEO
            return;
        } else {
            if (!is_socket) { // else the reader has gone
                fprintf(stderr, "dl7450: DL7450_TRACE: the trace ends here: %s\n", strerror(errno));
            }
            close_trace();
        }
    }
}

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - start.tv_sec) * 1e3 + (now.tv_nsec - start.tv_nsec) / 1e6;
}

static void begin_line(void) {
    line_len = 0;
    no_memory = false;
    put("{\"t\": %.3f", now_ms());
}

static void end_line(void) {
    put_bytes("}\n", 2);
    if (no_memory) {
        dropped++;
    } else {
        write_line(0, true);
    }
}

static void tell_dropped(void) {
    if (dropped > 0) {
        begin_line();
        put(", \"event\": \"dropped\", \"count\": %lu", dropped);
        dropped = 0;
        end_line();
    }
}

// Take the lock and begin a line. Returns false, without the lock, if no line can be written.
static bool begin(void) {
    pthread_mutex_lock(&lock);
    if (fd >= 0 && rest > 0) {
        write_line(line_len - rest, false);
    }
    if (fd < 0 || rest > 0) {
        dropped++;
        pthread_mutex_unlock(&lock);
        return false;
    }
    tell_dropped();
    if (fd < 0 || rest > 0) {
        dropped++;
        pthread_mutex_unlock(&lock);
        return false;
    }
    begin_line();
    return true;
}

static void end(void) {
    end_line();
    if (line_alloc > 4 * MOST_BODY_BYTES && rest == 0) { // a large picture
        free(line);
        line = NULL;
        line_alloc = 0;
    }
    pthread_mutex_unlock(&lock);
}

// ------------------------------------------------------------------------------------------------
// Requests

static void put_times(const http_result_t *result) {
    static const char *const names[] = { "dns", "connect", "tls", "first_byte", "total" };
    put(", \"times\": {");
    const char *comma = "";
    for (int i = 0; i < HTTP_TIME_COUNT; i++) {
        if (result->time_us[i] != 0) {
            put("%s\"%s\": %.3f", comma, names[i], result->time_us[i] / 1e3);
            comma = ", ";
        }
    }
    put("}");
}

static void put_result(const http_result_t *result, int slot) {
    put(", \"status\": %d, \"kind\": \"%s\", \"received\": %llu", result->status, kinds[result->fault],
        (unsigned long long)result->received);
    put_text("url", result->url);
    put_text("error", result->error);
    put_times(result);
    for (int sent = 0; slot >= 0 && sent < 2; sent++) {
        if (body_bytes[slot][sent] > most_body_bytes) {
            put(", \"%s\": %llu", sent ? "sent_left_out" : "received_left_out",
                (unsigned long long)(body_bytes[slot][sent] - most_body_bytes));
        }
    }
}

// How many of the bytes of a body are told.
static size_t count_body(const http_trace_t *event) {
    if (event->slot < 0) {
        return event->len;
    }
    uint64_t *bytes = &body_bytes[event->slot][event->kind == HTTP_TRACE_SENT_BODY];
    uint64_t before = *bytes;
    *bytes += event->len;
    return before >= most_body_bytes ? 0 : event->len > most_body_bytes - before ? most_body_bytes - before : event->len;
}

static void on_event(const http_trace_t *event) {
    static const char *const names[] = {
        "request", "hop", "sent_head", "sent_body", "head", "body", "hop_end", "done", "cancelled",
    };
    bool is_body = event->kind == HTTP_TRACE_SENT_BODY || event->kind == HTTP_TRACE_BODY;
    if (event->kind == HTTP_TRACE_REQUEST && event->slot >= 0) {
        memset(body_bytes[event->slot], 0, sizeof(body_bytes[0]));
    }
    size_t len = is_body ? count_body(event) : event->len;
    if ((is_body && len == 0) || !begin()) {
        return;
    }
    put(", \"event\": \"%s\", \"id\": %u", names[event->kind], (unsigned)event->id);
    if (event->kind >= HTTP_TRACE_HOP && event->kind <= HTTP_TRACE_HOP_END) {
        put(", \"hop\": %u", event->hop);
    }
    if (event->kind == HTTP_TRACE_REQUEST) {
        put(event->slot < 0 ? ", \"slot\": null" : ", \"slot\": %d", event->slot);
    }
    if (event->kind <= HTTP_TRACE_HOP) {
        put_text("method", event->method);
        put_text("url", event->url);
    } else if (event->kind <= HTTP_TRACE_BODY) {
        put_data(event->data, len);
    } else if (event->kind == HTTP_TRACE_HOP_END) {
        put(", \"status\": %d, \"code\": %d, \"reused\": %s", event->status, event->code, event->reused ? "true" : "false");
        put_text("address", event->address);
        put(", \"port\": %ld", event->port);
        put_times(event->result);
    } else if (event->kind == HTTP_TRACE_DONE) {
        put_result(event->result, event->slot);
    }
    end();
}

// ------------------------------------------------------------------------------------------------
// The start and the end

static __attribute__((noreturn)) void fail(const char *path, const char *why) {
    fprintf(stderr, "dl7450: DL7450_TRACE=%s: %s\n", path, why);
    exit(USAGE);
}

static void connect_to(const char *path) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(address.sun_path)) {
        fail(path, "the path of a socket must be shorter");
    }
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        fail(path, strerror(errno));
    }
    struct timeval patience = { .tv_sec = PATIENCE_MS / 1000, .tv_usec = PATIENCE_MS % 1000 * 1000 };
    int bytes = 1024 * 1024;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

// For this user only: the trace has passwords and keys in it.
static void open_file(const char *path) {
    struct stat status;
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0 || fstat(fd, &status) != 0) {
        fail(path, strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        fail(path, "it must be a file, or a Unix socket that listens");
    }
    if (fchmod(fd, 0600) != 0) {
        fail(path, strerror(errno));
    }
}

void trace_start(void) {
    const char *path = getenv("DL7450_TRACE");
    const char *bodies = getenv("DL7450_TRACE_BODIES");
    struct stat status;
    if (path == NULL || *path == 0 || fd >= 0) {
        return;
    }
    if (bodies != NULL && *bodies != 0) {
        char *last;
        most_body_bytes = strtoull(bodies, &last, 10);
        if (*last != 0 || *bodies == '-') {
            fprintf(stderr, "dl7450: DL7450_TRACE_BODIES=%s: it must be a number of bytes\n", bodies);
            exit(USAGE);
        }
    }
    is_socket = stat(path, &status) == 0 && S_ISSOCK(status.st_mode);
    if (is_socket) {
        connect_to(path);
    } else {
        open_file(path);
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &start);
    clock_gettime(CLOCK_REALTIME, &now);
    if (begin()) {
        put(", \"event\": \"trace\", \"version\": %d, \"time\": %lld.%03d, \"pid\": %ld, \"slots\": %d, \"program\": \"%s\"",
            VERSION, (long long)now.tv_sec, (int)(now.tv_nsec / 1000000), (long)getpid(), HTTP_ENGINE_SLOTS, PROGRAM_VERSION);
        end();
    }
    http_engine_trace(on_event);
    mp_import_name(MP_QSTR__trace, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
}

void trace_deinit(void) {
    http_engine_trace(NULL);
    pthread_mutex_lock(&lock);
    if (fd >= 0 && rest > 0) {
        write_line(line_len - rest, true);
    }
    if (fd >= 0 && rest == 0) {
        tell_dropped();
    }
    close_trace();
    free(line);
    line = NULL;
    line_alloc = line_len = 0;
    pthread_mutex_unlock(&lock);
}

// ------------------------------------------------------------------------------------------------
// The module _tracer

// tell(fields, data=None): write a line. fields: str, a JSON object that is not empty; data: bytes-like, the key
// "base64" of the line.
static mp_obj_t tracer_tell(size_t n_args, const mp_obj_t *args) {
    size_t len;
    const char *fields = mp_obj_str_get_data(args[0], &len);
    mp_buffer_info_t data = { .buf = NULL };
    if (n_args > 1 && args[1] != mp_const_none) {
        mp_get_buffer_raise(args[1], &data, MP_BUFFER_READ);
    }
    if (begin()) {
        put(", ");
        put_bytes(fields + 1, len - 2); // without the braces
        if (data.buf != NULL) {
            put(", \"base64\": ");
            put_base64(data.buf, data.len);
        }
        end();
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(tracer_tell_obj, 1, 2, tracer_tell);

// real_ms(): milliseconds of a clock that is never simulated. A library in front of the C library's functions does not see
// a system call.
static mp_obj_t tracer_real_ms(void) {
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    return MP_OBJ_NEW_SMALL_INT((now.tv_sec * 1000 + now.tv_nsec / 1000000) & 0x3fffffff);
}
static MP_DEFINE_CONST_FUN_OBJ_0(tracer_real_ms_obj, tracer_real_ms);

static const mp_rom_map_elem_t tracer_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__tracer) },
    { MP_ROM_QSTR(MP_QSTR_real_ms), MP_ROM_PTR(&tracer_real_ms_obj) },
    { MP_ROM_QSTR(MP_QSTR_tell), MP_ROM_PTR(&tracer_tell_obj) },
};
static MP_DEFINE_CONST_DICT(tracer_globals, tracer_globals_table);

const mp_obj_module_t mp_module__tracer = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&tracer_globals,
};

MP_REGISTER_MODULE(MP_QSTR__tracer, mp_module__tracer);

#else

void trace_start(void) {
}

void trace_deinit(void) {
}

#endif
