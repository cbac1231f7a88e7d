// SPDX-License-Identifier: MIT
// The serial line for development: --serial LINE (firmware/serial_repl.c).

#ifndef FIRMWARE_SERIAL_REPL_H
#define FIRMWARE_SERIAL_REPL_H

#include <stdbool.h>

// The first argument after a soft reset; users do not pass it. "raw" or "app" follows.
#define SERIAL_SOFT_RESET "--soft-reset="

// Make the terminal at path the serial line. argv is the command line for a restart, and must stay valid. soft_reset is
// the argument after SERIAL_SOFT_RESET, or NULL. Returns false if the app must not run, because the raw REPL requested
// the reset. Ends the program with 2 if the line cannot be opened.
bool serial_start(const char *path, char **argv, const char *soft_reset);

#endif
