// SPDX-License-Identifier: MIT
// Loading and saving cookies. Input: lines. The lines that Cookies.load() accepts go into one jar, which must
// return them. All lines, also libcurl's commands and header fields, go into another jar.

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
