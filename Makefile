# Every target sets up what it needs; ARGS is handed on, as in `make demo ARGS="--out results"`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
ARGS ?=
export PYTHON

.PHONY: help demo serve check test bench chaos setup clean system format-check lint types imports unit

help: ## what there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

demo: $(RUNTIME) ## a whole interview on real audio: bot, simulated candidate, live transcript, summary
	@$(BIN)/vivavoce demo $(ARGS)

serve: $(RUNTIME) ## everything on http://127.0.0.1:8080, kept in ./data
	@exec $(BIN)/vivavoce serve $(ARGS)

bench: $(DEV) ## the measured figures, as a table (ARGS="--json FILE" for machines)
	@$(BIN)/vivavoce bench $(ARGS)

check: $(DEV) ## format, lint, types, imports, unit tests: under a minute
	@$(MAKE) -j2 -k --output-sync=target format-check lint types imports unit

test: check system ## everything CI runs
	$(BIN)/pytest tests --ignore=tests/unit -q -n 2 --dist worksteal $(ARGS)

chaos: $(DEV) system ## kills, outages, full disks, bad networks and an hour of calls: report in ./chaos (ARGS="--only soak")
	@$(BIN)/python -m tests.chaos $(ARGS)

setup: $(DEV) system ## everything the other targets set up, ahead of time

clean: ## forget the virtual environment and every cache (data stays)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

format-check: $(DEV)
	$(BIN)/ruff format --check .

lint: $(DEV)
	$(BIN)/ruff check .

types: $(DEV)
	$(BIN)/mypy

imports: $(DEV)
	$(BIN)/lint-imports

unit: $(DEV)
	$(BIN)/pytest tests/unit -q -n 2

system:
	@scripts/setup system

# A full set-up serves as one for running, too.
$(RUNTIME): pyproject.toml scripts/setup
	@if [ -e $(DEV) ] && [ $(DEV) -nt pyproject.toml ]; then :; else scripts/setup runtime; fi
	@scripts/setup voices
	@touch $@

$(DEV): pyproject.toml scripts/setup
	@scripts/setup dev
	@touch $@
