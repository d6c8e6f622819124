# Short names for what is done often. Everything runs in .venv, which is made at the first use.
env = python3 .ci/env.py

.PHONY: setup test lint format check docs lock clean

setup:  ## make the environment
	$(env) hemeroteca --version

test:  ## run the tests
	$(env) pytest

lint:  ## style, types, and who may import whom
	$(env) ruff check .
	$(env) ruff format --check .
	$(env) mypy
	$(env) lint-imports

format:  ## let ruff rewrite what it can
	$(env) ruff check --fix .
	$(env) ruff format .

check:  ## what CI runs: all of it, nothing skipped
	.ci/run

docs:  ## write the generated pages of docs/ anew
	$(env) python docs/generate.py

lock:  ## pin today's versions (needs pip-tools in the environment)
	$(env) python .ci/lock.py

clean:  ## remove the environment and what the tools leave behind; archives stay
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
