# One word a task. Everything lives in .venv; nothing is installed elsewhere.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help demo serve setup check test unit integration browser minimal coverage bench format lock clean

help:  ## list the tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' Makefile

demo: .venv/product  ## index the sample project and open the explorer at http://127.0.0.1:8050
	$(BIN)/lookalike demo

serve: .venv/product  ## open the explorer on what was indexed
	$(BIN)/lookalike serve

setup: .venv/everything  ## install everything: extras, test tools, benchmarks' peers

check: .venv/everything node_modules/.installed  ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile supervisely_app/Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose*.yml
	npm run --silent check

test: .venv/everything node_modules/.installed  ## the whole suite
	npm run --silent test
	$(BIN)/python -m pytest

unit: .venv/everything node_modules/.installed  ## the part of the suite that opens no browser and indexes little
	npm run --silent test
	$(BIN)/python -m pytest tests/unit tests/contract tests/meta

integration: .venv/everything  ## the part that indexes, asks and writes as a person would
	$(BIN)/python -m pytest tests/integration

browser: .venv/everything  ## the part that drives a real Chromium
	$(BIN)/python -m pytest tests/browser

minimal: .venv/product  ## what a first user meets, without extras and test tools
	$(BIN)/python tests/first_use.py

coverage: .venv/everything  ## all but the browser's part, with the lines and branches that none of it runs
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest tests/unit tests/contract tests/meta tests/integration
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: .venv/everything  ## every benchmark at its default size
	$(BIN)/python -m benchmarks

format: .venv/everything  ## put the code into its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/bin/python  ## write constraints.txt anew; UPGRADE=--upgrade takes the newest versions
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --no-annotate --extra all $(UPGRADE) \
	  --custom-compile-command 'make lock' --output-file constraints.txt pyproject.toml

clean:  ## remove the environment and caches, but no data
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* build *.egg-info

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Lookalike needs Python 3.11 or newer; say which with PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/product: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing Lookalike into .venv (about 6 GB with PyTorch; once)"
	$(INSTALL) --editable .
	@touch $@

# The platform's SDK brings another build of OpenCV, which needs a display's libraries and writes into the same folder
# as ours; installing ours again puts it back on top.
.venv/everything: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing Lookalike and everything to work on it into .venv (once)"
	$(INSTALL) --editable '.[all]'
	$(INSTALL) --force-reinstall --no-deps opencv-python-headless
	@touch .venv/product $@

# The page's scripts run as they are; types, a linter and a test runner for them come from here.
node_modules/.installed: package.json package-lock.json
	@command -v npm >/dev/null || { echo "the scripts' checks need Node.js 18.18 or newer with npm" >&2; exit 1; }
	npm ci --silent
	@touch $@
