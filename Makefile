# Only make and Python 3.11 or newer are needed; everything else is made in .venv.

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: install demo test test-cluster tutorial lint format bench docs site clean

install: $(READY) ## .venv with the command at .venv/bin/linkage

$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or newer was found: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "linkage needs Python 3.11 or newer")'
	@echo "installing into .venv (a minute or two the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@echo "compiling the kernels (once, half a minute)"
	@$(BIN)/python -m linkage.jobs.warm
	@touch $@

demo: install ## the whole way on a small world; DEMO_ARGS=--exit ends after the summary
	@$(BIN)/linkage demo $(DEMO_ARGS)

test: lint ## everything; starts the real Neo4j itself
	@$(BIN)/python -m pytest $(TEST_ARGS)

tutorial: install ## the tutorial word by word in a fresh clone with its own .venv, as on an empty machine
	@LINKAGE_TUTORIAL_FRESH=1 $(BIN)/python -m pytest tests/package/test_tutorial.py

test-cluster: install ## three nodes of Cassandra, of which one and then two are killed; 20,000 accounts on Neo4j and JanusGraph
	@$(BIN)/python -m pytest -m cluster tests/cluster

lint: install
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: install
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: install ## every measurement of tests/benchmarks, one after another, quickly where it can be
	@for script in tests/benchmarks/bench_*.py; do \
		echo "== $$script"; $(BIN)/python $$script $$(grep -o -m 1 -e --quick $$script) || exit 1; done

docs: install ## the pages of docs/ that are made from the code
	@$(BIN)/python tests/package/pages.py

site: install ## the documentation as a site, in site/index.html
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --clean

clean:
	rm -rf .venv build dist site *.egg-info .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find linkage tests -name __pycache__ -prune -exec rm -rf {} +
