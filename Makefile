# Each target sets up what it needs. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export UV_PYTHON_DOWNLOADS := never
export SAM_CLI_TELEMETRY := 0
PYTHON_BIN := .venv/bin

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: setup
setup: # the three locked environments: project, SAM CLI, AWS stand-in
	@scripts/make-environment .venv requirements/project.txt
	@scripts/make-environment .venv-sam requirements/sam.txt
	@scripts/make-environment .venv-ministack requirements/ministack.txt

.PHONY: lock
lock: setup ## pin the dependencies anew, with hashes
	scripts/lock --upgrade

.PHONY: format
format: setup ## format the code
	$(PYTHON_BIN)/ruff format .
	$(PYTHON_BIN)/ruff check --fix .
