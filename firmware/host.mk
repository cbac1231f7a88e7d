# MicroPython, fetched and verified, and the host build on it: `make host`.

include firmware/pins.env

# Your own tree instead of the pinned one: make ... MICROPYTHON=/path/to/checkout
MICROPYTHON ?=
PINNED := build/micropython-$(MICROPYTHON_VERSION)
MPY_DIR := $(abspath $(or $(MICROPYTHON),$(PINNED)))

UNIX := build/unix
MPY_CROSS := build/mpy-cross
# Freezing asks for micropython-lib, which nothing here uses.
NO_LIB := build/no-micropython-lib

# MicroPython would otherwise take its version from the git checkout around it: ours.
export MICROPY_GIT_TAG = v$(shell sed -nE 's/^.define MICROPY_VERSION_(MAJOR|MINOR|MICRO)[^0-9]*([0-9]+).*/\2/p' \
    $(MPY_DIR)/py/mpconfig.h 2>/dev/null | paste -sd.)

# What a stale build folder cannot take: another tree, other files, other flags.
BUILD_KEY = $(MPY_DIR) $(sort $(wildcard http/*.[ch] firmware/*.[ch] boards/UNIX/*)) $(CFLAGS_EXTRA) $(LDFLAGS_EXTRA)

HOST_MAKE_ARGS = \
    BUILD=$(abspath $(UNIX)) \
    VARIANT_DIR=$(abspath boards/UNIX) \
    USER_C_MODULES=$(CURDIR) \
    MICROPY_MANIFEST_MODULES_DIR=$(abspath modules) \
    MICROPY_MPYCROSS=$(abspath $(MPY_CROSS))/mpy-cross \
    MICROPY_MPYCROSS_DEPENDENCY= \
    MPY_LIB_DIR=$(abspath $(NO_LIB))

# Of MicroPython's build show what fails, and that something happens.
SHOW_PROGRESS = awk '/^CC /{ if (++n % 50 == 0) { print "  " n " files compiled"; fflush() } next } \
    /warning:|error:|Error |^make.*\*\*\*|undefined reference|^In file|[0-9]+ \|/{ print; fflush() }'

.PHONY: host
host: packages micropython ## Build the program for this machine: build/unix/dl7450
	@echo "building $(UNIX)/dl7450 with MicroPython $(MICROPY_GIT_TAG)"
	@echo '$(BUILD_KEY)' | cmp -s - $(UNIX)/.key || rm -rf $(UNIX)
	@echo '$(MPY_DIR)' | cmp -s - $(MPY_CROSS)/.key || rm -rf $(MPY_CROSS)
	@mkdir -p $(UNIX) $(MPY_CROSS) $(NO_LIB)
	@touch $(NO_LIB)/README.md
	@echo '$(BUILD_KEY)' >$(UNIX)/.key
	@echo '$(MPY_DIR)' >$(MPY_CROSS)/.key
	@$(MAKE) -C $(MPY_DIR)/mpy-cross -j$$(nproc) BUILD=$(abspath $(MPY_CROSS)) USER_C_MODULES= CFLAGS_EXTRA= LDFLAGS_EXTRA= 2>&1 | $(SHOW_PROGRESS)
	@$(MAKE) -C $(MPY_DIR)/ports/unix -j$$(nproc) $(HOST_MAKE_ARGS) 2>&1 | $(SHOW_PROGRESS)
	@echo "built $(UNIX)/dl7450"

.PHONY: micropython
ifeq ($(MICROPYTHON),)
micropython: packages $(PINNED)/py/mpconfig.h
else
micropython:
	@[ -e $(MPY_DIR)/py/mpconfig.h ] || { echo "error: MICROPYTHON=$(MICROPYTHON) is no MicroPython tree" >&2; exit 1; }
endif

$(PINNED)/py/mpconfig.h: | packages
	@firmware/fetch-source.sh $(MICROPYTHON_SUITE) $(MICROPYTHON_PACKAGE) $(MICROPYTHON_TARBALL) $(MICROPYTHON_SHA256) $(PINNED)
