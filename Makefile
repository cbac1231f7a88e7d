# DL-7450 http module: `make run` shows it at work, `make test` tests it, `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:

include firmware/pins.env
include firmware/host.mk
