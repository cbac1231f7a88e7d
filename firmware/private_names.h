// SPDX-License-Identifier: MIT
// What py/repl.c is compiled with. When nothing of a name is typed, MicroPython 1.25 lists private names too; 1.26 does not.

#include <string.h>

#define strncmp(typed, name, n) ((n) == 0 && *(name) == '_' ? 1 : strncmp(typed, name, n))
