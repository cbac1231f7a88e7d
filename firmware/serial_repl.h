// SPDX-License-Identifier: MIT
// The serial line for development: --serial LINE (firmware/serial_repl.c).

#ifndef FIRMWARE_SERIAL_REPL_H
#define FIRMWARE_SERIAL_REPL_H

#include <stdbool.h>

// The first argument after a soft reset, never given by people; "raw" or "app" follows.
#define SERIAL_SOFT_RESET "--soft-reset="

// Make the terminal at path the serial line. argv: the command line, to start again with; it must
// stay valid. soft_reset: the argument after SERIAL_SOFT_RESET, or NULL. False when the app is not to run,
// because the reset was asked for in the raw REPL. Ends the program with 2 when the line cannot be had.
bool serial_start(const char *path, char **argv, const char *soft_reset);

#endif
