# SPDX-License-Identifier: MIT
# The smallest board with libraries of its own, for tests/tools/test_third_board.py: 32 bits.
TARGET = arm-linux-musleabihf
TARGET_GCC = arm-linux-gnueabihf-
TARGET_CFLAGS = -Os -fno-pie
TARGET_LDFLAGS = -static -no-pie
TARGET_EMULATOR = qemu-arm-static
BOARD_PACKAGES = gcc-arm-linux-gnueabihf qemu-user-static
