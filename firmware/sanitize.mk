# SPDX-License-Identifier: MIT
# gcc's sanitizers: make test SANITIZE=address,undefined, make test-engine SANITIZE=thread.
#
# This file builds the program; tests/support/sanitizers.py builds the engine's tests and makes each report a failure.
SANITIZE ?=
ifneq ($(SANITIZE),)

SANITIZE_KINDS := $(subst $(COMMA), ,$(SANITIZE))
SANITIZE_SUFFIX := -$(subst $(COMMA),-,$(SANITIZE))

# A report ends the program: it cannot be missed. The two libraries as shared ones know nothing of each
# other, and UBSan's reports would not go to log_path (tests/support/sanitizers.py) but to the program's stderr; and
# ASan's would have to come before what tests LD_PRELOAD.
SANITIZE_CFLAGS := -fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g
# Memory that the engine keeps would hide errors from ASan.
SANITIZE_CFLAGS += $(if $(filter address,$(SANITIZE_KINDS)),-DHTTP_ENGINE_KEEP_MEMORY=0)
SANITIZE_LDFLAGS := -fsanitize=$(SANITIZE) $(if $(filter address,$(SANITIZE_KINDS)),-static-libasan) \
    $(if $(filter undefined,$(SANITIZE_KINDS)),-static-libubsan)
# The program keeps its symbols, so that reports contain line numbers.
SANITIZE_MAKE_ARGS = STRIP=
ifneq ($(filter undefined,$(SANITIZE_KINDS)),)
# For an empty object MicroPython calls memcpy(NULL, NULL, 0) (py/objarray.c, objboundmeth.c, objclosure.c). That
# copies nothing. For a zero that came from larger numbers it subtracts from a NULL pointer that it does not use
# (py/mpz.c). So both checks are off there. They are on for the files of this project (SANITIZE_OURS, unix_port.mk).
SANITIZE_CFLAGS += -fno-sanitize=nonnull-attribute,pointer-overflow
SANITIZE_MAKE_ARGS += SANITIZE_OURS=-fsanitize=nonnull-attribute,pointer-overflow
endif

# What a program with sanitizers cannot do. tests/conftest.py leaves those tests out.
SANITIZE_LACKS := valgrind malloc memory memory_limit no_sanitizer

endif
