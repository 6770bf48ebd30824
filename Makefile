# Everything a newcomer needs: `make rehearsal` and `make test` do all their own set-up.
# Python 3.11 or newer with venv, and make. No root. Any folder, spaces in its name included.

PY := .venv/bin/python
PLAYBOOK := playbooks/fixnado-v1.00.md

# Three at a time keep two cores busy, since many wait for processes: make test WORKERS=4, or 0 for one.
WORKERS := 3
TESTS :=
# Of a few tests that were asked for, none may be of the one kind or the other.
NONE = $(if $(TESTS),|| [ $$? = 5 ])

.PHONY: help rehearsal test endurance bench lint serve lock clean

help:
	@echo 'make rehearsal   rehearse the launch of Fixnado 1.00 on the embedded stage (practice: no people)'
	@echo 'make serve       the same with people: a console in the browser, and a link for each of them'
	@echo 'make test        lint, types, import rules and every test'
	@echo 'make lint        the first three of those alone'
	@echo 'make endurance   the long kill and load loops'
	@echo 'make bench       the benchmarks, each beside its own yardstick'
	@echo 'make lock        renew the locked requirements'
	@echo 'make clean       remove what was installed and built here (not your rehearsals)'

rehearsal:
	@tools/set-up run
	@tools/set-up node
	@$(PY) -m golive rehearse $(PLAYBOOK) --practice

test: lint
	@tools/set-up node
	@echo 'test: pytest'
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal -m 'not alone and not endurance' $(TESTS) $(NONE)
	@echo 'test: pytest, those that need the machine to themselves'
	@$(PY) -m pytest -m 'alone and not endurance' $(TESTS) $(NONE)

lint:
	@tools/set-up test
	@echo 'test: ruff'
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet . || { echo 'test: these files are not formatted:'; $(PY) -m ruff format --check .; exit 1; }
	@echo 'test: mypy --strict'
	@$(PY) -m mypy --num-workers 2
	@echo 'test: import rules'
	@found=$$(.venv/bin/lint-imports --no-logo 2>&1) || { echo "$$found"; exit 1; }

endurance:
	@tools/set-up test
	@$(PY) -m pytest -m endurance --timeout 3600

bench:
	@tools/set-up test
	@for one in bench/*.py; do echo "bench: $$one"; $(PY) "$$one" || exit 1; done

serve:
	@tools/set-up run
	@tools/set-up node
	@$(PY) -m golive serve --rehearse $(PLAYBOOK)

lock:
	@tools/set-up test
	@tools/lock

clean:
	rm -rf .venv .venv.making build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -rf infra/stage/smoke/node_modules src/*.egg-info
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
