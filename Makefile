# The commands of this project. `make` alone lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP_FLAGS := --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test prove bench lint fmt demo-reset

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1	/' | expand -t 20

install: .venv/runtime.stamp ## make .venv with what the shop needs to run

install-dev: .venv/dev.stamp ## ... and with what tests and linters need

.venv/bin/python:
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed; name one with: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@"$(PYTHON)" -m venv .venv

.venv/runtime.stamp: requirements.txt constraints.txt | .venv/bin/python
	@echo "· installing requirements.txt into .venv …"
	@$(BIN)/python -m pip install $(PIP_FLAGS) -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/runtime.stamp
	@echo "· installing requirements-dev.txt into .venv …"
	@$(BIN)/python -m pip install $(PIP_FLAGS) -r requirements-dev.txt
	@touch $@

run: install ## run the shop: servers, web, worker and beat, until Ctrl-C (PORT=8000)
	@exec $(BIN)/python -m config.run

test: install-dev ## run the tests
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

prove: install-dev ## run the long proofs: among them 20,000 random sequences on the ledger and its rules
	@HYPOTHESIS_PROFILE=prove $(BIN)/python -m pytest -q -m prove -n 2

bench: install ## measure speed, each figure next to its limit; writes var/bench.json
	@$(BIN)/python -m bench

lint: install-dev ## check form, types, walls between rooms, templates, dependencies, migrations
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --lint --quiet templates
	@find templates -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --check --target-version 5.2
	@$(BIN)/deptry .
	@MALL_EMBEDDED_PROFILE=test $(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m pytest -q tests/house/test_form.py

fmt: install-dev ## put code and template tags into form
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .
	@find templates -name '*.html' -print0 | xargs -0 -r $(BIN)/djade --target-version 5.2 || true

demo-reset: install ## drop the demo shop and load it again
	@$(BIN)/python manage.py demo --reset
