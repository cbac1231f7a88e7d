# SPDX-License-Identifier: MIT
# The http module of the DL-7450: `make run` shows it at work, `make test` tests it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := build/venv
NGINX := build/nginx/usr/sbin/nginx
TINYPROXY := build/tinyproxy/usr/bin/tinyproxy
# The packages of CPython that modules/ is compared with.
ORIGINALS := build/originals
REFERENCE := build/reference
MOSQUITTO := build/mosquitto/usr/sbin/mosquitto
IPERF := build/iperf3/usr/bin/iperf3
SERVERS := $(NGINX) $(TINYPROXY) $(MOSQUITTO) $(IPERF)
FONTS := build/fonts
# What drives the browser in the tests of tools/dock's page.
BROWSER := build/browser

include firmware/variables.mk

# These targets build or fetch. While one of them runs, no other make may build in this checkout: it waits. All
# other targets are not locked: they start a make for what they need, and that make is locked.
ALONE := host program firmware micropython unpacked packages test-packages sources kernel-source size clean distclean \
    $(VENV)/.ready $(VENV)/.bench $(ORIGINALS)/.ready $(REFERENCE)/.ready $(SERVERS) $(FONTS) $(BROWSER)/.ready %/py/mpconfig.h
ifneq ($(and $(MAKECMDGOALS),$(if $(BUILD_LOCKED)$(filter-out $(ALONE),$(MAKECMDGOALS)),,alone)),)

.PHONY: alone $(MAKECMDGOALS)
$(sort $(MAKECMDGOALS)): alone
	@:
alone:
	@tools/locked.sh $(MAKE) --no-print-directory $(MAKECMDGOALS)

else

include firmware/program.mk

