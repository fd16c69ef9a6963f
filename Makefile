# Every target installs what it needs. `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps build run test chaos verify deep bench bench-detection format lint clean

SWIFT := scripts/swift.sh

# TIDELINE_… names settings of the services; this one is the build's alone and reaches none of them.
unexport TIDELINE_DEPS

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/' | \
	    while IFS=$$'\t' read -r name sentence; do printf '  make %-15s %s\n' "$$name" "$$sentence"; done

deps:  ## Install the C libraries by apt-get, or without root (or with TIDELINE_DEPS=local) below .deps/
	@TIDELINE_DEPS='$(TIDELINE_DEPS)' scripts/deps.sh

build: deps  ## Build the release binaries ingest, scoring, alerting and tideline, and say where they are
	$(SWIFT) build -c release
	@printf 'binaries: %s\n' "$$($(SWIFT) build -c release --show-bin-path)"

run: build  ## Start the three services on loopback, feed them a sample, and watch a dip being found
	@"$$($(SWIFT) build -c release --show-bin-path)/tideline" demo

test: deps  ## Run every test: Swift, then Python against the built binaries; says what was skipped and why
	@scripts/test.sh

verify: deps  ## As test, but a skipped test fails
	@scripts/test.sh --no-skips

chaos: deps  ## A minute of kill -9 on everything under load; then the counts must agree (TIDELINE_CHAOS_SECONDS=N for longer)
	$(SWIFT) build --quiet
	@scripts/venv.sh
	@TIDELINE_CHAOS_SECONDS="$${TIDELINE_CHAOS_SECONDS:-60}" TIDELINE_BIN="$$($(SWIFT) build --show-bin-path)" \
	    .venv/bin/python -m pytest -q -s -p no:cacheprovider Tests/InteropTests/test_chaos.py

deep: deps  ## Hours, not minutes: tests of the release build, under sanitizers and with many seeds, then the benchmark
	@scripts/deep.sh

bench: build  ## Responses per second and CPU-seconds per million, after comparing every cell with a reference
	@scripts/bench.py $(BENCH)

bench-detection: build  ## How early, true and quiet alerts are on simulated histories; options through BENCH, --help lists them
	@scripts/venv.sh
	@.venv/bin/python scripts/detection/bench.py $(BENCH)

# Twice: breaking a line in the first pass can move what the second then indents.
format:  ## Format Sources, Tests and the manifest in place
	for pass in 1 2; do swift format --in-place --recursive --parallel Package.swift Sources Tests; done

lint:  ## Fail where the format or a house rule is not kept
	swift format lint --strict --recursive --parallel Package.swift Sources Tests
	@scripts/lint.sh

clean:  ## Remove everything built or downloaded (never data/)
	rm -rf .build .build-* .deps .venv out
