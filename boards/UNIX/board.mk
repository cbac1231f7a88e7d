# SPDX-License-Identifier: MIT
# The host build: this machine's compiler and this machine's libcurl, its OpenSSL, and zlib.
BOARD_PACKAGES = libcurl4-openssl-dev libssl-dev zlib1g-dev
# Position-independent code would start more slowly: the tables of MicroPython would be relocated at each start.
BOARD_CFLAGS = -fno-pie
BOARD_LDFLAGS = -no-pie
