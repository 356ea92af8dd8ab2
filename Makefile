# Plain `make` lists what there is.
PYTHON ?= python3
PORT ?= 8000
DATA ?= $(or $(WALLET_DATA_DIR),instance)
ARGS ?=
JSON ?=
LONG ?=
SEED ?=
SBOM ?=

VENV := .venv
IN_VENV := $(VENV)/bin/python
RUN_READY := $(VENV)/run-ready
TEST_READY := $(VENV)/test-ready
# Rooms that book on SQLite unless told otherwise; see CONTRIBUTING.md.
ON_THE_OTHER := $(addprefix tests/,apple contracts google journeys push)
# Tests wait for phones and browsers as often as they compute: three for two cores.
SIDE_BY_SIDE := --numprocesses $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 ))) --dist loadfile
TEXTS := $(patsubst %.po,%.mo,$(wildcard wallet_service/*/translations/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.PHONY: help run test faults bench check format vendor clean services lock audit
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
# Images that set it would have each of the many processes compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUN_READY) $(TEXTS) ## Start everything on this machine; PORT=8000 DATA=instance; Ctrl-C stops all
	@PORT=$(PORT) WALLET_DATA_DIR='$(DATA)' exec $(IN_VENV) -m flask --app wallet_service wallet run

test: services check ## Install what the tests need, then check and test all; LONG=1 for the long ones; ARGS=... to pytest
	@LONG=$(LONG) $(IN_VENV) -m pytest -m alone $(ARGS) || [ $$? = 5 ] # none of those is among ARGS
	@$(if $(ARGS),,TESTS_ON=postgresql $(IN_VENV) -m pytest -m "not alone" $(SIDE_BY_SIDE) $(ON_THE_OTHER))
	@LONG=$(LONG) $(if $(ARGS),,TESTED_ON_POSTGRESQL="$(ON_THE_OTHER)") $(IN_VENV) -m pytest -m "not alone" $(SIDE_BY_SIDE) $(ARGS) || [ $$? = 5 ]

faults: services $(TEST_READY) $(TEXTS) ## Kill, pause and starve everything, and count; SEED=... replays; ARGS="--only F5"
	@$(IN_VENV) -m tests.faults $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: $(TEST_READY) $(TEXTS) ## Measure; one line each; JSON=path writes them as JSON too
	@tests/services/install nghttp2
	@$(IN_VENV) -m bench $(if $(JSON),--json '$(JSON)')

check: $(TEST_READY) $(TEXTS) ## ruff, mypy --strict, translations complete, migrations equal tables
	@$(VENV)/bin/ruff check --quiet
	@$(VENV)/bin/ruff format --check --quiet || { echo "Run: make format" >&2; exit 1; }
	@$(VENV)/bin/mypy --strict --no-error-summary
	@$(IN_VENV) -m tests.house.translations
	@$(IN_VENV) -m pytest -qq --no-header tests/db/test_migrate.py -k sqlite > /dev/null || { echo "Tables and migrations differ; see CONTRIBUTING.md" >&2; exit 1; }

format: $(TEST_READY) ## Put the code into its form
	@$(VENV)/bin/ruff check --quiet --fix-only
	@$(VENV)/bin/ruff format --quiet

vendor: $(VENV)/made ## Fetch the camera's reader from its npm package, by its checksum
	@$(IN_VENV) -m tests.services.vendor

lock: $(RUN_READY) ## Write requirements.lock anew: every package with its hashes
	@$(IN_VENV) -m pip install -qq --disable-pip-version-check --no-input pip-tools==7.6.2
	@$(IN_VENV) -m piptools compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-find-links --no-emit-index-url --no-header --no-annotate -o requirements.lock requirements.txt simulators/requirements.txt

audit: $(RUN_READY) ## Look for known weaknesses in what requirements.lock names; SBOM=path writes a bill of materials
	@$(IN_VENV) -m pip install -qq --disable-pip-version-check --no-input pip-audit==2.10.1
	@$(IN_VENV) -m pip_audit --strict --disable-pip --require-hashes -r requirements.lock --progress-spinner off $(if $(SBOM),-f cyclonedx-json -o '$(SBOM)')

clean: ## Remove what can be made again; your data stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build $(TEXTS)
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

services:
	@tests/services/install postgresql redis chromium nghttp2 openssl

$(VENV)/made:
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name yours: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11. Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) > $(VENV).log 2>&1 || { cat $(VENV).log >&2; echo "Could not make $(VENV). On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@rm -f $(VENV).log
	@touch $@

$(RUN_READY): requirements.txt simulators/requirements.txt | $(VENV)/made
	@$(IN_VENV) -m pip install -qq --disable-pip-version-check --no-input -r requirements.txt -r simulators/requirements.txt
	@touch $@

$(TEST_READY): requirements-dev.txt $(RUN_READY)
	@$(IN_VENV) -m pip install -qq --disable-pip-version-check --no-input -r requirements-dev.txt
	@touch $@

%.mo: %.po | $(RUN_READY)
	@$(VENV)/bin/pybabel --quiet compile --input-file $< --output-file $@
