# The front door: `make` sets up, runs the pipeline and says what it found; `make help` lists more.
# Every recipe is a line or two that a person could type; GNU make 3.81 (macOS) understands them.

# Recipes need bash. Naming it also makes old versions of make look up programs in the PATH below.
SHELL := /bin/bash
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

PYTHONS := 3.11 3.12 3.13

##@ Variables, such as: make RUN=workstation CORES=8
# Short names may mean something else in your shell (NAME is the computer's on some): these count on
# make's own command line only.
given = $(filter command,$(firstword $(origin $(1))))
named = $(if $(call given,$(1)),$(value $(1)),$(2))
run_named := $(call given,RUN)
of_mine := FILE LABEL CLASSES IGNORE STANDARDIZE
mine_named := $(strip $(foreach text,$(of_mine),$(if $(call given,$(text)),$(text))))
override RUN := $(call named,RUN,digits)## the run: digits (unless told), test, workstation, paper, your own
override NAME := $(call named,NAME)## the name of a run of your own, for make run and make plan
override SET := $(call named,SET)## its settings: SET='two_layer.train.width=4096 seed=1'
override A := $(call named,A)## the one run, for make compare
override B := $(call named,B)## the other
override ID := $(call named,ID)## the claim, for make claim and make new-claim
override SLICE := $(call named,SLICE)## the family of a claim of your own, a folder in scripts, for make new-claim
override FILE := $(call named,FILE)## your own .csv or .npz, for make mine
override LABEL := $(call named,LABEL,label)## the column of a .csv that holds the class
override CLASSES := $(call named,CLASSES)## the two classes to tell apart: setosa,versicolor
override IGNORE := $(call named,IGNORE)## columns of a .csv to leave out: id,name
override STANDARDIZE := $(call named,STANDARDIZE)## none, images or, unless told, columns of a .csv
override THEME := $(call named,THEME)## its theme there; your own claims' unless told
CORES ?= all## how many CPU cores to use
MEM ?=## memory that jobs share, MB or such as 16G; all of this computer's, unless told
DATA_DIR ?=## a folder that holds the data sets already: only read, and nothing is downloaded
VENV ?= .venv## the folder of the Python environment
PYTHON ?=## the Python to make it with; the first of $(PYTHONS) that works, unless told
PIP_ARGS ?=## options for pip install
SNAKEMAKE_ARGS ?=## options for snakemake, such as -n: only say what would be done
PYTEST_ARGS ?=## options for pytest, such as -k kernels

# What recipes hold as it is must have nothing in it that make or a shell would read as code: digits;
# or letters, of any alphabet, and what else paths are made of.
quoted = '$(subst ','\'',$(1))'
plain = $(and $(filter 1,$(words $(value $(1)))),\
    $(shell export LC_ALL=C; [[ $(call quoted,$(value $(1))) =~ ^($(2))$$ ]] && echo yes))
ifeq ($(call plain,CORES,all|[1-9][0-9]*),)
$(error CORES: found '$(value CORES)', expected a whole number or all)
endif
ifeq ($(call plain,VENV,([[:alnum:]_./+@-]|[^[:print:][:cntrl:]])+),)
$(error VENV: found '$(value VENV)', expected a folder whose path has letters, digits and . / _ + @ - alone)
endif

# A person's text reaches programs through the environment, so that no shell reads it as code:
# recipes say "$$RUN", and the programs in scripts/runs and scripts/ledger take it from there.
from_shell := $(foreach text,MEM DATA_DIR,$(if $(filter environment,$(origin $(text))),$(text)))
override MEM := $(value MEM)
override DATA_DIR := $(value DATA_DIR)
override PYTHON := $(value PYTHON)
texts := RUN NAME SET A B ID SLICE THEME FILE LABEL CLASSES IGNORE STANDARDIZE MEM DATA_DIR PYTHON
$(foreach text,$(texts),$(if $(value $(text)),$(eval export $(text)),$(eval unexport $(text))))

export PATH := $(abspath $(VENV))/bin:$(PATH)
export PYTHONPATH := $(CURDIR)/src

# What a shell has set for other programs reaches none of ours (workflow/lib/run.py does the same for
# those who call snakemake), and text is UTF-8 whatever the locale.
unexport SNAKEMAKE_PROFILE MPLBACKEND
unexport $(filter-out PYTHON PYTHONS PYTHONPATH PYTHONDONTWRITEBYTECODE,$(filter PYTHON%,$(.VARIABLES)))
export PYTHONUTF8 := 1

# Snakemake and Matplotlib keep a cache in the home folder. Where that is read-only or full it is here,
# and pip, which would fill it, does without one, as it would there.
home_cache = cache="$${XDG_CACHE_HOME:-$$HOME/.cache}/snakemake"; \
    mkdir -p "$$cache" && file=$$(mktemp "$$cache/XXXXXX") && rm "$$file" && echo yes
