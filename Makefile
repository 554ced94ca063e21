# Each target sets up what it needs. `make help` lists those that have a `## description`, under the nearest `##@ Group` above.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export UV_PYTHON_DOWNLOADS := never
export SAM_CLI_TELEMETRY := 0
unexport PYTHONDONTWRITEBYTECODE # each of the many processes of a test run would compile everything once more
PYTHON_BIN := .venv/bin
ARCHITECTURE ?= arm64
PORT ?= 4566
SOAK_RUNS ?= 200
ADOPTIONS ?= 1000
LEAP_DAY := 2028-02-29T23:59:59.9Z
CLOCKS_CHANGE := Leap-1Spring,60/1,300/1 # a time zone whose clocks jump at the end of that leap day
CLOCKS ?= 2027-03-28T00:59:59.9Z 2027-01-31T12:00:00Z 2027-12-31T23:59:59.9Z
AT_ONE_MOMENT = $(PYTHON_BIN)/pytest -q $(AT_ANY_TIME) || { echo "Failed at $$TESTS_NOW" >&2; exit 1; }
AT_ANY_TIME := tests/unit tests/actions tests/every_action tests/flows
SEED ?= 1
SAMPLE ?= 180
TESTS ?= 0
QUICK := tests/architecture tests/every_action/test_documented_examples.py tests/every_action/test_event_files.py tests/unit
BESIDE_ONE_ANOTHER := $(MAKE) --no-print-directory --jobs
TEST_PROCESSES ?= 3 # of the uncounted tests; one more runs the counted ones beside them. Those of the deployed stack mostly wait

# What stays on this machine; tools of AWS ask for a region even then. What goes to AWS takes that of the profile.
LOCAL := run console demo logs check test crash-matrix soak bench bench-account bench-deals bench-cold bench-instructions load lint build docs openapi registration browser-tests screenshots screens
$(LOCAL): export AWS_DEFAULT_REGION ?= us-east-1

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^##@ /{printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## /{printf "  make %-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Run it

.PHONY: run
run: setup ## run the whole stack on this machine until Ctrl-C (PORT=4566; SEED=demo plays the demo on it first)
	@exec $(PYTHON_BIN)/python -m local.stack --port $(PORT) $(if $(filter demo,$(SEED)),--seed demo)

.PHONY: console
console: setup ## open the operators' web console on the stack of `make run` (OPTIONS=--write to change something)
	@port=$$($(PYTHON_BIN)/python -m local.stack.endpoints) && exec scripts/stigg-actions console --local --port "$$port" $(OPTIONS)

.PHONY: demo
demo: setup ## play the story of a Salesforce account through every action
	@exec $(PYTHON_BIN)/python -m local.demo

.PHONY: logs
logs: setup ## show the log lines and operations of an id, while `make run` is running (ID=...)
	@test -n "$(ID)" || { echo "Of what? make logs ID=..., with a correlationId, a record, a customer, ..." >&2; exit 2; }
	@scripts/logs "$(ID)"

##@ Check it

.PHONY: check quick-tests
check: setup ## the fast checks: style, types, template, every event file and documented example, and the unit tests
	@$(BESIDE_ONE_ANOTHER) --output-sync=target lint-code lint-template lint-workflows quick-tests

quick-tests:
	$(PYTHON_BIN)/pytest -q -n 2 $(QUICK)

.PHONY: test counted-tests uncounted-tests
test: setup node-tools ## all checks and all tests, with coverage
	@$(BESIDE_ONE_ANOTHER) --output-sync=target lint-code lint-template lint-workflows
	@$(BESIDE_ONE_ANOTHER) --output-sync=line counted-tests uncounted-tests
	@$(MAKE) --no-print-directory browser-tests

