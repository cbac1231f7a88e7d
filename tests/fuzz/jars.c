// SPDX-License-Identifier: MIT
// Checks of every cookie jar.

#include <stdlib.h>
#include <time.h>

#include "fuzz.h"

#define NOW (1800000000)
#define FIELDS (7)

// The time that libcurl sees stands still: no cookie expires between two checks.
time_t time(time_t *out) {
    if (out != NULL) {
        *out = NOW;
    }
    return NOW;
}

static bool is_flag(const char *text) {
    return strcmp(text, "TRUE") == 0 || strcmp(text, "FALSE") == 0;
}

static size_t split(char *line, char **fields) {
    size_t count = 0;
    fields[count++] = line;
    for (char *p = line; *p != 0 && count <= FIELDS; p++) {
        if (*p == '\t') {
            *p = 0;
            fields[count++] = p + 1;
        }
    }
    return count;
}

// The same rules as in modules/http/_cookies.py.
bool is_cookie(const char *line) {
    char *own = strdup(line);
    char *fields[FIELDS + 1];
    bool is = split(own, fields) == FIELDS;
    if (is) {
        const char *domain = starts_with(own, "#HttpOnly_") ? own + strlen("#HttpOnly_") : own;
        is = domain[0] != 0 && strpbrk(domain, " #") == NULL && !starts_with(domain, "..") && is_flag(fields[1]) && fields[2][0] == '/'
            && is_flag(fields[3]) && fields[4][0] != 0
            && strspn(fields[4], "0123456789") == strlen(fields[4]) && fields[5][0] != 0;
    }
    free(own);
    return is;
}

// libcurl may remove it at any time.
static bool has_expired(const char *line) {
    char *own = strdup(line);
    char *fields[FIELDS + 1];
    split(own, fields);
    long long expires = strtoll(fields[4], NULL, 10);
    free(own);
    return expires != 0 && expires <= NOW;
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// The lines of a saved jar, sorted; they stay in text.
static char **lines_of(char *text, size_t *count) {
    char **lines = malloc((strlen(text) + 1) * sizeof(*lines));
    *count = 0;
    for (char *line = text; *line != 0;) {
        char *end = strchr(line, '\n');
        HOLDS(end != NULL && end > line); // every line ends, and none is empty
        *end = 0;
        HOLDS(strchr(line, '\r') == NULL);
        if (is_cookie(line) && !has_expired(line)) {
            lines[(*count)++] = line;
        }
        line = end + 1;
    }
    qsort(lines, *count, sizeof(*lines), by_text);
    return lines;
}

void check_jar(http_jar_t *jar) {
    char *text = http_jar_save(jar);
    HOLDS(text != NULL);
    size_t count;
    char **lines = lines_of(text, &count);
    http_jar_t *other = http_jar_new();
    for (size_t i = 0; i < count; i++) {
        HOLDS(http_jar_load(other, lines[i]));
    }
    char *again = http_jar_save(other);
    size_t count_again;
    char **lines_again = lines_of(again, &count_again);
    HOLDS(count_again == count);
    for (size_t i = 0; i < count; i++) {
        HOLDS(strcmp(lines_again[i], lines[i]) == 0);
    }
    free(lines_again);
    free(again);
    free(lines);
    free(text);
    http_jar_release(other);
}
