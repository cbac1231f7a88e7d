// SPDX-License-Identifier: MIT
// What the fuzz targets share. A target is one file NAME.c with LLVMFuzzerTestOneInput(), which aborts
// when a promise is broken; run.py fuzzes it, test_replay.py plays it the files of corpus/ and found/.

#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "http/engine/state.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Prints what is wrong and aborts.
#define HOLDS(condition) ((condition) ? (void)0 : broken(#condition, __FILE__, __LINE__))
void broken(const char *what, const char *file, int line) __attribute__((noreturn));

// The rest of an input. Each part that is taken from it is a separate allocation with a NUL at the end, so
// that ASan sees a read past the end. The caller frees it.
typedef struct {
    const char *data;
    size_t len;
} input_t;

uint8_t take_byte(input_t *input); // 0 at the end
char *take_line(input_t *input, size_t *len); // without its LF; NULL at the end
char *take_part(input_t *input, size_t *len); // up to FF FF; NULL at the end

// Checks of every result that was taken, and of the URL of every request.
void check_result(const http_result_t *result);
void check_fields(const char *fields, size_t count, size_t max_len);
void check_url(const char *url);

// Does Cookies.load() accept it? And another jar must load and save what such a jar saves.
bool is_cookie(const char *line);
void check_jar(http_jar_t *jar);

bool starts_with(const char *text, const char *start);

#endif
