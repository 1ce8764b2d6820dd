# Everything a person or CI types. Each target installs what it needs first; `make install` alone says what that is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
UV := build/bootstrap/bin/uv
STAMP := .venv/.installed
UV_VERSION := 0.13.9
# A C compiler for the extension, CJK fonts and pdftotext for reports; none of them where they are there already.
DEBIAN := gcc libc6-dev fonts-noto-cjk poppler-utils
# libFuzzer, for the fuzz targets alone; without it they try random input without coverage.
FUZZ_DEBIAN := clang libclang-rt-dev
FUZZ_SECONDS ?= 60
# The first of these that runs; `make PYTHON=/path/to/python3.13 install` chooses another.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
  $$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1 && { echo $$p; break; }; done)

.PHONY: help install debian demo test lint format bench-check cluster-test fuzz fuzz-short fuzz-tools lock wheel clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: debian $(STAMP)  ## .venv with everything, peers too, and the Debian packages that are missing (as root)

$(UV):
	@test -n "$(PYTHON)" || { echo "no Python 3.11, 3.12 or 3.13 with venv here; install one, or say make PYTHON=PATH" >&2; exit 2; }
	$(PYTHON) -m venv build/bootstrap
	build/bootstrap/bin/pip install -q --disable-pip-version-check uv==$(UV_VERSION)

$(STAMP): pyproject.toml requirements.lock $(wildcard checks/kernels/*.[ch]) | $(UV)
	@test ! -L .venv || { echo ".venv is a link: installing through it would change another checkout; remove it" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(UV) pip install -q --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install -q --python $(BIN)/python --no-deps -e .
	-@$(BIN)/python -m checks.kernels >/dev/null  # the C kernels again, where only they changed; without a compiler the slow path serves
	touch $@

debian:
	@mkdir -p build
	@command -v dpkg-query >/dev/null || exit 0; \
	missing=(); for p in $(DEBIAN); do \
	  dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || missing+=($$p); done; \
	[ $${#missing[@]} = 0 ] && exit 0; \
	if [ "$$(id -u)" = 0 ]; then \
	  echo "installing Debian packages: $${missing[*]}"; \
	  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$${missing[@]}"; } \
	    </dev/null >build/apt.log 2>&1 || { tail -5 build/apt.log >&2; exit 1; }; \
	else echo "missing Debian packages (needed for reports and the fast path): sudo apt-get install --no-install-recommends $${missing[*]}"; fi

demo: install  ## a small bilingual corpus with planted cases in build/demo, and the main job on it
	rm -rf build/demo
	$(BIN)/corpusledger demo build/demo

# Bytecode is kept even where the environment says not to, and beside no source: uv compiles none, and without it every
# process that a test starts compiles all of Beam (8 seconds; 2 with it).
lint test: export PYTHONDONTWRITEBYTECODE =
lint test: export PYTHONPYCACHEPREFIX = $(CURDIR)/build/bytecode

test: install  ## every test but the cluster's
	$(BIN)/python -m pytest -q -n 2 --dist worksteal --ignore=tests/cluster

lint: install  ## ruff, mypy, import contracts, layout and docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check -q .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q tests/test_layout.py tests/test_docs.py

format: install  ## rewrite the code as ruff formats it
	$(BIN)/ruff check --fix -q .
	$(BIN)/ruff format -q .

bench-check: install  ## every benchmark against its floors
	$(BIN)/python -m pipelines.bench

cluster-test: install  ## the demo corpus on a two-TaskManager Flink cluster (needs a JDK and Maven)
	$(BIN)/python -m pytest -q -p no:xdist tests/cluster

fuzz-tools:
	-@$(MAKE) -s debian DEBIAN="$(FUZZ_DEBIAN)"

fuzz-short: install fuzz-tools  ## each fuzz target of the kernels for 5 seconds
	$(BIN)/python tests/fuzz/run.py 5

fuzz: install fuzz-tools  ## the kernels, each target for FUZZ_SECONDS, then the readers under many more random inputs
	$(BIN)/python tests/fuzz/run.py $(FUZZ_SECONDS)
	for seed in $$RANDOM $$RANDOM $$RANDOM; do \
	  $(BIN)/python -m pytest -q -n 2 tests/pipelines/read --hypothesis-profile=fuzz --hypothesis-seed=$$seed; done

# What `make install` installs: every extra but `escalation`, which takes a minute and 0.7 GB.
LOCKED := reports console exports bench dev names tokens
lock: $(UV)  ## exact versions and hashes of everything, for every Python that we take
	$(UV) pip compile -q --universal --python-version 3.11 $(LOCKED:%=--extra %) --no-emit-index-url --generate-hashes \
	  --custom-compile-command 'make lock' pyproject.toml -o requirements.lock

wheel: install  ## dist/*.whl
	$(UV) build -q --wheel --out-dir dist

clean:  ## everything that these targets made here
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
