# The dock: a 64-bit Arm Linux process, one static executable (see board.md).
# A vendor replaces TARGET_GCC by a CROSS_COMPILE of his own: then musl is not built.
TARGET = aarch64-linux-musl
TARGET_GCC = aarch64-linux-gnu-
TARGET_CFLAGS = -Os -mcpu=cortex-a53 -mno-outline-atomics -fno-pie -fstack-protector-strong \
    -fno-asynchronous-unwind-tables -fno-unwind-tables
TARGET_LDFLAGS = -static -no-pie
# What runs the program here, for the tests.
TARGET_EMULATOR = qemu-aarch64-static
# What the tests do without there: a static program takes no libraries in front of its own.
TESTS_LACK = preload verify_false proxy_environment
BOARD_PACKAGES = gcc-aarch64-linux-gnu bzip2 qemu-user-static

# The device takes no proxy from an environment, loses power, and has no clock of its own before NTP.
BOARD_CFLAGS = -DHTTP_ENGINE_SYNC_FILES=1

# TLS 1.2 and 1.3 for a client, and nothing else.
MBEDTLS_CONFIG = $(BOARD_DIR)/mbedtls_config.h

# HTTP and HTTPS, and of those what the engine uses.
CURL_CA_BUNDLE = /etc/ssl/certs/ca-certificates.crt
CURL_OPTIONS = \
    --with-ca-bundle=$(CURL_CA_BUNDLE) --without-ca-path \
    --without-brotli --without-zstd --without-libpsl --without-libidn2 --without-nghttp2 \
    --without-librtmp --without-libssh2 --without-libgsasl \
    --disable-ftp --disable-file --disable-ldap --disable-ldaps --disable-rtsp --disable-dict \
    --disable-telnet --disable-tftp --disable-pop3 --disable-imap --disable-smb --disable-smtp \
    --disable-gopher --disable-mqtt --disable-ipfs --disable-websockets \
    --disable-manual --disable-docs --disable-verbose --disable-libcurl-option \
    --disable-get-easy-options --disable-headers-api --disable-form-api --disable-progress-meter \
    --disable-ntlm --disable-kerberos-auth --disable-negotiate-auth --disable-aws --disable-bearer-auth \
    --disable-tls-srp --disable-unix-sockets --disable-doh --disable-netrc --disable-alt-svc \
    --disable-hsts --disable-bindlocal
