// SPDX-License-Identifier: MIT
// LD_PRELOADed: logs each fsync() and rename() as a line in the file $STORAGE_LOG. For these paths a call fails, as on
// disks that are broken and on network file systems: fsync() for $STORAGE_BROKEN, close() for $STORAGE_UNCLOSABLE, and
// each second write() for $STORAGE_INTERRUPTED; the others write a part.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void note(const char *what, const char *path) {
    FILE *log = fopen(getenv("STORAGE_LOG"), "a");
    fprintf(log, "%s %s\n", what, path);
    fclose(log);
}

typedef char path_t[4096];

// "" if the descriptor is none.
static void find_path(int fd, path_t path) {
    char link[32];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path_t) - 1);
    path[len < 0 ? 0 : len] = 0;
}

static bool is_path_of(int fd, const char *variable) {
    const char *wanted = getenv(variable);
    path_t path;
    if (wanted != NULL) {
        find_path(fd, path);
    }
    return wanted != NULL && strcmp(wanted, path) == 0;
}

int fsync(int fd) {
    path_t path;
    find_path(fd, path);
    note("sync", path);
    if (is_path_of(fd, "STORAGE_BROKEN")) {
        errno = EIO;
        return -1;
    }
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int close(int fd) {
    bool fails = is_path_of(fd, "STORAGE_UNCLOSABLE");
    int result = ((int (*)(int))dlsym(RTLD_NEXT, "close"))(fd);
    if (fails) {
        errno = EIO;
    }
    return fails ? -1 : result;
}

ssize_t write(int fd, const void *data, size_t len) {
    static unsigned calls;
    if (is_path_of(fd, "STORAGE_INTERRUPTED")) {
        if (++calls % 2 == 1) {
            errno = EINTR;
            return -1;
        }
        len = (len + 1) / 2;
    }
    return ((ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write"))(fd, data, len);
}

int rename(const char *from, const char *to) {
    note("rename", to);
    return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
}
