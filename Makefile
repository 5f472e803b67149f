# Atelier's commands. Each works from a fresh clone: what it needs, it sets up first.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# One stamp per lock file, so that a changed lock brings the environment up to date.
READY  := $(VENV)/.runtime-ready
DEV    := $(VENV)/.development-ready

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

.PHONY: help demo try run test check format bench words lock styles clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/pyvenv.cfg:
	@echo "==> Making a virtual environment in $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Atelier needs Python 3.11, 3.12 or 3.13; name one with: make PYTHON=python3.11" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(READY): $(VENV)/pyvenv.cfg requirements.lock
	@echo "==> Installing what Atelier needs (TensorFlow is large: a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DEV): $(READY) requirements-dev.lock
	@echo "==> Installing the development tools"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(READY) ## Watch two photos become a painting, without a Telegram account
	@$(BIN)/python -m bot demo

try: $(READY) ## Talk with the whole bot in a browser, without a Telegram account
	@$(BIN)/python -m bot demo --web

run: $(READY) ## Run the bot, with settings from .env
	@$(BIN)/python -m bot

test: $(DEV) ## Run the whole test suite
	@.ci/programs chromium || echo "Chromium could not be installed: the tests in a browser are skipped" >&2
	@$(BIN)/python -m pytest --numprocesses 4

check: $(DEV) ## Types, lint, formatting, imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV) ## Run the benchmarks: one table each
	@$(BIN)/python -m benchmarks

words: $(READY) ## Bring the languages up to date with the code
	@$(BIN)/python -m tools.catalogues
	@$(BIN)/python -m tools.conversation_page --list

styles: $(READY) ## Paint the style pictures that ship anew
	@$(BIN)/python -m tools.style_pictures

lock: ## Write the lock files anew from pyproject.toml (needs uv)
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(COMPILE) --constraint requirements.lock --extra gpu --output-file requirements-gpu.lock pyproject.toml
	$(COMPILE) --constraint requirements.lock --group dev --output-file requirements-dev.lock pyproject.toml

clean: ## Remove the virtual environment and everything made
	rm -rf $(VENV) demo build dist .mypy_cache .ruff_cache .pytest_cache
