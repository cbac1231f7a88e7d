# SPDX-License-Identifier: MIT
# This machine's compiler and C library with the firmware's libcurl: what `make bench` compares the two
# versions of libcurl with.
# Read before the compiler is installed, on a machine that has none yet.
TARGET := $(or $(shell gcc -dumpmachine 2>/dev/null),$(shell uname -m)-linux-gnu)
TARGET_CFLAGS = -Os
# As the host build.
BOARD_CFLAGS = -fno-pie
BOARD_LDFLAGS = -no-pie
BOARD_PACKAGES =
