# Two commands matter: make run, make test. `make` alone tells the others.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test lint bench audit sbom lock translations clean

help: ## List these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS='	' read -r name text; do \
		printf '  make %-12s %s\n' "$$name" "$$text"; done

run: .venv/run ## Install, fill with demo data when empty, and start on http://127.0.0.1:8000 (PORT=8001 for another)
	@$(BIN)/servicedesk db upgrade
	@$(BIN)/servicedesk demo --if-empty
	@$(BIN)/servicedesk run --host $(HOST) --port $(PORT)

test: .venv/test ## Install what the tests need, then run all of them on SQLite and on PostgreSQL
	@$(BIN)/python .ci/test.py

lint: .venv/test ## Check that imports follow the picture of the house
	@$(BIN)/lint-imports

bench: .venv/test ## Measure pages and clocks with up to 100,000 tickets on PostgreSQL, beside django-helpdesk
	@$(BIN)/python -m tests.bench

audit: .venv/test ## Check the locked requirements, and ask for known vulnerabilities where there is a network
	@$(BIN)/python .ci/supply.py audit

sbom: .venv/test ## Write what the product is made of to build/servicedesk.cdx.json (CycloneDX)
	@mkdir -p build && $(BIN)/python .ci/supply.py sbom > build/servicedesk.cdx.json && echo build/servicedesk.cdx.json

lock: ## Choose the newest versions that fit setup.cfg, with their hashes (needs uv)
	@.ci/lock

translations: .venv/test ## Bring the English and Frisian texts up to date with the code
	@$(BIN)/python .ci/translations.py

clean: ## Remove .venv and what builds leave behind; data in instance/ stays
	@rm -rf .venv build dist *.egg-info .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/run: .ci/requirements.txt setup.cfg
	@PYTHON=$(PYTHON) .ci/venv $< && touch $@

.venv/test: .ci/requirements-test.txt setup.cfg
	@PYTHON=$(PYTHON) .ci/venv $< && touch $@
