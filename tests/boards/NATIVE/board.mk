# This machine's compiler and C library with the firmware's libcurl: what `make bench` compares the two
# versions of libcurl with.
TARGET := $(shell gcc -dumpmachine)
TARGET_CFLAGS = -Os
# As the host build.
BOARD_CFLAGS = -fno-pie
BOARD_LDFLAGS = -no-pie
BOARD_PACKAGES =
