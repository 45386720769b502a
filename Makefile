# What a person needs: `make demo` shows it, `make test` proves it. Everything is fetched into .venv and .cache.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

VERSION ?= 12.4.1
NUMBER ?= 500
# The tests of checks and of the model, without those that try the same many times.
COVERING := tests/checks tests/directus tests/escalation/test_work.py tests/commands/test_access_diff.py \
  tests/commands/test_deployment_formats.py tests/commands/test_diff_findings.py tests/commands/test_rows.py \
  tests/commands/test_variants.py tests/commands/test_webhook_guards.py -k "not random_secrets and not new_check"
PORT ?= 8055
DOCS_PORT ?= 8000
SEED ?= 1
N ?= 100
JOBS ?= 2
MINUTES ?= 60
# Real programs wait much of the time: three workers keep two processors busy.
WAITING := -n 3 --dist loadfile --no-loadscope-reorder
# Compiled tests are kept between runs, also where the shell asks for none: to compile them anew is a tenth of the time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test lab proof attacks unit commands thorough real servers every lowest newest sbom coverage check bench compare mutants fuzz format docs website lock generate snapshots pictures new-check clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## the local environment, at the locked versions
	@scripts/bootstrap

demo: setup ## the main job on the two projects under examples/: one flawed, its hardened twin
	@scripts/demo

test: setup ## all tests, the comparisons with the real programs included
	TMPDIR=$$(scripts/temporary 6000000) $(PYTEST) $(WAITING)

lab: setup ## a real Directus to try, flawed on purpose: VERSION=11.17.4, PORT=…
	@$(BIN)/python -m tests.lab.seed $(VERSION) $(PORT)

proof: setup ## every step to administrator, carried out on real servers; writes docs/proof.md
	$(BIN)/python -m tests.lab.proof
	$(BIN)/python -m scripts.generate

attacks: setup ## random configurations attacked on real servers, recorded: a fifth of them on 10 and 12: NUMBER=500
	$(BIN)/python -m tests.lab.attack_record 11 $(NUMBER)
	$(BIN)/python -m tests.lab.attack_record 10 $$(( $(NUMBER) / 5 ))
	$(BIN)/python -m tests.lab.attack_record 12 $$(( $(NUMBER) / 5 ))

# Thousands of small files: in memory a quarter less CPU time, and no wait for the disk.
unit: setup ## the fast tests of single parts, and of the rules of this repository
	TMPDIR=$$(scripts/temporary) $(PYTEST) -n 2 --dist loadfile -m "not (real or thorough or hypothesis)" --ignore=tests/commands

commands: setup ## the fast tests of whole commands
	TMPDIR=$$(scripts/temporary) $(PYTEST) -n 2 --dist loadfile -m "not (real or thorough or hypothesis)" tests/commands

thorough: setup ## the other tests without real programs: whole runs of the Action, any input, cost, each check blinded in many ways
	$(PYTEST) -n 2 --dist loadfile -m "not real and (thorough or hypothesis)"

real: setup ## the comparisons with real programs, without the servers of Directus
	$(PYTEST) $(WAITING) -m "real and not lab"

servers: setup ## the comparisons with real servers of Directus
	$(PYTEST) $(WAITING) -m lab

every: setup ## the tests that take a share of their cases in the runs above: all cases of each
	EVERY_CASE=1 $(PYTEST) $(WAITING) $(shell grep -rlE "make every|^from hypothesis" tests --include=test_*.py)

coverage: setup ## the lines and branches of the checks and the model that their own tests miss: none
	RULE_PAIRS=1000 PROMISE_PAIRS=500 $(PYTEST) -n 2 -m "not real" --cov --cov-report=term-missing $(COVERING)

lowest: setup ## the fast tests at the lowest allowed versions: PYTHON_VERSION=3.11, 3.12 or 3.13
	@scripts/bounds lowest

newest: setup ## the fast tests at the newest allowed versions: PYTHON_VERSION=3.11, 3.12 or 3.13
	@scripts/bounds newest

sbom: setup ## the bill of materials of the locked packages: build/directus-guard.cdx.json
	$(BIN)/python -m scripts.dependencies sbom build/directus-guard.cdx.json

check: setup ## lint, format, spelling, types, import contracts, stale generated files, the website and its links
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m scripts.generate --check
	$(BIN)/python -m scripts.site

website: setup ## the website of the documentation in build/site/html, its links checked
	$(BIN)/python -m scripts.site

docs: setup ## the website of the documentation, built and served on this machine: DOCS_PORT=…
	$(BIN)/python -m scripts.site serve --port $(DOCS_PORT)

bench: setup ## times and memory, beside other scanners where they are installed
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_start
	$(BIN)/python -m tests.bench_scale

compare: setup ## the same flawed project scanned by other programs from PyPI, too; writes docs/comparison.md
	$(BIN)/python -m scripts.compare

mutants: setup ## mistakes put into the package one by one; those that no fast test notices: SEED=… N=… FOLDER=checks/flows MINUTES=… JOBS=… THOROUGH=1
	@$(BIN)/python -m tests.mutants --seed "$(SEED)" --count "$(N)" --folder $(FOLDER) --jobs "$(JOBS)" --minutes "$(MINUTES)" $(if $(THOROUGH),--thorough)

fuzz: setup ## parsers, rules, writers and the live client, guided by coverage: FUZZ_MINUTES=20 of CPU for each; then comparisons with real programs and property tests with many more examples, `make every`, and real servers
	$(BIN)/python -m tests.fuzz.run --minutes $${FUZZ_MINUTES:-20}
	HYPOTHESIS_PROFILE=fuzz RULE_PAIRS=200000 PROMISE_PAIRS=100000 ESCALATION_BATCHES=1500 $(PYTEST) -m "not real" -k "never or property or properties or any or random or brute"
	GENERATED_TIMES=20 GENERATED_FROM=$$(date +%s) FUZZ_INPUTS=.cache/fuzz $(PYTEST) -s tests/differential
	LAB_CONFIGURATIONS=$${LAB_CONFIGURATIONS:-200} LAB_SEED=$${LAB_SEED:-$$(date +%s)} $(PYTEST) -s tests/lab/test_random_access.py
	$(MAKE) every
	LAB_ATTACKS=$${LAB_ATTACKS:-100} LAB_MAJORS="$${LAB_MAJORS:-all}" LAB_SEED=$${LAB_SEED:-$$(date +%s)} $(PYTEST) -s tests/lab/test_adversary.py

format: setup ## format and sort
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

generate: setup ## what is made from the code: schemas
	$(BIN)/python -m scripts.generate

snapshots: setup ## take today's output as the expected one; read the diff
	UPDATE_SNAPSHOTS=1 $(PYTEST) $(shell grep -rl UPDATE_SNAPSHOTS tests --include=*.py)

pictures: setup ## the pictures of docs/report.md, drawn by Chromium; look at them
	$(BIN)/python -m scripts.report_pictures

new-check: setup ## a check to fill in: ID=log-level KIND=environment, export, project or instance, CHAPTER=…
	@$(BIN)/python -m scripts.new_check --id "$(ID)" --kind "$(KIND)" --chapter "$(CHAPTER)"

lock: ## new locked versions
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --group dev pyproject.toml -o requirements-dev.lock

clean: ## remove what was fetched and built
	rm -rf .venv .cache build dist
