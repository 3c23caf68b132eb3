# Each target sets up what it needs by itself, and only that; a second call compares a few stamps.
# Variables: PORT (run), KEEP=1 (demo), CHROMIUM=path (test), PYTHON=python3.12 (all), TESTS=path (test).

PYTHON ?= python3
SETUP := $(PYTHON) requirements/install.py
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
TESTS ?=

.DEFAULT_GOAL := help
.PHONY: help demo run stop test faults check bench bench-screening bench-setup assets clean

help:
	@echo "make demo         one application, from draft to signed license, over HTTP (KEEP=1 leaves the site running)"
	@echo "make run          the site on 127.0.0.1:8000 with worker and beat (PORT=9000 overrides); Ctrl-C stops it"
	@echo "make stop         end whatever of it still runs on this machine"
	@echo "make test         every test, browser tests included (TESTS=path for some)"
	@echo "make check        format, lint, types, the order of the rooms, migrations"
	@echo "make faults       the workflow engine and issuance under violence, whole: about a quarter of an hour"
	@echo "make bench        measurements beside their floors and, after make bench-setup, a peer"
	@echo "make bench-screening  the screening engine beside its peers; needs ../shared/data, and make bench-setup for nomenklatura (PARTIES=1000000: a change of a list among so many)"
	@echo "make assets       build CSS and JS again; the only target that needs Node"
	@echo "make clean        remove what the system has written on this machine"

demo:
	@$(SETUP) app local
	@$(MANAGE) demo $(if $(KEEP),--keep)

run:
	@$(SETUP) app local
	@$(MANAGE) run

stop:
	@if [ -x $(BIN)/python ]; then $(MANAGE) stop; else echo "nothing was running"; fi

test:
	@$(SETUP) app local dev --for-tests
	@$(BIN)/pytest -n 3 --dist worksteal $(TESTS)

faults:
	@$(SETUP) app local dev
	@$(BIN)/python -m tests.faults.workflows $(FAULTS)
	@DJANGO_SETTINGS_MODULE=bench.settings BENCH_LEASE=4 $(BIN)/python -m bench.issuance 60 --no-bare

check:
	@$(SETUP) app local dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MANAGE) check --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run

bench-setup:
	@$(SETUP) app local dev bench
	@$(PYTHON) requirements/install.py peers

bench:
	@$(SETUP) app local dev
	@$(BIN)/python -m bench

bench-screening:
	@$(SETUP) app local dev
	@$(BIN)/python -m bench.screening $(if $(PARTIES),--parties $(PARTIES))

assets:
	@command -v npm >/dev/null || { echo "make assets needs Node: sudo apt-get install -y nodejs npm" >&2; exit 2; }
	npm --prefix licensing/portal/assets ci --no-audit --no-fund
	npm --prefix licensing/portal/assets run build

clean: stop
	@$(PYTHON) -m licensing.local.clean
