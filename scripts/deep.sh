#!/usr/bin/env bash
# What is too slow for every change: the tests in the release build with many seeds, under ThreadSanitizer and
# AddressSanitizer, and the benchmark. Each in a build folder of its own, so that none rebuilds another's work.
#   scripts/deep.sh [release|thread|address|bench]...      all of them unless some are named
set -uo pipefail
cd "$(dirname "$0")/.."

# Seeded tests read how many seeds to try; without it they try a few.
export TIDELINE_SEEDS=${TIDELINE_SEEDS:-2000}
log=out/deep
mkdir -p "$log"
status=0

run_part() {
    local part=$1
    shift
    printf '== %s\n' "$part"
    if "$@" >"$log/$part.log" 2>&1; then
        tail -n 1 "$log/$part.log"
    else
        tail -n 60 "$log/$part.log"
        printf 'FAILED: %s; all of it in %s\n' "$part" "$log/$part.log"
        status=1
    fi
}

release() {
    scripts/swift.sh test -c release -Xswiftc -enable-testing --disable-xctest --scratch-path .build-release-tests
}
thread() {
    TSAN_OPTIONS="suppressions=$PWD/scripts/thread-sanitizer.txt halt_on_error=0 exitcode=66" TIDELINE_SEEDS=20 \
        scripts/swift.sh test --sanitize thread --disable-xctest --scratch-path .build-thread
}
address() {
    # Leaks are looked for by the soak test; the runtime's metadata caches never free and would drown them here.
    ASAN_OPTIONS=detect_leaks=0 TIDELINE_SEEDS=20 \
        scripts/swift.sh test --sanitize address --disable-xctest --scratch-path .build-address
}
bench() { scripts/swift.sh build -c release && scripts/bench.py; }

(($# == 0)) && set -- release thread address bench
for part in "$@"; do
    case $part in
        release | thread | address | bench) run_part "$part" "$part" ;;
        *) printf 'usage: %s [release|thread|address|bench]...\n' "$0" >&2; exit 2 ;;
    esac
done
exit $status
