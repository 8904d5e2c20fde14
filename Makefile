# `make build` and `make test` are all a newcomer needs; the rest is for those who work here.
PYTHON ?= python3
VENV ?= .venv
RUN = $(VENV)/bin
DBT = $(RUN)/dbt

LANDING = $(or $(LEAD_SCORING_LANDING),landing)

.DEFAULT_GOAL := help
.PHONY: help build test lint docs lock clean

help:
	@echo "make build   environment, landing zone (the demo shop if there is none), dbt build, summary"
	@echo "make test    every test of the project"
	@echo "make lint    sqlfluff, ruff, mypy"
	@echo "make docs    the dbt docs, in target/"
	@echo "make lock    compile requirements.lock from pyproject.toml"
	@echo "make clean   remove what builds made; the landing zone stays"

# The environment is made anew when the lock changes; a failed install leaves no mark.
$(VENV)/installed: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --upgrade pip
	$(RUN)/python -m pip install --quiet --requirement requirements.lock
	touch $@

$(LANDING)/loads:
	$(MAKE) $(VENV)/installed
	$(RUN)/python scripts/generate_demo_shop.py --output demo --replace
	$(RUN)/python scripts/load_landing.py demo --landing $(LANDING)

build: $(VENV)/installed $(LANDING)/loads
	@mkdir -p warehouse
	$(DBT) build --quiet --exclude-resource-type unit_test
	$(RUN)/python scripts/publish_marts.py
	$(RUN)/python scripts/summarize_build.py

test: $(VENV)/installed
# In the order of collection (conftest): xdist would begin with the files of many tests.
	$(RUN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: $(VENV)/installed
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/sqlfluff lint models tests

docs: $(VENV)/installed
	$(DBT) docs generate

lock:
	$(RUN)/python -m pip install --quiet uv
	$(RUN)/uv pip compile --quiet --universal --extra dev --generate-hashes --no-annotate \
		--custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean:
	rm -rf warehouse target logs demo
