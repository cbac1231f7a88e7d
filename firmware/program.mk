# SPDX-License-Identifier: MIT
# MicroPython, fetched and verified, and the program dl7450 of one board on it: build/BOARD/dl7450.

include firmware/pins.env

# A folder of files that would otherwise be fetched; then nothing reaches for the network. See `make sources`.
SOURCES ?=
export SOURCES
COMMA := ,
# $(call source,NAME,FOLDER): fetch what pins.env has under that name and unpack it; without FOLDER only fetch it.
source = firmware/fetch-source.sh '$($(1)_TARBALL)' '$($(1)_SHA256)' '$($(1)_PLACES)' $(2)

include firmware/sanitize.mk
BUILD ?= build/$(BOARD)$(SANITIZE_SUFFIX)
PROGRAM := $(BUILD)/dl7450
# The same as a command of this machine.
RUNNABLE = $(if $(TARGET_EMULATOR),$(BUILD)/run,$(PROGRAM))
include $(BOARD_DIR)/board.mk
include firmware/libraries.mk

# Your own tree instead of the pinned one: make ... MICROPYTHON=/path/to/checkout
MICROPYTHON ?=
PINNED := build/micropython-$(MICROPYTHON_VERSION)
MPY_DIR := $(abspath $(or $(MICROPYTHON),$(PINNED)))

NEXT := build/micropython-$(MICROPYTHON_NEXT_VERSION)

MPY_CROSS := build/mpy-cross
# Freezing asks for micropython-lib, which nothing here uses.
NO_LIB := build/no-micropython-lib

# MicroPython would otherwise take its version from the git checkout around it: ours.
export MICROPY_GIT_TAG = v$(shell sed -nE 's/^.define MICROPY_VERSION_(MAJOR|MINOR|MICRO)[^0-9]*([0-9]+).*/\2/p' \
    $(MPY_DIR)/py/mpconfig.h 2>/dev/null | paste -sd.)

# The version of this project has one home, modules/http/__init__.py.
PROGRAM_VERSION := $(shell sed -n 's/^__version__ = "\([^"]*\)".*/\1/p' modules/http/__init__.py 2>/dev/null)

# The date of everything that is built: the same commit gives the same bytes.
# git reads the checkout of another user (sudo make) only when it is told to.
GIT := git -c safe.directory='$(CURDIR)'
ifeq ($(SOURCE_DATE_EPOCH),)
override SOURCE_DATE_EPOCH := $(or $(shell $(GIT) log -1 --format=%ct 2>/dev/null),0)
endif
export SOURCE_DATE_EPOCH
# What was built, for people: how long git's own abbreviations are depends on the clone.
COMMIT = $(or $(shell $(GIT) describe --always --dirty --abbrev=12 2>/dev/null),unknown)

# The board's own flags, and more of them for one build: make ... CFLAGS_EXTRA=...
PROGRAM_CFLAGS = $(strip $(TARGET_CFLAGS) $(PREFIX_MAP) $(BOARD_CFLAGS) $(SANITIZE_CFLAGS) $(CFLAGS_EXTRA))
PROGRAM_LDFLAGS = $(strip $(TARGET_LDFLAGS) $(BOARD_LDFLAGS) $(SANITIZE_LDFLAGS) $(LDFLAGS_EXTRA))

