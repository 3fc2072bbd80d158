# One command each; the checks run the same ones. Needs Python >= 3.11 and make; everything else is set up here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Debian packages: flite gives simulated callers a voice the offline recogniser understands.
DEBS := flite
UV := uv==0.13.8

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types bench format docs constraints clean

help:  ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP)  ## create .venv and install everything

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(f"want Python 3.11 or newer, got {v.major}.{v.minor}" if v < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); sh tools/debs.sh python3-venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/python -m pip install -q --disable-pip-version-check '$(UV)'
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[local,dev]'
	@sh tools/debs.sh $(DEBS) || echo 'no flite: simulated callers will type instead of speak'
	@touch $@

demo: $(STAMP)  ## a spoken interview from first word to report, offline, with no key
	$(BIN)/viva demo

test: $(STAMP) lint types  ## everything the checks run
	$(BIN)/pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

format: $(STAMP)  ## rewrite the code in the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)  ## print the numbers that the docs cite
	$(BIN)/python -m bench

docs: $(STAMP)  ## regenerate tables, diagrams and schemas of the docs
	$(BIN)/python tools/make_docs.py

constraints: $(STAMP)  ## compile the tested versions anew
	$(BIN)/uv pip compile -q --upgrade --all-extras --universal --no-emit-index-url --no-annotate --no-header \
		pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis viva-demo
