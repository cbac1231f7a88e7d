# SPDX-License-Identifier: MIT
# The dock: a 64-bit Arm Linux process, one static executable (see board.md).
# A vendor sets CROSS_COMPILE instead of TARGET_GCC. Then musl is not built.
TARGET = aarch64-linux-musl
TARGET_GCC = aarch64-linux-gnu-
TARGET_CFLAGS = -Os -mcpu=cortex-a53 -mno-outline-atomics -fno-pie -fstack-protector-strong \
    -fno-asynchronous-unwind-tables -fno-unwind-tables
TARGET_LDFLAGS = -static -no-pie
# The tests run the program with this emulator.
TARGET_EMULATOR = qemu-aarch64-static
# What the program cannot do in the tests. A static program loads no LD_PRELOAD libraries (preload). A program that
# qemu-user runs cannot start itself again (exec) and has no limit on memory (memory_limit). The board forbids
# verify=False, takes no proxy from the environment, and has neither the strict mode nor stand-ins of devices nor a trace
# nor the texts of help().
TESTS_LACK = help trace tcp_info preload exec verify_false proxy_environment memory_limit strict devices
BOARD_PACKAGES = gcc-aarch64-linux-gnu qemu-user-static

# A dock may lose power at any time, and its clock is wrong until NTP has set it. mpconfigvariant.h has the other switches.
BOARD_CFLAGS = -DHTTP_ENGINE_SYNC_FILES=1 -DHTTP_ENGINE_BUILD_TIME=$(SOURCE_DATE_EPOCH)

# Only a client with TLS 1.2 and 1.3.
MBEDTLS_CONFIG = $(BOARD_DIR)/mbedtls_config.h

# The path of the CA certificates in the image (Debian's ca-certificates), and the largest size of the image in bytes.
CURL_CA_BUNDLE = /etc/ssl/certs/ca-certificates.crt
IMAGE_LIMIT = 1600000
