# What can be done here. `make` alone lists it.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

PREFIX ?= /usr/local
DESTDIR ?=
SCRIPTS := Tests/scripts
DIST := .build/dist
FORMATTED := Sources Tests Package.swift
SOURCES := Package.swift $(shell find Sources -type f ! -name '.*' | sed 's/ /\\ /g')

.PHONY: help setup build test test-release demo install release size benchmark fuzz figures scale faults openapi-check policy-check format lint clean

help: ## List these targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: ## Check for Swift and install the system packages that are missing (asks first, unless CI=true).
	@$(SCRIPTS)/setup.sh

build: setup ## Build everything for debugging, tests included.
	@$(SCRIPTS)/build.sh

test: setup lint build ## Run every check: layout, tests, and the end-to-end scripts.
	@$(SCRIPTS)/test.sh

test-release: setup ## Run the tests against an optimised build: what the optimiser does wrong shows only there.
	@swift test -c release -Xswiftc -enable-testing

demo: setup build ## Show the main job, against a Confluent Cloud on this machine.
	@$(SCRIPTS)/demo.sh

release: $(DIST)/flinkform ## Build the program as it ships: static Swift runtime, stripped.

install: release ## Put flinkform, its completions and manual pages under PREFIX (default /usr/local; DESTDIR is honoured).
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' $(SCRIPTS)/install.sh '$(DIST)/flinkform'

size: release ## Check the size of the program that ships, and what it is linked with.
	@$(SCRIPTS)/size.sh '$(DIST)/flinkform'

benchmark: setup ## Measure the language, the planner and the file formats, optimised.
	@swift run -c release flinkform-benchmark --time-unit ms

fuzz: setup ## Feed the parsers random bytes for a minute each (SECONDS_EACH changes that).
	@$(SCRIPTS)/fuzz.sh

figures: setup ## Measure the acceptance figures with the release build.
	@$(SCRIPTS)/figures.sh

faults: setup build ## Create 200 keys while the cloud fails in one way after the other (two minutes).
	@$(SCRIPTS)/end-to-end/faults.sh

scale: $(DIST)/flinkform ## Measure plans and states of 10,000 instances, beside terraform where there is one.
	@$(SCRIPTS)/scale.py "$(DIST)/flinkform"

openapi-check: setup ## Hold the emulator to its OpenAPI document, with schemathesis from PyPI (half a minute).
	@swift build --product confluent-emulator
	@$(SCRIPTS)/openapi-check.sh

policy-check: setup ## Let checkov and terraform-compliance from PyPI read the demo's plan (a minute to install them).
	@swift build --product flinkform
	@swift build --product confluent-emulator
	@$(SCRIPTS)/policy-check.sh

format: ## Put every Swift file into the project's layout.
	@swift format --in-place --parallel --recursive $(FORMATTED)

lint: ## Check the layout of every Swift file.
	@swift format lint --strict --parallel --recursive $(FORMATTED)

clean: ## Remove what was built.
	@rm -rf .build

$(DIST)/flinkform: $(SOURCES)
	@$(SCRIPTS)/setup.sh
	@$(SCRIPTS)/release.sh flinkform '$@'
