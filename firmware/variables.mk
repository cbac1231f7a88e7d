# SPDX-License-Identifier: MIT
# What a user may give: every value is checked before anything is made, and a wrong one is one line.

# The variables that each target reads. From the environment only these are checked, because a name such as N or TIME
# may be there for another purpose.
ANY_TARGET := BOARD BOARD_DIR SANITIZE SOURCES MICROPYTHON SOURCE_DATE_EPOCH PYTHON
VARIABLES_run := APP URL ROUNDS
VARIABLES_simulate := APP URL ROUNDS PORT OPEN
VARIABLES_emulate := APP URL ROUNDS SERIAL
VARIABLES_store := CONFIG IMAGE
VARIABLES_samples := SAMPLES
VARIABLES_test := JOBS
VARIABLES_test-engine := JOBS
VARIABLES_test-threadless := JOBS
VARIABLES_coverage := JOBS
VARIABLES_test-micropython := JOBS
VARIABLES_bench := RECORD
VARIABLES_fuzz := TIME RUNS SEED
VARIABLES_soak := N SEED
VARIABLES_size := RECORD CHECK
VARIABLES_firmware := STORE
ALL_VARIABLES := $(sort $(ANY_TARGET) $(foreach target,run simulate emulate store samples test bench fuzz soak size firmware,$(VARIABLES_$(target))))

# The variables that are on the command line, or in the environment of a target that reads them.
GIVEN := $(foreach name,$(ALL_VARIABLES),$(if $(or $(filter command,$(origin $(name))),\
    $(and $(filter environment,$(origin $(name))),$(filter $(name),$(ANY_TARGET) $(foreach goal,$(MAKECMDGOALS),$(VARIABLES_$(goal)))))),$(name)))
WRONG := $(shell tools/check.sh $(foreach name,$(GIVEN),'$(name)=$(subst ','\'',$($(name)))'))
ifneq ($(WRONG),)
$(error $(WRONG))
endif

BOARD ?= UNIX
# A board is a folder. It may be outside boards/: make ... BOARD=NAME BOARD_DIR=path
BOARD_DIR ?= boards/$(BOARD)
ifeq ($(wildcard $(BOARD_DIR)/board.mk),)
$(error BOARD=$(BOARD): there is no $(BOARD_DIR)/board.mk; BOARD is one of $(notdir $(wildcard boards/*)), or any name with BOARD_DIR=path)
endif

# Make takes any name on its command line. One that no makefile has, MicroPython's included, is misspelt.
ifeq ($(MAKELEVEL),0)
NAMES := $(filter-out $(ALL_VARIABLES),$(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name))))
UNKNOWN := $(shell for name in $(NAMES); do grep -qs -e "[({]$$name[):]" -e "^$$name *[?:+]*=" Makefile firmware/*.mk http/*.mk boards/*/*.mk \
    tests/boards/*/*.mk $(BOARD_DIR)/*.mk build/micropython-*/py/*.mk build/micropython-*/ports/unix/Makefile || echo "$$name"; done)
ifneq ($(UNKNOWN),)
$(error $(firstword $(UNKNOWN)): there is no such variable; make help shows what each target takes)
endif
endif

# Values that exclude each other.
PROGRAMS := program host test size torture soak run simulate test-threadless store samples bench
ifneq ($(and $(filter thread,$(SANITIZE)),$(filter $(PROGRAMS) firmware emulate test-emulated,$(MAKECMDGOALS))),)
$(error SANITIZE=thread: it is for make test-engine; here SANITIZE is address, undefined or address,undefined)
endif
ifneq ($(and $(SANITIZE),$(filter-out UNIX,$(BOARD))),)
$(error SANITIZE=$(SANITIZE): it is for the host build, not for BOARD=$(BOARD))
endif
ifneq ($(filter program test size,$(MAKECMDGOALS)),)
ifneq ($(shell grep '^FIRMWARE_BOARD' $(BOARD_DIR)/board.mk),)
$(error BOARD=$(BOARD): it has no program of its own; make firmware BOARD=$(BOARD), make emulate and make test-emulated are for it)
endif
endif
ifneq ($(filter samples,$(MAKECMDGOALS)),)
ifeq ($(SAMPLES),)
$(error SAMPLES is missing: a checkout of the vendor's repository, e.g. make samples SAMPLES=../dl-7450)
endif
endif
ifneq ($(filter store,$(MAKECMDGOALS)),)
ifeq ($(CONFIG),)
$(error CONFIG is missing: the YAML file of a store, e.g. make store CONFIG=firmware/apps/carousel.yaml)
endif
endif
