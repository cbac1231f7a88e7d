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
# ASan is to see all memory.
SANITIZE_CFLAGS += $(if $(filter address,$(SANITIZE_KINDS)),-DHTTP_ENGINE_KEEP_MEMORY=0)
SANITIZE_LDFLAGS := -fsanitize=$(SANITIZE) $(if $(filter address,$(SANITIZE_KINDS)),-static-libasan) \
    $(if $(filter undefined,$(SANITIZE_KINDS)),-static-libubsan)
# Reports name lines: the program keeps its symbols.
SANITIZE_MAKE_ARGS = STRIP=
ifneq ($(filter undefined,$(SANITIZE_KINDS)),)
# MicroPython copies from and to NULL, memcpy(NULL, NULL, 0), when an object is empty (py/objarray.c,
# objboundmeth.c, objclosure.c): no byte is touched. What is ours may not do it (unix_port.mk).
SANITIZE_CFLAGS += -fno-sanitize=nonnull-attribute
SANITIZE_MAKE_ARGS += SANITIZE_OURS=-fsanitize=nonnull-attribute
endif

# What the program under test then cannot do; see tests/conftest.py.
SANITIZE_LACKS := valgrind memory memory_limit

endif
