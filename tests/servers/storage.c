// SPDX-License-Identifier: MIT
// LD_PRELOADed: logs each fsync() and rename() as a line in the file $STORAGE_LOG; fsync() fails for the
// path $STORAGE_BROKEN.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void note(const char *what, const char *path) {
    FILE *log = fopen(getenv("STORAGE_LOG"), "a");
    fprintf(log, "%s %s\n", what, path);
    fclose(log);
}

int fsync(int fd) {
    char link[32];
    char path[4096] = "";
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof(path) - 1) < 0) {
        return -1;
    }
    note("sync", path);
    const char *broken = getenv("STORAGE_BROKEN");
    if (broken != NULL && strcmp(broken, path) == 0) {
        errno = EIO;
        return -1;
    }
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int rename(const char *from, const char *to) {
    note("rename", to);
    return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
}
