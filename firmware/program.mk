# SPDX-License-Identifier: MIT
# MicroPython, fetched and verified, and the program dl7450 of one board on it: build/BOARD/dl7450.

include firmware/pins.env

# A folder with the files that a build needs (see `make sources`). When it is set, the network is not used.
SOURCES ?=
export SOURCES
COMMA := ,
# $(call source,NAME,FOLDER): fetch the tarball NAME of pins.env and unpack it into FOLDER. Without FOLDER it is only fetched.
source = firmware/fetch-source.sh '$($(1)_TARBALL)' '$($(1)_SHA256)' '$($(1)_PLACES)' $(2)

include firmware/sanitize.mk
BUILD ?= build/$(BOARD)$(SANITIZE_SUFFIX)
PROGRAM := $(BUILD)/dl7450
# The command that runs the program on this machine: the program itself, or an emulator with it.
RUNNABLE = $(if $(TARGET_EMULATOR),$(BUILD)/run,$(PROGRAM))
include $(BOARD_DIR)/board.mk
include firmware/libraries.mk

# A MicroPython tree that is used instead of the pinned one: make ... MICROPYTHON=/path/to/checkout
MICROPYTHON ?=
PINNED := build/micropython-$(MICROPYTHON_VERSION)
MPY_DIR := $(abspath $(or $(MICROPYTHON),$(PINNED)))

NEXT := build/micropython-$(MICROPYTHON_NEXT_VERSION)

MPY_CROSS := build/mpy-cross
# MicroPython's build wants a folder of micropython-lib. Nothing here uses that library, so the folder is empty.
NO_LIB := build/no-micropython-lib

# Set, because MicroPython would otherwise take its version from the git checkout that it lies in, which is this one.
export MICROPY_GIT_TAG = v$(shell sed -nE 's/^.define MICROPY_VERSION_(MAJOR|MINOR|MICRO)[^0-9]*([0-9]+).*/\2/p' \
    $(MPY_DIR)/py/mpconfig.h 2>/dev/null | paste -sd.)

# The version of this project has one home, modules/http/__init__.py.
PROGRAM_VERSION := $(shell sed -n 's/^__version__ = "\([^"]*\)".*/\1/p' modules/http/__init__.py 2>/dev/null)

# The date in everything that is built is that of the commit, so that the same commit gives the same bytes.
# safe.directory: under sudo, the checkout belongs to another user, and git would refuse to read it.
GIT := git -c safe.directory='$(CURDIR)'
ifeq ($(SOURCE_DATE_EPOCH),)
override SOURCE_DATE_EPOCH := $(or $(shell $(GIT) log -1 --format=%ct 2>/dev/null),0)
endif
export SOURCE_DATE_EPOCH
# The commit that is built. --abbrev, because the length of git's own abbreviations depends on the clone.
COMMIT = $(or $(shell $(GIT) describe --always --dirty --abbrev=12 2>/dev/null),unknown)

# The flags of the board, and more for a single build: make ... CFLAGS_EXTRA=...
PROGRAM_CFLAGS = $(strip $(TARGET_CFLAGS) $(PREFIX_MAP) $(BOARD_CFLAGS) $(SANITIZE_CFLAGS) $(CFLAGS_EXTRA))
PROGRAM_LDFLAGS = $(strip $(TARGET_LDFLAGS) $(BOARD_LDFLAGS) $(SANITIZE_LDFLAGS) $(LDFLAGS_EXTRA))

