// SPDX-License-Identifier: MIT
// The limit of the program's memory.
//
// Without a limit the kernel promises more memory than it has, and kills the program when the program uses
// it: there is no error and no traceback. With a limit malloc() fails, and the app sees a MemoryError or
// status 27. RLIMIT_DATA counts the memory of malloc(), but not the mapped ROM store or reserved addresses.
//
// The limit is a share of the memory that is available at the start. The kernel needs the rest for sockets,
// page tables and files in memory.

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "py/mpconfig.h"
#include "py/misc.h"

#include "firmware/memory_limit.h"

// A percentage of the available memory. A board's mpconfigvariant.h may set another value.
#ifndef DL7450_MEMORY_PERCENT
#ifdef __SANITIZE_ADDRESS__
#define DL7450_MEMORY_PERCENT (0) // no limit: a sanitizer reserves terabytes
#else
#define DL7450_MEMORY_PERCENT (70)
#endif
#endif

// The heap leaves this part of the limit to libcurl, for bodies, connections and TLS.
#define LEFT_TO_LIBCURL(limit) ((limit) / 8)

static uint64_t limit = UINT64_MAX;

// The memory in use that RLIMIT_DATA counts, and the stack.
static uint64_t data_in_use(void) {
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL) {
        if (fscanf(file, "%*u %*u %*u %*u %*u %llu", &pages) != 1) {
            pages = 0;
        }
        fclose(file);
    }
    return (uint64_t)pages * sysconf(_SC_PAGESIZE);
}

// The available memory: the free memory, but at least half of all memory. On a PC the kernel uses most of the rest to
// cache files, and can drop these.
static uint64_t available(void) {
    struct sysinfo info;
    if (sysinfo(&info) != 0) {
        return 0;
    }
    return (uint64_t)MAX(info.freeram + info.freeswap, info.totalram / 2) * info.mem_unit;
}

// Read a number of bytes. K, M or G may follow the number.
static bool read_size(const char *text, uint64_t *size) {
    char *end;
    unsigned long long number = strtoull(text, &end, 10);
    const char *units = "kmg";
    const char *unit = *end != 0 ? strchr(units, *end | 0x20) : NULL;
    int shift = unit != NULL ? 10 * (int)(unit - units + 1) : 0;
    if (*text < '0' || *text > '9' || end[unit != NULL] != 0 || number > (unsigned long long)INT64_MAX >> shift) {
        return false;
    }
    *size = (uint64_t)number << shift;
    return true;
}

bool memory_limit_start(void) {
    uint64_t most;
    const char *setting = getenv("DL7450_MEMORY");
    if (setting == NULL || *setting == 0) {
        most = available() / 100 * DL7450_MEMORY_PERCENT;
    } else if (!read_size(setting, &most)) {
        return false;
    }
    struct rlimit given;
    if (getrlimit(RLIMIT_DATA, &given) != 0) {
        return true;
    }
    if (most != 0) { // 0: set no limit
        limit = most;
    }
    if (given.rlim_max != RLIM_INFINITY && given.rlim_max < limit) {
        limit = given.rlim_max;
    }
    // Use the hard limit only. After a soft reset the soft limit is the one that this program set before.
    given.rlim_cur = limit == UINT64_MAX ? given.rlim_max : (rlim_t)limit;
    setrlimit(RLIMIT_DATA, &given);
    return true;
}

size_t memory_limit_left(void) {
    if (limit == UINT64_MAX) {
        return SIZE_MAX / 2;
    }
    uint64_t taken = data_in_use() + LEFT_TO_LIBCURL(limit);
    return taken >= limit ? 0 : (size_t)MIN(limit - taken, SIZE_MAX / 2);
}