# MicroPython's code conventions, checked the way MicroPython checks them.
UNCRUSTIFY = uncrustify -q -lC -c $(MPY_DIR)/tools/uncrustify.cfg
C_FILES = $(wildcard http/*.[ch] http/*/*.[ch] firmware/*.[ch] firmware/*/*/*.[ch] boards/*/*.[ch] tests/*/*.[ch] tests/boards/*/*.[ch] tools/preload/*.[ch])

# What `make run` shows, and how often. Empty: the default of tools/run.py.
APP ?=
URL ?=
ROUNDS ?=
export APP URL ROUNDS
# The port of the page of `make simulate`; OPEN=no starts no browser.
PORT ?=
OPEN ?=
export PORT
SHOWN = $${APP:+--app="$$APP"} $${URL:+--url="$$URL"} $${ROUNDS:+--rounds="$$ROUNDS"}
# Only the carousel needs slides, and only if URL names no others.
SLIDES = $(if $(filter-out %firmware/apps/carousel.py,$(value APP))$(value URL),,$(NGINX))
# The configuration that `make store` packs, and the image that it writes.
CONFIG ?=
IMAGE ?= build/store.romfs
export CONFIG IMAGE
# The checkout of the vendor's repository whose samples `make samples` runs.
SAMPLES ?=
export SAMPLES
# How many requests `make soak` makes. SEED repeats the requests of an earlier run; `make fuzz` repeats its inputs.
N ?= 200000
SEED ?=
# Arguments for pytest, and the number of test processes. Each process starts its own servers. There are more
# processes than cores, because tests wait more than they compute.
ARGS ?=
JOBS ?= 4
# How many inputs each target of `make fuzz` gets, or for how many seconds it runs. Empty: the default of tests/fuzz/run.py.
RUNS ?=
TIME ?=
# The tests that run apps on the program of any board.
APP_TESTS := tests/module tests/apps tests/faults tests/security
THREADLESS := build/UNIX-threadless$(SANITIZE_SUFFIX)
NEXT_BUILD := build/UNIX-next$(SANITIZE_SUFFIX)

# Three programs with counters: the host build, the same without a thread, and one with the firmware's libraries and
# frozen modules. Tests build a fourth, of a board with other settings.
COVERAGE := build/UNIX-coverage
COVERAGE_THREADLESS := build/UNIX-threadless-coverage
COVERAGE_FIRMWARE := build/NATIVE-coverage
COUNTERS := HTTP_COPT='-O0 --coverage -fprofile-update=atomic' LDFLAGS_EXTRA=--coverage

include firmware/image.mk
include firmware/machine.mk

## The targets

# `make help` has the groups in this order. The text behind ## in a target's line begins with its group.
HELP_GROUPS := Run, Build, Test, Search for faults, Measure, Source code, Clean up

.PHONY: help
help: ## Source code: List the targets
	@sed -n 's/^\([a-z-]*\):.*## \([A-Z][a-z ]*\): /\2\t\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' -v groups='$(HELP_GROUPS)' ' \
	    { lines[$$1] = lines[$$1] sprintf("  %-18s%s\n", $$2, $$3) } \
	    END { count = split(groups, order, ", "); for (i = 1; i <= count; i++) printf "%s%s\n%s", (i > 1 ? "\n" : ""), order[i], lines[order[i]] }'

.PHONY: run
run: ## Run: Build the host program and show the carousel with slides (URL=... ROUNDS=n), or an app with the settings of $DL7450_ROM (APP=path)
	@$(MAKE) --no-print-directory host $(VENV)/.ready $(SLIDES) $(FONTS)
	@$(VENV)/bin/python tools/run.py --binary build/UNIX$(SANITIZE_SUFFIX)/dl7450 $(SHOWN)

.PHONY: simulate
simulate: ## Run: Show an app at work on a page: its screen, requests, log (APP=path URL=... ROUNDS=n; PORT=n OPEN=no)
	@$(MAKE) --no-print-directory host $(VENV)/.ready $(SLIDES) $(FONTS)
	@$(VENV)/bin/python tools/simulate.py --binary build/UNIX$(SANITIZE_SUFFIX)/dl7450 $(SHOWN) \
	    $${PORT:+--port="$$PORT"} $(if $(filter no,$(OPEN)),--no-browser)

# What the program under test cannot do, because of its board or its sanitizers. tests/conftest.py leaves those tests out.
LACKS = $(strip $(TESTS_LACK) $(SANITIZE_LACKS) $(THREAD_LACKS))
THREAD_LACKS = threadless
PYTEST = $(VENV)/bin/pytest -n $(JOBS) --dist loadfile $(if $(SANITIZE),--sanitize=$(SANITIZE)) $(if $(LACKS),--lacks "$(LACKS)")

.PHONY: test
test: ## Test: Build everything and run the tests (BOARD=NAME SANITIZE=address,undefined JOBS=n ARGS=for-pytest)
	@$(MAKE) --no-print-directory program $(VENV)/.ready $(ORIGINALS)/.ready $(SERVERS) $(FONTS) $(if $(TARGET),,browser test-packages)
	@echo "testing $(RUNNABLE)"
	@DL7450_BINARY=$(abspath $(RUNNABLE)) $(PYTEST) $(if $(TARGET),$(APP_TESTS) tests/compat) $(ARGS)

.PHONY: test-engine
test-engine: ## Test: Test the engine alone, in C (SANITIZE=thread JOBS=n ARGS=for-pytest)
	@$(MAKE) --no-print-directory packages $(VENV)/.ready
	@$(PYTEST) tests/engine $(ARGS)

# The packages of the machine are installed, and all other files are in build/sources. More must not be needed.
OFFLINE := build/offline
.PHONY: test-offline
test-offline: ## Test: Build everything in a clone without a network, from build/sources
	@$(MAKE) --no-print-directory sources $(SERVERS) $(FONTS)
	@$(MAKE) --no-print-directory packages BOARD=QEMU_VIRT
	@$(MAKE) --no-print-directory packages BOARD=DL7450
	@rm -rf $(OFFLINE) && git clone --quiet . $(OFFLINE)
	@unshare --map-root-user --net $(MAKE) --no-print-directory -C $(OFFLINE) SOURCES=$(CURDIR)/build/sources \
	    host $(VENV)/.ready $(VENV)/.bench $(ORIGINALS)/.ready $(SERVERS) $(FONTS) $(BROWSER)/.ready test-packages
	@unshare --map-root-user --net $(MAKE) --no-print-directory -C $(OFFLINE) SOURCES=$(CURDIR)/build/sources firmware BOARD=QEMU_VIRT
	@echo "everything was built without a network"

.PHONY: screenshot
screenshot: ## Source code: Make the picture of the page in README anew
	@$(MAKE) --no-print-directory host $(VENV)/.ready $(NGINX) $(FONTS) browser
	@$(VENV)/bin/python tests/page/screenshot.py tools/dock/page.png

.PHONY: store
store: ## Run: Pack an app, its settings and its images as a ROM store (CONFIG=path.yaml IMAGE=path)
	@$(MAKE) --no-print-directory host $(VENV)/.ready
	@$(VENV)/bin/python tools/store.py pack "$$CONFIG" "$$IMAGE"

.PHONY: samples
samples: ## Run: Run the samples of a checkout of the vendor's repository, and print what they show (SAMPLES=folder)
	@$(MAKE) --no-print-directory host $(VENV)/.ready $(SERVERS)
	@$(VENV)/bin/python tests/samples/run.py --binary build/UNIX$(SANITIZE_SUFFIX)/dl7450 "$$SAMPLES"

.PHONY: test-threadless
test-threadless: THREAD_LACKS = background
test-threadless: ## Test: Test a program whose engine has no thread (JOBS=n ARGS=for-pytest)
	@$(MAKE) --no-print-directory $(VENV)/.ready $(SERVERS) $(FONTS)
	@$(MAKE) --no-print-directory host BUILD=$(THREADLESS) CFLAGS_EXTRA=-DHTTP_ENGINE_THREAD=0
	@echo "testing $(THREADLESS)/dl7450; left out: progress while an app computes or sleeps (marked background)"
	@DL7450_BINARY=$(THREADLESS)/dl7450 $(PYTEST) $(APP_TESTS) $(ARGS)

.PHONY: coverage
coverage: ## Test: Count the lines and branches of http/ that the tests reach
	@$(MAKE) --no-print-directory packages test-packages $(VENV)/.ready $(ORIGINALS)/.ready $(SERVERS) $(FONTS) browser
	@rm -rf build/coverage
	@find build/ -path 'build/*-coverage/http/*.gcda' -delete
	@$(MAKE) --no-print-directory host BUILD=$(COVERAGE) $(COUNTERS)
	@$(MAKE) --no-print-directory host BUILD=$(COVERAGE_THREADLESS) $(COUNTERS) CFLAGS_EXTRA=-DHTTP_ENGINE_THREAD=0
	@$(MAKE) --no-print-directory program BOARD=NATIVE BOARD_DIR=tests/boards/NATIVE BUILD=$(COVERAGE_FIRMWARE) $(COUNTERS) \
	    FROZEN_MANIFEST=$(abspath boards/DL7450/manifest.py)
	@$(VENV)/bin/python tests/coverage/run.py --jobs $(JOBS) $(ARGS) \
	    --program $(COVERAGE)/dl7450 --threadless $(COVERAGE_THREADLESS)/dl7450 --firmware $(COVERAGE_FIRMWARE)/dl7450

.PHONY: test-micropython
# Exported, because tests build programs too, and all of them share one mpy-cross, of one MicroPython tree.
test-micropython: export MICROPYTHON := $(or $(MICROPYTHON),$(NEXT))
test-micropython: ## Test: Test with the newest MicroPython in Debian, or with another one (MICROPYTHON=path)
	@$(MAKE) --no-print-directory $(VENV)/.ready $(SERVERS) $(FONTS) $(if $(filter $(NEXT),$(MICROPYTHON)),$(NEXT)/py/mpconfig.h) MICROPYTHON=
	@$(MAKE) --no-print-directory host BUILD=$(NEXT_BUILD)
	@echo "testing $(NEXT_BUILD)/dl7450"
	@DL7450_BINARY=$(NEXT_BUILD)/dl7450 $(PYTEST) tests/module tests/apps $(ARGS)

.PHONY: test-upstream
test-upstream: ## Test: Run MicroPython's own tests on the program
	@$(MAKE) --no-print-directory host $(VENV)/.ready
	@$(VENV)/bin/python tests/upstream/run.py --binary $(PROGRAM) --tree $(MPY_DIR)

.PHONY: torture
torture: ## Search for faults: Let every allocation and every call of libcurl fail, one after the other
	@$(MAKE) --no-print-directory host $(VENV)/.ready
	@$(VENV)/bin/python tests/torture/run.py --binary $(PROGRAM) $(ARGS)

.PHONY: bench
bench: ## Measure: Measure speed and memory beside libcurl itself (RECORD=1 ARGS=parts)
	@$(MAKE) --no-print-directory host $(VENV)/.bench $(NGINX)
	@tools/packages.sh curl
	@$(MAKE) --no-print-directory program BOARD=NATIVE BOARD_DIR=tests/boards/NATIVE
	@$(MAKE) --no-print-directory host BUILD=build/UNIX-small HTTP_COPT=-Os HTTP_TRACE=0
	@$(if $(filter booted,$(or $(ARGS),booted)),$(MAKE) --no-print-directory firmware BOARD=QEMU_VIRT)
	@$(VENV)/bin/python tests/bench/run.py $(if $(RECORD),--record) $(ARGS)

.PHONY: herd
herd: ## Measure: Simulate 10,000 docks with feed, after a power cut and a server's trouble (ARGS=--docks N)
	@$(MAKE) --no-print-directory $(VENV)/.bench
	@PYTHONPATH=tests $(VENV)/bin/python -m herd.run $(ARGS)

.PHONY: fuzz
fuzz: ## Search for faults: Feed random bytes to everything that reads bytes (RUNS=n or TIME=seconds, SEED=n)
	@$(MAKE) --no-print-directory packages $(VENV)/.ready
	@tools/packages.sh clang libclang-rt-dev
	@$(VENV)/bin/python tests/fuzz/run.py $(if $(RUNS),--runs $(RUNS)) $(if $(TIME),--seconds $(TIME)) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: soak
soak: ## Search for faults: Make 200,000 requests of all kinds, and end 1,000 apps early (N=n SEED=n)
	@$(MAKE) --no-print-directory host $(VENV)/.ready $(NGINX)
	@$(VENV)/bin/python tests/soak/run.py --binary $(PROGRAM) --requests $(N) $(if $(SEED),--seed $(SEED)) $(ARGS)

.PHONY: lint
lint: ## Source code: Check the form of the code
	@$(MAKE) --no-print-directory $(VENV)/.ready micropython
	@tools/packages.sh uncrustify shellcheck
	@git ls-files -z .ci '*.sh' | xargs -0 shellcheck -x -P SCRIPTDIR
	@git ls-files -z | xargs -0 $(VENV)/bin/codespell
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(UNCRUSTIFY) --check $(C_FILES) >/dev/null || { $(UNCRUSTIFY) --check $(C_FILES) | grep ^FAIL; exit 1; }
	@echo "the form is right"

.PHONY: typecheck
typecheck: ## Source code: Check the types of the sample apps, of all examples, and of the frozen modules
	@$(MAKE) --no-print-directory $(VENV)/.ready
	@$(VENV)/bin/python tools/typecheck.py
	@$(VENV)/bin/python tools/typecheck_frozen.py

.PHONY: docs
docs: ## Source code: Make the reference from the stubs: build/docs/html, and pages for the SDK's documents
	@$(MAKE) --no-print-directory $(REFERENCE)/.ready
	@$(REFERENCE)/bin/python tools/docs/build.py build/docs

.PHONY: layers
layers: ## Source code: List what each file of http/ includes, from bottom to top
	@$(PYTHON) tools/layers.py

.PHONY: format
format: ## Source code: Correct the form of the code
	@$(MAKE) --no-print-directory $(VENV)/.ready micropython
	@tools/packages.sh uncrustify
	@$(VENV)/bin/ruff check --fix .
	@$(VENV)/bin/ruff format .
	@$(UNCRUSTIFY) --no-backup $(C_FILES)

.PHONY: clean
clean: ## Clean up: Remove what was built, keep what was fetched
	rm -rf $(dir $(wildcard build/*/.key)) build/reports* build/coverage build/fuzz build/bench build/QEMU_VIRT build/run build/upstream build/emulate $(OFFLINE) build/store.romfs

