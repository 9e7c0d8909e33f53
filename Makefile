# icdref. `make serve` and `make test` do all of their set-up themselves; `make help` lists the rest.

VENV ?= .venv
PORT ?= 8080
# Processes that run tests at the same time.
JOBS ?= 2
# Requests that `make fuzz` sends to each operation.
CASES ?= 2000

PYTHON_IN_VENV = $(VENV)/bin/python
PYTEST = $(PYTHON_IN_VENV) -m pytest --numprocesses $(JOBS) --dist loadfile

.PHONY: help serve test lint types bench releases torture fuzz docs lock set-up set-up-tests clients set-up-browser clean
.DEFAULT_GOAL := help

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile

serve: set-up ## serve on http://127.0.0.1:8080 (PORT= changes the port, ICDREF_DATA the data directory)
	@export ICDREF_BASE_URL="$${ICDREF_BASE_URL:-http://127.0.0.1:$(PORT)}"; exec $(VENV)/bin/icdref serve --port $(PORT)

test: lint types set-up-browser clients ## run every check: lint, format, types, then the tests, fast ones first
	$(PYTEST) -m "not slow"
	$(PYTEST) -m slow

lint: set-up-tests ## ruff: lint and format
	$(PYTHON_IN_VENV) -m ruff check .
	$(PYTHON_IN_VENV) -m ruff format --check .

types: set-up-tests ## mypy --strict
	$(PYTHON_IN_VENV) -m mypy

bench: set-up-tests ## run every script of bench/ and print its figures
	@for script in bench/*.py; do echo "== $$script"; $(PYTHON_IN_VENV) "$$script" || exit 1; done

releases: set-up-tests ## import every official release of ../shared/data and compare counts, differences and addenda
	ICDREF_ALL_RELEASES=1 $(PYTHON_IN_VENV) -m pytest tests/compiler/test_official_releases.py

torture: set-up-tests ## kill, ENOSPC and EIO at every file-changing call of an import, then at 50 points of a full one
	$(PYTHON_IN_VENV) tools/torture.py
	$(PYTHON_IN_VENV) tools/torture.py --full --points 50

fuzz: set-up-tests ## ask every operation of /openapi.json CASES (2,000) times with made-up requests
	$(PYTHON_IN_VENV) -m tests.contract.fuzzing $(CASES)

docs: set-up-tests ## write the generated pages of docs/reference/
	$(PYTHON_IN_VENV) tools/docs.py

lock: set-up-tests ## resolve setup.cfg anew into the lock files of requirements/
	VENV=$(VENV) tools/lock.sh

set-up: ## make the virtual environment for serving
	@tools/setup-venv.sh $(VENV) run

set-up-tests: ## make the virtual environment for the tests
	@tools/setup-venv.sh $(VENV) test

set-up-browser: ## install Chromium for the browser tests where apt-get can
	@tools/setup-browser.sh

clients: ## install the FHIR clients of Node that the tests run
	@tools/setup-clients.sh

clean: ## remove what the other commands made here; editions in the data directory stay
	rm -rf $(VENV) tests/clients/node_modules build dist plugin/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find plugin tests tools deploy bench -name __pycache__ -type d -prune -exec rm -rf {} +
