# Gongdan: `make run` starts it, `make test` tests it, `make check` reads it. `make` alone lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
say = @printf '\033[1m→ %s\033[0m\n' "$(1)"
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard web/translations/*/LC_MESSAGES/*.po))

# How long `make fuzz` tries each target, and which.
SECONDS_EACH ?= 60
TARGETS ?= python script template feel tests juel bpmn dmn form

.PHONY: help run test test-slow fuzz check fmt pictures clean assets translations messages lock wheel system

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/installed assets translations ## install what is missing and serve the demo on 127.0.0.1 (PORT=8000)
	$(call say,Starting Gongdan; Ctrl-C stops it)
	@exec $(BIN)/gongdan run --demo --port $(PORT)

test: .venv/installed-dev assets translations system ## run the tests on SQLite and PostgreSQL and the main browser paths
	$(call say,Running the tests on SQLite and PostgreSQL and in Chromium)
	@$(BIN)/pytest -n 2 --dist worksteal $(ARGS)

test-slow: .venv/installed-dev assets translations system ## run the long property tests, the kill tests and axe over every page
	$(call say,Running the slow tests)
	@$(BIN)/pytest -n 2 --dist worksteal -m slow $(ARGS)

fuzz: .venv/installed-dev .venv/installed-fuzz ## look for inputs that break the readers (SECONDS_EACH=60 TARGETS="python feel"; Linux on x86-64)
	@for target in $(TARGETS); do \
		printf '\033[1m→ Fuzzing %s for %s s\033[0m\n' $$target $(SECONDS_EACH); \
		$(BIN)/python -m tests.fuzz $$target --seconds $(SECONDS_EACH); \
	done

check: .venv/installed-dev ## check format, lint, types, import contracts, translations and known holes in packages (AUDITS=required)
	$(call say,Format)
	@$(BIN)/ruff format --check .
	$(call say,Lint)
	@$(BIN)/ruff check .
	$(call say,Types)
	@$(BIN)/mypy
	$(call say,Import contracts)
	@$(BIN)/lint-imports --no-logo --no-cache
	$(call say,Translations)
	@$(BIN)/python -m tests.translations
	$(call say,Known holes in the locked packages)
	@$(BIN)/python -m tests.audits

fmt: .venv/installed-dev ## format the code and mend what lint can mend
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

pictures: .venv/installed-dev assets translations system ## take the pictures of docs/pictures from the demo anew (ARGS="matrix inbox")
	$(call say,Making the demo in a throwaway folder and taking its pictures)
	@$(BIN)/python -m tests.browser.pictures $(ARGS)

clean: ## remove what was installed and built; the demo's database in var/ stays
	@rm -rf .venv node_modules build dist web/static/dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name '*.mo' -delete -o -name __pycache__ -type d -prune -exec rm -rf {} +

# What is installed. Each stamp lies beside what it speaks of, so that removing one removes the other.
.venv/made:
	$(call say,Making a Python environment in .venv)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Gongdan needs Python 3.11 or newer; name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: requirements.lock setup.cfg pyproject.toml | .venv/made
	$(call say,Installing the Python packages of requirements.lock (a minute or so; once))
	@$(PIP) install --quiet --require-hashes --requirement requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(call say,Installing what the tests and checks need from requirements-dev.lock (once))
	@$(PIP) install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

.venv/installed-fuzz: requirements-fuzz.lock .venv/installed-dev
	@$(PIP) install --quiet --require-hashes --requirement requirements-fuzz.lock
	@touch $@

node_modules/installed: package-lock.json
	@node -e 'process.exitCode = Number(parseInt(process.versions.node) < 20)' 2>/dev/null || { echo "Gongdan needs Node.js 20 or newer to build its pages, and here is $$(node --version 2>/dev/null || echo none); Debian 13 has it: apt-get install nodejs npm" >&2; exit 1; }
	@command -v npm >/dev/null || { echo "npm, which comes with most builds of Node.js, is missing; on Debian: apt-get install npm" >&2; exit 1; }
	$(call say,Installing the browser packages of package-lock.json (once))
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

system:
	@tests/system-packages

# What is built.
assets: node_modules/installed
	@node web/assets/build.mjs

translations: $(CATALOGUES)
	@:

%.mo: %.po | .venv/installed
	@$(BIN)/pybabel --quiet compile --input-file=$< --output-file=$@

messages: .venv/installed ## bring the catalogues up to date with the texts in the code
	@$(BIN)/python -m tests.translations --update

wheel: .venv/installed assets translations ## build dist/gongdan-*.whl, which carries templates, pages' assets, processes and migrations
	@rm -rf build
	@node web/assets/build.mjs --alone
	@$(PIP) wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	@ls -1 dist/*.whl

# The locks. They name no registry; run this with Python 3.11, the oldest that Gongdan supports.
COMPILE = $(BIN)/pip-compile --quiet --no-header --no-annotate --generate-hashes --strip-extras --no-emit-options --allow-unsafe --all-build-deps
LOCK_NOTE = '\# Every package, with hashes. Written by `make lock` from setup.cfg; do not edit.\n%s\n'
lock: .venv/installed-dev ## resolve requirements*.lock and package-lock.json anew (LOCK_ARGS=--upgrade)
	@$(COMPILE) $(LOCK_ARGS) --extra postgres --output-file requirements.lock pyproject.toml
	@$(COMPILE) $(LOCK_ARGS) --all-extras --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@for lock in requirements.lock requirements-dev.lock; do printf $(LOCK_NOTE) "$$(cat $$lock)" > $$lock; done
	@npm install --package-lock-only --ignore-scripts --loglevel=error
