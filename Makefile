# Needs Python 3.11 and pip, nothing else. Everything is installed into .venv, with the
# versions of constraints.txt; `make clean` removes it.

PYTHON ?= $(firstword $(foreach python,python3.11 python3,\
	$(shell $(python) -c "import sys; sys.exit(sys.version_info < (3, 11))" \
	2>/dev/null && echo $(python))))
# More options for pytest: PYTEST=--cov measures coverage, and takes half as long again.
PYTEST :=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
CORE := $(VENV)/.installed-core
FULL := $(VENV)/.installed-full

.PHONY: help bench test lint docs clean

help:
	@echo "make bench  run the main job on the embedded synthetic corpus, print the table"
	@echo "make test   run the tests"
	@echo "make lint   check style, types and spelling"
	@echo "make docs   build the documentation into docs/_build/html"
	@echo "make clean  remove everything that these commands made"

bench: $(CORE)
	$(BIN)/python -m benchmarks

test: $(FULL)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist worksteal $(PYTEST)

lint: $(FULL)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/codespell

docs: $(FULL)
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage htmlcov
	rm -rf docs/_build docs/api docs/auto_examples docs/sg_execution_times.rst

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The stamps spare the second run an installation. The package itself is installed in
# editable mode, so that only a change of the dependencies is a reason to install again.
$(CORE): pyproject.toml setup.cfg constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable ".[opensmile,xgboost]"
	touch $@

$(FULL): pyproject.toml setup.cfg constraints.txt | $(BIN)/python
	$(PIP) install --constraint constraints.txt --editable ".[all,test,docs]"
	touch $@ $(CORE)
