#!/usr/bin/env bash
# One debug build, the Swift tests, then the Python tests against the binaries just built.
#   scripts/test.sh [--no-skips]
# With CI set, a warning in our own targets is an error. Results as JUnit XML go to out/test/.
# Exit status: 0 all passed, 1 a test failed (or, with --no-skips, was skipped), else that of the build.
set -uo pipefail
cd "$(dirname "$0")/.."

skips=allowed
case ${1:-} in
    --no-skips) skips=refused ;;
    '') ;;
    *) printf 'usage: %s [--no-skips]\n' "$0" >&2; exit 2 ;;
esac
# The manifest reads this one; the services know and ignore it.
[[ -n ${CI:-} ]] && export TIDELINE_STRICT=1

# A test that hangs is a failure to be told of, not a job that never ends.
swift_seconds_max=900
python_seconds_max=1200

results=out/test
rm -rf "$results"
mkdir -p "$results"
started=$SECONDS
step() { printf '\n== %s (at %d s)\n' "$*" $((SECONDS - started)); }

step "building"
# Progress lines of a thousand compilations say nothing in a log.
if [[ -t 1 ]]; then
    scripts/swift.sh build --build-tests || exit
else
    scripts/swift.sh build --build-tests --quiet || exit
fi
TIDELINE_BIN=$(scripts/swift.sh build --show-bin-path) || exit
export TIDELINE_BIN

step "Python environment"
scripts/venv.sh || exit

step "Swift tests"
# All tests use Swift Testing (scripts/lint.sh keeps it so); the XCTest runner would only report that it found none.
if [[ -t 1 ]]; then quieter=(cat); else quieter=(grep -vP '^(◇|✔) (?!Test run)'); fi
timeout "$swift_seconds_max" \
    scripts/swift.sh test --skip-build --disable-xctest --xunit-output "$results/swift.xml" 2>&1 | "${quieter[@]}"
swift_status=${PIPESTATUS[0]}

step "Python tests against $TIDELINE_BIN"
timeout "$python_seconds_max" \
    .venv/bin/python -m pytest -q -p no:cacheprovider --junitxml="$results/python.xml" Tests/InteropTests
python_status=$?
# pytest's 5: it found no test. That is a failure here.

step "summary"
.venv/bin/python scripts/test_summary.py --skips "$skips" "swift:$swift_status:$results/swift.xml" \
    "python:$python_status:$results/python.xml"
