# This machine's compiler and C library with the firmware's libcurl: what `make bench` compares the two
# versions of libcurl with.
TARGET = x86_64-linux-gnu
TARGET_CFLAGS = -Os
BOARD_PACKAGES =
