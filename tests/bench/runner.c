// SPDX-License-Identifier: MIT
// Runs the commands in the file that BENCH_COMMANDS names, one a line, one after the other, and prints what the kernel
// says of each: "bench: CPU_US WALL_US PEAK_KIB". Words are separated by one space. The first command that fails ends it.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX (16)

static long long microseconds(const struct timeval *t) {
    return t->tv_sec * 1000000LL + t->tv_usec;
}

static long long now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

// Changes the line. Returns false if the command failed.
static int run(char *line) {
    char *words[WORDS_MAX + 1] = { NULL };
    int count = 0;
    for (char *word = strtok(line, " \n"); word != NULL && count < WORDS_MAX; word = strtok(NULL, " \n")) {
        words[count++] = word;
    }
    if (count == 0) {
        return 1;
    }
    long long start = now_us();
    pid_t pid = fork();
    if (pid == 0) {
        execv(words[0], words);
        fprintf(stderr, "runner: %s: %s\n", words[0], strerror(errno));
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
        perror("runner");
        return 0;
    }
    long long wall = now_us() - start;
    if (status != 0) {
        fprintf(stderr, "runner: %s: wait status %d\n", words[0], status);
        return 0;
    }
    printf("bench: %lld %lld %ld\n", microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime), wall, usage.ru_maxrss);
    fflush(stdout);
    return 1;
}

int main(void) {
    char line[1024];
    const char *path = getenv("BENCH_COMMANDS");
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    if (file == NULL) {
        perror("runner: BENCH_COMMANDS");
        return 1;
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        if (!run(line)) {
            return 1;
        }
    }
    fclose(file);
    return 0;
}