# Apart, because Python 3.13.0 can crash where coverage is switched off and on between tests.
counted-tests uncounted-tests: export TESTS_NOW := $(LEAP_DAY)
counted-tests uncounted-tests: export TZ := $(strip $(CLOCKS_CHANGE))
counted-tests:
	$(PYTHON_BIN)/pytest -q --cov -m "not uncounted" tests/unit tests/actions tests/every_action

uncounted-tests:
	$(PYTHON_BIN)/pytest -q -n $(TEST_PROCESSES) -m uncounted

.PHONY: lint lint-code lint-template lint-workflows
lint: setup ## style, types, imports, template and workflows
	@$(BESIDE_ONE_ANOTHER) --output-sync=target lint-code lint-template lint-workflows

lint-code:
	$(PYTHON_BIN)/ruff check .
	$(PYTHON_BIN)/ruff format --check .
	$(PYTHON_BIN)/mypy
	PYTHONPATH=layers/shared $(PYTHON_BIN)/lint-imports --no-cache

lint-template: # more than `sam validate --lint` checks: cfn-lint with more rules, and SAM's translator before checkov
	@scripts/make-environment .venv-checkov requirements/checkov.txt
	scripts/check-template

lint-workflows:
	scripts/check-workflows

.PHONY: node-tools
node-tools: # the checkers that run on Node, or a message that they cannot run
	@scripts/make-node-tools

.PHONY: browser-tests
browser-tests: setup # the web console in Chromium, or a message that the tests cannot run
	@scripts/test-in-browser

.PHONY: clocks
clocks: setup ## run the tests of modules, actions and Flows at the ends of months and years, and when clocks change
	@printf '%s\n' $(CLOCKS) | TZ=Europe/Berlin xargs -P 2 -I MOMENT env TESTS_NOW=MOMENT sh -c '$(AT_ONE_MOMENT)'

.PHONY: mutants
mutants: setup ## change the code on purpose, and count the changes that tests notice (SEED=1 SAMPLE=180 PACKAGE=)
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m scripts.mutants \
		--seed $(SEED) --sample $(SAMPLE) --package "$(PACKAGE)" --tests $(TESTS)

.PHONY: soak
soak: setup ## check random runs against a model (SOAK_RUNS=200 in each of four parts)
	SOAK_RUNS=$(SOAK_RUNS) $(PYTHON_BIN)/pytest -q -n 2 --timeout 7200 tests/resilience/test_model.py tests/resilience/test_opportunities.py \
		tests/resilience/test_http_surface.py tests/every_action tests/unit/models

##@ Measure it

.PHONY: bench
bench: bench-cold ## measure cold starts, calls and batches on the local stack (about ten minutes)
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m benchmarks.batches

.PHONY: bench-cold
bench-cold: setup ## measure cold starts and calls only
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m benchmarks.cold_starts

.PHONY: bench-account
bench-account: setup ## measure get-customer against the sum of its reads
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m benchmarks.account | grep -v '^{'

.PHONY: bench-deals
bench-deals: setup ## measure opportunities of 200 lines until they are complete
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m benchmarks.deals | grep -v '^{'

.PHONY: bench-reconcile
bench-reconcile: setup ## measure how many subscriptions a run of reconcile compares (about five minutes)
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m benchmarks.reconciling

.PHONY: bench-adopt
bench-adopt: setup ## measure a move from Stigg's own app, also killed in the middle (ADOPTIONS=1000; about 20 minutes)
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m benchmarks.adoptions --adoptions $(ADOPTIONS)

.PHONY: bench-instructions
bench-instructions: setup ## count the instructions of a start and of a call (needs valgrind)
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m benchmarks.instructions

.PHONY: load
load: setup ## send calls from many callers to the local stack, and look for lost or duplicate effects
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m benchmarks.load

##@ Write documents

.PHONY: docs
docs: setup ## write the generated parts of the documentation
	PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m scripts.actions_reference
	PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m scripts.costs
	PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m scripts.deployer_policy
	$(PYTHON_BIN)/python -m scripts.stigg_coverage

