#!/usr/bin/env bash
# `swift build|test|run …` with the paths of libraries that `make deps` may have unpacked below .deps/.
# Everything that builds in this repository goes through here, so that no two of them rebuild each other's work.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
flags=()
[[ -f $root/.deps/swift-flags ]] && mapfile -t flags <"$root/.deps/swift-flags"
command=$1
shift
exec swift "$command" --package-path "$root" "${flags[@]}" "$@"
