# The commands of this project. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c

# The first of these that is recent enough, unless one is named.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
PYTHON ?= $(shell for each in $(PYTHONS); do $$each -c '$(RECENT)' 2>/dev/null && echo $$each && break; done)
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TESTS ?= tests

.DEFAULT_GOAL := help
.PHONY: help setup generate check lint types test conformance public-sets compat-proof run fresh docs bench bench-quick bench-compare bench-compile lock format clean faults faults-random mutations audit

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(READY) ## install everything into .venv, from the lock file, with hashes

$(READY): requirements.lock VERSION runtime/pyproject.toml codegen/pyproject.toml | $(BIN)/pip
	@echo "Setting up $(VENV) (about half a minute, once)"
	@$(PIP) install --progress-bar off --require-hashes --no-deps -r requirements.lock | $(COUNTED)
	@echo "  streamworker"
	@$(PIP) install --quiet --no-deps --no-build-isolation -e runtime -e codegen
	@touch $@

$(BIN)/pip:
	@$(or $(PYTHON),false) -c '$(RECENT)' 2>/dev/null || \
		{ echo "Python 3.11 or later is needed$(if $(PYTHON),; $(PYTHON) is $$($(PYTHON) --version 2>&1)). Try: make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { echo "The venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }

PIP = $(BIN)/python -m pip --disable-pip-version-check
# How far pip is; in place where a person looks, and once elsewhere.
COUNTED = awk -v all=$$(grep -c '^[a-z]' requirements.lock) -v live=$$(test -t 2 && echo 1) ' \
	live && /^Collecting/ { printf "\r  dependencies: %d of %d fetched", ++n, all; fflush() } \
	/^Installing/ { printf "%s  dependencies: installing %d          \n", live ? "\r" : "", all; fflush() }'

generate: $(READY) ## schemas/ to generated/, and a stub for each worker that has no handler
	@$(BIN)/streamworker generate

run: $(READY) ## run the reference pipeline; without MIRAKC_URL on a simulator, without NATS_URL on an embedded server
	@$(BIN)/python -m tests.simulator.run

docs: $(READY) ## the graph and the AsyncAPI document of the reference pipeline, into build/docs/
	@$(BIN)/streamworker graph -o build/docs/graph.mmd
	@$(BIN)/streamworker graph --format dot -o build/docs/graph.dot
	@$(BIN)/streamworker asyncapi -o build/docs/asyncapi.yaml
	@$(BIN)/streamworker asyncapi --format json -o build/docs/asyncapi.json

test: $(READY) ## all tests
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(TESTS)

faults: $(READY) ## all fault tests: kills, cuts, dead servers (about half an hour); FAULTS_SEED=n for another run
	@$(BIN)/python -m pytest -v -m "faults or not faults" --durations=0 tests/faults

faults-random: $(READY) ## faults mixed at random, then the books checked: MINUTES=60 SEED=7
	@$(BIN)/python -m tests.faults --minutes $(or $(MINUTES),2) $(if $(SEED),--seed $(SEED))

mutations: $(READY) ## break the code of each promise in a worktree and see its tests fail (about half an hour); WORDS=... for some of them
	@$(BIN)/python -m tests.faults.mutations $(WORDS)

conformance: $(READY) ## the JSON-Schema-Test-Suite, decided by generated code (fetched once; a minute)
	@$(BIN)/python -m tests.conformance

public-sets: $(READY) ## event sets that others wrote, compiled and tried; PUBLIC_SETS=folder with clones of them (some minutes)
	@PUBLIC_SETS="$(PUBLIC_SETS)" $(BIN)/python -m tests.public_sets

compat-proof: $(READY) ## the labelled changes of tests/codegen/compat, a thousand messages for each verdict (some minutes)
	@COMPAT_TRIES=1000 $(BIN)/python -m pytest -n 2 --dist worksteal tests/codegen/compat/test_labelled_pairs.py tests/codegen/compat/test_random_changes.py

lint: $(READY) ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) ## mypy --strict over everything
	@$(BIN)/mypy

check: $(READY) ## all that CI asks: generated files, lint, types, tests
	@$(BIN)/streamworker generate --check
	@$(MAKE) --no-print-directory lint types test

bench: $(READY) .venv-bench/.ready ## ours, FastStream, nats.js and the bare loop on one job, side by side and how that grows (about 15 minutes)
	@$(BIN)/python -m benchmarks

bench-quick: $(READY) .venv-bench/.ready ## the same in about a minute
	@$(BIN)/python -m benchmarks --quick --into .streamworker/bench-quick

bench-compare: $(READY) ## two commits on one job, in turns: REF=commit, against HEAD; exits with 1 if HEAD takes more CPU for an event
	@$(BIN)/python -m benchmarks.compare $(REF)

bench-compile: $(READY) ## generate beside datamodel-code-generator's own command: 10 to 2,000 events (about 10 minutes)
	@$(BIN)/python -m benchmarks.compile

.venv-bench/.ready: benchmarks/requirements.lock
	@echo "Setting up .venv-bench, for the peers"
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r benchmarks/requirements.lock
	@touch $@

fresh: ## run, then check, in a fresh clone with an empty HOME and nothing else set; PYTHON=... chooses the Python
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; mkdir "$$folder/home"; git clone --quiet . "$$folder/clone"; cd "$$folder/clone"; \
	alone() { env -i PATH="$$PATH" HOME="$$folder/home" make --no-print-directory PYTHON="$(PYTHON)" "$$@"; }; \
	alone run DURATION=5; alone check TESTS="$(TESTS)"

audit: .venv-audit/.ready ## ask a database of known vulnerabilities about every locked package; needs it within reach: AUDIT_SERVICE=pypi or osv
	@if .venv-audit/bin/pip-audit --strict --disable-pip --require-hashes -r requirements.lock --progress-spinner off -s $(AUDIT_SERVICE) \
		>.venv-audit/found 2>.venv-audit/log; then echo "No known vulnerability in $$(grep -c '^[a-z]' requirements.lock) packages ($(AUDIT_SERVICE))."; \
	elif [ -s .venv-audit/found ]; then cat .venv-audit/found; exit 1; \
	else echo "Nothing was audited: the service $(AUDIT_SERVICE) can't be reached, or does not know all packages of the lock file:"; \
		tail -n 1 .venv-audit/log | cut -c 1-200; exit 1; fi

AUDIT_SERVICE ?= pypi

.venv-audit/.ready:
	@echo "Setting up .venv-audit, for pip-audit"
	@$(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check "pip-audit>=2.10"
	@touch $@

format: $(READY) ## ruff: mend what it can
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

lock: $(READY) ## make requirements.lock anew from the three pyproject files
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
		--no-header --all-extras --group dev runtime/pyproject.toml codegen/pyproject.toml -o requirements.lock

clean: ## remove what setup and runs have made
	rm -rf build $(VENV) .venv-audit .streamworker .mypy_cache .ruff_cache .pytest_cache .hypothesis
