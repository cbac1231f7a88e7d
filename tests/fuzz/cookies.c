// SPDX-License-Identifier: MIT
// Cookies loaded and saved. Input: lines. Those that Cookies.load() takes go into a jar that must give them
// back; all of them, libcurl's commands and header fields included, into another.

#include <stdlib.h>

#include "fuzz.h"

static void check_clear(http_jar_t *jar) {
    HOLDS(http_jar_load(jar, "ALL"));
    char *text = http_jar_save(jar);
    HOLDS(text != NULL && text[0] == 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    input_t input = { (const char *)data, size };
    http_jar_t *jar = http_jar_new();
    http_jar_t *any = http_jar_new();
    HOLDS(jar != NULL && any != NULL);
    size_t len;
    char *line;
    while ((line = take_line(&input, &len)) != NULL) {
        if (strlen(line) == len && is_cookie(line)) {
            HOLDS(http_jar_load(jar, line));
        }
        HOLDS(http_jar_load(any, line));
        free(line);
    }
    check_jar(jar);
    check_clear(any);
    http_jar_release(any);
    http_jar_release(jar);
    return 0;
}
