# Everything goes through .venv; no step needs another one first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

# Public text, platform specifications and a real network for tests, where a checkout has them beside it.
SHARED ?= $(wildcard ../shared)
ifneq ($(SHARED),)
export MOOTHALL_PUBLIC_DATA ?= $(abspath $(SHARED))/data
export MOOTHALL_SPECS ?= $(abspath $(SHARED))/specs
export MOOTHALL_REALNET ?= $(abspath $(SHARED))/realnet
endif

.PHONY: help install develop demo test lint format bench fuzz test-network test-training clean lock
help:
	@echo "make demo          install, then run a borough with life in it on this machine"
	@echo "make test          install, then run every test (SQLite, PostgreSQL, Chromium)"
	@echo "make lint          style, types, and which room may know which"
	@echo "make bench         the figures in the README"
	@echo "make fuzz          damaged and random house rules, 10,000 damaged pictures, ten minutes and more"
	@echo "make test-network  against a real Bluesky network on this machine (minutes)"
	@echo "make test-training teaches the reader on a few comments (minutes; installs PyTorch)"

# A virtual environment, and a plain word where this Python cannot make one.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "moothall: Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || $(PYTHON) -m virtualenv -q $(VENV) 2>/dev/null || { rm -rf $(VENV); echo "moothall: this Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 2; }

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing Moothall into $(VENV) (once, a minute or two)…"
	@$(BIN)/pip install -q --require-hashes -r requirements/run.txt
	@$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/develop.stamp: requirements/develop.txt $(VENV)/run.stamp
	@echo "Installing what the tests need (once)…"
	@$(BIN)/pip install -q --require-hashes -r requirements/develop.txt
	@touch $@

install: $(VENV)/run.stamp
develop: $(VENV)/develop.stamp

demo: install
	@exec $(BIN)/moothall demo

test: develop
	$(BIN)/pytest tests
	$(BIN)/pytest tests -m "database and not network and not slow" --database=postgresql

lint: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: develop
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: develop
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

fuzz: develop
	$(BIN)/python tests/fuzz/loader.py --minutes 10
	$(BIN)/python tests/fuzz/damaged_pictures.py --files 10000
	MOOTHALL_EXAMPLES=2000 $(BIN)/pytest tests/unit/policy/test_random_policies.py -q --timeout=3600

test-network: develop
	$(BIN)/pytest tests/network -m network -v --timeout=900

# Teaching the model, on a few comments. Installs PyTorch into an environment of its own.
test-training:
	python3 -m venv var/training
	var/training/bin/pip install -q -e '.[train,dev]'
	var/training/bin/pytest tests/unit/signals/test_teaching.py -m slow -v --timeout=1800

# Pins and hashes, no address in the file. Needs uv on the path.
lock:
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-annotate --no-header pyproject.toml --extra dev --extra cluster -o requirements/develop.txt
	printf 'hatchling\neditables\n' | uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-annotate --no-header pyproject.toml - -c requirements/develop.txt -o requirements/run.txt

clean:
	rm -rf $(VENV) var build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
