# Two commands to start with, on a machine with Python and pip:
#   make demo    the main job on the recordings that come with the package
#   make test    all tests
# PYTHON names another interpreter, and VENV the folder of its virtual environment:
#   make test PYTHON=python3.13 VENV=.venv-3.13

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: help demo test check format bench docs clean

help:
	@sed -n 's/^#  *//p' Makefile

demo: $(VENV)/demo
	$(BIN)/python examples/quickstart.py

test: $(VENV)/dev
	$(BIN)/python -m pytest --numprocesses=2

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/numpydoc lint $$(git ls-files 'sklearn_audio/*.py')

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/bench
	$(BIN)/python benchmarks/run.py

docs: $(VENV)/docs
	$(BIN)/sphinx-build --fail-on-warning --keep-going docs docs/_build

# An environment is made once, and each set of requirements installed once, until they change.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian: apt install python3-venv"; exit 1; }

$(VENV)/demo $(VENV)/dev $(VENV)/bench $(VENV)/docs: $(VENV)/%: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	@touch $@

clean:
	rm -rf .venv .venv-* build *.egg-info docs/_build docs/generated quickstart-output