# What a stale build folder cannot take: another tree, other files, other flags.
BUILD_KEY = $(MPY_DIR) $(sort $(wildcard http/*.[ch] http/*/*.[ch] firmware/*.[ch] $(BOARD_DIR)/*)) \
    $(PROGRAM_CFLAGS) $(PROGRAM_LDFLAGS) $(HTTP_CURL_CFLAGS) $(HTTP_CURL_LIBS) \
    $(shell sha256sum http/micropython.mk | cut -c-64) \
    $(PROGRAM_VERSION)

PROGRAM_MAKE_ARGS += \
    BUILD=$(abspath $(BUILD)) \
    VARIANT_DIR=$(abspath $(BOARD_DIR)) \
    USER_C_MODULES=$(CURDIR) \
    MICROPY_MANIFEST_MODULES_DIR=$(abspath modules) \
    MICROPY_MANIFEST_STANDINS_DIR=$(abspath firmware/standins) \
    MICROPY_MANIFEST_HELP_DIR=$(abspath $(BUILD))/help \
    MICROPY_MPYCROSS=$(abspath $(MPY_CROSS))/mpy-cross \
    MICROPY_MPYCROSS_DEPENDENCY= \
    MPY_LIB_DIR=$(abspath $(NO_LIB)) \
    CROSS_COMPILE=$(CROSS_COMPILE) \
    PROGRAM_VERSION=$(PROGRAM_VERSION) \
    CFLAGS_EXTRA='$(PROGRAM_CFLAGS)' \
    LDFLAGS_EXTRA='$(PROGRAM_LDFLAGS)' \
    $(SANITIZE_MAKE_ARGS)

# Of the output of MicroPython's build, show the errors, and a line now and then as progress. The first thing that is made is
# announced: most of the time there is nothing to do.
SHOW_PROGRESS = awk -v what="$(BUILDING)" '/^(CC|AS|LINK|MPY|GEN) / && what != "" { print what; fflush(); what = "" } \
    /^CC /{ if (++n % 50 == 0) { print "  " n " files compiled"; fflush() } next } \
    /warning:|error:|Error |^make.*\*\*\*|undefined reference|^In file|[0-9]+ \|/{ print; fflush() }'

.PHONY: host
host: ## Build: Build the program for this machine: build/UNIX/dl7450 (MICROPYTHON=path)
	@$(MAKE) --no-print-directory program BOARD=UNIX

BUILDING = building $(PROGRAM) with MicroPython $(MICROPY_GIT_TAG)$(if $(filter 0,$(SOURCE_DATE_EPOCH)),$(COMMA) dated 1970: git knows no commit here)

.PHONY: program
program: packages micropython $(PROGRAM_NEEDS) ## Build: Build the program of a board (BOARD=NAME BOARD_DIR=path)
	@mkdir -p $(BUILD)
	@echo '$(BUILD_KEY)' | cmp -s - $(BUILD)/.key || find $(BUILD) -mindepth 1 -maxdepth 1 \
	    ! -name sysroot ! -name libraries -exec rm -rf {} +
	@echo '$(BUILD_KEY)' >$(BUILD)/.key
	@echo '$(MPY_DIR)' | cmp -s - $(MPY_CROSS)/.key || { rm -rf $(MPY_CROSS) && mkdir -p $(MPY_CROSS) && \
	    echo '$(MPY_DIR)' >$(MPY_CROSS)/.key; }
	@mkdir -p $(NO_LIB)
	@touch $(NO_LIB)/README.md
	@$(MAKE) -C $(MPY_DIR)/mpy-cross -j$$(nproc) BUILD=$(abspath $(MPY_CROSS)) USER_C_MODULES= CFLAGS_EXTRA= LDFLAGS_EXTRA= 2>&1 | $(SHOW_PROGRESS)
	@$(if $(filter UNIX,$(BOARD)),$(PYTHON) tools/help_texts.py $(BUILD)/help/_help_texts.py)
	@$(MAKE) -C $(MPY_DIR)/ports/unix -j$$(nproc) $(PROGRAM_MAKE_ARGS) 2>&1 | $(SHOW_PROGRESS)
	@$(if $(TARGET_EMULATOR),printf '#!/bin/sh\nexec %s %s "$$@"\n' $(TARGET_EMULATOR) $(abspath $(PROGRAM)) >$(RUNNABLE) && chmod +x $(RUNNABLE))
	@$(if $(filter UNIX,$(BOARD)),$(MAKE) --no-print-directory -s -C tools/preload LIBRARY=$(abspath $(BUILD))/simulation.so)
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
