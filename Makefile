# One command each; every target sets up what it needs. Needs Python 3.11 or newer, nothing else; no root.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
CORES  ?= $(shell nproc 2>/dev/null || echo 2)
UV     := .uv/bin/uv
RUN    := $(UV) run --no-sync
export UV_PYTHON_DOWNLOADS = never

.PHONY: run replications audit test coverage test-slow monte-carlo monte-carlo-studies monte-carlo-workbooks second-stage slips lint mutants fuzz bench hard-panels null-test audit-r typeset slurm-test debian axe docs help

help:            ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/ -/'

run: .venv/.synced     ## all reports of the studies in config/config.yaml; make run STUDY="a b" those of some
	$(RUN) snakemake --cores $(CORES) $(STUDY:%=results/%/report.html)
	@echo "reports: $(CURDIR)/results/index.html"

replications: .venv/.synced   ## published studies with public data, printed beside reproduced numbers; STUDY="a b" those of some
	cd replications && $(if $(SHIDIAN_RAW),SHIDIAN_RAW=$(abspath $(SHIDIAN_RAW))) $(CURDIR)/$(RUN) snakemake --snakefile ../Snakefile --cores $(CORES) $(STUDY:%=results/%/report.html)
	@echo "reports: $(CURDIR)/replications/results/index.html"

audit: .venv/.synced   ## one zip a study for the reviewer, in results/audit (see docs/author.md)
	$(RUN) snakemake --cores $(CORES) audit
	@cat results/audit/*.sha256

test: .venv/.synced    ## the tests; those that need reference data skip without it
	OMP_NUM_THREADS=1 $(RUN) pytest -m "not slow" -n $(CORES) --dist loadfile

coverage: .venv/.synced   ## the tests, and which lines and branches of the package they reach: htmlcov/index.html
	$(RUN) pytest -m "not slow" -n $(CORES) --dist loadfile --cov --cov-report=term --cov-report=html

test-slow: .venv/.synced   ## full-size Monte Carlo and other long checks
	$(RUN) pytest -m slow

monte-carlo: .venv/.synced   ## bias, coverage and size of the estimators: writes docs/monte_carlo.md, fails where a gate does
	$(RUN) python -m tests.monte_carlo

monte-carlo-studies: .venv/.synced   ## the five studies' baselines over 500 simulated worlds: writes docs/monte_carlo_studies.md, fails where a gate does
	$(RUN) python -m tests.monte_carlo.study_page

second-stage: .venv/.synced   ## effects on efficiency scores against the planted one, by remedy, over 500 worlds: writes docs/second_stage.md
	$(RUN) python -m bench.second_stage

monte-carlo-workbooks: .venv/.synced   ## the same from 20 seeds of written workbooks: writes docs/monte_carlo_workbooks.md
	$(RUN) python -m tests.monte_carlo.workbook_page

lint: .venv/.synced    ## style, types, workflow lint
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) snakefmt --check Snakefile .test/Snakefile workflow/rules
	$(RUN) snakemake --lint

mutants: .venv/.synced   ## plant faults in the numeric code, one at a time, and report those that no test finds (hours)
	OMP_NUM_THREADS=1 $(RUN) python -m tests.mutants

slips: .venv/.synced   ## plant slips in real volumes: writes docs/slips.md (needs the files of $SHIDIAN_SHARED)
	OMP_NUM_THREADS=1 $(RUN) python -m tests.slips

fuzz: .venv/.synced    ## odd studies, sources, formulas and workbooks for an hour, or make fuzz MINUTES=10; failures are kept as tests
	OMP_NUM_THREADS=1 $(RUN) python -m tests.fuzz --minutes $(or $(MINUTES),60)

bench: .venv/.synced   ## ratios against a peer in the same run
	$(UV) sync --locked --compile-bytecode --python $(PYTHON) --group bench
	@for b in bench/bench_*.py; do $(RUN) python -m bench.$$(basename $$b .py); done

hard-panels: .venv/.synced   ## ours and four packages on panels with a planted truth: writes docs/hard_panels.md, fails where ours is wrong
	$(UV) sync --locked --compile-bytecode --python $(PYTHON) --group hard-panels
	@$(RUN) python -W ignore -m bench.hard_panels

null-test: .venv/.synced   ## placebo p-values under a true null, 1,000 simulated panels a design
	$(RUN) pytest -m slow -s tests/placebo/test_placebo_null.py

audit-r: .venv/.synced   ## re-estimate the regression tables of all finished studies in R (root, once: Debian's R)
	@Rscript -e 'library(AER)' >/dev/null 2>&1 || (apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends r-base-core r-cran-sandwich r-cran-aer)
	$(RUN) shidian audit-r

typeset: .venv/.synced   ## every table of every finished study set by TeX, in an article and two journal classes (root, once: Debian's TeX)
	@kpsewhich siunitx.sty ctexart.cls IEEEtran.cls >/dev/null 2>&1 || (apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends texlive-latex-extra texlive-science texlive-publishers \
	  texlive-xetex texlive-lang-chinese)
	$(RUN) pytest -m slow tests/e2e/test_finished_typeset.py tests/report/test_latex.py tests/report/test_hostile_texts.py

slurm-test: .venv/.synced   ## a whole study through a real SLURM on this machine, with faults (root; installs Debian packages)
	$(UV) sync --locked --compile-bytecode --python $(PYTHON) --group slurm
	$(RUN) python -m tests.slurm.run_on_slurm

axe:             ## axe-core for the test of accessibility (npm, MPL-2.0; not shipped)
	npm install --silent --no-save --prefix .axe axe-core@4

debian:          ## what the browser tests and page pictures need (root): Chromium, poppler
	apt-get update -qq && apt-get install -y -qq chromium poppler-utils

docs: .venv/.synced    ## config/README.md and envs/ from the schemas and the lock, docs/matrix.md from the rows of tests/matrix
	$(RUN) shidian docs
	$(RUN) python -m tests.matrix

$(UV):
	$(PYTHON) -c 'import sys; sys.exit("shidian needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet uv==0.13.9

.venv/.synced: $(UV) pyproject.toml uv.lock
	$(UV) sync --locked --compile-bytecode --python $(PYTHON)
	@touch $@