# What a stale build folder cannot take: another tree, other files, other flags.
BUILD_KEY = $(MPY_DIR) $(sort $(wildcard http/*.[ch] firmware/*.[ch] $(BOARD_DIR)/*)) \
    $(PROGRAM_CFLAGS) $(PROGRAM_LDFLAGS) $(HTTP_CURL_CFLAGS) $(HTTP_CURL_LIBS) \
    $(shell sha256sum http/micropython.mk | cut -c-64) \
    $(PROGRAM_VERSION)

PROGRAM_MAKE_ARGS += \
    BUILD=$(abspath $(BUILD)) \
    VARIANT_DIR=$(abspath $(BOARD_DIR)) \
    USER_C_MODULES=$(CURDIR) \
    MICROPY_MANIFEST_MODULES_DIR=$(abspath modules) \
    MICROPY_MANIFEST_STANDINS_DIR=$(abspath firmware/standins) \
    MICROPY_MPYCROSS=$(abspath $(MPY_CROSS))/mpy-cross \
    MICROPY_MPYCROSS_DEPENDENCY= \
    MPY_LIB_DIR=$(abspath $(NO_LIB)) \
    CROSS_COMPILE=$(CROSS_COMPILE) \
    PROGRAM_VERSION=$(PROGRAM_VERSION) \
    CFLAGS_EXTRA='$(PROGRAM_CFLAGS)' \
    LDFLAGS_EXTRA='$(PROGRAM_LDFLAGS)' \
    $(SANITIZE_MAKE_ARGS)

# Of MicroPython's build show what fails, and that something happens.
SHOW_PROGRESS = awk '/^CC /{ if (++n % 50 == 0) { print "  " n " files compiled"; fflush() } next } \
    /warning:|error:|Error |^make.*\*\*\*|undefined reference|^In file|[0-9]+ \|/{ print; fflush() }'

.PHONY: host
host: ## Build: Build the program for this machine: build/UNIX/dl7450 (MICROPYTHON=path)
	@$(MAKE) --no-print-directory program BOARD=UNIX

.PHONY: program
program: packages micropython $(PROGRAM_NEEDS) ## Build: Build the program of a board (BOARD=NAME BOARD_DIR=path)
	@mkdir -p $(BUILD)
	@echo "building $(PROGRAM) with MicroPython $(MICROPY_GIT_TAG)$(if $(filter 0,$(SOURCE_DATE_EPOCH)),$(COMMA) dated 1970: git knows no commit here)"
	@echo '$(BUILD_KEY)' | cmp -s - $(BUILD)/.key || find $(BUILD) -mindepth 1 -maxdepth 1 \
	    ! -name sysroot ! -name libraries -exec rm -rf {} +
	@echo '$(BUILD_KEY)' >$(BUILD)/.key
	@echo '$(MPY_DIR)' | cmp -s - $(MPY_CROSS)/.key || { rm -rf $(MPY_CROSS) && mkdir -p $(MPY_CROSS) && \
	    echo '$(MPY_DIR)' >$(MPY_CROSS)/.key; }
	@mkdir -p $(NO_LIB)
	@touch $(NO_LIB)/README.md
	@$(MAKE) -C $(MPY_DIR)/mpy-cross -j$$(nproc) BUILD=$(abspath $(MPY_CROSS)) USER_C_MODULES= CFLAGS_EXTRA= LDFLAGS_EXTRA= 2>&1 | $(SHOW_PROGRESS)
	@$(MAKE) -C $(MPY_DIR)/ports/unix -j$$(nproc) $(PROGRAM_MAKE_ARGS) 2>&1 | $(SHOW_PROGRESS)
	@$(if $(TARGET_EMULATOR),printf '#!/bin/sh\nexec %s %s "$$@"\n' $(TARGET_EMULATOR) $(abspath $(PROGRAM)) >$(RUNNABLE) && chmod +x $(RUNNABLE))
	@echo "built $(PROGRAM)"

.PHONY: micropython
micropython: $(if $(MICROPYTHON),,packages $(PINNED)/py/mpconfig.h)
	@:

# The sources of a board's program, unpacked: then it can be built without a network.
.PHONY: unpacked
unpacked: micropython $(LIBRARY_TREES)
	@:

$(PINNED)/py/mpconfig.h: | packages
	@$(call source,MICROPYTHON,$(PINNED))

$(NEXT)/py/mpconfig.h: | packages
	@$(call source,MICROPYTHON_NEXT,$(NEXT))
