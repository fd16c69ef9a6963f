#!/usr/bin/env bash
# House rules that swift-format does not know. Prints each offence as file:line and fails if there is one.
set -uo pipefail
cd "$(dirname "$0")/.."

status=0
# refuse SENTENCE GREP-ARGUMENTS…
refuse() {
    local sentence=$1 found
    shift
    if found=$(grep -rnP "$@"); then
        printf '%s\n%s\n' "$found" "  ^ $sentence" >&2
        status=1
    fi
}

refuse "tests use Swift Testing; an XCTest case would never be run" --include='*.swift' '^import XCTest' Tests
# An hour's sleep is a task that waits to be cancelled, not a test that waits.
refuse "unit tests never sleep; drive a clock" --include='*.swift' \
    '\b(usleep|Thread\.sleep|Task\.sleep)\b(?!\(for: \.seconds\(3600\)\))' Tests
refuse "Foundation's decoder costs too much on the wire" --include='*.swift' '\bJSON(De|En)coder\b|JSONSerialization' \
    Sources/Domain Sources/Contract Sources/Services
refuse "a plugin does no I/O" --include='*.swift' '^import (ZMQ|Journal|Runtime|HTTP|Glibc)$' Sources/Plugins
while IFS= read -r place; do
    file=${place%%:*}
    line=$(cut -d: -f2 <<<"$place")
    sed -n "$((line - 1))p" "$file" | grep -qE '^ *//' && continue
    printf '%s\n  ^ say on the line above why this is safe\n' "$place" >&2
    status=1
done < <(grep -rnE --include='*.swift' '@unchecked Sendable|nonisolated\(unsafe\)' Sources)
exit $status
