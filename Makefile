# `make build` and `make test` are all a newcomer needs; the rest is for working on the project.
PYTHON ?= python3
VENV ?= .venv
ifneq ($(words $(VENV)),1)
$(error VENV is "$(VENV)": make needs a folder without spaces in its name)
endif
RUN = $(VENV)/bin
DBT = $(RUN)/dbt

.DEFAULT_GOAL := help
.PHONY: help build landing test test-all test-engines bench spark-parity lint docs lock clean

help:
	@echo "make build   environment, landing zone (the demo shop if there is none), dbt build, summary"
	@echo "make test    the tests, without the long ones"
	@echo "make test-all   the tests, with the long ones"
	@echo "make test-engines   the tests that need Spark, Polars or pandas"
	@echo "make bench   measure the warehouse and its peers, EVENTS=1000000 by default"
	@echo "make spark-parity   compare the same shop on DuckDB and on Spark (Java 17), row by row"
	@echo "make lint    sqlfluff, ruff, mypy"
	@echo "make docs    the dbt docs, in target/docs/"
	@echo "make lock    compile the lock files from pyproject.toml"
	@echo "make clean   remove what builds made, but not the landing zone"

# Installs again when the lock file changes; a failed install does not touch the target.
$(VENV)/installed: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --upgrade pip
	$(RUN)/python -m pip install --quiet --requirement requirements.lock
	touch $@

# Other engines are large and needed only to compare with them.
$(VENV)/engines: $(VENV)/installed requirements-engines.lock
	$(RUN)/python -m pip install --quiet --requirement requirements-engines.lock
	touch $@

# The shell checks for the folder, since make would split a path with a space in two.
landing: $(VENV)/installed
	@test -e "$${LEAD_SCORING_LANDING:-landing}/loads" || { \
		$(RUN)/python scripts/generate_demo_shop.py --output demo --replace && \
		$(RUN)/python scripts/load_landing.py demo; }

build: landing
	@mkdir -p warehouse
	$(DBT) build --quiet
	$(RUN)/python scripts/publish_marts.py
	$(RUN)/python scripts/summarize_build.py

# In the order of conftest.py: xdist would otherwise begin with the files with most tests.
PYTEST = $(RUN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

test: $(VENV)/installed
	$(PYTEST) -m "not long"

test-all: $(VENV)/installed
	$(PYTEST)

test-engines: $(VENV)/engines
	$(RUN)/python -m pytest -m engines

# BENCH: further options, such as BENCH='--memory 4GB --keep'.
EVENTS ?= 1000000
BENCH ?=

bench: $(VENV)/engines
	$(RUN)/python benchmarks/benchmark_scale.py --events $(EVENTS) $(BENCH)

SHOP = warehouse/shop
LAST_DAY = 2026-05-31
PARITY_EVENTS ?= 6000
SHOP_OPTIONS = --events $(PARITY_EVENTS) --end-date $(LAST_DAY) --replace

spark-parity: $(VENV)/engines
	$(RUN)/python scripts/generate_demo_shop.py $(SHOP_OPTIONS) \
		--before-day $(LAST_DAY) --output $(SHOP)/history
	$(RUN)/python scripts/generate_demo_shop.py $(SHOP_OPTIONS) \
		--only-day $(LAST_DAY) --output $(SHOP)/morning
	$(RUN)/python scripts/compare_engines.py $(SHOP)/history $(SHOP)/morning

lint: $(VENV)/installed
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/sqlfluff lint --processes 2 models tests

# Not into target/, where publish_marts.py looks for the results of the last build.
docs: $(VENV)/installed
	$(DBT) docs generate --target-path target/docs

COMPILE = $(RUN)/uv pip compile --quiet --universal --extra dev --generate-hashes \
	--no-annotate --custom-compile-command "make lock"

# The second file is constrained by the first, so that shared packages have one version.
lock:
	$(RUN)/python -m pip install --quiet uv
	$(COMPILE) --output-file requirements.lock pyproject.toml
	$(COMPILE) --extra spark --extra bench --constraint requirements.lock \
		--output-file requirements-engines.lock pyproject.toml

clean:
	rm -rf warehouse/* target logs demo