ifneq ($(shell { $(home_cache); } 2>/dev/null),yes)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
export PIP_NO_CACHE_DIR := 1
endif

# MEM and DATA_DIR may stand in a shell for something else.
noted = $(foreach text,$(from_shell),\
    echo "$(text): found '$$$(text)' in the environment: it counts" >&2;)

# Options with any number of values first: SNAKEMAKE_ARGS may end with files to make.
snakemake = $(noted) python -m scripts.runs.start -- \
    --configfile "$$file" $(where) $(SNAKEMAKE_ARGS)
where = --cores $(CORES)

# Stop with an example ($(2)) if the variable $(1) is empty.
need = if [ -z "$$$(1)" ]; then echo "give $(1), such as: $(2)" >&2; exit 2; fi

# What `all`, `quick` and `run` do, once RUN is set. Snakemake ends with what became of the claims
# (workflow/lib/ledger.py), and with 2 if one was missed that is not known to be.
define pipeline
file=$$(python -m scripts.runs.configfile) || exit 1; \
$(snakemake)
endef

# Settings that would not be used are refused: another run would start.
ifneq ($(value NAME)$(value SET),)
ifeq ($(filter run plan mine,$(MAKECMDGOALS)),)
$(error NAME and SET are for make run and make plan, such as: make run NAME=wide SET=two_layer.train.width=4096)
endif
endif
ifneq ($(filter mine,$(MAKECMDGOALS)),)
ifneq ($(value SET)$(run_named),)
$(error make mine takes neither SET nor RUN: edit config/runs/$(or $(value NAME),mine).yaml after it, or type make run NAME=other RUN=$(or $(value NAME),mine) SET=two_layer.train.width=4096)
endif
else ifneq ($(mine_named),)
$(error $(mine_named): found, expected for make mine alone, such as: make mine FILE=measurements.csv LABEL=species)
endif

planned = $(noted) file=$$(python -m scripts.runs.configfile) && \
    python -m scripts.runs.plan --configfile "$$file" \
    $(if $(filter-out all,$(CORES)),--cores $(CORES))

# The configuration of a run of one's own, written if settings are given; then it is the run.
own = if [ -n "$$SET$(if $(run_named),$$RUN)" ] || [ ! -f "config/runs/$$NAME.yaml" ]; then \
    python -m scripts.runs.overlay || exit; fi; export RUN="$$NAME"

##@ Run
.PHONY: all quick mine slurm cancel failures plan run compare claim claims new-claim watch
.PHONY: adopt clean
all: $(VENV) ## set up if needed, run the pipeline, say what it found and where
	@$(pipeline)

quick: $(VENV) ## the same on 60 points, in a minute: does everything work here?
	@export RUN=test; $(pipeline)

mine: $(VENV) ## the theory on your own data: FILE= LABEL= CLASSES= IGNORE= STANDARDIZE= NAME=
	@$(call need,FILE,make mine FILE=measurements.csv LABEL=species)
	@export NAME="$${NAME:-mine}"; python -m scripts.runs.mine || exit 1; \
	export RUN="$$NAME" OVERPARAM_NOTED=yes; $(pipeline)

# The profile's number of cores is one submission's, not this computer's.
slurm: where = --workflow-profile profiles/slurm $(if $(filter-out all,$(CORES)),--cores $(CORES))
slurm: $(VENV) ## the pipeline on a cluster with SLURM: RUN=; see docs/running.md
	@$(pipeline)

cancel: $(VENV) ## cancel what this folder has on a cluster
	@python -m scripts.runs.cancel

failures: $(VENV) ## what failed in the last run, with the last lines of its logs
	@python -m scripts.runs.failures

plan: $(VENV) ## what a run would take: jobs, minutes, memory, disk; RUN=, or NAME= SET=
ifneq ($(value NAME)$(value SET),)
	@$(call need,NAME,make plan NAME=wide SET='two_layer.train.width=4096')
	@$(own); $(planned)
else
	@$(planned)
endif

run: $(VENV) ## a run of your own: NAME= SET= and, to start from another than digits, RUN=
	@$(call need,NAME,make run NAME=wide SET='two_layer.train.width=4096')
	@$(own); $(pipeline)

compare: $(VENV) ## a run beside the recorded one: RUN=; or two runs side by side: A= B=
ifeq ($(value A)$(value B),)
	@python -m scripts.ledger.compare
else
	@$(call need,A,make compare A=digits B=wide)
	@$(call need,B,make compare A=digits B=wide)
	@python -m scripts.runs.compare
endif

claim: $(VENV) ## just what one claim needs, and its row: ID=A19, RUN=
	@$(call need,ID,make claim ID=A8)
	@file=$$(python -m scripts.runs.configfile --claim="$$ID") || exit 1; \
	$(snakemake) -- "claim_$${ID%%.*}"