.PHONY: openapi
openapi: setup ## write docs/openapi.json
	PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m scripts.openapi.document

.PHONY: screens
screens: setup node-tools ## draw the screens of salesforce/ with the answers of the local stack (pictures need Chromium)
	PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m local.salesforce_org.draw node/node_modules

.PHONY: registration
registration: setup ## write the External Service registration from docs/openapi.json, and the admins' permission set
	PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m scripts.salesforce_registration
	PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m scripts.salesforce_permissions

.PHONY: screenshots
screenshots: setup ## take the pictures of the web console in docs/images from the data of the demo (needs Chromium)
	@scripts/make-environment .venv-browser requirements/browser.txt
	@PYTHONPATH=.:layers/shared .venv-browser/bin/python -m scripts.screenshots

.PHONY: crash-matrix
crash-matrix: setup ## kill every write at every call, and write the table in docs/reliability.md
	PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m tests.resilience.report | grep '^[#|]'

.PHONY: release-openapi
release-openapi: openapi ## make docs/openapi.json the document that later ones must be compatible with
	cp docs/openapi.json docs/openapi-released.json

##@ Deploy it

.PHONY: build
build: setup ## build the layers for Lambda (ARCHITECTURE=arm64 or x86_64)
	scripts/build $(ARCHITECTURE)

.PHONY: deploy
deploy: setup ## build and deploy an environment of samconfig.toml (ENV=staging, OPTIONS=--no-confirm-changeset)
	@test -n "$(ENV)" || { echo "Which one? make deploy ENV=development, staging or production" >&2; exit 2; }
	@$(PYTHON_BIN)/python -m scripts.deploy $(ENV) $(OPTIONS)

.PHONY: release
release: setup ## close the changelog, freeze the OpenAPI document, and build a bundle in dist/ (VERSION=1.0.0)
	@test -n "$(VERSION)" || { echo "Which one? make release VERSION=1.0.0" >&2; exit 2; }
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m scripts.bundle prepare $(VERSION)
	@$(MAKE) --no-print-directory release-openapi registration docs
	@PYTHONPATH=.:layers/shared $(PYTHON_BIN)/python -m scripts.bundle build $(VERSION)

.PHONY: salesforce-package
salesforce-package: ## build a version of the unlocked package of salesforce/ (DEV_HUB=alias)
	@test -n "$(DEV_HUB)" || { echo "In which Dev Hub? make salesforce-package DEV_HUB=alias" >&2; exit 2; }
	@scripts/salesforce-package "$(DEV_HUB)"

.PHONY: salesforce
salesforce: ## set up a Salesforce org for a deployed environment (ORG=alias ENV=development, OPTIONS=--dry-run)
	@test -n "$(ORG)" -a -n "$(ENV)" || { echo "Which ones? make salesforce ORG=alias ENV=development" >&2; exit 2; }
	@scripts/stigg-actions salesforce setup --org "$(ORG)" --env $(ENV) $(OPTIONS)

##@ Look after it

.PHONY: setup
setup: ## create the locked environments: project, SAM CLI, AWS stand-in
	@scripts/make-environment .venv requirements/project.txt
	@scripts/make-environment .venv-sam requirements/sam.txt
	@scripts/make-environment .venv-ministack requirements/ministack.txt

.PHONY: format
format: setup ## format the code
	$(PYTHON_BIN)/ruff format .
	$(PYTHON_BIN)/ruff check --fix .

.PHONY: lock
lock: setup ## pin the latest dependencies, with hashes
	scripts/lock --upgrade

.PHONY: clean
clean: ## remove everything that the targets made, environments included
	rm -rf .venv .venv-sam .venv-ministack .venv-checkov .venv-workflows .venv-console .venv-web .venv-browser .venv-uv .aws-sam .build dist local/.state .coverage .hypothesis
	rm -rf node/node_modules .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
