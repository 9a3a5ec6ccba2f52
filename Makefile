# Every target sets itself up: it needs Python 3.11+ and make, nothing else, and no network once installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RAY_READY := $(VENV)/.ray-ready
REAL_READY := $(VENV)/.real-ready
DEMO_MODELS := simulated/faker,simulated/quiet,simulated/refuser,simulated/parrot

.DEFAULT_GOAL := help
.PHONY: help install demo test test-ray test-real check verify rendered docs lock bench clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(READY) ## make the virtual environment, unless it is up to date

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

$(RAY_READY): requirements-ray.lock $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-ray.lock
	@touch $@

$(REAL_READY): requirements-real.lock $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-real.lock
	@touch $@

demo: $(READY) ## run the evaluation on four stand-in models and print the table (about a minute)
	rm -rf logs/demo
	$(BIN)/inspect eval evals/alignment_faking.py --model $(DEMO_MODELS) --model-role grader=simulated/grader \
	  --limit 240 --log-dir logs/demo --display plain --no-log-realtime
	$(BIN)/alignment-faking report logs/demo

test: $(READY) ## run the offline tests
	$(BIN)/python -m pytest -n auto --dist loadscope -m "not slow and not ray and not real"

test-ray: $(RAY_READY) ## run the tests on a Ray cluster, with their own extra (two minutes)
	$(BIN)/python -m pytest tests/grids/test_ray_engine.py -m ray

test-real: $(REAL_READY) ## run the suite on a small language model that is served here (five minutes)
	$(BIN)/python -m pytest tests/real -m real

check: $(READY) ## lint, types, import contracts, rules for Inspect evaluations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/inspect-evals-lint --all

verify: check test-real ## every check, the long ones included
	$(BIN)/python -m pytest -n auto --dist loadscope -m "not ray and not real" --hypothesis-profile long

rendered: $(READY) ## rewrite the golden renderings in tests/rendered
	$(BIN)/python -m pytest tests/experiment/test_rendered.py --rewrite

docs: $(READY) ## build the documentation into site/, links checked
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

lock: $(READY) ## resolve the dependencies anew into requirements.lock and those of the extras
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --group dev --group build --group docs --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --constraints requirements.lock --extra ray --group ray-test --output-file requirements-ray.lock pyproject.toml
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --no-deps --group real-test --output-file requirements-real.lock

bench: $(READY) ## measure speed beside a bare Inspect task and write benchmarks/speed.md (two hours on two cores)
	$(BIN)/python -m benchmarks.speed

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist site
