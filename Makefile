# The http module of the DL-7450: `make run` shows it at work, `make test` tests it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := build/venv

include firmware/program.mk

NGINX := build/nginx/usr/sbin/nginx
TINYPROXY := build/tinyproxy/usr/bin/tinyproxy

# MicroPython's code conventions, checked the way MicroPython checks them.
UNCRUSTIFY = uncrustify -q -lC -c $(MPY_DIR)/tools/uncrustify.cfg
C_FILES = $(wildcard http/*.[ch] firmware/*.[ch] boards/*/*.[ch] tests/*/*.[ch] tests/boards/*/*.[ch])

# What `make run` runs, and for how long; empty is the default of tools/run.py.
APP ?=
URL ?=
ROUNDS ?=
# What `make store` packs, and where to.
CONFIG ?=
IMAGE ?= build/store.romfs
# How many requests `make soak` makes; SEED repeats the mix of another run, and of `make fuzz` the inputs.
N ?= 200000
SEED ?=
# What `make test` tests: pytest's arguments; and in how many processes, each with servers of its own. Tests wait
# more than they compute.
ARGS ?=
JOBS ?= 4
# Seconds for each target of `make fuzz`.
TIME ?= 60
# The tests that run apps on whatever program there is.
APP_TESTS := tests/module tests/apps tests/faults tests/security
THREADLESS := build/UNIX-threadless$(SANITIZE_SUFFIX)

include firmware/image.mk
include firmware/machine.mk

## The targets

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: run
run: host $(VENV)/.ready $(NGINX) ## Show an app that fetches slides over HTTPS (APP=path URL=... ROUNDS=n)
	@$(VENV)/bin/python tools/run.py $(if $(APP),--app '$(APP)') $(if $(URL),--url '$(URL)') $(if $(ROUNDS),--rounds '$(ROUNDS)')

# What the program under test does without, by its board or its sanitizers; see tests/conftest.py.
LACKS = $(strip $(TESTS_LACK) $(SANITIZE_LACKS))
PYTEST = $(VENV)/bin/pytest -n $(JOBS) --dist loadfile $(if $(SANITIZE),--sanitize=$(SANITIZE)) $(if $(LACKS),--lacks "$(LACKS)")

.PHONY: test
test: $(if $(filter thread,$(SANITIZE_KINDS)),engine-only) program $(VENV)/.ready $(NGINX) $(TINYPROXY) ## Test everything, or a board's program (BOARD=NAME; SANITIZE=address,undefined; ARGS= for pytest)
	@echo "testing $(RUNNABLE)"
	@DL7450_BINARY=$(abspath $(RUNNABLE)) $(PYTEST) $(if $(TARGET),$(APP_TESTS)) $(ARGS)

.PHONY: test-engine
test-engine: packages $(VENV)/.ready ## Test the engine alone (SANITIZE=thread or address,undefined; ARGS= for pytest)
	@$(PYTEST) tests/engine $(ARGS)

.PHONY: engine-only
engine-only:
	@echo "error: SANITIZE=thread is for make test-engine" >&2; exit 1

.PHONY: store
store: host $(VENV)/.ready ## Pack a ROM store image (CONFIG=path.yaml [IMAGE=path])
	@[ -n '$(CONFIG)' ] || { echo "error: make store CONFIG=path.yaml, e.g. firmware/apps/carousel.yaml" >&2; exit 1; }
	@mkdir -p $(dir $(IMAGE))
	@$(VENV)/bin/python tools/store.py pack '$(CONFIG)' '$(IMAGE)'

.PHONY: test-threadless
test-threadless: LACKS += background
test-threadless: $(VENV)/.ready $(NGINX) $(TINYPROXY) ## Test a build whose engine has no thread (ARGS= for pytest)
	@$(MAKE) --no-print-directory host BUILD=$(THREADLESS) CFLAGS_EXTRA=-DHTTP_ENGINE_THREAD=0
	@echo "testing $(THREADLESS)/dl7450; left out: progress while an app computes or sleeps (marked background)"
	@DL7450_BINARY=$(THREADLESS)/dl7450 $(PYTEST) $(APP_TESTS) $(ARGS)

.PHONY: torture
torture: host $(VENV)/.ready ## Fail every allocation in turn (ARGS= for tests/torture/run.py)
	@$(VENV)/bin/python tests/torture/run.py --binary $(PROGRAM) $(ARGS)

.PHONY: bench
bench: host $(VENV)/.bench $(NGINX) ## Measure speed and size beside libcurl itself (RECORD=1; ARGS= for tests/bench/run.py)
	@tools/packages.sh curl
	@$(MAKE) --no-print-directory program BOARD=NATIVE BOARD_DIR=tests/boards/NATIVE
	@$(MAKE) --no-print-directory host BUILD=build/UNIX-small HTTP_COPT=-Os
	@$(VENV)/bin/python tests/bench/run.py $(if $(RECORD),--record) $(ARGS)

.PHONY: fuzz
fuzz: packages $(VENV)/.ready ## Fuzz what reads bytes, TIME=60 seconds a target (SEED= ARGS= for tests/fuzz/run.py)
	@tools/packages.sh clang libclang-rt-dev
	@$(VENV)/bin/python tests/fuzz/run.py --seconds $(TIME) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: soak
soak: host $(VENV)/.ready $(NGINX) ## Run very many requests of all kinds, and 1,000 apps that end meanwhile (N=200000 SEED=)
	@$(VENV)/bin/python tests/soak/run.py --binary $(PROGRAM) --requests $(N) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: lint
lint: $(VENV)/.ready micropython ## Check the form of the code (make format mends it)
	@tools/packages.sh uncrustify
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(UNCRUSTIFY) --check $(C_FILES) >/dev/null || { $(UNCRUSTIFY) --check $(C_FILES) | grep ^FAIL; exit 1; }
	@echo "the form is right"

.PHONY: format
format: $(VENV)/.ready micropython ## Format the code
	@tools/packages.sh uncrustify
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .
	@$(UNCRUSTIFY) --no-backup $(C_FILES)

.PHONY: clean
clean: ## Remove what was built; what was fetched stays
	rm -rf $(dir $(wildcard build/*/.key)) build/reports* build/fuzz build/bench build/QEMU_VIRT build/run build/emulate build/store.romfs

.PHONY: distclean
distclean: ## Remove everything that is not in the repository
	rm -rf build

## What they need

.PHONY: packages
packages:
	@tools/packages.sh gcc libc6-dev make python3 python3-venv xz-utils cpio valgrind $(BOARD_PACKAGES)

$(VENV)/.ready: tools/requirements.txt tools/dock/pyproject.toml | packages
	@echo "installing tools/dock and the packages of tools/requirements.txt into $(VENV)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-cache-dir -r $< -e tools/dock
	@touch $@

$(VENV)/.bench: tests/bench/requirements.txt $(VENV)/.ready
	@echo "installing the packages of $< into $(VENV)"
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-cache-dir --only-binary :all: -r $<
	@touch $@

$(NGINX): | packages
	@tools/unpack.sh nginx usr/sbin/nginx build/nginx

$(TINYPROXY): | packages
	@tools/unpack.sh tinyproxy-bin usr/bin/tinyproxy build/tinyproxy