claims: $(VENV) ## every claim of a finished run, a line each: RUN=
	@file=$$(python -m scripts.runs.configfile) || exit 1; \
	python -m scripts.ledger.verify --whole --lenient --configfile "$$file"

new-claim: $(VENV) ## start a claim of your own: ID= SLICE= THEME=
	@$(call need,ID,make new-claim ID=A34)
	@python -m scripts.ledger.new_claim

watch: $(VENV) ## how far the run here is, and what each running job said last
	@python -m scripts.runs.watch

adopt: $(VENV) ## take over results that came without Snakemake's notes, such as copied ones: RUN=
	@file=$$(python -m scripts.runs.configfile) && \
	python -m scripts.ledger.adopt --configfile "$$file" \
	    $(if $(filter-out all,$(CORES)),--cores $(CORES))

# Never the default run by a slip: it has to be named.
clean: $(VENV) ## remove what a run made: RUN=
	@$(if $(run_named),,unset RUN;) $(call need,RUN,make clean RUN=digits)
	@python -m scripts.runs.clean

##@ Check
.PHONY: test test-runs test-formulas test-faults test-browser test-slurm mutate lint bench
test: $(VENV) ## every test of the quick tier
	@unset $(texts); python -m pytest -n $(subst all,auto,$(CORES)) --dist loadfile $(PYTEST_ARGS)

test-runs: $(VENV) ## finished runs: what is made again after which change, make's targets, bad data
	@unset $(texts); python -m pytest -n $(subst all,auto,$(CORES)) --dist loadfile $(PYTEST_ARGS) \
	    tests/runs

test-formulas: $(VENV) ## wrong formulas, each of which has to turn a claim red
	@unset $(texts); python -m pytest -n 2 $(PYTEST_ARGS) tests/formulas

test-faults: $(VENV) ## kills, a full disk, too little memory: what a run goes on from
	@unset $(texts); python -m pytest -n 3 $(PYTEST_ARGS) tests/faults

test-browser: $(VENV) ## the report in a browser: needs chromium and chromium-driver
	@unset $(texts); python -m pytest $(PYTEST_ARGS) tests/browser

# Where SLURM cannot be had, the tests say so.
test-slurm: $(VENV) ## a real SLURM on this computer, installed as root if need be: RUN= (test)
	@tools/slurm install || true
	@export OVERPARAM_TEST_RUN=$(if $(run_named),"$$RUN",test); unset $(texts); \
	python -m pytest $(PYTEST_ARGS) tests/cluster

mutate: $(VENV) ## plant small mistakes in mathematics and programs: do tests notice?
	@python -m tools.mutate

lint: $(VENV) ## layout, types and rules of code, workflow and imports
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow scripts
	python -m snakemake --lint
	lint-imports

bench: $(VENV) ## times and memory
	@python -m bench

##@ Keep
.PHONY: config reference $(VENV) distclean help
config: $(VENV) ## write config/config.yaml, its schema and the pages of settings from the models
	@python -m scripts.runs.schema

reference: $(VENV) ## write the documents from the recorded runs; RUN= records a finished one before
	@$(if $(run_named),,unset RUN;) python -m scripts.ledger.reference
	@python -m snakemake --rulegraph 2>/dev/null | python -m tools.rule_graph

# Asked each time, and done only if its requirements changed: see the script.
$(VENV): ## the Python environment alone
	@PYTHONS="$(PYTHONS)" tools/environment.sh $(VENV) $(PIP_ARGS)

# Snakemake's notes and the results go together: without the notes a stale result looks new.
# Without an environment that works there is no telling what holds the folder.
distclean: ## remove environment, results and figures of every run; data/ and config/runs/ stay
	@if [ -d .snakemake ] && $(VENV)/bin/python -c 'import snakemake' 2>/dev/null; then \
	    python -m scripts.runs.locked; \
	elif [ -n "$$(ls .snakemake/locks 2>/dev/null)" ]; then \
	    echo "a run is at work here, or was cut off: give its VENV, or type make first" >&2; exit 1; fi
	@if [ -f $(VENV)/made-for.txt ]; then rm -rf $(VENV); fi
	@for folder in results figures; do if [ -d $$folder ]; then \
	    find $$folder/ -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +; fi; done
	@rm -rf .snakemake

help: ## this list
	@awk -F '## *' ' \
	    /^##@/ {print "\n" substr($$0, 5); next} \
	    !/^[^\t#].*## / {next} \
	    {name = $$1; gsub(/^override |[ :?].*/, "", name)} \
	    {gsub(/\$$\(VENV\)/, "$(VENV)", name); gsub(/\$$\(PYTHONS\)/, "$(PYTHONS)")} \
	    {printf "  %-15s %s\n", name, $$2}' Makefile
