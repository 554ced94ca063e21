# Each target sets up what it needs. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export UV_PYTHON_DOWNLOADS := never
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= us-east-1
PYTHON_BIN := .venv/bin
ARCHITECTURE ?= arm64
PORT ?= 4566

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: setup
setup: # the three locked environments: project, SAM CLI, AWS stand-in
	@scripts/make-environment .venv requirements/project.txt
	@scripts/make-environment .venv-sam requirements/sam.txt
	@scripts/make-environment .venv-ministack requirements/ministack.txt

.PHONY: run
run: setup ## run everything on this machine until Ctrl-C (PORT=4566)
	@exec $(PYTHON_BIN)/python -m local.stack --port $(PORT)

.PHONY: demo
demo: setup ## play a Salesforce account's life through every action
	@exec $(PYTHON_BIN)/python -m local.demo

.PHONY: check
check: lint ## the fast checks: style, types, template, unit tests
	$(PYTHON_BIN)/pytest -q -n 2 -m "not stack and not build and not tables"

.PHONY: test
test: lint ## everything: the checks, then all tests with coverage
	$(PYTHON_BIN)/pytest -q -n 2 --cov

.PHONY: lint
lint: setup # style, types and template, without running anything
	$(PYTHON_BIN)/ruff check .
	$(PYTHON_BIN)/ruff format --check .
	$(PYTHON_BIN)/mypy layers/shared functions local tests examples $(wildcard scripts/*.py)
	.venv-sam/bin/sam validate --lint

.PHONY: build
build: setup ## build the layers for Lambda (ARCHITECTURE=arm64 or x86_64)
	scripts/build $(ARCHITECTURE)

.PHONY: docs
docs: setup ## write the generated parts of the documentation anew
	PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python scripts/actions_reference.py

.PHONY: format
format: setup ## format the code
	$(PYTHON_BIN)/ruff format .
	$(PYTHON_BIN)/ruff check --fix .

.PHONY: lock
lock: setup ## pin the dependencies anew, with hashes
	scripts/lock --upgrade

.PHONY: clean
clean: ## remove what the targets made, the environments too
	rm -rf .venv .venv-sam .venv-ministack .venv-uv .aws-sam .build local/.state .coverage .hypothesis
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