.PHONY: distclean
distclean: ## Clean up: Remove everything that is not in the repository
	rm -rf build

## What they need

# Fills build/sources. With SOURCES=build/sources, or a copy of it, a build fetches nothing. The wheels are for the
# Python version of this machine.
.PHONY: sources
sources: packages $(VENV)/.ready ## Build: Fetch every file that builds need into build/sources, to keep (later: make ... SOURCES=folder)
	@$(foreach name,MICROPYTHON MICROPYTHON_NEXT MUSL ZLIB MBEDTLS CURL,$(call source,$(name),) &&) true
	@firmware/fetch-package.sh $(DEBIAN_SUITE) arm64 ca-certificates
	@$(MAKE) --no-print-directory kernel-source BOARD=QEMU_VIRT
	@firmware/fetch-package.sh --any - - nginx
	@firmware/fetch-package.sh --any - - tinyproxy-bin
	@firmware/fetch-package.sh --any - - mosquitto
	@firmware/fetch-package.sh --any - - iperf3
	@firmware/fetch-package.sh --any - - fonts-noto-core
	@firmware/fetch-package.sh --any - - fonts-wqy-microhei
	@echo "fetching the wheels of tools/requirements.txt, tests/bench/requirements.txt, tests/compat/requirements.txt, tests/page/requirements.txt, tools/docs/requirements.txt, tools/stubs and tools/dock"
	@$(VENV)/bin/pip download $(PIP) --only-binary :all: --dest build/sources/wheels -r tools/requirements.txt \
	    -r tests/bench/requirements.txt $(DOCK_BUILD) $(STUBS_NEED)
	@$(VENV)/bin/pip download $(PIP) --only-binary :all: --no-deps --dest build/sources/wheels -r tests/compat/requirements.txt
	@$(VENV)/bin/pip download $(PIP) --only-binary :all: --dest build/sources/wheels -r tools/docs/requirements.txt
	@$(VENV)/bin/pip download $(PIP) --only-binary :all: --dest build/sources/wheels -r tests/page/requirements.txt
	@cd build/sources && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs -d '\n' sha256sum >SHA256SUMS
	@echo "build/sources: $$(wc -l <build/sources/SHA256SUMS) files, $$(du -sh build/sources | cut -f1); copy it, and make ... SOURCES=copy"

