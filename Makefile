# Every target sets itself up: it needs Python 3.11+ and make, nothing else, and no network once installed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RAY_READY := $(VENV)/.ray-ready
DEMO_MODELS := simulated/faker,simulated/quiet,simulated/refuser,simulated/parrot

.DEFAULT_GOAL := help
.PHONY: help install demo test test-ray check verify rendered lock bench clean

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

demo: $(READY) ## run the evaluation on four stand-in models and print the table (about a minute)
	rm -rf logs/demo
	$(BIN)/inspect eval evals/alignment_faking.py --model $(DEMO_MODELS) --model-role grader=simulated/grader \
	  --limit 240 --log-dir logs/demo --display plain --no-log-realtime
	$(BIN)/alignment-faking report logs/demo

test: $(READY) ## run the offline tests
	$(BIN)/python -m pytest -n auto --dist loadscope -m "not slow and not ray"

test-ray: $(RAY_READY) ## run the tests on a Ray cluster, with their own extra (two minutes)
	$(BIN)/python -m pytest tests/grids/test_ray_engine.py -m ray

check: $(READY) ## lint, types, import contracts, rules for Inspect evaluations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/inspect-evals-lint --all

verify: check ## every check, the long ones included
	$(BIN)/python -m pytest -n auto --dist loadscope -m "not ray" --hypothesis-profile long

rendered: $(READY) ## rewrite the golden renderings in tests/rendered
	$(BIN)/python -m pytest tests/experiment/test_rendered.py --rewrite

lock: $(READY) ## resolve the dependencies anew into requirements.lock and, with the extra for Ray, requirements-ray.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --group dev --group build --output-file requirements.lock pyproject.toml
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	  --constraints requirements.lock --extra ray --group ray-test --output-file requirements-ray.lock pyproject.toml

bench: $(READY) ## measure speed beside a bare Inspect task and write benchmarks/speed.md (two hours on two cores)
	$(BIN)/python -m benchmarks.speed

clean: ## remove the virtual environment and every cache
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
