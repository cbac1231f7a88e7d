# SPDX-License-Identifier: MIT
# The dock: a 64-bit Arm Linux process, one static executable (see board.md).
# A vendor replaces TARGET_GCC by a CROSS_COMPILE of his own: then musl is not built.
TARGET = aarch64-linux-musl
TARGET_GCC = aarch64-linux-gnu-
TARGET_CFLAGS = -Os -mcpu=cortex-a53 -mno-outline-atomics -fno-pie -fstack-protector-strong \
    -fno-asynchronous-unwind-tables -fno-unwind-tables
TARGET_LDFLAGS = -static -no-pie
# What runs the program here, for the tests.
TARGET_EMULATOR = qemu-aarch64-static
# What the tests do without there: a static program takes no libraries in front of its own, and one that
# qemu-user runs cannot start itself anew.
TESTS_LACK = preload exec verify_false proxy_environment memory_limit
BOARD_PACKAGES = gcc-aarch64-linux-gnu qemu-user-static

# The device takes no proxy from an environment, loses power, and has no clock of its own before NTP.
BOARD_CFLAGS = -DHTTP_ENGINE_SYNC_FILES=1 -DHTTP_ENGINE_BUILD_TIME=$(SOURCE_DATE_EPOCH)

# TLS 1.2 and 1.3 for a client, and nothing else.
MBEDTLS_CONFIG = $(BOARD_DIR)/mbedtls_config.h

# Where the image has the certificates of Debian's ca-certificates, and what it may weigh in bytes.
CURL_CA_BUNDLE = /etc/ssl/certs/ca-certificates.crt
IMAGE_LIMIT = 1600000