.PHONY: packages
packages: ## Build: Install the Debian packages that a build needs (BOARD=NAME)
	@tools/packages.sh gcc libc6-dev make python3 python3-venv xz-utils cpio valgrind $(BOARD_PACKAGES)

# The Debian packages and the sources of the boards that only tests build.
.PHONY: test-packages
test-packages:
	@$(foreach dir,$(wildcard tests/boards/*),$(MAKE) --no-print-directory packages unpacked BOARD=$(notdir $(dir)) BOARD_DIR=$(dir) SANITIZE= &&) true

PIP := --quiet --disable-pip-version-check --no-cache-dir $(if $(SOURCES),--no-index \
    $(foreach folder,"$$SOURCES"/wheels build/sources/wheels,--find-links $(folder)))
NO_WHEELS = echo "error: pip could not install them$(if $(SOURCES), from wheels/ in $(SOURCES) or build/sources: make sources, with this \
    machine's version of Python, fetches what it takes)" >&2; exit 1
# The package that pip needs to build tools/dock.
DOCK_BUILD = $(shell sed -n 's/^requires = \["\(.*\)"\]/\1/p' tools/dock/pyproject.toml)
# What tools/stubs needs: pip builds it, and installs these with it.
STUBS_NEED = $(shell sed -n 's/^\(requires\|dependencies\) = \[\(.*\)\]/\2/p' tools/stubs/pyproject.toml | tr -d '",')

$(VENV)/.ready: tools/requirements.txt tools/dock/pyproject.toml tools/stubs/pyproject.toml | packages
	@echo "installing tools/dock, tools/stubs and the packages of tools/requirements.txt into $(VENV)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install $(PIP) -r $< -e tools/stubs -e tools/dock || { $(NO_WHEELS); }
	@touch $@

$(VENV)/.bench: tests/bench/requirements.txt $(VENV)/.ready
	@echo "installing the packages of $< into $(VENV)"
	@$(VENV)/bin/pip install $(PIP) --only-binary :all: -r $< || { $(NO_WHEELS); }
	@touch $@

# A venv of their own: the tests' tools need other versions of the same packages.
$(ORIGINALS)/.ready: tests/compat/requirements.txt | packages
	@echo "installing the packages of $< into $(ORIGINALS)"
	@rm -rf $(ORIGINALS)
	@$(PYTHON) -m venv $(ORIGINALS)
	@$(ORIGINALS)/bin/pip install $(PIP) --only-binary :all: --no-deps -r $< || { $(NO_WHEELS); }
	@touch $@

# A venv of its own, which only `make docs` needs.
$(REFERENCE)/.ready: tools/docs/requirements.txt | packages
	@echo "installing the packages of $< into $(REFERENCE)"
	@rm -rf $(REFERENCE)
	@$(PYTHON) -m venv $(REFERENCE)
	@$(REFERENCE)/bin/pip install $(PIP) --only-binary :all: -r $< || { $(NO_WHEELS); }
	@touch $@

$(NGINX): | packages
	@tools/unpack.sh nginx usr/sbin/nginx build/nginx

$(TINYPROXY): | packages
	@tools/unpack.sh tinyproxy-bin usr/bin/tinyproxy build/tinyproxy

$(MOSQUITTO): | packages
	@tools/unpack.sh mosquitto usr/sbin/mosquitto build/mosquitto

$(IPERF): | packages
	@tools/unpack.sh iperf3 usr/bin/iperf3 build/iperf3

# Debian's Chromium without windows: 8 packages, 96 MB.
.PHONY: browser
browser: $(BROWSER)/.ready ## Build: Install the browser that the tests of the page need
	@tools/packages.sh chromium-headless-shell

$(BROWSER)/.ready: tests/page/requirements.txt $(VENV)/.ready
	@echo "installing the packages of $< into $(BROWSER)"
	@rm -rf $(BROWSER)
	@$(VENV)/bin/pip install $(PIP) --only-binary :all: --no-warn-conflicts --target $(BROWSER) -r $< || { $(NO_WHEELS); }
	@touch $@

# What tools/screen.py draws with: the fonts, and Pango. 14 MB of fonts are fetched, and 6 MB are kept.
$(FONTS): | packages
	@tools/packages.sh libpangocairo-1.0-0
	@tools/fonts.sh $@

endif
