// SPDX-License-Identifier: MIT
// TARGET FILE...: runs a target on files, without libFuzzer.

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static void play(const char *path) {
    FILE *file = fopen(path, "rb");
    HOLDS(file != NULL && fseek(file, 0, SEEK_END) == 0);
    size_t size = ftell(file);
    rewind(file);
    uint8_t *data = malloc(size + (size == 0));
    HOLDS(data != NULL && fread(data, 1, size, file) == size);
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1; i < argc; i++) {
        puts(argv[i]); // the last line names the file that failed
        play(argv[i]);
    }
    return 0;
}
