# Two commands matter: `make run` and `make test`.  Both set up what they need in .venv first.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: help setup run test check format snapshots bench torture lock clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

$(VENV)/.run: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Dateline needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 run" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) ..." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.dev  ## make .venv with everything that running, testing and checking need

run: $(VENV)/.run  ## open the timeline: your own store, made of the bundled incidents at first (ARGS="..." is passed on)
	@$(BIN)/python main.py $(ARGS)

# Byte code is kept whatever the environment says: without, each worker and each program a test starts compiles all anew.
test: $(VENV)/.dev  ## run the tests, three at once (ARGS="..." is passed to pytest)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 $(ARGS)

check: $(VENV)/.dev  ## ruff format, ruff, strict mypy
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(VENV)/.dev  ## format the sources and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

snapshots: $(VENV)/.dev  ## take the screens anew; look at each before committing it
	@$(BIN)/python -m pytest -n 4 tests/snapshots --snapshot-update

bench: $(VENV)/.dev  ## measure; ARGS="--sizes 10k,100k" for a quick one
	@$(BIN)/python -m bench $(ARGS)

torture: $(VENV)/.dev  ## damage, kill, fill disks, crowd, deceive (ARGS="flips --count 200" for one part)
	@$(BIN)/python -m tests.torture $(ARGS)

lock: $(VENV)/.dev  ## pin the newest releases that pyproject.toml admits
	@$(BIN)/python -m pip install --quiet pip-tools
	@$(BIN)/python -m piptools compile -q --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header -o requirements.lock pyproject.toml
	@$(BIN)/python -m piptools compile -q --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra dev -o requirements-dev.lock pyproject.toml

clean:  ## remove .venv and caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
