# Two commands to start with, on a machine with Python and pip:
#   make demo    the main job on the recordings that come with the package
#   make test    all tests
# PYTHON names another interpreter; each has a virtual environment of its own.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: help demo test check format bench docs clean

help:
	@sed -n 's/^#  *//p' Makefile

demo: $(VENV)/plot
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

bench: $(VENV)/dev
	$(BIN)/python benchmarks/run.py

docs: $(VENV)/docs
	$(BIN)/sphinx-build --fail-on-warning --keep-going docs docs/_build

# An environment is made once, and each set of requirements installed once, until they change.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/plot $(VENV)/dev $(VENV)/docs: $(VENV)/%: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info docs/_build quickstart-output
